/** Text that is made to be taken along: ids, secrets, code to paste. */

import { useEffect, useRef, useState } from 'react';

import { Button } from './button';
import { CHECK, COPY } from './icon';

const SAYS_COPIED_MS = 2_000;

/** Copies `text`. Where the page may not, it selects the text of `source`. */
function useCopy(text: string) {
  const source = useRef<HTMLElement>(null);
  const [outcome, setOutcome] = useState<'copied' | 'selected' | null>(null);
  useEffect(() => {
    if (outcome === null) return undefined;
    const timer = setTimeout(() => setOutcome(null), SAYS_COPIED_MS);
    return () => clearTimeout(timer);
  }, [outcome]);
  const copy = async () => {
    try {
      // Undefined where the page came over plain http from another machine.
      await navigator.clipboard.writeText(text);
      setOutcome('copied');
    } catch {
      if (source.current !== null) window.getSelection()?.selectAllChildren(source.current);
      setOutcome('selected');
    }
  };
  const word = { copied: 'Copied', selected: 'Selected: copy it now' }[outcome ?? 'copied'];
  return { source, copy: () => void copy(), isDone: outcome !== null, word };
}

/** A line to copy, under its label. */
export function CopyField({ label, text }: { label: string; text: string }) {
  const { source, copy, isDone, word } = useCopy(text);
  return (
    <div className="field">
      <span className="label">{label}</span>
      <div className="copy-field">
        <code ref={source}>{text}</code>
        <Button onPress={copy} icon={isDone ? CHECK : COPY}>
          <span aria-live="polite">{isDone ? word : 'Copy'}</span>
          <span className="visually-hidden"> {label}</span>
        </Button>
      </div>
    </div>
  );
}

/** Code to paste. */
export function CodeBlock({ code, label }: { code: string; label: string }) {
  const { source, copy, isDone, word } = useCopy(code);
  return (
    <figure className="code-block">
      <figcaption>
        <span>{label}</span>
        <Button onPress={copy} icon={isDone ? CHECK : COPY}>
          <span aria-live="polite">{isDone ? word : 'Copy'}</span>
          <span className="visually-hidden"> {label}</span>
        </Button>
      </figcaption>
      <pre tabIndex={0} aria-label={label}>
        <code ref={source}>{code}</code>
      </pre>
    </figure>
  );
}
