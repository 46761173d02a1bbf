/** Signing in: name and password, then a code if one is asked for, or by the identity provider. */

import { useEffect, useState } from 'react';

import { AskError, addressOf, get, post } from '../api/ask';
import type { AdminSession } from '../generated/AdminSession';
import type { Administrator } from '../generated/Administrator';
import type { NewSession } from '../generated/NewSession';
import type { SignInOptions } from '../generated/SignInOptions';
import { Button } from '../parts/button';
import { CodeBlock } from '../parts/copy';
import { FormProblem, TextField } from '../parts/fields';
import { ErrorState } from '../parts/states';
import { BASE } from '../router';

/** Makes the first administrator; the password is asked for. */
const FIRST_ADMINISTRATOR = 'offhook admin create NAME --role owner';

/** The server's code for: name and password are right, and the authenticator's code is missing. */
const CODE_WANTED = 1500103;

/** `hasEnded` tells those who were signed in a moment ago why they are here. */
export function SignInPage({ hasEnded, onSignedIn }: { hasEnded: boolean; onSignedIn: (administrator: Administrator) => void }) {
  const [options, setOptions] = useState<SignInOptions | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  const look = () => {
    setProblem(null);
    get<SignInOptions>('sign_in_options').then(setOptions, setProblem);
  };
  useEffect(() => {
    document.title = 'Sign in · Offhook';
    look();
  }, []);
  return (
    <main className="sign-in">
      <span className="brand">
        <img src={`${BASE}/mark.svg`} alt="" width={36} height={36} />
        Offhook
      </span>
      {problem !== null && <ErrorState error={problem} onRetry={look} />}
      {options !== null && !options.has_administrators && <FirstAdministrator onRetry={look} />}
      {options !== null && (options.has_administrators || options.oidc !== undefined) && (
        <div className="card stack">
          <h1>Sign in</h1>
          {hasEnded && <p role="status">Your session has ended. Sign in again to go on where you were.</p>}
          {options.oidc !== undefined && (
            <>
              <a className="button plain" href={addressOf('oidc/start')}>
                Sign in with {options.oidc.name}
              </a>
              {options.has_administrators && <p className="or quiet">or</p>}
            </>
          )}
          {options.has_administrators && <Credentials onSignedIn={onSignedIn} />}
        </div>
      )}
    </main>
  );
}

function FirstAdministrator({ onRetry }: { onRetry: () => void }) {
  return (
    <div className="card stack">
      <h1>No administrator yet</h1>
      <p>The first one is made on the server, by whoever may read its data folder. The command asks for a password:</p>
      <CodeBlock label="On the server" code={FIRST_ADMINISTRATOR} />
      <div className="actions">
        <Button kind="accent" onPress={onRetry}>
          I have made one
        </Button>
      </div>
    </div>
  );
}

function Credentials({ onSignedIn }: { onSignedIn: (administrator: Administrator) => void }) {
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [code, setCode] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const signIn = async () => {
    setBusy(true);
    setProblem(null);
    try {
      const asked: NewSession = { name, password, ...(code === null ? {} : { code: code.replaceAll(' ', '') }) };
      onSignedIn((await post<AdminSession>('session', asked)).administrator);
    } catch (caught) {
      if (code === null && caught instanceof AskError && caught.code === CODE_WANTED) setCode('');
      else setProblem(caught);
      setBusy(false);
    }
  };
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isBusy) void signIn();
      }}
    >
      {code === null ? (
        <>
          <TextField label="Name" value={name} onChange={setName} autoComplete="username" isRequired isFirst />
          <TextField label="Password" kind="password" value={password} onChange={setPassword} autoComplete="current-password" isRequired />
        </>
      ) : (
        <TextField
          label="Code"
          help="Six digits that your authenticator shows now."
          value={code}
          onChange={setCode}
          autoComplete="one-time-code"
          inputMode="numeric"
          maxLength={7}
          isCode
          isRequired
          isFirst
        />
      )}
      <FormProblem error={problem} />
      <div className="actions">
        <Button kind="accent" isSubmit isBusy={isBusy}>
          Sign in
        </Button>
        {code !== null && <Button onPress={() => setCode(null)}>Back</Button>}
      </div>
    </form>
  );
}
