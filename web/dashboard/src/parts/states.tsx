/** What stands where nothing else can: nothing yet, something went wrong, not there yet. */

import type { ReactNode } from 'react';

import { AskError } from '../api/ask';
import { Button } from './button';
import { Icon, WARNING } from './icon';

/** Nothing is there yet: says so, and teaches how something gets there. */
export function EmptyState({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <section className="empty card">
      <h2>{title}</h2>
      {children}
    </section>
  );
}

/** Something went wrong: what, and what to do. */
export function ErrorState({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  return (
    <section className="error card" role="alert">
      <h2>
        <Icon strokes={WARNING} /> {titleOf(error)}
      </h2>
      <p>{sentenceOf(error)}</p>
      {onRetry !== undefined && (
        <div className="actions">
          <Button onPress={onRetry}>Try again</Button>
        </div>
      )}
    </section>
  );
}

/** The sentence of an error. */
export function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : 'Something went wrong. Load the page again.';
}

function titleOf(error: unknown): string {
  switch (error instanceof AskError ? error.reason : 'failed') {
    case 'not_found':
      return 'This is not here';
    case 'forbidden':
      return 'Your role does not allow this';
    case 'unreachable':
      return 'No answer';
    default:
      return 'This could not be shown';
  }
}

/** What was asked for is on its way. */
export function Loading({ what = 'Loading' }: { what?: string }) {
  return (
    <p className="loading quiet" role="status">
      {what}…
    </p>
  );
}

/** Shows an answer with `children`, or that it is on its way, or why it is not coming. */
export function Answered<T>({
  answer,
  children,
}: {
  answer: { data: T | undefined; error: unknown; refetch: () => unknown };
  children: (data: T) => ReactNode;
}) {
  if (answer.data !== undefined) return children(answer.data);
  if (answer.error !== null && answer.error !== undefined) return <ErrorState error={answer.error} onRetry={() => void answer.refetch()} />;
  return <Loading />;
}
