/** One user: who it is, how it signs in, on which devices it is, and its end. */

import { at } from '../api/ask';
import { useAnswer } from '../api/queries';
import type { UserBody } from '../generated/UserBody';
import { ButtonLink } from '../parts/button';
import { LOG, PHONE } from '../parts/icon';
import { PageHeader } from '../parts/page-header';
import { Answered } from '../parts/states';
import { StatusBadge } from '../parts/status-badge';
import { TimeText } from '../parts/time-text';
import { to, useParameter } from '../router';
import { Credentials } from './user/credentials';
import { UserEnd } from './user/end';
import { Profile } from './user/profile';
import { PushTokens } from './user/push-tokens';
import { Sessions } from './user/sessions';

/** Whether the user is online changes by itself. */
const LOOK_EVERY_MS = 5_000;

export function UserPage() {
  const [appId, userId] = [useParameter('appId'), useParameter('userId')];
  const path = at`applications/${appId}/v3/users/${userId}`;
  const answer = useAnswer<UserBody>(path, { everyMs: LOOK_EVERY_MS });
  const ours = at`applications/${appId}/v1/users/${userId}`;
  return (
    <>
      <PageHeader
        title={answer.data?.nickname || userId}
        about={answer.data && <Presence user={answer.data} />}
        actions={
          <>
            <ButtonLink icon={LOG} to={`${to`/apps/${appId}/calls`}?user_id=${encodeURIComponent(userId)}`}>
              Calls
            </ButtonLink>
            <ButtonLink icon={PHONE} to={`${to`/apps/${appId}/test-call`}?user_id=${encodeURIComponent(userId)}`}>
              Test call
            </ButtonLink>
          </>
        }
      />
      <Answered answer={answer}>
        {(user) => (
          <>
            <Profile path={path} user={user} key={JSON.stringify([user.nickname, user.profile_url])} />
            <Credentials path={path} user={user} />
            <Sessions path={ours} />
            <PushTokens path={ours} />
            <UserEnd path={path} list={to`/apps/${appId}/users`} user={user} />
          </>
        )}
      </Answered>
    </>
  );
}

function Presence({ user }: { user: UserBody }) {
  return (
    <span className="presence">
      <code>{user.user_id}</code>
      {!user.is_active && <StatusBadge tone="bad" word="Shut out" />}
      {user.is_active && (user.is_online ? <StatusBadge tone="good" word="Online" /> : <StatusBadge tone="quiet" word="Offline" />)}
      <span>
        Made <TimeText at={user.created_at * 1000} />
        {user.last_seen_at >= 0 && (
          <>
            , last seen <TimeText at={user.last_seen_at} isRelative />
          </>
        )}
      </span>
    </span>
  );
}
