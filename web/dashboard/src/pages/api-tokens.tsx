/** An application's API tokens: what its servers show with every request. */

import { useState } from 'react';

import { at, post, remove } from '../api/ask';
import { useAnswer, useChange } from '../api/queries';
import { useRefusal } from '../api/session';
import type { ApiTokenBody } from '../generated/ApiTokenBody';
import type { ApiTokenList } from '../generated/ApiTokenList';
import type { IssuedToken } from '../generated/IssuedToken';
import { Button } from '../parts/button';
import { CodeBlock } from '../parts/copy';
import { DataTable } from '../parts/data-table';
import { ConfirmDialog } from '../parts/dialog';
import { codeToMakeUser } from '../parts/first-code';
import { PLUS } from '../parts/icon';
import { PageHeader } from '../parts/page-header';
import { SecretDialog } from '../parts/secret-dialog';
import { Answered } from '../parts/states';
import { TimeText } from '../parts/time-text';
import { useParameter } from '../router';

export function ApiTokensPage() {
  const path = `${at`applications/${useParameter('appId')}`}/api_tokens`;
  const answer = useAnswer<ApiTokenList>(path);
  const refusal = useRefusal('own');
  const [secret, setSecret] = useState<string | null>(null);
  const [chosen, setChosen] = useState<ApiTokenBody | null>(null);
  const make = useChange(() => post<IssuedToken>(path), { refreshes: [path] });
  const columns = [
    { title: 'Token', width: '2fr', cell: ({ hint }: ApiTokenBody) => <code>…{hint}</code> },
    { title: 'Kind', width: '3fr', cell: ({ is_master }: ApiTokenBody) => (is_master ? 'Master: it also signs webhooks' : 'Secondary') },
    { title: 'Made', width: '2fr', cell: ({ created_at }: ApiTokenBody) => <TimeText at={created_at} /> },
    {
      title: 'Actions',
      isTitleHidden: true,
      width: '120px',
      cell: (token: ApiTokenBody) => (
        <span className="row-actions">
          <Button kind={token.is_master ? 'plain' : 'bad'} refusal={refusal} onPress={() => setChosen(token)}>
            {token.is_master ? 'Rotate' : 'Revoke'}
            <span className="visually-hidden"> the token …{token.hint}</span>
          </Button>
        </span>
      ),
    },
  ];
  return (
    <>
      <PageHeader
        title="API tokens"
        about="Your servers show one in the header Api-Token. Give each its own, so that one can be revoked without the others."
        actions={
          <Button
            kind="accent"
            icon={PLUS}
            refusal={refusal}
            isBusy={make.isPending}
            onPress={() => make.mutate(undefined, { onSuccess: ({ token }) => setSecret(token) })}
          >
            New token
          </Button>
        }
      />
      {make.error !== null && (
        <p className="problem" role="alert">
          {make.error.message}
        </p>
      )}
      <Answered answer={answer}>
        {({ api_tokens }) => <DataTable label="API tokens" columns={columns} rows={api_tokens} keyOf={({ token_number }) => String(token_number)} />}
      </Answered>
      {chosen !== null && <Removal path={path} token={chosen} onIssued={setSecret} onClose={() => setChosen(null)} />}
      {secret !== null && (
        <SecretDialog title="The new API token" label="API token" secret={secret} onClose={() => setSecret(null)}>
          <CodeBlock label="A first request" code={codeToMakeUser(window.location.origin, secret)} />
        </SecretDialog>
      )}
    </>
  );
}

function Removal({ path, token, onIssued, onClose }: { path: string; token: ApiTokenBody; onIssued: (secret: string) => void; onClose: () => void }) {
  const rotate = useChange(() => post<IssuedToken>(`${path}/master/rotate`), { refreshes: [path] });
  const revoke = useChange(() => remove(`${path}/${token.token_number}`), { refreshes: [path], done: `The token …${token.hint} is revoked.` });
  return token.is_master ? (
    <ConfirmDialog title="Rotate the master token?" confirm="Rotate it" onConfirm={async () => onIssued((await rotate.mutateAsync()).token)} onClose={onClose}>
      <p>The present one stops working at once, and webhooks are signed with the new one: receivers that check the signature must learn it.</p>
    </ConfirmDialog>
  ) : (
    <ConfirmDialog title={`Revoke the token …${token.hint}?`} confirm="Revoke it" onConfirm={() => revoke.mutateAsync()} onClose={onClose}>
      <p>A server that shows it is refused from now on.</p>
    </ConfirmDialog>
  );
}
