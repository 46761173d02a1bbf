/** An application's users: looking for one, making one. */

import { useEffect, useState } from 'react';

import { at, post } from '../api/ask';
import { useChange, usePages } from '../api/queries';
import { useRefusal } from '../api/session';
import type { UserBody } from '../generated/UserBody';
import { Button } from '../parts/button';
import { CodeBlock } from '../parts/copy';
import { DataTable } from '../parts/data-table';
import type { Column } from '../parts/data-table';
import { CheckField, SelectField, TextField } from '../parts/fields';
import { codeToMakeUser } from '../parts/first-code';
import { FormDialog } from '../parts/form-dialog';
import { PLUS } from '../parts/icon';
import { PageHeader } from '../parts/page-header';
import { SecretDialog } from '../parts/secret-dialog';
import { EmptyState, ErrorState, Loading } from '../parts/states';
import { StatusBadge } from '../parts/status-badge';
import { TimeText } from '../parts/time-text';
import { goTo, to, useParameter, useQuery } from '../router';
import { queryOf } from './user/user-search';

const PAGE = 50;
/** After the last key, so that a word is looked for once and not letter by letter. */
const REST_MS = 250;

const COLUMNS: readonly Column<UserBody>[] = [
  { title: 'User', width: '3fr', cell: ({ user_id }) => user_id },
  { title: 'Nickname', width: '3fr', cell: ({ nickname }) => nickname },
  { title: 'Now', width: '110px', cell: presenceOf },
  { title: 'Last seen', width: '2fr', cell: ({ last_seen_at }) => (last_seen_at < 0 ? <span className="quiet">never</span> : <TimeText at={last_seen_at} isRelative />) },
  { title: 'Made', width: '2fr', cell: ({ created_at }) => <TimeText at={created_at * 1000} isRelative /> },
];

function presenceOf({ is_active, is_online }: UserBody) {
  if (!is_active) return <StatusBadge tone="bad" word="Shut out" />;
  return is_online ? <StatusBadge tone="good" word="Online" /> : <StatusBadge tone="quiet" word="Offline" />;
}

export function UsersPage() {
  const appId = useParameter('appId');
  const [query, setQuery] = useQuery();
  const search = { by: query.get('by') === 'id' ? 'id' : 'nickname', words: query.get('words') ?? '', active: query.get('active') ?? 'all' } as const;
  const users = usePages<'users', UserBody>(at`applications/${appId}/v3/users`, 'users', { query: queryOf(search, PAGE), cursor: 'token' });
  const [isMaking, setMaking] = useState(false);
  const refusal = useRefusal('write');
  return (
    <>
      <PageHeader
        title="Users"
        about="Everybody who may be called in this application."
        actions={
          <Button kind="accent" icon={PLUS} refusal={refusal} onPress={() => setMaking(true)}>
            New user
          </Button>
        }
      />
      <search className="filters">
        <SelectField label="Look for" value={search.by} onChange={(by) => setQuery({ by })} options={[['nickname', 'Nicknames that begin with'], ['id', 'The user id']]} />
        <Words words={search.words} onChange={(words) => setQuery({ words })} />
        <SelectField
          label="Which"
          value={search.active}
          onChange={(active) => setQuery({ active })}
          options={[['all', 'All'], ['activated', 'Who may sign in'], ['deactivated', 'Who is shut out']]}
        />
      </search>
      {users.error !== null && <ErrorState error={users.error} onRetry={() => void users.refetch()} />}
      {users.isPending && <Loading what="Looking" />}
      {users.isSuccess && users.rows.length === 0 && (search.words === '' && search.active === 'all' ? <NoUsers /> : <EmptyState title="Nobody is found"><p>Look for fewer letters, or for the whole user id.</p></EmptyState>)}
      {users.rows.length > 0 && (
        <DataTable
          label="Users"
          columns={COLUMNS}
          rows={users.rows}
          keyOf={({ user_id }) => user_id}
          linkOf={({ user_id }) => to`/apps/${appId}/users/${user_id}`}
          hasMore={users.hasNextPage}
          onEnd={() => {
            if (!users.isFetching) void users.fetchNextPage();
          }}
        />
      )}
      {isMaking && <NewUser appId={appId} onClose={() => setMaking(false)} />}
    </>
  );
}

/** Tells of what is written once the writer rests. */
function Words({ words, onChange }: { words: string; onChange: (words: string) => void }) {
  const [written, setWritten] = useState(words);
  useEffect(() => {
    if (written === words) return undefined;
    const timer = setTimeout(() => onChange(written), REST_MS);
    return () => clearTimeout(timer);
  }, [written, words, onChange]);
  return <TextField label="Words" kind="search" value={written} onChange={setWritten} />;
}

function NoUsers() {
  return (
    <EmptyState title="No user yet">
      <p>Your server makes users with an API token; here you can make one by hand. The answer holds the access token that the page signs in with.</p>
      <CodeBlock label="On your server" code={codeToMakeUser(window.location.origin, 'YOUR_API_TOKEN')} />
    </EmptyState>
  );
}

function NewUser({ appId, onClose }: { appId: string; onClose: () => void }) {
  const path = at`applications/${appId}/v3/users`;
  const [userId, setUserId] = useState('');
  const [nickname, setNickname] = useState('');
  const [profileUrl, setProfileUrl] = useState('');
  const [wantsToken, setWantsToken] = useState(true);
  const [made, setMade] = useState<UserBody | null>(null);
  const make = useChange((body: object) => post<UserBody>(path, body), { refreshes: [path], done: ({ user_id }) => `${user_id} is made.` });
  const open = (id: string) => goTo(to`/apps/${appId}/users/${id}`);
  if (made !== null) {
    return (
      <SecretDialog title={`${made.user_id} is made`} label="Access token" secret={made.access_token} onClose={() => open(made.user_id)}>
        <p>A page signs this user in with it:</p>
        <CodeBlock label="In your page" code={`SendBirdCall.authenticate({ userId: ${JSON.stringify(made.user_id)}, accessToken: ${JSON.stringify(made.access_token)} })`} />
      </SecretDialog>
    );
  }
  const submit = async () => {
    const user = await make.mutateAsync({ user_id: userId, nickname, profile_url: profileUrl, issue_access_token: wantsToken });
    if (wantsToken) setMade(user);
    else open(user.user_id);
  };
  return (
    <FormDialog title="New user" submit="Make it" refusal={userId === '' ? 'Give it an id first.' : null} onSubmit={submit} onClose={onClose}>
      <TextField label="User id" help="What your application calls the user: 1 to 80 characters. It stays." value={userId} onChange={setUserId} maxLength={80} isCode isRequired />
      <TextField label="Nickname" help="The name that others see when this user calls. It may be empty." value={nickname} onChange={setNickname} maxLength={80} />
      <TextField label="Picture's address" help="It may be empty." kind="url" value={profileUrl} onChange={setProfileUrl} isCode />
      <CheckField label="Issue an access token" help="It is shown once, and signs this user in until another is issued." isChecked={wantsToken} onChange={setWantsToken} />
    </FormDialog>
  );
}
