/** Who may sign in to the dashboard, and as what. */

import { useState } from 'react';

import { at, post, put, remove } from '../api/ask';
import { useAnswer, useChange } from '../api/queries';
import { useAdministrator, useRefusal } from '../api/session';
import type { AdminRole } from '../generated/AdminRole';
import type { Administrator } from '../generated/Administrator';
import type { AdministratorChange } from '../generated/AdministratorChange';
import type { AdministratorList } from '../generated/AdministratorList';
import type { NewAdministrator } from '../generated/NewAdministrator';
import { Button } from '../parts/button';
import { DataTable } from '../parts/data-table';
import { ConfirmDialog } from '../parts/dialog';
import { SelectField, TextField } from '../parts/fields';
import { FormDialog } from '../parts/form-dialog';
import { PLUS } from '../parts/icon';
import { PageHeader } from '../parts/page-header';
import { Answered } from '../parts/states';
import { StatusBadge } from '../parts/status-badge';
import { TimeText } from '../parts/time-text';
import { problemOfPassword } from './account/password';

const ROLES: readonly (readonly [AdminRole, string])[] = [
  ['viewer', 'Viewer: sees everything but secrets'],
  ['operator', 'Operator: also changes settings and users, and ends calls'],
  ['owner', 'Owner: also applications, their keys, and administrators'],
];

const ROLE_NAMES: Record<AdminRole, string> = { viewer: 'Viewer', operator: 'Operator', owner: 'Owner' };

export function AdministratorsPage() {
  const answer = useAnswer<AdministratorList>('administrators');
  const refusal = useRefusal('own');
  const own = useAdministrator();
  const [isMaking, setMaking] = useState(false);
  const [chosen, setChosen] = useState<Administrator | null>(null);
  const columns = [
    { title: 'Name', width: '2fr', cell: ({ name, administrator_id }: Administrator) => (administrator_id === own.administrator_id ? `${name} (you)` : name) },
    { title: 'Role', width: '1fr', cell: ({ role }: Administrator) => ROLE_NAMES[role] },
    { title: 'Signs in with', width: '2fr', cell: waysOf },
    {
      title: 'Last signed in',
      width: '2fr',
      cell: ({ last_signed_in_at }: Administrator) => (last_signed_in_at === undefined ? <span className="quiet">never</span> : <TimeText at={last_signed_in_at} isRelative />),
    },
    {
      title: 'Actions',
      isTitleHidden: true,
      width: '120px',
      cell: (administrator: Administrator) => (
        <span className="row-actions">
          <Button refusal={refusal} onPress={() => setChosen(administrator)}>
            Change
            <span className="visually-hidden"> {administrator.name}</span>
          </Button>
        </span>
      ),
    },
  ];
  return (
    <>
      <PageHeader
        title="Administrators"
        about="Everybody who may sign in here. What they do is in the audit log."
        actions={
          <Button kind="accent" icon={PLUS} refusal={refusal} onPress={() => setMaking(true)}>
            New administrator
          </Button>
        }
      />
      <Answered answer={answer}>
        {({ administrators }) => <DataTable label="Administrators" columns={columns} rows={administrators} keyOf={({ administrator_id }) => administrator_id} />}
      </Answered>
      {isMaking && <NewOne onClose={() => setMaking(false)} />}
      {chosen !== null && <Change administrator={chosen} isOwn={chosen.administrator_id === own.administrator_id} onClose={() => setChosen(null)} />}
    </>
  );
}

function waysOf({ is_oidc, has_totp }: Administrator) {
  if (is_oidc) return 'Identity provider';
  return has_totp ? <StatusBadge tone="good" word="Password and code" /> : <StatusBadge tone="warning" word="Password alone" />;
}

function NewOne({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [role, setRole] = useState<AdminRole>('viewer');
  const make = useChange((body: NewAdministrator) => post('administrators', body), { refreshes: ['administrators', 'audit'], done: `${name} may sign in.` });
  return (
    <FormDialog
      title="New administrator"
      submit="Make it"
      refusal={name.trim() === '' ? 'Give them a name first.' : problemOfPassword(password)}
      onSubmit={async () => {
        await make.mutateAsync({ name: name.trim(), password, role });
        onClose();
      }}
      onClose={onClose}
    >
      <TextField label="Name" help="What they sign in with: 1 to 80 characters." value={name} onChange={setName} maxLength={80} isRequired />
      <TextField label="Password" help="12 to 256 characters. Tell it to them by another way than mail; they can change it." kind="password" autoComplete="new-password" value={password} onChange={setPassword} isRequired />
      <SelectField label="Role" value={role} onChange={setRole} options={ROLES} />
    </FormDialog>
  );
}

function Change({ administrator, isOwn, onClose }: { administrator: Administrator; isOwn: boolean; onClose: () => void }) {
  const path = at`administrators/${administrator.administrator_id}`;
  const [role, setRole] = useState(administrator.role);
  const [password, setPassword] = useState('');
  const [removesTotp, setRemovesTotp] = useState('no');
  const [isDeleting, setDeleting] = useState(false);
  const change = useChange((body: AdministratorChange) => put(path, body), { refreshes: ['administrators', 'audit'], done: `${administrator.name} is changed.` });
  const end = useChange(() => remove(path), { refreshes: ['administrators', 'audit'], done: `${administrator.name} may sign in no more.` });
  const wanted: AdministratorChange = {
    ...(role === administrator.role ? {} : { role }),
    ...(password === '' ? {} : { password }),
    ...(removesTotp === 'yes' ? { remove_totp: true } : {}),
  };
  if (isDeleting) {
    return (
      <ConfirmDialog
        title={`Delete ${administrator.name}?`}
        confirm="Delete them"
        onConfirm={() => end.mutateAsync()}
        onClose={onClose}
      >
        <p>They are signed out at once and may sign in no more. What they did stays in the audit log.</p>
      </ConfirmDialog>
    );
  }
  return (
    <FormDialog
      title={administrator.name}
      submit="Save"
      refusal={Object.keys(wanted).length === 0 ? 'Nothing is changed yet.' : password === '' ? null : problemOfPassword(password)}
      onSubmit={async () => {
        await change.mutateAsync(wanted);
        onClose();
      }}
      onClose={onClose}
    >
      <SelectField label="Role" value={role} onChange={setRole} options={ROLES} />
      {!administrator.is_oidc && (
        <TextField label="New password (optional)" help="12 to 256 characters. Their sessions end." kind="password" autoComplete="new-password" value={password} onChange={setPassword} />
      )}
      {administrator.has_totp && (
        <SelectField
          label="Authenticator"
          help="If it is lost: without it, they sign in with the password alone and can set up another."
          value={removesTotp}
          onChange={setRemovesTotp}
          options={[['no', 'Keep it'], ['yes', 'Forget it']]}
        />
      )}
      {!isOwn && (
        <div className="actions">
          <Button kind="bad" onPress={() => setDeleting(true)}>
            Delete {administrator.name}
          </Button>
        </div>
      )}
    </FormDialog>
  );
}
