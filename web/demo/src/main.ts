/** Offhook's quickstart page: sign in, ring somebody, talk. Start reading at `app.ts`. */

import { App } from './app';

const page = document.getElementById('page');
if (page !== null) {
  new App(page).start();
}
