/** Chooses which calls are shown. Each choice counts at once and stands in the address. */

import { useEffect, useState } from 'react';

import { Button } from '../../parts/button';
import { SelectField, TextField } from '../../parts/fields';
import { asDuration } from '../../parts/format';
import { ALL, CHOICES, countOf, type Filters, secondsOf } from './filters';
import { asLocal, fromLocal } from './local-time';

/** How long after the last letter a text counts. */
const TYPED_MS = 300;

interface Props {
  filters: Filters;
  onChange: (filters: Filters) => void;
}

export function FilterBar({ filters, onChange }: Props) {
  const count = countOf(filters);
  const set = (change: Partial<Filters>) => onChange({ ...filters, ...change });
  const hasUser = filters.user !== '';
  // On a phone they stand behind a button, unless some are set.
  const [isOpen, setOpen] = useState(() => count > 0 || matchMedia('(min-width: 800px)').matches);
  return (
    <details className="call-filters card" open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        Filters{count > 0 && <span className="count figures">{count}</span>}
      </summary>
      <div className="filter-fields">
        <TypedField label="User" value={filters.user} onChange={(user) => set(user === '' ? { user, role: '' } : { user })} />
        <SelectField
          label="Side"
          value={filters.role}
          isDisabled={!hasUser}
          options={[
            ['', 'Either'],
            ['caller', 'Caller'],
            ['callee', 'Callee'],
          ]}
          onChange={(role) => set({ role })}
        />
        <SelectField
          label="State"
          value={filters.state}
          options={[
            ['', 'All'],
            ['live', 'Live'],
            ['ended', 'Ended'],
          ]}
          onChange={(state) => set({ state })}
        />
        <SelectField
          label="Kind"
          value={filters.media}
          options={[
            ['', 'All'],
            ['audio', 'Audio'],
            ['video', 'Video'],
          ]}
          onChange={(media) => set({ media })}
        />
        <TextField label="Dialled from" kind="datetime-local" value={asLocal(filters.from)} onChange={(from) => set({ from: fromLocal(from) })} />
        <TextField label="Dialled before" kind="datetime-local" value={asLocal(filters.to)} onChange={(to) => set({ to: fromLocal(to) })} />
        <DurationField label="At least" value={filters.shortest} onChange={(shortest) => set({ shortest })} />
        <DurationField label="At most" value={filters.longest} onChange={(longest) => set({ longest })} />
      </div>
      <fieldset className="chips">
        <legend className="label">Result</legend>
        {CHOICES.map(([result, name]) => {
          const isChosen = filters.results.includes(result);
          const results = CHOICES.map(([other]) => other).filter((other) => filters.results.includes(other) !== (other === result));
          return (
            <label key={result} className="chip">
              <input type="checkbox" checked={isChosen} onChange={() => set({ results })} />
              {name}
            </label>
          );
        })}
      </fieldset>
      {count > 0 && (
        <div className="actions">
          <Button onPress={() => onChange(ALL)}>Show all calls</Button>
        </div>
      )}
    </details>
  );
}

/** A text that counts a moment after the last letter. */
function TypedField({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }) {
  const [written, setWritten] = useState(value);
  const [seen, setSeen] = useState(value);
  // Changed from outside: by Back, or by a button.
  if (value !== seen) {
    setSeen(value);
    setWritten(value);
  }
  useEffect(() => {
    const wanted = written.trim();
    if (wanted === value) {
      return undefined;
    }
    const timer = setTimeout(() => onChange(wanted), TYPED_MS);
    return () => clearTimeout(timer);
  });
  return <TextField label={label} kind="search" value={written} onChange={setWritten} placeholder="User id" />;
}

/** A duration: 90, 1:30. What is none is said, and counts for nothing. */
function DurationField({ label, value, onChange }: { label: string; value: number | null; onChange: (value: number | null) => void }) {
  const [written, setWritten] = useState(value === null ? '' : asDuration(value * 1000));
  const [seen, setSeen] = useState(value);
  if (value !== seen) {
    setSeen(value);
    if (value !== secondsOf(written)) {
      setWritten(value === null ? '' : asDuration(value * 1000));
    }
  }
  const problem = written !== '' && secondsOf(written) === null ? 'Write 90 or 1:30.' : null;
  return (
    <TextField
      label={label}
      value={written}
      problem={problem}
      placeholder="1:30"
      onChange={(words) => {
        setWritten(words);
        const seconds = secondsOf(words);
        if (seconds !== value) {
          onChange(seconds);
        }
      }}
    />
  );
}
