/** Short sentences about what was just done, at the foot of the page, read out by screen readers. */

import { createContext, useCallback, useContext, useEffect, useMemo, useState } from 'react';
import type { ReactNode } from 'react';

const STAYS_MS = 6_000;

interface Notice {
  id: number;
  sentence: string;
}

const Notices = createContext<{ say: (sentence: string) => void }>({ say: () => undefined });

/** Lets what is below it say something. */
export function NoticeBoard({ children }: { children: ReactNode }) {
  const [notice, setNotice] = useState<Notice | null>(null);
  const say = useCallback((sentence: string) => setNotice((last) => ({ id: (last?.id ?? 0) + 1, sentence })), []);
  useEffect(() => {
    if (notice === null) return undefined;
    const timer = setTimeout(() => setNotice(null), STAYS_MS);
    return () => clearTimeout(timer);
  }, [notice]);
  return (
    <Notices value={useMemo(() => ({ say }), [say])}>
      {children}
      <div className="notices" role="status">
        {notice !== null && (
          <p className="notice" key={notice.id}>
            {notice.sentence}
          </p>
        )}
      </div>
    </Notices>
  );
}

/** `say(sentence)` puts a sentence there. */
export const useNotices = () => useContext(Notices);
