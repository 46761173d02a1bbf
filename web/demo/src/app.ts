/** What is on the page: the form to sign in, the home, a ringing card, a call. Carries words between them and the SDK. */

import { CallScreen } from './call-screen';
import { Home } from './home';
import { type Account, forget, keep, takeAccount } from './link';
import { RingCard } from './ring-card';
import { type DirectCall, sdk } from './sdk';
import { SignIn } from './sign-in';
import { nameOf } from './words';

export class App {
  private readonly page: HTMLElement;
  private home: Home | null = null;
  private screen: CallScreen | null = null;
  private readonly ringing = new Map<DirectCall, RingCard>();

  constructor(page: HTMLElement) {
    this.page = page;
  }

  start(): void {
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
    const home = new Home(account, {
      onDial: (userId, isVideoCall) => this.dial(userId, isVideoCall),
      onSignOut: () => this.signOut(),
    });
    this.home = home;
    document.title = `${account.userId} · Offhook`;
    this.page.replaceChildren(home.element);
    try {
      const calls = sdk();
      calls.init(account.appId);
      calls.addListener('demo', {
        onRinging: (call) => this.ring(call),
        onConnectionStateChanged: (state) => home.showConnection(state),
      });
      await calls.authenticate({ userId: account.userId, accessToken: account.token });
      await calls.connectWebSocket();
      keep(account);
      home.showConnection('connected');
      await home.showLog();
    } catch (error) {
      this.showSignIn(account, sentence(error));
    }
  }

  private signOut(): void {
    forget();
    sdk().deauthenticate();
    this.showSignIn(null, '');
  }

  private dial(userId: string, isVideoCall: boolean): void {
    const screen = this.openScreen(userId, isVideoCall);
    const call = sdk().dial({ userId, isVideoCall, callOption: screen.callOption() }, (_, error) => {
      if (error) {
        screen.explain(sentence(error));
      }
    });
    screen.follow(call);
  }

  private ring(call: DirectCall): void {
    const card = new RingCard(call, {
      onAnswer: () => {
        this.stopRinging(call);
        this.screen?.hangUp();
        const screen = this.openScreen(nameOf(call.caller), call.isVideoCall);
        screen.follow(call);
        call.accept({ callOption: screen.callOption() });
      },
      onDecline: () => call.end(),
    });
    this.ringing.set(call, card);
    call.onEnded = () => {
      this.stopRinging(call);
      void this.home?.showLog();
    };
    document.body.append(card.element);
    card.takeFocus();
    document.title = `${nameOf(call.caller)} is ringing · Offhook`;
  }

  private stopRinging(call: DirectCall): void {
    this.ringing.get(call)?.element.remove();
    this.ringing.delete(call);
    document.title = `${sdk().currentUser?.userId ?? ''} · Offhook`;
  }

  private openScreen(peer: string, isVideoCall: boolean): CallScreen {
    this.screen?.element.remove();
    const screen = new CallScreen(peer, isVideoCall, {
      onEnded: () => void this.home?.showLog(),
      onClose: () => {
        screen.element.remove();
        this.screen = null;
        this.home?.takeFocus();
      },
      onAgain: (userId) => this.dial(userId, isVideoCall),
    });
    this.screen = screen;
    document.body.append(screen.element);
    return screen;
  }
}

/** What an error says, with its number if it has one. */
function sentence(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'number' ? `${message} (${code})` : message;
}
