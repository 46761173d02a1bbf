/** The log of calls: every call of an application, the latest first. */

import './calls.css';

import { useCallback, useMemo, useState } from 'react';

import { Button } from '../../parts/button';
import { PageHeader } from '../../parts/page-header';
import { EmptyState, ErrorState } from '../../parts/states';
import { goTo, to, useParameter, useQuery } from '../../router';
import { FilterBar } from './filter-bar';
import { addressOf, ALL, countOf, type Filters, filtersOf } from './filters';
import { FirstCall } from './first-call';
import { openLog } from './kept-log';
import { LogTable } from './log-table';
import { useLog } from './use-log';

export function CallsPage() {
  const appId = useParameter('appId');
  const [query] = useQuery();
  const search = query.toString();
  const filters = useMemo(() => filtersOf(new URLSearchParams(search)), [search]);
  const [round, setRound] = useState(0);
  const wanted = addressOf(filters).toString();
  const choose = useCallback(
    (chosen: Filters) => {
      const address = addressOf(chosen).toString();
      goTo(`${to`/apps/${appId}/calls`}${address === '' ? '' : `?${address}`}`, { isReplacing: true });
    },
    [appId],
  );
  return (
    <>
      <PageHeader title="Calls" about="Every call, the latest first." actions={<Button onPress={() => setRound(round + 1)}>Look again</Button>} />
      <FilterBar filters={filters} onChange={choose} />
      <Calls key={`${appId} ${wanted} ${round}`} appId={appId} filters={filters} logKey={`${appId} ${wanted}`} onChoose={choose} />
    </>
  );
}

/** The list for one choice of filters; another choice is another list. */
function Calls({ appId, filters, logKey, onChoose }: { appId: string; filters: Filters; logKey: string; onChoose: (filters: Filters) => void }) {
  const [kept] = useState(() => openLog(logKey));
  const log = useLog(appId, filters, kept.list);
  const hasNone = log.list.isWhole && log.list.length === 0;
  if (hasNone) {
    return countOf(filters) === 0 ? (
      <FirstCall appId={appId} />
    ) : (
      <EmptyState title="No call is like this">
        <p>No call fits all the filters.</p>
        <div className="actions">
          <Button onPress={() => onChoose(ALL)}>Show all calls</Button>
        </div>
      </EmptyState>
    );
  }
  return (
    <>
      <LogTable
        appId={appId}
        log={log}
        scroll={kept.scroll}
        onScroll={(scroll) => (kept.scroll = scroll)}
        onOlder={(before) => onChoose({ ...filters, to: before })}
      />
      {log.error !== null && <ErrorState error={log.error} onRetry={log.retry} />}
    </>
  );
}
