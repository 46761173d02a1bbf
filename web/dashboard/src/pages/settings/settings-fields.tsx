/** The fields of an application's settings, in groups. */

import type { ReactNode } from 'react';

import { CheckField, NumberField, SelectField, TextArea, TextField } from '../../parts/fields';
import { RANGES, problemsOf } from './settings-form';
import type { SettingsForm } from './settings-form';

type Set = <K extends keyof SettingsForm>(field: K, value: SettingsForm[K]) => void;

interface Fields {
  form: SettingsForm;
  set: Set;
  isReadOnly: boolean;
}

const PERMISSIONS = [
  ['deny', 'Nothing: everybody needs a token'],
  ['read_only', 'Sign in and answer, but not dial'],
  ['read_write', 'Everything; unknown users are made'],
] as const;

const FALLBACKS = [
  ['allow', 'The call rings'],
  ['deny', 'The call does not ring'],
] as const;

/** All of them. */
export function SettingsFields(fields: Fields) {
  return (
    <>
      <Access {...fields} />
      <Calls {...fields} />
      <Hook {...fields} />
      <Retention {...fields} />
    </>
  );
}

function Group({ title, children }: { title: string; children: ReactNode }) {
  return (
    <fieldset className="group card">
      <legend>{title}</legend>
      {children}
    </fieldset>
  );
}

function Access({ form, set, isReadOnly }: Fields) {
  const problems = problemsOf(form);
  return (
    <Group title="Who may use it">
      <TextField label="Name" value={form.name} onChange={(value) => set('name', value)} problem={problems.name ?? null} isReadOnly={isReadOnly} />
      <SelectField
        label="What users without a token may do"
        help="In production a token is wanted of everybody; the other two are for the first steps."
        value={form.permission}
        onChange={(value) => set('permission', value)}
        options={PERMISSIONS}
        isDisabled={isReadOnly}
      />
      <TextArea
        label="Allowed origins"
        help="The pages that may use it, one a line: https://example.com. Empty allows all."
        value={form.origins}
        onChange={(value) => set('origins', value)}
        problem={problems.origins ?? null}
        isReadOnly={isReadOnly}
      />
    </Group>
  );
}

function Calls({ form, set, isReadOnly }: Fields) {
  return (
    <Group title="Calls">
      <CheckField
        label="Media takes no path but over the relay"
        help="Neither side learns the other's address. Costs the relay's bandwidth for every call."
        isChecked={form.isRelayOnly}
        onChange={(value) => set('isRelayOnly', value)}
        isDisabled={isReadOnly}
      />
      <Count field="ringing" label="Longest ringing" unit="seconds" help="Whatever the dial asks for: 5 to 300." form={form} set={set} isReadOnly={isReadOnly} />
      <Count field="connecting" label="Longest connecting" unit="seconds" help="From accept until media flows: 5 to 300." form={form} set={set} isReadOnly={isReadOnly} />
      <TextArea
        label="Hosts of calls' own webhooks"
        help="A dial may name a webhook of its own if its host is here, one a line, with its port where that is not 443: hooks.example.com. Empty allows none."
        value={form.webhookHosts}
        onChange={(value) => set('webhookHosts', value)}
        problem={problemsOf(form).webhookHosts ?? null}
        isReadOnly={isReadOnly}
      />
    </Group>
  );
}

function Hook({ form, set, isReadOnly }: Fields) {
  return (
    <Group title="Ask before a call rings">
      <TextField
        label="Address of your server"
        help="It is asked whether A may call B before B's devices ring. Empty: nobody is asked."
        kind="url"
        value={form.hookUrl}
        onChange={(value) => set('hookUrl', value)}
        problem={problemsOf(form).hookUrl ?? null}
        placeholder="https://example.com/may-ring"
        isCode
        isReadOnly={isReadOnly}
      />
      {form.hookUrl.trim() !== '' && (
        <>
          <Count field="hookTimeout" label="Longest wait for its answer" unit="milliseconds" help="100 to 5000. The caller waits as long." form={form} set={set} isReadOnly={isReadOnly} />
          <SelectField label="Where there is no answer" value={form.hookFallback} onChange={(value) => set('hookFallback', value)} options={FALLBACKS} isDisabled={isReadOnly} />
        </>
      )}
    </Group>
  );
}

function Retention({ form, set, isReadOnly }: Fields) {
  return (
    <Group title="How long things are kept">
      <Count field="callDays" label="Ended calls" unit="days" help="0 to 3650; 0 keeps them for ever. Usage is kept without names." form={form} set={set} isReadOnly={isReadOnly} />
      <Count field="qualityDays" label="Measurements of quality" unit="days" help="0 to 3650; 0 keeps them as long as their call." form={form} set={set} isReadOnly={isReadOnly} />
      <Count field="deliveryDays" label="Settled webhook deliveries" unit="days" help="1 to 365." form={form} set={set} isReadOnly={isReadOnly} />
    </Group>
  );
}

function Count({ field, form, set, ...rest }: Fields & { field: keyof typeof RANGES; label: string; unit: string; help: string }) {
  const [min, max] = RANGES[field];
  return <NumberField {...rest} value={form[field]} onChange={(value) => set(field, value)} min={min} max={max} problem={problemsOf(form)[field] ?? null} />;
}
