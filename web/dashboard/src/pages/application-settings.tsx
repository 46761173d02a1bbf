/** An application's settings, its keys, its end. */

import { useState } from 'react';

import { at, post, put, remove } from '../api/ask';
import { useAnswer, useChange } from '../api/queries';
import { useRefusal } from '../api/session';
import type { ApplicationBody } from '../generated/ApplicationBody';
import type { ApplicationChange } from '../generated/ApplicationChange';
import { Button } from '../parts/button';
import { CodeBlock, CopyField } from '../parts/copy';
import { ConfirmDialog } from '../parts/dialog';
import { FormProblem } from '../parts/fields';
import { codeToCall } from '../parts/first-code';
import { PageHeader } from '../parts/page-header';
import { Answered } from '../parts/states';
import { TimeText } from '../parts/time-text';
import { goTo, useParameter } from '../router';
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
            <Danger application={application} />
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

type Deed = 'signing_key' | 'webhook_key' | 'delete';

function Danger({ application }: { application: ApplicationBody }) {
  const path = at`applications/${application.app_id}`;
  const refusal = useRefusal('own');
  const [deed, setDeed] = useState<Deed | null>(null);
  const rotate = useChange((key: string) => post(`${path}/${key}/rotate`), { done: 'The key is another now.' });
  const end = useChange(() => remove(path), { refreshes: ['applications'], done: `${application.name} is deleted.` });
  const close = () => setDeed(null);
  return (
    <section aria-labelledby="danger">
      <h2 id="danger">Keys and the end</h2>
      <ul className="list card">
        <li>
          <span className="grow">
            <strong>Signing key.</strong> Signs session tokens. With another one, every session token stops working.
          </span>
          <Button refusal={refusal} onPress={() => setDeed('signing_key')}>
            Rotate the signing key
          </Button>
        </li>
        <li>
          <span className="grow">
            <strong>Webhook key.</strong> Signs the webhooks of single calls. Receivers must learn the new one.
          </span>
          <Button refusal={refusal} onPress={() => setDeed('webhook_key')}>
            Rotate the webhook key
          </Button>
        </li>
        <li>
          <span className="grow">
            <strong>Delete.</strong> The application, its users, calls and usage are removed, and live calls end.
          </span>
          <Button kind="bad" refusal={refusal} onPress={() => setDeed('delete')}>
            Delete the application
          </Button>
        </li>
      </ul>
      {deed === 'signing_key' && (
        <ConfirmDialog title="Rotate the signing key?" confirm="Rotate it" onConfirm={() => rotate.mutateAsync('signing_key')} onClose={close}>
          <p>Every session token of {application.name} stops working at once. Devices that signed in with one must get another from your server. Access tokens go on.</p>
        </ConfirmDialog>
      )}
      {deed === 'webhook_key' && (
        <ConfirmDialog title="Rotate the webhook key?" confirm="Rotate it" onConfirm={() => rotate.mutateAsync('webhook_key')} onClose={close}>
          <p>What is sent from now on is signed with the new key. Receivers that check it with the old one refuse it until they know the new one.</p>
        </ConfirmDialog>
      )}
      {deed === 'delete' && (
        <ConfirmDialog
          title={`Delete ${application.name}?`}
          confirm="Delete it for ever"
          typed={application.name}
          onConfirm={async () => {
            await end.mutateAsync();
            goTo('/applications');
          }}
          onClose={close}
        >
          <p>Its users, tokens, call log, usage and settings are removed, and its pages stop working. Nothing brings them back but a backup.</p>
        </ConfirmDialog>
      )}
    </section>
  );
}
