/** What administrators did, and what they were refused. */

import { usePages, useAnswer } from '../api/queries';
import type { ApplicationList } from '../generated/ApplicationList';
import type { AuditEntry } from '../generated/AuditEntry';
import { DataTable } from '../parts/data-table';
import type { Column } from '../parts/data-table';
import { SelectField, TextField } from '../parts/fields';
import { PageHeader } from '../parts/page-header';
import { EmptyState, ErrorState, Loading } from '../parts/states';
import { StatusBadge } from '../parts/status-badge';
import { TimeText } from '../parts/time-text';
import { useQuery } from '../router';

const PAGE = 50;

const COLUMNS: readonly Column<AuditEntry>[] = [
  { title: 'When', width: '2fr', cell: ({ at }) => <TimeText at={at} /> },
  { title: 'Who', width: '2fr', cell: ({ actor, address }) => <Actor actor={actor} address={address} /> },
  { title: 'What', width: '3fr', cell: ({ action }) => <code>{action}</code> },
  { title: 'To what', width: '2fr', cell: ({ target }) => target !== undefined && <span className="wrap">{target}</span> },
  { title: 'Outcome', width: '100px', cell: ({ is_allowed }) => (is_allowed ? <StatusBadge tone="good" word="Done" /> : <StatusBadge tone="bad" word="Refused" />) },
];

function Actor({ actor, address }: { actor: string; address: string | undefined }) {
  return (
    <>
      {actor}
      {address !== undefined && <span className="help"> {address}</span>}
    </>
  );
}

export function AuditPage() {
  const [query, setQuery] = useQuery();
  const [appId, actor] = [query.get('app_id') ?? '', query.get('actor') ?? ''];
  const applications = useAnswer<ApplicationList>('applications');
  const audit = usePages<'entries', AuditEntry>('audit', 'entries', { query: { limit: PAGE, app_id: appId, actor } });
  const options = [['', 'All'], ...(applications.data?.applications ?? []).map(({ app_id, name }) => [app_id, name] as const)] as const;
  return (
    <>
      <PageHeader title="Audit log" about="What administrators and the command line changed, and what was refused. Reading is not logged." />
      <search className="filters">
        <SelectField label="Application" value={appId} onChange={(value) => setQuery({ app_id: value })} options={options} />
        <TextField label="Who" help="The whole name." value={actor} onChange={(value) => setQuery({ actor: value })} />
      </search>
      {audit.error !== null && <ErrorState error={audit.error} onRetry={() => void audit.refetch()} />}
      {audit.isPending && <Loading />}
      {audit.isSuccess && audit.rows.length === 0 && (
        <EmptyState title="Nothing is logged">
          <p>{appId === '' && actor === '' ? 'As soon as somebody signs in or changes something, it stands here.' : 'Nobody of that name did anything there. Look for all.'}</p>
        </EmptyState>
      )}
      {audit.rows.length > 0 && (
        <DataTable
          label="Audit log"
          columns={COLUMNS}
          rows={audit.rows}
          keyOf={(entry) => JSON.stringify(entry)}
          hasMore={audit.hasNextPage}
          onEnd={() => {
            if (!audit.isFetching) void audit.fetchNextPage();
          }}
        />
      )}
    </>
  );
}
