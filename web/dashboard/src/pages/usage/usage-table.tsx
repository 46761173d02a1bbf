/** The rows of a report; of users as many as one asks for. */

import { useState } from 'react';
import type { ReactNode } from 'react';

import { at, get } from '../../api/ask';
import type { UsageReport } from '../../generated/UsageReport';
import type { UsageRow } from '../../generated/UsageRow';
import { Button } from '../../parts/button';
import { asBytes, asCount } from '../../parts/format';
import { sentenceOf } from '../../parts/states';
import { Link, to } from '../../router';
import { minutes, queryOf, type Time, type Wanted } from './report';

const KEYS = { day: 'Day', user: 'User', total: 'Time' } as const;
const FIGURES: readonly (readonly [string, (row: UsageRow) => string])[] = [
  ['Calls', ({ calls }) => asCount(calls)],
  ['Video', ({ video_calls }) => asCount(video_calls)],
  ['Call minutes', ({ call_ms }) => minutes(call_ms)],
  ['Participant minutes', ({ participant_ms }) => minutes(participant_ms)],
  ['Relayed', ({ relayed_bytes }) => asBytes(relayed_bytes)],
];

export function UsageTable({ appId, time, wanted, report }: { appId: string; time: Time; wanted: Wanted; report: UsageReport }) {
  const [more, setMore] = useState<UsageReport[]>([]);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const last = more.at(-1) ?? report;
  const readMore = async () => {
    setBusy(true);
    try {
      const query = Object.fromEntries(queryOf(time, wanted, { next: last.next }));
      const next = await get<UsageReport>(at`applications/${appId}/v1/usage`, query);
      setMore([...more, next]);
      setError(null);
    } catch (caught) {
      setError(caught);
    }
    setBusy(false);
  };
  const rows = [report, ...more].flatMap((page) => page.rows);
  return (
    <>
      <div className="table-box card" role="region" aria-label="Usage as a table" tabIndex={0}>
        <table className="figure-table">
          <thead>
            <tr>
              <th scope="col">{KEYS[report.group_by]}</th>
              {FIGURES.map(([name]) => (
                <th key={name} scope="col" className="number">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <Row key={row.key ?? ''} row={row}>
                {report.group_by === 'user' && row.key !== undefined ? (
                  <Link href={to`/apps/${appId}/users/${row.key}`}>{row.key}</Link>
                ) : (
                  (row.key ?? 'All')
                )}
              </Row>
            ))}
          </tbody>
          {report.group_by === 'day' && (
            <tfoot>
              <Row row={report.total}>Together</Row>
            </tfoot>
          )}
        </table>
      </div>
      {report.group_by === 'user' && <p className="quiet">A call counts for both of its users: the rows come to more than the total.</p>}
      {error !== null && (
        <p className="problem" role="alert">
          {sentenceOf(error)}
        </p>
      )}
      {last.has_next && (
        <div className="actions">
          <Button isBusy={isBusy} onPress={() => void readMore()}>
            More users
          </Button>
        </div>
      )}
    </>
  );
}

function Row({ row, children }: { row: UsageRow; children: ReactNode }) {
  return (
    <tr>
      <th scope="row">{children}</th>
      {FIGURES.map(([name, say]) => (
        <td key={name} className="number">
          {say(row)}
        </td>
      ))}
    </tr>
  );
}
