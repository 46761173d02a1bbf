/** The overview: how the server is, in numbers and in words. */

import { useAnswer } from '../api/queries';
import type { CheckState } from '../generated/CheckState';
import type { NodeStatus } from '../generated/NodeStatus';
import { asBitrate, asBytes, asCount, asDuration } from '../parts/format';
import { PageHeader } from '../parts/page-header';
import { Answered } from '../parts/states';
import { StatusBadge } from '../parts/status-badge';
import type { Tone } from '../parts/status-badge';
import { TimeText } from '../parts/time-text';

const LOOK_EVERY_MS = 5_000;

export function OverviewPage() {
  const node = useAnswer<NodeStatus>('node', { everyMs: LOOK_EVERY_MS });
  return (
    <>
      <PageHeader
        title="Overview"
        about={
          node.data && (
            <>
              Offhook {node.data.version}, serving for {asDuration(node.data.now - node.data.started_at)}
            </>
          )
        }
      />
      <Answered answer={node}>{(status) => <Status status={status} />}</Answered>
    </>
  );
}

function Status({ status }: { status: NodeStatus }) {
  return (
    <>
      <Figures status={status} />
      <Checks status={status} />
      <Nodes status={status} />
    </>
  );
}

function Figures({ status }: { status: NodeStatus }) {
  return (
    <dl className="cards">
      <Figure name="Live calls" value={asCount(status.live_calls)} />
      <Figure name="Devices connected" value={asCount(status.sockets)} />
      <Figure name="Relay" value={asBitrate(status.relay_bps)} more={`${asCount(status.relay_allocations)} allocations`} />
      <Figure name="Webhooks waiting" value={asCount(status.waiting_deliveries)} more={`${asCount(status.dead_deliveries)} given up`} />
      <Figure name="Pushes waiting" value={asCount(status.waiting_pushes)} />
      <Figure name="Database" value={asBytes(status.store_bytes)} more={`${asBytes(status.free_bytes)} free on its disk`} />
      <Figure name="Transactions" value={asCount(status.commits)} more="since the start" />
    </dl>
  );
}

function Figure({ name, value, more }: { name: string; value: string; more?: string }) {
  return (
    <div className="figure card">
      <dt>{name}</dt>
      <dd className="figures">{value}</dd>
      {more !== undefined && <dd className="help">{more}</dd>}
    </div>
  );
}

const CHECKED: Record<CheckState, [Tone, string]> = {
  good: ['good', 'Good'],
  warning: ['warning', 'Look at this'],
  bad: ['bad', 'Act now'],
};

function Checks({ status }: { status: NodeStatus }) {
  return (
    <section aria-labelledby="checks">
      <h2 id="checks">Health</h2>
      <ul className="list card">
        <li>
          <StatusBadge tone={status.is_ready ? 'good' : 'bad'} word={status.is_ready ? 'Ready' : 'Not ready'} />
          <span>{status.is_ready ? 'Calls are taken.' : 'No new calls are taken.'}</span>
        </li>
        {status.checks.map(({ name, state, detail }) => (
          <li key={name}>
            <StatusBadge tone={CHECKED[state][0]} word={CHECKED[state][1]} />
            <span>
              <strong>{name}</strong> <span className="quiet">{detail}</span>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Nodes({ status }: { status: NodeStatus }) {
  return (
    <section aria-labelledby="nodes">
      <h2 id="nodes">Nodes</h2>
      <ul className="list card">
        {status.nodes.map(({ node_id, heartbeat_at, is_this }) => (
          <li key={node_id}>
            <code>{node_id}</code>
            <span className="quiet">
              {is_this ? 'answers this page; ' : ''}last heard of <TimeText at={heartbeat_at} isRelative />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
