/** Deliveries: what was told, or is to be told, to a receiver. */

import './webhooks.css';

import { at, post } from '../../api/ask';
import { useChange } from '../../api/queries';
import { useRefusal } from '../../api/session';
import type { WebhookDelivery } from '../../generated/WebhookDelivery';
import { Button } from '../../parts/button';
import { type Column, DataTable } from '../../parts/data-table';
import { StatusBadge } from '../../parts/status-badge';
import { TimeText } from '../../parts/time-text';
import { to } from '../../router';
import { attemptsInWords, eventInWords, isReplayable, stateInWords } from './deliveries';

interface Props {
  appId: string;
  deliveries: readonly WebhookDelivery[];
  /** Then its rows lead nowhere: one is there. */
  isOfOneCall?: boolean;
  hasMore?: boolean;
  onEnd?: () => void;
}

export function DeliveryTable({ appId, deliveries, isOfOneCall = false, ...more }: Props) {
  const columns: Column<WebhookDelivery>[] = [
    {
      title: 'Event',
      cell: ({ category, sequence }) => (
        <>
          {eventInWords(category)} <span className="quiet figures sequence">{sequence}</span>
        </>
      ),
    },
    { title: 'State', width: '1.2fr', cell: (delivery) => <StatusBadge {...stateInWords(delivery)} /> },
    {
      title: 'Receiver',
      width: '1.4fr',
      cell: ({ host, is_per_call }) => (
        <>
          <code>{host}</code>
          {is_per_call && <span className="quiet"> named by the call</span>}
        </>
      ),
    },
    { title: 'Happened', width: '1.2fr', cell: ({ created_at }) => <TimeText at={created_at} /> },
    { title: 'Attempts', width: '2fr', cell: (delivery) => <Attempts delivery={delivery} /> },
    { title: 'Replay', width: '120px', cell: (delivery) => <Replay appId={appId} delivery={delivery} /> },
  ];
  return (
    <DataTable
      label="Webhook deliveries"
      columns={columns}
      rows={deliveries}
      keyOf={({ delivery_id }) => delivery_id}
      {...(isOfOneCall ? {} : { linkOf: ({ call_id }: WebhookDelivery) => to`/apps/${appId}/calls/${call_id}` })}
      {...more}
    />
  );
}

/** How often it was sent, why that failed, and when it is sent again. */
function Attempts({ delivery: { attempts, last_error, next_attempt_at, state } }: { delivery: WebhookDelivery }) {
  return (
    <span className="attempts">
      <span>{attemptsInWords(attempts)}</span>
      {last_error !== undefined && state !== 'delivered' && <span className="last-error">{last_error}</span>}
      {state === 'waiting' && attempts > 0 && next_attempt_at !== undefined && (
        <span className="quiet">
          {next_attempt_at > Date.now() ? (
            <>
              Again <TimeText at={next_attempt_at} isRelative />
            </>
          ) : (
            'Is being sent again'
          )}
        </span>
      )}
    </span>
  );
}

function Replay({ appId, delivery }: { appId: string; delivery: WebhookDelivery }) {
  const refusal = useRefusal('write');
  const replay = useChange(() => post(at`applications/${appId}/v1/webhook_deliveries/${delivery.delivery_id}/replay`), {
    refreshes: [at`applications/${appId}/v1`],
    done: 'It is sent again.',
  });
  if (!isReplayable(delivery)) {
    return <span className="quiet">–</span>;
  }
  return (
    <Button isBusy={replay.isPending} refusal={refusal} onPress={() => replay.mutate(undefined)}>
      Replay<span className="visually-hidden"> {eventInWords(delivery.category)} {delivery.sequence}</span>
    </Button>
  );
}
