/** The global that `/sdk/offhook.js` defines: the demo uses what every application can use, and no more. */

import type * as Sdk from 'offhook';

declare global {
  interface Window {
    SendBirdCall?: typeof Sdk;
  }
}

export type { ConnectionState, DirectCallLog } from 'offhook';

/** The SDK; an error that says what to do where the server has none to give. */
export function sdk(): typeof Sdk {
  if (window.SendBirdCall === undefined) {
    throw new Error('The SDK did not load from /sdk/offhook.js. Build it with `cargo xtask web`, then start the server anew.');
  }
  return window.SendBirdCall;
}
