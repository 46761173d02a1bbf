/** The time, for what counts up on a page. */

import { useEffect, useState } from 'react';

/** The present time in UTC milliseconds, again every second. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
