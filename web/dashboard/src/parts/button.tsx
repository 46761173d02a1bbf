/** Buttons, and links that look like them. */

import { useId } from 'react';
import type { ReactNode } from 'react';
import { Link } from '../router';

import { Icon } from './icon';

interface ButtonLook {
  children: ReactNode;
  /** `accent` for the one thing that a page is for, `bad` for what takes something away; else a line around it. */
  kind?: 'accent' | 'bad' | 'plain';
  icon?: string;
}

/**
 * A button. `refusal` says why it cannot be pressed: it stays reachable by keyboard, and its reason is shown and read out.
 * While `isBusy`, it is not pressed twice.
 */
export function Button({
  children,
  kind = 'plain',
  icon,
  onPress,
  isSubmit = false,
  isBusy = false,
  refusal = null,
}: ButtonLook & { onPress?: () => void; isSubmit?: boolean; isBusy?: boolean; refusal?: string | null }) {
  const reasonId = useId();
  const isShut = isBusy || refusal !== null;
  const button = (
    <button
      type={isSubmit ? 'submit' : 'button'}
      className={`button ${kind}`}
      aria-disabled={isShut || undefined}
      aria-describedby={refusal === null ? undefined : reasonId}
      onClick={(event) => {
        if (isShut) event.preventDefault();
        else onPress?.();
      }}
    >
      {icon !== undefined && <Icon strokes={icon} />}
      {children}
    </button>
  );
  if (refusal === null) return button;
  return (
    <span className="refused">
      {button}
      <span className="refusal" id={reasonId} role="tooltip">
        {refusal}
      </span>
    </span>
  );
}

/** A link that looks like a button. */
export function ButtonLink({ children, kind = 'plain', icon, to }: ButtonLook & { to: string }) {
  return (
    <Link className={`button ${kind}`} href={to}>
      {icon !== undefined && <Icon strokes={icon} />}
      {children}
    </Link>
  );
}
