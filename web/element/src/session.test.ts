import type * as Sdk from 'offhook';
import { expect, test } from 'vitest';

import { Session } from './session';

const ALICE = { appId: 'A1', userId: 'alice' };

/** An SDK that signs everybody in, and counts. */
function fake() {
  const sdk = {
    entered: 0,
    currentUser: undefined as { userId: string } | undefined,
    init: () => undefined,
    authenticate: async ({ userId }: { userId: string }) => {
      sdk.entered += 1;
      return (sdk.currentUser = { userId });
    },
    connectWebSocket: async () => undefined,
    deauthenticate: () => (sdk.currentUser = undefined),
  };
  return { sdk, session: new Session(sdk as unknown as typeof Sdk) };
}

test('the same credentials share one attempt, and a session that has ended is entered anew', async () => {
  const { sdk, session } = fake();
  await Promise.all([session.signIn(ALICE), session.signIn(ALICE)]);
  await session.signIn(ALICE);
  expect(sdk.entered).toBe(1);
  // As after `session_closed`.
  sdk.currentUser = undefined;
  await session.signIn(ALICE);
  expect(sdk.entered).toBe(2);
  await session.signIn(ALICE);
  expect(sdk.entered).toBe(2);
});
