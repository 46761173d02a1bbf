/** The calls that ring or go on, as they are. */

import '../calls/calls.css';

import { at } from '../../api/ask';
import { useAnswer } from '../../api/queries';
import type { DirectCall } from '../../generated/DirectCall';
import type { DirectCallList } from '../../generated/DirectCallList';
import { type Column, DataTable } from '../../parts/data-table';
import { PageHeader } from '../../parts/page-header';
import { Answered, EmptyState } from '../../parts/states';
import { StatusBadge } from '../../parts/status-badge';
import { Duration } from '../../parts/time-text';
import { Link, to, useParameter } from '../../router';
import { EndCall } from '../call/end-call';
import { nameOf, outcome } from '../call/words';
import { useNow } from './now';

const EVERY_MS = 2_000;
const MOST = 100;

export function LivePage() {
  const appId = useParameter('appId');
  const answer = useAnswer<DirectCallList>(at`applications/${appId}/v1/direct_calls`, {
    query: { state: 'live', limit: MOST },
    everyMs: EVERY_MS,
  });
  return (
    <>
      <PageHeader title="Live calls" about="What rings and what goes on, read again every two seconds." />
      <Answered answer={answer}>
        {({ calls, has_next }) =>
          calls.length === 0 ? (
            <EmptyState title="Nobody is calling">
              <p>
                A call is here from its dial to its end. What was before is in <Link href={to`/apps/${appId}/calls`}>the log</Link>.
              </p>
            </EmptyState>
          ) : (
            <>
              <LiveTable appId={appId} calls={calls} />
              {has_next && (
                <p>
                  These are the latest {MOST}. <Link href={`${to`/apps/${appId}/calls`}?state=live`}>All of them</Link> are in the log.
                </p>
              )}
            </>
          )
        }
      </Answered>
    </>
  );
}

function LiveTable({ appId, calls }: { appId: string; calls: DirectCall[] }) {
  const now = useNow();
  const columns: Column<DirectCall>[] = [
    { title: 'Caller and callee', width: '2fr', cell: ({ participants: [caller, callee] }) => `${nameOf(caller)} → ${nameOf(callee)}` },
    { title: 'State', cell: (call) => <StatusBadge {...outcome(call)} /> },
    { title: 'Kind', cell: ({ is_video_call }) => (is_video_call ? 'Video' : 'Audio') },
    { title: 'Since dial', isNumber: true, cell: ({ started_at }) => <Duration ms={now - started_at} /> },
    {
      title: 'End',
      width: '150px',
      cell: ({ call_id, participants: [caller, callee] }) => (
        <EndCall appId={appId} callId={call_id} who={`${nameOf(caller)} and ${nameOf(callee)}`} />
      ),
    },
  ];
  return (
    <DataTable
      label="Live calls"
      columns={columns}
      rows={calls}
      keyOf={({ call_id }) => call_id}
      linkOf={({ call_id }) => to`/apps/${appId}/calls/${call_id}`}
    />
  );
}
