/** An application's keys, which can be others, and its end. */

import { useState } from 'react';

import { at, post, remove } from '../../api/ask';
import { useChange } from '../../api/queries';
import { useRefusal } from '../../api/session';
import type { ApplicationBody } from '../../generated/ApplicationBody';
import type { IssuedToken } from '../../generated/IssuedToken';
import { Button } from '../../parts/button';
import { ConfirmDialog } from '../../parts/dialog';
import { SecretDialog } from '../../parts/secret-dialog';
import { goTo } from '../../router';

type Deed = 'signing_key' | 'webhook_key' | 'delete';

export function KeysAndEnd({ application }: { application: ApplicationBody }) {
  const path = at`applications/${application.app_id}`;
  const refusal = useRefusal('own');
  const [deed, setDeed] = useState<Deed | null>(null);
  const [webhookKey, setWebhookKey] = useState<string | null>(null);
  const rotateSigningKey = useChange(() => post(`${path}/signing_key/rotate`), { done: 'The signing key is another now.' });
  const rotateWebhookKey = useChange(() => post<IssuedToken>(`${path}/webhook_key/rotate`));
  const end = useChange(() => remove(path, { app_id: application.app_id }), { refreshes: ['applications'], done: `${application.name} is deleted.` });
  const close = () => setDeed(null);
  return (
    <section aria-labelledby="keys">
      <h2 id="keys">Keys and the end</h2>
      <ul className="list card">
        <li>
          <span className="grow">
            <strong>Signing key.</strong> Signs new session tokens. Those that were issued before stay valid until they end.
          </span>
          <Button refusal={refusal} onPress={() => setDeed('signing_key')}>
            Rotate the signing key
          </Button>
        </li>
        <li>
          <span className="grow">
            <strong>Webhook key.</strong> Signs every webhook; the application’s own is signed with the master API token, too. The one before signs too for a while, so that receivers can learn the new one.
          </span>
          <Button refusal={refusal} onPress={() => setDeed('webhook_key')}>
            Rotate the webhook key
          </Button>
        </li>
        <li>
          <span className="grow">
            <strong>Delete.</strong> The application, its users, calls and usage are removed, and live calls end.
          </span>
          <Button kind="bad" refusal={refusal} onPress={() => setDeed('delete')}>
            Delete the application
          </Button>
        </li>
      </ul>
      {deed === 'signing_key' && (
        <ConfirmDialog title="Rotate the signing key?" confirm="Rotate it" onConfirm={() => rotateSigningKey.mutateAsync()} onClose={close}>
          <p>New session tokens of {application.name} are signed with another key. Those that were issued before stay valid until they end: whoever holds one that must not is shut out by revoking that user&rsquo;s tokens.</p>
        </ConfirmDialog>
      )}
      {deed === 'webhook_key' && (
        <ConfirmDialog title="Rotate the webhook key?" confirm="Rotate it" onConfirm={async () => setWebhookKey((await rotateWebhookKey.mutateAsync()).token)} onClose={close}>
          <p>What is sent from now on is signed with the new key, and for a while with the present one too. Receivers learn the new one in that time.</p>
        </ConfirmDialog>
      )}
      {webhookKey !== null && (
        <SecretDialog title="The new webhook key" label="Webhook key" secret={webhookKey} onClose={() => setWebhookKey(null)}>
          <p>Give it to every receiver that checks our signature.</p>
        </SecretDialog>
      )}
      {deed === 'delete' && (
        <ConfirmDialog
          title={`Delete ${application.name}?`}
          confirm="Delete it for ever"
          typed={application.name}
          onConfirm={async () => {
            await end.mutateAsync();
            goTo('/applications');
          }}
          onClose={close}
        >
          <p>Its users, tokens, call log, usage and settings are removed, and its pages stop working. Nothing brings them back but a backup.</p>
        </ConfirmDialog>
      )}
    </section>
  );
}
