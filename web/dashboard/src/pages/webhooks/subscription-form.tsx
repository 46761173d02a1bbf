/** Where events are told, and which. */

import { useState } from 'react';

import { at, put } from '../../api/ask';
import { useChange } from '../../api/queries';
import { useRefusal } from '../../api/session';
import type { WebhookSettings } from '../../generated/WebhookSettings';
import type { WebhookSubscription } from '../../generated/WebhookSubscription';
import { Button } from '../../parts/button';
import { CheckField, FormProblem, TextField } from '../../parts/fields';
import { eventInWords, problemOfUrl } from './deliveries';

export function SubscriptionForm({ appId, webhook }: { appId: string; webhook: WebhookSubscription }) {
  const all = webhook.all_webhook_categories ?? webhook.enabled_events;
  const [isEnabled, setEnabled] = useState(webhook.enabled);
  const [url, setUrl] = useState(webhook.url);
  const [events, setEvents] = useState<readonly string[]>(webhook.enabled_events.includes('*') ? all : webhook.enabled_events);
  const [isTried, setTried] = useState(false);
  const refusal = useRefusal('write');
  const path = at`applications/${appId}/v1/applications/${appId}/settings/webhook`;
  const save = useChange(
    () => put<WebhookSettings>(path, { enabled: isEnabled, url, enabled_events: all.filter((event) => events.includes(event)) }),
    { refreshes: [path], done: 'Saved.' },
  );
  const problem = problemOfUrl(url, isEnabled);
  const eventProblem = isEnabled && events.length === 0 ? 'Choose at least one event, or switch them off.' : null;
  return (
    <form
      className="stack subscription"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (problem === null && eventProblem === null && refusal === null && !save.isPending) {
          save.mutate(undefined);
        }
      }}
    >
      <CheckField label="Tell events" help="Switched off, nothing new is told; what waits is still sent." isChecked={isEnabled} onChange={setEnabled} />
      <TextField
        label="Address"
        kind="url"
        value={url}
        onChange={setUrl}
        placeholder="https://hooks.example.org/calls"
        problem={isTried ? problem : null}
        help="Over https only, to a public host, unless this server's configuration allows a private one."
        isCode
      />
      <fieldset className="events-choice">
        <legend className="label">Events</legend>
        {all.map((event) => (
          <CheckField
            key={event}
            label={eventInWords(event)}
            help={event}
            isChecked={events.includes(event)}
            onChange={(isChosen) => setEvents(isChosen ? [...events, event] : events.filter((other) => other !== event))}
          />
        ))}
        {isTried && eventProblem !== null && <p className="problem">{eventProblem}</p>}
      </fieldset>
      <p className="quiet">
        Each request is signed. Refuse what <code>x-offhook-signature</code> does not prove: the signing key is replaced in the settings of the
        application.
      </p>
      <FormProblem error={save.error} />
      <div className="actions">
        <Button kind="accent" isSubmit isBusy={save.isPending} refusal={refusal}>
          Save
        </Button>
      </div>
    </form>
  );
}
