/** Webhooks: where an application's own server is told of calls, and what became of each delivery. */

import { useState } from 'react';

import { at, post } from '../../api/ask';
import { useAnswer, useChange, usePages } from '../../api/queries';
import { useRefusal } from '../../api/session';
import type { DeliveryState } from '../../generated/DeliveryState';
import type { Replayed } from '../../generated/Replayed';
import type { WebhookDelivery } from '../../generated/WebhookDelivery';
import type { WebhookSettings } from '../../generated/WebhookSettings';
import { Button } from '../../parts/button';
import { ConfirmDialog } from '../../parts/dialog';
import { SelectField, TextField } from '../../parts/fields';
import { PageHeader } from '../../parts/page-header';
import { Answered, EmptyState, ErrorState, Loading } from '../../parts/states';
import { useParameter, useQuery } from '../../router';
import { asLocal, fromLocal } from '../calls/local-time';
import { STATES, stateOf } from './deliveries';
import { DeliveryTable } from './delivery-table';
import { SubscriptionForm } from './subscription-form';

const EVERY_MS = 5_000;
const PAGE = 50;
const DAY_MS = 86_400_000;

export function WebhooksPage() {
  const appId = useParameter('appId');
  const answer = useAnswer<WebhookSettings>(at`applications/${appId}/v1/applications/${appId}/settings/webhook`, {
    query: { display_all_webhook_categories: true },
  });
  return (
    <>
      <PageHeader title="Webhooks" about="Your own server is told of calls, signed and in order, at least once." />
      <section className="card stack subscription-card" aria-labelledby="subscription-title">
        <h2 id="subscription-title">What is told</h2>
        <Answered answer={answer}>
          {({ webhook }) => <SubscriptionForm key={JSON.stringify(webhook)} appId={appId} webhook={webhook} />}
        </Answered>
      </section>
      <Deliveries appId={appId} />
    </>
  );
}

function Deliveries({ appId }: { appId: string }) {
  const [query, changeQuery] = useQuery();
  const state = stateOf(query);
  const pages = usePages<'deliveries', WebhookDelivery>(at`applications/${appId}/v1/webhook_deliveries`, 'deliveries', {
    query: { state, limit: PAGE },
    everyMs: EVERY_MS,
  });
  return (
    <section className="stack" aria-labelledby="deliveries-title">
      <div className="deliveries-head">
        <h2 id="deliveries-title">Deliveries</h2>
        <div className="actions">
          <SelectField<DeliveryState | ''>
            label="State"
            value={state}
            options={STATES}
            onChange={(chosen) => changeQuery({ state: chosen })}
          />
          <ReplayAll appId={appId} />
        </div>
      </div>
      {pages.error !== null && <ErrorState error={pages.error} onRetry={() => void pages.refetch()} />}
      {pages.data === undefined && pages.error === null && <Loading />}
      {pages.data !== undefined && pages.rows.length === 0 && !pages.hasNextPage && (
        <EmptyState title={state === '' ? 'Nothing was told yet' : 'No delivery is in this state'}>
          <p>Each event of a call is one delivery. What waits is tried again for a day; what is given up stays here to be replayed.</p>
        </EmptyState>
      )}
      {pages.rows.length > 0 && (
        <DeliveryTable
          appId={appId}
          deliveries={pages.rows}
          hasMore={pages.hasNextPage && !pages.isFetchingNextPage}
          onEnd={() => void pages.fetchNextPage()}
        />
      )}
    </section>
  );
}

/** Sends again what was given up in a time. */
function ReplayAll({ appId }: { appId: string }) {
  const [isAsked, setAsked] = useState(false);
  const [from, setFrom] = useState('');
  const [to, setTo] = useState('');
  const refusal = useRefusal('write');
  const replay = useChange(
    () => {
      const [begin, end] = [fromLocal(from), fromLocal(to)];
      return post<Replayed>(at`applications/${appId}/v1/webhook_deliveries/replay`, {
        ...(begin === null ? {} : { from: begin }),
        ...(end === null ? {} : { to: end }),
      });
    },
    {
      refreshes: [at`applications/${appId}/v1/webhook_deliveries`],
      done: ({ replayed }) => (replayed === 1 ? 'One delivery is sent again.' : `${replayed} deliveries are sent again.`),
    },
  );
  const ask = () => {
    setFrom(asLocal(Date.now() - DAY_MS));
    setTo('');
    setAsked(true);
  };
  return (
    <>
      <Button refusal={refusal} onPress={ask}>
        Replay what was given up
      </Button>
      {isAsked && (
        <ConfirmDialog title="Replay deliveries" confirm="Replay" onConfirm={() => replay.mutateAsync(undefined)} onClose={() => setAsked(false)}>
          <p>What was given up in this time is sent again. A receiver knows doubles by their message_id.</p>
          <TextField label="Happened from" kind="datetime-local" value={from} onChange={setFrom} help="Empty: from the first on." />
          <TextField label="Happened before" kind="datetime-local" value={to} onChange={setTo} help="Empty: until now." />
        </ConfirmDialog>
      )}
    </>
  );
}
