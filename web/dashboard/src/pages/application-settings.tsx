/** An application's settings, the code that names it, its keys, its end. */

import { useState } from 'react';

import { at, put } from '../api/ask';
import { useAnswer, useChange } from '../api/queries';
import { useRefusal } from '../api/session';
import type { ApplicationBody } from '../generated/ApplicationBody';
import type { ApplicationChange } from '../generated/ApplicationChange';
import { Button } from '../parts/button';
import { CodeBlock, CopyField } from '../parts/copy';
import { FormProblem } from '../parts/fields';
import { codeToCall } from '../parts/first-code';
import { PageHeader } from '../parts/page-header';
import { Answered } from '../parts/states';
import { TimeText } from '../parts/time-text';
import { useParameter } from '../router';
import { KeysAndEnd } from './settings/keys-and-end';
import { SettingsFields } from './settings/settings-fields';
import { changeOf, formOf, problemsOf } from './settings/settings-form';

export function ApplicationSettingsPage() {
  const appId = useParameter('appId');
  const answer = useAnswer<ApplicationBody>(at`applications/${appId}`);
  return (
    <>
      <PageHeader title={answer.data === undefined ? 'Settings' : `Settings of ${answer.data.name}`} about={answer.data && <>Made <TimeText at={answer.data.created_at} /></>} />
      <Answered answer={answer}>
        {(application) => (
          <>
            <CopyField label="Application id" text={application.app_id} />
            <Settings application={application} key={JSON.stringify(application)} />
            <Code appId={appId} />
            <KeysAndEnd application={application} />
          </>
        )}
      </Answered>
    </>
  );
}

function Settings({ application }: { application: ApplicationBody }) {
  const path = at`applications/${application.app_id}`;
  const refusal = useRefusal('write');
  const [form, setForm] = useState(() => formOf(application));
  const save = useChange((body: ApplicationChange) => put<ApplicationBody>(path, body), { refreshes: ['applications'], done: 'The settings are saved. They count from the next call on.' });
  const change = changeOf(application, form);
  const isSame = Object.keys(change).length === 0;
  const isWrong = Object.keys(problemsOf(form)).length > 0;
  return (
    <form
      className="settings"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!isSame && !isWrong && refusal === null) save.mutate(change);
      }}
    >
      <SettingsFields form={form} set={(field, value) => setForm((before) => ({ ...before, [field]: value }))} isReadOnly={refusal !== null} />
      <FormProblem error={save.error} />
      <div className="actions">
        <Button kind="accent" isSubmit isBusy={save.isPending} refusal={refusal ?? reasonToWait(isSame, isWrong)}>
          Save
        </Button>
        {!isSame && <Button onPress={() => setForm(formOf(application))}>Undo the changes</Button>}
      </div>
    </form>
  );
}

function reasonToWait(isSame: boolean, isWrong: boolean): string | null {
  if (isWrong) return 'Mend what is marked first.';
  return isSame ? 'Nothing is changed yet.' : null;
}

function Code({ appId }: { appId: string }) {
  return (
    <section aria-labelledby="code">
      <h2 id="code">In your page</h2>
      <CodeBlock label="A page that calls" code={codeToCall(window.location.origin, appId)} />
    </section>
  );
}
