/** What others see of a user. */

import { useState } from 'react';

import { put } from '../../api/ask';
import { useChange } from '../../api/queries';
import { useRefusal } from '../../api/session';
import type { UserBody } from '../../generated/UserBody';
import { Button } from '../../parts/button';
import { FormProblem, TextField } from '../../parts/fields';
import { listOf } from './paths';

export function Profile({ path, user }: { path: string; user: UserBody }) {
  const refusal = useRefusal('write');
  const [nickname, setNickname] = useState(user.nickname);
  const [profileUrl, setProfileUrl] = useState(user.profile_url);
  const save = useChange((body: object) => put<UserBody>(path, body), { refreshes: [path, listOf(path)], done: 'The user is saved.' });
  const isSame = nickname === user.nickname && profileUrl === user.profile_url;
  return (
    <section aria-labelledby="profile">
      <h2 id="profile">What others see</h2>
      <form
        className="card stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (!isSame && refusal === null) save.mutate({ nickname, profile_url: profileUrl });
        }}
      >
        <TextField label="Nickname" value={nickname} onChange={setNickname} maxLength={80} isReadOnly={refusal !== null} />
        <TextField label="Picture's address" kind="url" value={profileUrl} onChange={setProfileUrl} isCode isReadOnly={refusal !== null} />
        {Object.keys(user.metadata).length > 0 && <Metadata metadata={user.metadata} />}
        <FormProblem error={save.error} />
        <div className="actions">
          <Button kind="accent" isSubmit isBusy={save.isPending} refusal={refusal ?? (isSame ? 'Nothing is changed yet.' : null)}>
            Save
          </Button>
        </div>
      </form>
    </section>
  );
}

function Metadata({ metadata }: { metadata: UserBody['metadata'] }) {
  return (
    <div className="field">
      <span className="label">Your application&rsquo;s words about this user</span>
      <dl className="facts">
        {Object.entries(metadata).map(([key, value]) => (
          <div key={key} className="fact">
            <dt>
              <code>{key}</code>
            </dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
