/** One call, from dial to end: who, how it went, what happened when, how good it was, what was told of it. */

import '../usage/usage.css';
import './call.css';

import { useState } from 'react';
import type { ReactNode } from 'react';

import { at } from '../../api/ask';
import { useAnswer } from '../../api/queries';
import type { CallTimeline } from '../../generated/CallTimeline';
import { CopyField } from '../../parts/copy';
import { asBytes } from '../../parts/format';
import { PageHeader } from '../../parts/page-header';
import { Answered } from '../../parts/states';
import { StatusBadge } from '../../parts/status-badge';
import { Duration, TimeText } from '../../parts/time-text';
import { useParameter } from '../../router';
import { DeliveryTable } from '../webhooks/delivery-table';
import { EndCall } from './end-call';
import { lanesOf } from './lanes';
import { LaneView } from './lane-view';
import { moment } from './moment';
import { Quality } from './quality';
import { happeningInWords, nameOf, outcome, pathInWords, sideOf, story } from './words';

/** While the call lives, it is read again so often. */
const LIVE_MS = 2_000;

export function CallPage() {
  const [appId, callId] = [useParameter('appId'), useParameter('callId')];
  const [isLive, setLive] = useState(true);
  const answer = useAnswer<CallTimeline>(at`applications/${appId}/v1/direct_calls/${callId}/timeline`, isLive ? { everyMs: LIVE_MS } : {});
  const lives = answer.data === undefined ? !answer.isError : answer.data.call.state !== 'ended' || isToldOf(answer.data);
  if (lives !== isLive) {
    setLive(lives);
  }
  return <Answered answer={answer}>{(timeline) => <Shown appId={appId} timeline={timeline} now={answer.dataUpdatedAt} />}</Answered>;
}

/** Whether something is still on its way to a receiver: then the page is not done. */
function isToldOf({ deliveries }: CallTimeline): boolean {
  return deliveries.some(({ state, attempts }) => state === 'waiting' && attempts < 2);
}

function Shown({ appId, timeline, now }: { appId: string; timeline: CallTimeline; now: number }) {
  const { call, entries, sides, deliveries } = timeline;
  const [cursor, setCursor] = useState<number | null>(null);
  const lanes = lanesOf(timeline, now);
  const [caller, callee] = call.participants;
  const { word, tone } = outcome(call);
  return (
    <div className="call-page">
      <PageHeader
        title={`${nameOf(caller)} → ${nameOf(callee)}`}
        about={story(call)}
        actions={call.state !== 'ended' && <EndCall appId={appId} callId={call.call_id} who={`${nameOf(caller)} and ${nameOf(callee)}`} />}
      />
      <dl className="call-facts card">
        <Fact name="Result">
          <StatusBadge tone={tone} word={word} />
        </Fact>
        <Fact name="Dialled">
          <TimeText at={call.started_at} />
        </Fact>
        <Fact name="Kind">{call.is_video_call ? 'Video' : 'Audio'}</Fact>
        <Fact name="Duration">
          <Duration ms={call.duration} />
        </Fact>
        <Fact name="Metered">
          <Duration ms={timeline.metered_ms} />
        </Fact>
        {sides.map((side) => (
          <Fact key={side.role} name={`${sideOf(side.role)}, path`}>
            {pathInWords(side.path)}
          </Fact>
        ))}
        {sides.map((side) => (
          <Fact key={side.role} name={`${sideOf(side.role)}, relayed`}>
            <span className="figures">{`${asBytes(side.sent_relayed_bytes)} out, ${asBytes(side.received_relayed_bytes)} in`}</span>
          </Fact>
        ))}
      </dl>
      <section className="card stack" aria-labelledby="lanes-title">
        <h2 id="lanes-title">Timeline</h2>
        <LaneView lanes={lanes} participants={call.participants} cursor={cursor} />
      </section>
      <section className="card stack" aria-labelledby="quality-title">
        <h2 id="quality-title">Quality</h2>
        <Quality sides={sides} length={lanes.length / 1000} cursor={cursor} onCursor={setCursor} />
      </section>
      <section className="card stack" aria-labelledby="events-title">
        <h2 id="events-title">What happened</h2>
        <ol className="events">
          {entries.map((entry, index) => (
            <li key={`${entry.at} ${index}`}>
              <span className="figures quiet">{moment(entry.at - call.started_at)}</span>
              <span>{happeningInWords(entry)}</span>
            </li>
          ))}
        </ol>
      </section>
      <section className="card stack" aria-labelledby="items-title">
        <h2 id="items-title">Custom items</h2>
        <CustomItems items={call.custom_items} />
      </section>
      <section className="card stack" aria-labelledby="deliveries-title">
        <h2 id="deliveries-title">Webhook deliveries</h2>
        {deliveries.length > 0 ? (
          <DeliveryTable appId={appId} deliveries={deliveries} isOfOneCall />
        ) : (
          <p className="quiet">No webhook was told of this call.</p>
        )}
      </section>
      <CopyField label="Call" text={call.call_id} />
    </div>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function CustomItems({ items }: { items: CallTimeline['call']['custom_items'] }) {
  const pairs = Object.entries(items);
  if (pairs.length === 0) {
    return <p className="quiet">The application attached nothing.</p>;
  }
  return (
    <dl className="items">
      {pairs.map(([key, value]) => (
        <div key={key}>
          <dt className="code">{key}</dt>
          <dd className="code">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
