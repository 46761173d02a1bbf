/** Fields of forms: a label, the field, help, and what is wrong with it. */

import { useId } from 'react';
import type { HTMLInputAutoCompleteAttribute, ReactNode } from 'react';

interface FieldWords {
  label: string;
  help?: ReactNode;
  /** What is wrong with the value, as a sentence. */
  problem?: string | null;
}

interface Labelled {
  id: string;
  'aria-describedby': string | undefined;
  'aria-invalid': true | undefined;
}

/** The frame of every field. */
export function Field({ label, help, problem = null, children }: FieldWords & { children: (labelled: Labelled) => ReactNode }) {
  const id = useId();
  const described = [help === undefined ? '' : `${id}-help`, problem === null ? '' : `${id}-problem`].filter((part) => part !== '').join(' ');
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({ id, 'aria-describedby': described === '' ? undefined : described, 'aria-invalid': problem === null ? undefined : true })}
      {problem !== null && (
        <p className="problem" id={`${id}-problem`}>
          {problem}
        </p>
      )}
      {help !== undefined && (
        <p className="help" id={`${id}-help`}>
          {help}
        </p>
      )}
    </div>
  );
}

/** A line of text. */
export function TextField({
  value,
  onChange,
  kind = 'text',
  autoComplete = 'off',
  placeholder,
  isCode = false,
  isRequired = false,
  isReadOnly = false,
  isFirst = false,
  inputMode,
  maxLength,
  ...words
}: FieldWords & {
  value: string;
  onChange: (value: string) => void;
  kind?: 'text' | 'password' | 'search' | 'url' | 'datetime-local' | 'date';
  autoComplete?: HTMLInputAutoCompleteAttribute;
  placeholder?: string;
  isCode?: boolean;
  isRequired?: boolean;
  isReadOnly?: boolean;
  /** Takes the focus when it appears. */
  isFirst?: boolean;
  inputMode?: 'numeric' | 'text';
  maxLength?: number;
}) {
  return (
    <Field {...words}>
      {(labelled) => (
        <input
          {...labelled}
          type={kind}
          className={isCode ? 'code' : undefined}
          value={value}
          onChange={(event) => onChange(event.target.value)}
          autoComplete={autoComplete}
          placeholder={placeholder}
          required={isRequired}
          readOnly={isReadOnly}
          inputMode={inputMode}
          autoFocus={isFirst}
          maxLength={maxLength}
          spellCheck={isCode || kind !== 'text' ? false : undefined}
        />
      )}
    </Field>
  );
}

/** A whole number, kept as it is written, so that an unfinished one can stand. */
export function NumberField({
  value,
  onChange,
  min,
  max,
  unit,
  isReadOnly = false,
  ...words
}: FieldWords & { value: string; onChange: (value: string) => void; min: number; max: number; unit?: string; isReadOnly?: boolean }) {
  return (
    <Field {...words}>
      {(labelled) => (
        <span className="with-unit">
          <input
            {...labelled}
            type="number"
            className="figures"
            value={value}
            onChange={(event) => onChange(event.target.value)}
            min={min}
            max={max}
            step={1}
            required
            readOnly={isReadOnly}
          />
          {unit !== undefined && <span className="quiet">{unit}</span>}
        </span>
      )}
    </Field>
  );
}

/** Several lines of text. */
export function TextArea({
  value,
  onChange,
  rows = 3,
  isReadOnly = false,
  placeholder,
  ...words
}: FieldWords & { value: string; onChange: (value: string) => void; rows?: number; isReadOnly?: boolean; placeholder?: string }) {
  return (
    <Field {...words}>
      {(labelled) => (
        <textarea
          {...labelled}
          className="code"
          rows={rows}
          value={value}
          onChange={(event) => onChange(event.target.value)}
          readOnly={isReadOnly}
          placeholder={placeholder}
          spellCheck={false}
        />
      )}
    </Field>
  );
}

/** One of a few. */
export function SelectField<T extends string>({
  value,
  onChange,
  options,
  isDisabled = false,
  ...words
}: FieldWords & { value: T; onChange: (value: T) => void; options: readonly (readonly [T, string])[]; isDisabled?: boolean }) {
  return (
    <Field {...words}>
      {(labelled) => (
        <select
          {...labelled}
          value={value}
          disabled={isDisabled}
          onChange={(event) => {
            const chosen = options.find(([option]) => option === event.target.value);
            if (chosen !== undefined) onChange(chosen[0]);
          }}
        >
          {options.map(([option, name]) => (
            <option key={option} value={option}>
              {name}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

/** Yes or no. */
export function CheckField({
  label,
  help,
  isChecked,
  onChange,
  isDisabled = false,
}: {
  label: string;
  help?: ReactNode;
  isChecked: boolean;
  onChange: (isChecked: boolean) => void;
  isDisabled?: boolean;
}) {
  const id = useId();
  return (
    <div className="check-field">
      <input
        id={id}
        type="checkbox"
        checked={isChecked}
        disabled={isDisabled}
        onChange={(event) => onChange(event.target.checked)}
        aria-describedby={help === undefined ? undefined : `${id}-help`}
      />
      <div>
        <label htmlFor={id}>{label}</label>
        {help !== undefined && (
          <p className="help" id={`${id}-help`}>
            {help}
          </p>
        )}
      </div>
    </div>
  );
}

/** The answer to a form that failed, above its buttons. */
export function FormProblem({ error }: { error: unknown }) {
  if (error === null || error === undefined) return null;
  return (
    <p className="problem" role="alert">
      {error instanceof Error ? error.message : 'Something went wrong. Load the page again.'}
    </p>
  );
}
