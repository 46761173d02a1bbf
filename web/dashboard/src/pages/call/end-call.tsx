/** Ends a call that lives. */

import { useState } from 'react';

import { at, post } from '../../api/ask';
import { useChange } from '../../api/queries';
import { useRefusal } from '../../api/session';
import { Button } from '../../parts/button';
import { ConfirmDialog } from '../../parts/dialog';
import { END } from '../../parts/icon';

/** A button that ends a call, after a question. */
export function EndCall({ appId, callId, who }: { appId: string; callId: string; who: string }) {
  const [isAsked, setAsked] = useState(false);
  const refusal = useRefusal('write');
  const end = useChange(() => post(at`applications/${appId}/v1/direct_calls/${callId}/end`), {
    refreshes: [at`applications/${appId}/v1/direct_calls`],
    done: 'The call was ended.',
  });
  return (
    <>
      <Button kind="bad" icon={END} refusal={refusal} onPress={() => setAsked(true)}>
        End call<span className="visually-hidden"> of {who}</span>
      </Button>
      {isAsked && (
        <ConfirmDialog title="End this call?" confirm="End call" onConfirm={() => end.mutateAsync(undefined)} onClose={() => setAsked(false)}>
          <p>{who} are cut off at once. The call counts as completed if they talk, and as canceled while it rings.</p>
        </ConfirmDialog>
      )}
    </>
  );
}
