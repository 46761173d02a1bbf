/** Where a user without an open page is reached. */

import { at, remove } from '../../api/ask';
import { useAnswer, useChange } from '../../api/queries';
import { useRefusal } from '../../api/session';
import type { PushTokenList } from '../../generated/PushTokenList';
import type { RegisteredPushToken } from '../../generated/RegisteredPushToken';
import { Button } from '../../parts/button';
import { Answered } from '../../parts/states';

const NAMES: Record<string, string> = {
  fcm_voip: 'Android (FCM)',
  apns: 'iOS (APNs)',
  apns_voip: 'iOS, VoIP (APNs)',
  web_push: 'Browser (Web Push)',
};

/** `path` is the user's under `/v1`. */
export function PushTokens({ path }: { path: string }) {
  const answer = useAnswer<PushTokenList>(`${path}/push_tokens`);
  const refusal = useRefusal('write');
  const forget = useChange(({ token_type, token }: RegisteredPushToken) => remove(`${path}/${at`push_tokens/${token_type}/${token}`}`), {
    refreshes: [path],
    done: 'The push token is forgotten.',
  });
  return (
    <section aria-labelledby="push">
      <h2 id="push">Push tokens</h2>
      <Answered answer={answer}>
        {({ push_tokens }) =>
          push_tokens.length === 0 ? (
            <p className="quiet">None. While no page of this user is open, a call to it rings nowhere. A page registers one with SendBirdCall.registerPushToken.</p>
          ) : (
            <ul className="list card">
              {push_tokens.map((registered) => (
                <li key={`${registered.token_type} ${registered.token}`}>
                  <span className="grow">
                    {NAMES[registered.token_type] ?? registered.token_type} <code className="quiet">{registered.token}</code>
                  </span>
                  <Button kind="bad" refusal={refusal} onPress={() => forget.mutate(registered)}>
                    Forget
                  </Button>
                </li>
              ))}
            </ul>
          )
        }
      </Answered>
      {forget.error !== null && (
        <p className="problem" role="alert">
          {forget.error.message}
        </p>
      )}
    </section>
  );
}
