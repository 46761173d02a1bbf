/** Dialogs: the browser's own, which keeps the focus inside and gives it back. */

import { useEffect, useId, useRef, useState } from 'react';
import type { ReactNode } from 'react';

import { Button } from './button';
import { TextField } from './fields';
import { sentenceOf } from './states';

/** A dialog over the page, open while it is rendered. Escape closes it, unless `isHeld`: then only its own buttons do. */
export function Dialog({ title, onClose, isHeld = false, children }: { title: string; onClose: () => void; isHeld?: boolean; children: ReactNode }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const opened = dialog.current;
    if (opened?.open === false) opened.showModal();
    return () => opened?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      className="dialog"
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        if (!isHeld) onClose();
      }}
    >
      <h2 id={titleId}>{title}</h2>
      {children}
    </dialog>
  );
}

/**
 * Asks before something is taken away. With `typed`, that text must be written first. `onConfirm` may fail: what it failed
 * with is shown, and the dialog stays.
 */
export function ConfirmDialog({
  title,
  children,
  confirm,
  typed,
  onConfirm,
  onClose,
}: {
  title: string;
  children: ReactNode;
  /** What the button says: the deed, not "OK". */
  confirm: string;
  typed?: string;
  onConfirm: () => Promise<unknown>;
  onClose: () => void;
}) {
  const [written, setWritten] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const isMissing = typed !== undefined && written !== typed;
  const doIt = async () => {
    setBusy(true);
    try {
      await onConfirm();
      onClose();
    } catch (caught) {
      setError(caught);
      setBusy(false);
    }
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (!isMissing && !isBusy) void doIt();
        }}
      >
        <div className="stack">{children}</div>
        {typed !== undefined && <TextField label={`Write ${typed} to confirm`} value={written} onChange={setWritten} isCode />}
        {error !== null && (
          <p className="problem" role="alert">
            {sentenceOf(error)}
          </p>
        )}
        <div className="actions end">
          <Button onPress={onClose}>Cancel</Button>
          <Button kind="bad" isSubmit isBusy={isBusy} refusal={isMissing ? `Write ${typed} first.` : null}>
            {confirm}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
