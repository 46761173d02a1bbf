/** Offhook's quickstart page: sign in, ring somebody, talk. Start reading at `app.ts`. */

import { App } from './app';

const page = document.getElementById('page');
const calls = document.querySelector('offhook-call');
if (page !== null && calls !== null) {
  if (calls.signIn === undefined) {
    page.textContent = 'The element did not load from /sdk/offhook-element.js. Build it with `cargo xtask web`, then start the server anew.';
  } else {
    new App(page, calls).start();
  }
}
