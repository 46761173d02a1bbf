/** Deleting a user. */

import { useState } from 'react';

import { remove } from '../../api/ask';
import { useChange } from '../../api/queries';
import { useRefusal } from '../../api/session';
import type { UserBody } from '../../generated/UserBody';
import { Button } from '../../parts/button';
import { ConfirmDialog } from '../../parts/dialog';
import { goTo } from '../../router';
import { listOf } from './paths';

/** `list` is where the list of users is. */
export function UserEnd({ path, list, user }: { path: string; list: string; user: UserBody }) {
  const refusal = useRefusal('write');
  const [isAsked, setAsked] = useState(false);
  const end = useChange(() => remove(path), { refreshes: [listOf(path)], done: `${user.user_id} is deleted.` });
  return (
    <section aria-labelledby="end">
      <h2 id="end">Delete</h2>
      <div className="card row">
        <span className="grow">The user, its tokens and devices are removed, and what is kept of its calls names it no more.</span>
        <Button kind="bad" refusal={refusal} onPress={() => setAsked(true)}>
          Delete the user
        </Button>
      </div>
      {isAsked && (
        <ConfirmDialog
          title={`Delete ${user.user_id}?`}
          confirm="Delete it for ever"
          typed={user.user_id}
          onConfirm={async () => {
            await end.mutateAsync();
            goTo(list);
          }}
          onClose={() => setAsked(false)}
        >
          <p>Live calls of this user end. Nothing brings the user back but a backup.</p>
        </ConfirmDialog>
      )}
    </section>
  );
}
