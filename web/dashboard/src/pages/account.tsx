/** One's own account: password and authenticator. */

import { useState } from 'react';

import { put } from '../api/ask';
import { useChange } from '../api/queries';
import { useAdministrator } from '../api/session';
import type { NewPassword } from '../generated/NewPassword';
import { Button } from '../parts/button';
import { FormProblem, TextField } from '../parts/fields';
import { PageHeader } from '../parts/page-header';
import { problemOfPassword } from './account/password';
import { Totp } from './account/totp';

export function AccountPage() {
  const { name, role, is_oidc } = useAdministrator();
  return (
    <>
      <PageHeader title="Your account" about={`${name}, ${role}`} />
      {is_oidc ? (
        <p>You come by the identity provider: it keeps your password and your second factor.</p>
      ) : (
        <>
          <Password />
          <Totp />
        </>
      )}
    </>
  );
}

function Password() {
  const [current, setCurrent] = useState('');
  const [wanted, setWanted] = useState('');
  const save = useChange((body: NewPassword) => put('session/password', body), { done: 'Your password is another now. Your other sessions have ended.' });
  return (
    <section aria-labelledby="password">
      <h2 id="password">Password</h2>
      <form
        className="card stack narrow"
        onSubmit={(event) => {
          event.preventDefault();
          if (problemOfPassword(wanted) !== null) return;
          save.mutate(
            { current, new: wanted },
            {
              onSuccess: () => {
                setCurrent('');
                setWanted('');
              },
            },
          );
        }}
      >
        <TextField label="Present password" kind="password" autoComplete="current-password" value={current} onChange={setCurrent} isRequired />
        <TextField label="New password" help="12 to 256 characters." kind="password" autoComplete="new-password" value={wanted} onChange={setWanted} isRequired problem={wanted === '' ? null : problemOfPassword(wanted)} />
        <FormProblem error={save.error} />
        <div className="actions">
          <Button kind="accent" isSubmit isBusy={save.isPending}>
            Change the password
          </Button>
        </div>
      </form>
    </section>
  );
}
