/** What is on the page: the form to sign in, or the home and the element that shows calls. */

import type { OffhookCall } from '../../element/src/offhook-element';
import { nameOf, sentenceOf } from '../../element/src/words';
import { Home } from './home';
import { type Account, forget, keep, takeAccount } from './link';
import { SignIn } from './sign-in';

export class App {
  private readonly page: HTMLElement;
  private readonly calls: OffhookCall;
  private home: Home | null = null;

  constructor(page: HTMLElement, calls: OffhookCall) {
    this.page = page;
    this.calls = calls;
  }

  start(): void {
    this.calls.addEventListener('offhook-connection', ({ detail }) => this.home?.showConnection(detail.state));
    this.calls.addEventListener('offhook-ended', () => void this.home?.showLog());
    this.calls.addEventListener('offhook-face', ({ detail: { face, call } }) => {
      const isRinging = face === 'ringing' && call?.myRole === 'dc_callee';
      document.title = `${isRinging ? `${nameOf(call.caller)} is ringing` : this.calls.userId} · Offhook`;
    });
    const account = takeAccount();
    if (account === null) {
      this.showSignIn(null, '');
    } else {
      void this.signIn(account);
    }
    // A link pasted into the open page is taken as well.
    window.addEventListener('hashchange', () => {
      if (location.hash.includes('user=')) {
        location.reload();
      }
    });
  }

  private showSignIn(account: Account | null, problem: string): void {
    this.home = null;
    document.title = 'Offhook';
    this.page.replaceChildren(new SignIn(account, problem, (filled) => void this.signIn(filled)).element);
  }

  private async signIn(account: Account): Promise<void> {
    const { calls } = this;
    const home = new Home(account, {
      onDial: (userId, video) => calls.dial(userId, { video }),
      onSignOut: () => this.signOut(),
    });
    this.home = home;
    document.title = `${account.userId} · Offhook`;
    this.page.replaceChildren(home.element);
    calls.accessToken = account.token;
    calls.appId = account.appId;
    calls.userId = account.userId;
    try {
      await calls.signIn();
      keep(account);
      home.showConnection('connected');
      await home.showLog();
    } catch (error) {
      calls.signOut();
      this.showSignIn(account, sentenceOf(error));
    }
  }

  private signOut(): void {
    forget();
    this.calls.signOut();
    this.showSignIn(null, '');
  }
}
