/** A secret that is shown once: it must be taken along before the dialog is left. */

import type { ReactNode } from 'react';

import { Button } from './button';
import { CopyField } from './copy';
import { Dialog } from './dialog';

/** Escape does not close it. `children` say what the secret is for. */
export function SecretDialog({ title, label, secret, children, onClose }: { title: string; label: string; secret: string; children?: ReactNode; onClose: () => void }) {
  return (
    <Dialog title={title} onClose={onClose} isHeld>
      <div className="stack">
        <CopyField label={label} text={secret} />
        <p>It is shown this once. Keep it where your secrets are: here it cannot be read again.</p>
        {children}
        <div className="actions end">
          <Button kind="accent" onPress={onClose}>
            I have kept it
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
