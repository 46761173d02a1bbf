/** The head of a page: its title, which takes the focus when the page opens, what it is about, and what can be done. */

import { useEffect, useRef } from 'react';
import type { ReactNode } from 'react';

/** `title` also becomes the window's. The heading takes the focus unless the page is the first that was loaded. */
export function PageHeader({ title, about, actions }: { title: string; about?: ReactNode; actions?: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Offhook`;
  }, [title]);
  useEffect(() => {
    // On the first page there is no focus to move; later it would stay on a link that is gone.
    if (window.history.state !== null || hasNavigated) heading.current?.focus({ preventScroll: true });
    hasNavigated = true;
  }, []);
  return (
    <div className="page-header">
      <div>
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {about !== undefined && <p className="quiet">{about}</p>}
      </div>
      {actions !== undefined && <div className="actions">{actions}</div>}
    </div>
  );
}

let hasNavigated = false;
