/** What calls came to: by day, by user, or in all; as a chart, a table and a file. */

import './usage.css';

import { useMemo, useState } from 'react';

import { addressOf as serverAddress, at } from '../../api/ask';
import { useAnswer } from '../../api/queries';
import type { UsageReport } from '../../generated/UsageReport';
import type { UsageRow } from '../../generated/UsageRow';
import { asBytes, asCount } from '../../parts/format';
import { SelectField, TextField } from '../../parts/fields';
import { PageHeader } from '../../parts/page-header';
import { Answered, EmptyState } from '../../parts/states';
import { goTo, to, useParameter, useQuery } from '../../router';
import {
  addressOf,
  dayName,
  GROUPINGS,
  minutes,
  type Preset,
  PRESETS,
  queryOf,
  ROUNDINGS,
  type Time,
  timeOf,
  type Wanted,
  wantedOf,
} from './report';
import { UsageChart } from './usage-chart';
import { UsageTable } from './usage-table';

export function UsagePage() {
  const appId = useParameter('appId');
  const [query] = useQuery();
  const search = query.toString();
  const wanted = useMemo(() => wantedOf(new URLSearchParams(search)), [search]);
  // Midnight may pass while the page is open; the time that was asked for stays.
  const [now] = useState(Date.now);
  const time = useMemo(() => timeOf(wanted, now), [wanted, now]);
  const choose = (change: Partial<Wanted>) => {
    const address = addressOf({ ...wanted, ...change }).toString();
    goTo(`${to`/apps/${appId}/usage`}${address === '' ? '' : `?${address}`}`, { isReplacing: true });
  };
  const path = at`applications/${appId}/v1/usage`;
  const answer = useAnswer<UsageReport>(path, { query: Object.fromEntries(queryOf(time, wanted)) });
  return (
    <>
      <PageHeader title="Usage" about="Connected calls, from when media was connected to their end. Days are those of UTC." />
      <Choices wanted={wanted} time={time} onChoose={choose} />
      <Answered answer={answer}>
        {(report) => (
          <>
            <Totals total={report.total} />
            {report.total.calls === 0 ? (
              <EmptyState title="No call was connected in this time">
                <p>A call counts once media flows. What rang and was not answered costs nothing.</p>
              </EmptyState>
            ) : (
              <>
                {report.group_by === 'day' && <UsageChart time={time} report={report} />}
                <UsageTable key={JSON.stringify(wanted)} appId={appId} time={time} wanted={wanted} report={report} />
              </>
            )}
            <Exports path={path} time={time} wanted={wanted} />
          </>
        )}
      </Answered>
    </>
  );
}

function Choices({ wanted, time, onChoose }: { wanted: Wanted; time: Time; onChoose: (change: Partial<Wanted>) => void }) {
  const choosePreset = (preset: Preset) =>
    // One's own days begin as those that are shown.
    onChoose(preset === 'custom' ? { preset, first: dayName(time.from), last: dayName(time.to - 1) } : { preset });
  return (
    <section className="card usage-choices" aria-label="What is shown">
      <SelectField label="Time" value={wanted.preset} options={Object.entries(PRESETS) as [Preset, string][]} onChange={choosePreset} />
      {wanted.preset === 'custom' && <Days key={`${wanted.first} ${wanted.last}`} wanted={wanted} onChoose={onChoose} />}
      <SelectField
        label="By"
        value={wanted.groupBy}
        options={Object.entries(GROUPINGS) as [Wanted['groupBy'], string][]}
        onChange={(groupBy) => onChoose({ groupBy })}
      />
      <SelectField
        label="Rounding of each call"
        value={wanted.rounding}
        options={Object.entries(ROUNDINGS) as [Wanted['rounding'], string][]}
        onChange={(rounding) => onChoose({ rounding })}
      />
    </section>
  );
}

/** The first and the last day. They count together, once they are in order. */
function Days({ wanted, onChoose }: { wanted: Wanted; onChoose: (change: Partial<Wanted>) => void }) {
  const [{ first, last }, setDays] = useState({ first: wanted.first, last: wanted.last });
  const set = (change: { first?: string; last?: string }) => {
    const days = { first, last, ...change };
    setDays(days);
    if (days.first !== '' && days.first <= days.last) {
      onChoose(days);
    }
  };
  return (
    <>
      <TextField label="First day" kind="date" value={first} onChange={(day) => set({ first: day })} />
      <TextField
        label="Last day"
        kind="date"
        value={last}
        problem={first !== '' && last !== '' && first > last ? 'It is before the first day.' : null}
        onChange={(day) => set({ last: day })}
      />
    </>
  );
}

function Totals({ total }: { total: UsageRow }) {
  const figures: [string, string][] = [
    ['Calls', asCount(total.calls)],
    ['of them video', asCount(total.video_calls)],
    ['Call minutes', minutes(total.call_ms)],
    ['Participant minutes', minutes(total.participant_ms)],
    ['Relayed', asBytes(total.relayed_bytes)],
  ];
  return (
    <dl className="totals">
      {figures.map(([name, figure]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd className="figures">{figure}</dd>
        </div>
      ))}
    </dl>
  );
}

/** The same report as a file. The server writes it; the cookie of the session opens it. */
function Exports({ path, time, wanted }: { path: string; time: Time; wanted: Wanted }) {
  const name = `usage-${dayName(time.from)}-${dayName(time.to - 1)}-by-${wanted.groupBy}`;
  const href = (format: 'csv' | 'json') => serverAddress(path, Object.fromEntries(queryOf(time, wanted, format === 'csv' ? { format } : {})));
  return (
    <p className="actions">
      <a className="button plain" href={href('csv')} download={`${name}.csv`}>
        Download as CSV
      </a>
      <a className="button plain" href={href('json')} download={`${name}.json`}>
        Download as JSON
      </a>
    </p>
  );
}
