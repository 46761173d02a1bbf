/** How a user signs in: tokens, which are shown once. */

import { useState } from 'react';

import { post, put, remove } from '../../api/ask';
import { useChange } from '../../api/queries';
import { useRefusal } from '../../api/session';
import type { IssuedTokenBody } from '../../generated/IssuedTokenBody';
import type { UserBody } from '../../generated/UserBody';
import { Button } from '../../parts/button';
import { ConfirmDialog } from '../../parts/dialog';
import { SelectField } from '../../parts/fields';
import { FormDialog } from '../../parts/form-dialog';
import { SecretDialog } from '../../parts/secret-dialog';
import { TimeText } from '../../parts/time-text';
import { listOf } from './paths';

type Deed = 'access' | 'session' | 'revoke';

/** A secret that was issued a moment ago. */
interface Issued {
  label: string;
  token: string;
  endsAt?: number;
}

export function Credentials({ path, user }: { path: string; user: UserBody }) {
  const refusal = useRefusal('write');
  const [deed, setDeed] = useState<Deed | null>(null);
  const [issued, setIssued] = useState<Issued | null>(null);
  const close = () => setDeed(null);
  const sessions = `${path.replace('/v3/', '/v1/')}/sessions`;
  const issueAccess = useChange(() => put<UserBody>(path, { issue_access_token: true }), { refreshes: [sessions] });
  const revoke = useChange(() => remove(`${path}/token`), { refreshes: [sessions], done: 'All session tokens are revoked.' });
  const activate = useChange((isActive: boolean) => put<UserBody>(path, { is_active: isActive }), {
    refreshes: [path, listOf(path), sessions],
    done: (_, isActive) => (isActive ? `${user.user_id} may sign in again.` : `${user.user_id} is shut out.`),
  });
  return (
    <section aria-labelledby="credentials">
      <h2 id="credentials">Signing in</h2>
      <ul className="list card">
        <li>
          <span className="grow">
            <strong>Access token.</strong> Signs in until another is issued.
          </span>
          <Button refusal={refusal} onPress={() => setDeed('access')}>
            Issue an access token
          </Button>
        </li>
        <li>
          <span className="grow">
            <strong>Session token.</strong> Signs in until it ends.
          </span>
          <Button refusal={refusal} onPress={() => setDeed('session')}>
            Issue a session token
          </Button>
          <Button kind="bad" refusal={refusal} onPress={() => setDeed('revoke')}>
            Revoke all
          </Button>
        </li>
        <li>
          <span className="grow">
            <strong>{user.is_active ? 'This user may sign in.' : 'This user is shut out.'}</strong>{' '}
            {user.is_active ? 'Shut out, the user is neither rung nor let in, and the tokens are kept.' : 'Its tokens are kept.'}
          </span>
          <Button kind={user.is_active ? 'bad' : 'plain'} refusal={refusal} isBusy={activate.isPending} onPress={() => activate.mutate(!user.is_active)}>
            {user.is_active ? 'Shut out' : 'Let in again'}
          </Button>
        </li>
      </ul>
      {activate.error !== null && (
        <p className="problem" role="alert">
          {activate.error.message}
        </p>
      )}
      {deed === 'access' && (
        <ConfirmDialog
          title={`Issue an access token for ${user.user_id}?`}
          confirm="Issue it"
          onConfirm={async () => setIssued({ label: 'Access token', token: (await issueAccess.mutateAsync()).access_token })}
          onClose={close}
        >
          <p>The one before stops working, and devices that signed in with it are signed out.</p>
        </ConfirmDialog>
      )}
      {deed === 'revoke' && (
        <ConfirmDialog title={`Revoke all session tokens of ${user.user_id}?`} confirm="Revoke them" onConfirm={() => revoke.mutateAsync()} onClose={close}>
          <p>Devices that signed in with one are signed out, and their calls end. Access tokens go on.</p>
        </ConfirmDialog>
      )}
      {deed === 'session' && <NewSessionToken path={path} onIssued={(token) => setIssued(token)} onClose={close} />}
      {issued !== null && (
        <SecretDialog title={`${issued.label} of ${user.user_id}`} label={issued.label} secret={issued.token} onClose={() => setIssued(null)}>
          {issued.endsAt !== undefined && (
            <p>
              It ends <TimeText at={issued.endsAt} />.
            </p>
          )}
        </SecretDialog>
      )}
    </section>
  );
}

const HOUR_MS = 3_600_000;
const LIVES = [
  ['1', 'An hour'],
  ['24', 'A day'],
  ['168', 'Seven days'],
  ['720', 'Thirty days'],
] as const;

function NewSessionToken({ path, onIssued, onClose }: { path: string; onIssued: (issued: Issued) => void; onClose: () => void }) {
  const [hours, setHours] = useState<(typeof LIVES)[number][0]>('168');
  const issue = useChange((expiresAt: number) => post<IssuedTokenBody>(`${path}/token`, { expires_at: expiresAt }));
  const submit = async () => {
    const { token, expires_at } = await issue.mutateAsync(Date.now() + Number(hours) * HOUR_MS);
    onClose();
    onIssued({ label: 'Session token', token, endsAt: expires_at });
  };
  return (
    <FormDialog title="Issue a session token" submit="Issue it" onSubmit={submit} onClose={onClose}>
      <SelectField label="It lives for" value={hours} onChange={setHours} options={LIVES} />
    </FormDialog>
  );
}
