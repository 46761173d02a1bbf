/** A form in a dialog: its fields, the answer if it is refused, Cancel and the deed. */

import { useState } from 'react';
import type { ReactNode } from 'react';

import { Button } from './button';
import { Dialog } from './dialog';
import { FormProblem } from './fields';

/** `onSubmit` may fail: what it failed with is shown and the form stays. It closes nothing; whoever renders the dialog does. */
export function FormDialog({
  title,
  submit,
  refusal = null,
  onSubmit,
  onClose,
  children,
}: {
  title: string;
  /** What the button says. */
  submit: string;
  /** Why it cannot be submitted yet, as a sentence. */
  refusal?: string | null;
  onSubmit: () => Promise<unknown>;
  onClose: () => void;
  children: ReactNode;
}) {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const send = async () => {
    setBusy(true);
    setError(null);
    try {
      await onSubmit();
    } catch (caught) {
      setError(caught);
    }
    setBusy(false);
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (!isBusy && refusal === null) void send();
        }}
      >
        {children}
        <FormProblem error={error} />
        <div className="actions end">
          <Button onPress={onClose}>Cancel</Button>
          <Button kind="accent" isSubmit isBusy={isBusy} refusal={refusal}>
            {submit}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
