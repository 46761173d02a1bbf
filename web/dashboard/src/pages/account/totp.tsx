/** The second factor: six digits of an authenticator. */

import { useState } from 'react';
import { encode } from 'uqr';

import { post, put, remove } from '../../api/ask';
import { useChange } from '../../api/queries';
import { useAdministrator, useAdministratorChange } from '../../api/session';
import type { TotpCode } from '../../generated/TotpCode';
import type { TotpEnrolment } from '../../generated/TotpEnrolment';
import type { TotpRemoval } from '../../generated/TotpRemoval';
import { Button } from '../../parts/button';
import { CopyField } from '../../parts/copy';
import { FormProblem, TextField } from '../../parts/fields';
import { FormDialog } from '../../parts/form-dialog';
import { StatusBadge } from '../../parts/status-badge';

export function Totp() {
  const administrator = useAdministrator();
  const tell = useAdministratorChange();
  const [isRemoving, setRemoving] = useState(false);
  const enrol = useChange(() => post<TotpEnrolment>('session/totp'));
  const [enrolment, setEnrolment] = useState<TotpEnrolment | null>(null);
  return (
    <section aria-labelledby="totp">
      <h2 id="totp">Authenticator</h2>
      <div className="card stack narrow">
        {administrator.has_totp ? <StatusBadge tone="good" word="Set up" /> : <StatusBadge tone="warning" word="Not set up" />}
        <p>
          {administrator.has_totp
            ? 'Signing in asks for six digits that your authenticator shows.'
            : 'With one, a stolen password alone lets nobody in. Any application that shows codes of six digits does.'}
        </p>
        <FormProblem error={enrol.error} />
        <div className="actions">
          {administrator.has_totp ? (
            <Button kind="bad" onPress={() => setRemoving(true)}>
              Remove it
            </Button>
          ) : (
            <Button kind="accent" isBusy={enrol.isPending} onPress={() => enrol.mutate(undefined, { onSuccess: setEnrolment })}>
              Set it up
            </Button>
          )}
        </div>
      </div>
      {enrolment !== null && (
        <Enrolment
          enrolment={enrolment}
          onDone={() => {
            setEnrolment(null);
            tell({ ...administrator, has_totp: true });
          }}
          onClose={() => setEnrolment(null)}
        />
      )}
      {isRemoving && (
        <Removal
          onDone={() => {
            setRemoving(false);
            tell({ ...administrator, has_totp: false });
          }}
          onClose={() => setRemoving(false)}
        />
      )}
    </section>
  );
}

function Enrolment({ enrolment, onDone, onClose }: { enrolment: TotpEnrolment; onDone: () => void; onClose: () => void }) {
  const [code, setCode] = useState('');
  const confirm = useChange((body: TotpCode) => put('session/totp', body), { done: 'The authenticator is set up.' });
  return (
    <FormDialog
      title="Set up the authenticator"
      submit="Confirm"
      refusal={/^\d{3} ?\d{3}$/.test(code.trim()) ? null : 'Write the six digits first.'}
      onSubmit={async () => {
        await confirm.mutateAsync({ code: code.replaceAll(' ', '') });
        onDone();
      }}
      onClose={onClose}
    >
      <p>Scan this with your authenticator, then write the code that it shows. It counts from then on.</p>
      <QrCode text={enrolment.uri} />
      <CopyField label="Or write the secret yourself" text={enrolment.secret} />
      <TextField label="Code" value={code} onChange={setCode} inputMode="numeric" autoComplete="one-time-code" maxLength={7} isCode isRequired />
    </FormDialog>
  );
}

function Removal({ onDone, onClose }: { onDone: () => void; onClose: () => void }) {
  const [password, setPassword] = useState('');
  const forget = useChange((body: TotpRemoval) => remove('session/totp', body), { done: 'The authenticator is forgotten.' });
  return (
    <FormDialog
      title="Remove the authenticator?"
      submit="Remove it"
      onSubmit={async () => {
        await forget.mutateAsync({ password });
        onDone();
      }}
      onClose={onClose}
    >
      <p>From then on your password alone signs you in.</p>
      <TextField label="Present password" kind="password" autoComplete="current-password" value={password} onChange={setPassword} isRequired />
    </FormDialog>
  );
}

/** Dark on light in either theme: some cameras read nothing else. */
function QrCode({ text }: { text: string }) {
  const { data, size } = encode(text, { border: 3 });
  const strokes = data.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : []))).join('');
  return (
    <svg className="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label="The secret as a QR code; it stands below as text" shapeRendering="crispEdges">
      <path d={strokes} />
    </svg>
  );
}
