/** Where a user is signed in. */

import { useState } from 'react';

import { at, remove } from '../../api/ask';
import { useAnswer, useChange } from '../../api/queries';
import { useRefusal } from '../../api/session';
import type { SessionCredential } from '../../generated/SessionCredential';
import type { UserSession } from '../../generated/UserSession';
import type { UserSessionList } from '../../generated/UserSessionList';
import { Button } from '../../parts/button';
import { DataTable } from '../../parts/data-table';
import { ConfirmDialog } from '../../parts/dialog';
import { Answered } from '../../parts/states';
import { StatusBadge } from '../../parts/status-badge';
import { TimeText } from '../../parts/time-text';

const LOOK_EVERY_MS = 5_000;

const CREDENTIALS: Record<SessionCredential, string> = {
  none: 'No token',
  access_token: 'Access token',
  session_token: 'Session token',
};

/** `path` is the user's under `/v1`. */
export function Sessions({ path }: { path: string }) {
  const answer = useAnswer<UserSessionList>(`${path}/sessions`, { everyMs: LOOK_EVERY_MS });
  const refusal = useRefusal('write');
  const [chosen, setChosen] = useState<UserSession | null>(null);
  const revoke = useChange((id: string) => remove(`${path}/${at`sessions/${id}`}`), { refreshes: [path], done: 'The device is signed out.' });
  const columns = [
    {
      title: 'Device',
      width: '2fr',
      cell: ({ is_connected }: UserSession) => (is_connected ? <StatusBadge tone="good" word="Connected" /> : <StatusBadge tone="quiet" word="Away" />),
    },
    { title: 'Signed in', width: '3fr', cell: ({ created_at }: UserSession) => <TimeText at={created_at} isRelative /> },
    { title: 'With', width: '2fr', cell: ({ credential }: UserSession) => CREDENTIALS[credential] },
    { title: 'Ends', width: '2fr', cell: ({ expires_at }: UserSession) => <TimeText at={expires_at} isRelative /> },
    {
      title: 'Actions',
      isTitleHidden: true,
      width: '120px',
      cell: (session: UserSession) => (
        <span className="row-actions">
          <Button kind="bad" refusal={refusal} onPress={() => setChosen(session)}>
            Sign out
            <span className="visually-hidden"> this device</span>
          </Button>
        </span>
      ),
    },
  ];
  return (
    <section aria-labelledby="sessions">
      <h2 id="sessions">Devices</h2>
      <Answered answer={answer}>
        {({ sessions }) =>
          sessions.length === 0 ? (
            <p className="quiet">This user is signed in nowhere. A device appears here once its page has called authenticate.</p>
          ) : (
            <DataTable label="Devices" columns={columns} rows={sessions} keyOf={({ session_id }) => session_id} />
          )
        }
      </Answered>
      {chosen !== null && (
        <ConfirmDialog title="Sign this device out?" confirm="Sign it out" onConfirm={() => revoke.mutateAsync(chosen.session_id)} onClose={() => setChosen(null)}>
          <p>Its call ends, if it has one. With its token it may sign in again: revoke that too if it is lost.</p>
        </ConfirmDialog>
      )}
    </section>
  );
}
