/** All applications; making one. */

import { useState } from 'react';

import { post } from '../api/ask';
import { useAnswer, useChange } from '../api/queries';
import { useRefusal } from '../api/session';
import type { ApplicationBody } from '../generated/ApplicationBody';
import type { ApplicationList } from '../generated/ApplicationList';
import type { CreatedApplication } from '../generated/CreatedApplication';
import type { NewApplicationBody } from '../generated/NewApplicationBody';
import { Button } from '../parts/button';
import { CodeBlock } from '../parts/copy';
import { DataTable } from '../parts/data-table';
import type { Column } from '../parts/data-table';
import { TextField } from '../parts/fields';
import { codeToCall, codeToMakeUser } from '../parts/first-code';
import { FormDialog } from '../parts/form-dialog';
import { PLUS } from '../parts/icon';
import { PageHeader } from '../parts/page-header';
import { SecretDialog } from '../parts/secret-dialog';
import { Answered, EmptyState } from '../parts/states';
import { TimeText } from '../parts/time-text';
import { goTo, to } from '../router';

const COLUMNS: readonly Column<ApplicationBody>[] = [
  { title: 'Name', width: '2fr', cell: ({ name }) => name },
  { title: 'Application id', width: '3fr', cell: ({ app_id }) => <code>{app_id}</code> },
  { title: 'Made', width: '2fr', cell: ({ created_at }) => <TimeText at={created_at} /> },
];

export function ApplicationsPage() {
  const answer = useAnswer<ApplicationList>('applications');
  const refusal = useRefusal('own');
  const [isMaking, setMaking] = useState(false);
  const [made, setMade] = useState<CreatedApplication | null>(null);
  const make = (
    <Button kind="accent" icon={PLUS} refusal={refusal} onPress={() => setMaking(true)}>
      New application
    </Button>
  );
  return (
    <>
      <PageHeader title="Applications" about="Each has its own users, calls, tokens and settings." actions={make} />
      <Answered answer={answer}>
        {({ applications }) =>
          applications.length === 0 ? (
            <EmptyState title="No application yet">
              <p>An application is what your pages name in init. Make one here, or on the server:</p>
              <CodeBlock label="On the server" code="offhook app create NAME" />
            </EmptyState>
          ) : (
            <DataTable label="Applications" columns={COLUMNS} rows={applications} keyOf={({ app_id }) => app_id} linkOf={({ app_id }) => to`/apps/${app_id}/settings`} />
          )
        }
      </Answered>
      {isMaking && (
        <NewApplication
          onClose={() => setMaking(false)}
          onMade={(created) => {
            setMaking(false);
            setMade(created);
          }}
        />
      )}
      {made !== null && <FirstSteps made={made} onClose={() => goTo(to`/apps/${made.application.app_id}/settings`)} />}
    </>
  );
}

function NewApplication({ onMade, onClose }: { onMade: (made: CreatedApplication) => void; onClose: () => void }) {
  const [name, setName] = useState('');
  const [appId, setAppId] = useState('');
  const change = useChange((body: NewApplicationBody) => post<CreatedApplication>('applications', body), { refreshes: ['applications'] });
  return (
    <FormDialog
      title="New application"
      submit="Make it"
      refusal={name.trim() === '' ? 'Give it a name first.' : null}
      onSubmit={async () => onMade(await change.mutateAsync({ name: name.trim(), ...(appId.trim() === '' ? {} : { app_id: appId.trim() }) }))}
      onClose={onClose}
    >
      <TextField label="Name" help="What operators call it: 1 to 80 characters." value={name} onChange={setName} maxLength={80} isRequired />
      <TextField label="Application id (optional)" help="Only if an application moves here and its pages name an id already. Else one is drawn at random." value={appId} onChange={setAppId} isCode />
    </FormDialog>
  );
}

function FirstSteps({ made: { application, api_token }, onClose }: { made: CreatedApplication; onClose: () => void }) {
  const { origin } = window.location;
  return (
    <SecretDialog title={`${application.name} is made`} label="Master API token" secret={api_token} onClose={onClose}>
      <p>With it your server makes users:</p>
      <CodeBlock label="On your server" code={codeToMakeUser(origin, api_token)} />
      <p>And a page calls with the application's id:</p>
      <CodeBlock label="In your page" code={codeToCall(origin, application.app_id)} />
    </SecretDialog>
  );
}
