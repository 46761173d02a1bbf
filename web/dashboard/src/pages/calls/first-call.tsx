/** What an empty log shows: how to make the first call. */

import { ButtonLink } from '../../parts/button';
import { CodeBlock } from '../../parts/copy';
import { EmptyState } from '../../parts/states';
import { to } from '../../router';

export function FirstCall({ appId }: { appId: string }) {
  const host = window.location.origin;
  const code = `<script src="${host}/sdk/offhook.js"></script>
<script src="${host}/sdk/offhook-element.js"></script>

<offhook-call app-id="${appId}" callee="bob"></offhook-call>

<script type="module">
  const calls = document.querySelector('offhook-call');
  // Your own server knows the visitor, and gives out the token.
  calls.accessToken = 'TOKEN OF ALICE';
  calls.userId = 'alice';
</script>`;
  return (
    <EmptyState title="No call was made yet">
      <p>Make two users and their tokens, then put this on a page. Whoever opens it as the other user is rung.</p>
      <CodeBlock label="A page that calls" code={code} />
      <div className="actions">
        <ButtonLink to={to`/apps/${appId}/users`}>Make users</ButtonLink>
        <ButtonLink to={to`/apps/${appId}/test-call`}>Call a user from here</ButtonLink>
      </div>
    </EmptyState>
  );
}
