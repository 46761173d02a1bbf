/** The page between calls: whom to ring, and the calls that were. */

import { clock, CONNECTION, endingOf, initials, nameOf } from '../../element/src/words';
import { brand, element, face, icon } from '../../look/element';
import { INCOMING, OUTGOING, PHONE, VIDEO } from '../../look/icons';
import { shortEnding } from './short-ending';
import type { Account } from './link';
import { type ConnectionState, type DirectCallLog, sdk } from './sdk';

export interface HomeActions {
  onDial(userId: string, isVideoCall: boolean): void;
  onSignOut(): void;
}

export class Home {
  readonly element: HTMLElement;
  private readonly actions: HomeActions;
  private readonly account: Account;
  private readonly connection = element('span', { class: 'connection', role: 'status' });
  private readonly log = element('div', { class: 'log' });
  private readonly peer: HTMLInputElement;
  private readonly buttons: HTMLButtonElement[];

  constructor(account: Account, actions: HomeActions) {
    this.account = account;
    this.actions = actions;
    this.peer = element('input', {
      id: 'peer',
      name: 'peer',
      value: account.peerId,
      required: true,
      autocapitalize: 'none',
      autocomplete: 'off',
      spellcheck: 'false',
      placeholder: 'A user id',
    });
    const audio = element('button', { class: 'button', type: 'submit', value: 'audio' }, icon(PHONE), 'Audio call');
    const video = element('button', { class: 'button accent', type: 'submit', value: 'video' }, icon(VIDEO), 'Video call');
    this.buttons = [audio, video];
    const form = element(
      'form',
      {
        class: 'card dial',
        submit: (event) => {
          event.preventDefault();
          const isVideoCall = (event as SubmitEvent).submitter === video;
          actions.onDial(this.peer.value.trim(), isVideoCall);
        },
      },
      element('div', { class: 'field' }, element('label', { for: 'peer' }, 'Who'), this.peer),
      element('div', { class: 'pair' }, audio, video),
    );
    this.element = element(
      'div',
      { class: 'home' },
      element(
        'header',
        {},
        brand(import.meta.env.BASE_URL),
        element(
          'span',
          { class: 'account' },
          element('span', { class: 'account-words' }, element('strong', {}, account.userId), this.connection),
          element('button', { class: 'link', type: 'button', click: () => actions.onSignOut() }, 'Sign out'),
        ),
      ),
      element(
        'main',
        {},
        element('h1', {}, 'Ring somebody'),
        form,
        element('h2', {}, 'Calls'),
        this.log,
      ),
    );
    this.showConnection('connecting');
    this.log.append(element('p', { class: 'quiet' }, 'Reading the call log…'));
  }

  /** Says where the socket stands; nobody can be rung while it is closed. */
  showConnection(state: ConnectionState): void {
    this.connection.textContent = CONNECTION[state];
    this.connection.dataset['state'] = state;
    for (const button of this.buttons) {
      button.disabled = state !== 'connected';
    }
  }

  /** Reads the newest calls from the server and shows them. */
  async showLog(): Promise<void> {
    try {
      const calls = await sdk().createDirectCallLogListQuery({ limit: 10 }).next();
      this.log.replaceChildren(calls.length === 0 ? this.firstCall() : element('ul', {}, ...calls.map((call) => this.entry(call))));
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      this.log.replaceChildren(element('p', { class: 'quiet' }, `The call log could not be read: ${words}`));
    }
  }

  private entry(call: DirectCallLog): HTMLElement {
    const told = endingOf(call);
    const peer = told.isCaller ? call.callee : call.caller;
    const outcome = call.endResult === 'completed' ? clock(call.duration) : shortEnding(told);
    return element(
      'li',
      {},
      face(initials(told.peer)),
      element(
        'span',
        { class: 'entry-words' },
        element('strong', {}, nameOf(peer)),
        element(
          'span',
          { class: 'quiet' },
          icon(told.isCaller ? OUTGOING : INCOMING),
          `${outcome} · ${when(call.startedAt)}`,
        ),
      ),
      element(
        'button',
        {
          class: 'round small',
          type: 'button',
          title: 'Call again',
          'aria-label': `Call ${nameOf(peer)} again`,
          click: () => this.actions.onDial(peer.userId, call.isVideoCall),
        },
        icon(call.isVideoCall ? VIDEO : PHONE),
      ),
    );
  }

  /** An empty log shows how to make the first call, with the code to paste. */
  private firstCall(): HTMLElement {
    const peer = this.account.peerId || 'bob';
    const text = (words: string) => words.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
    const code = [
      `<script src="${location.origin}/sdk/offhook.js"></script>`,
      `<script src="${location.origin}/sdk/offhook-element.js"></script>`,
      `<offhook-call app-id="${text(this.account.appId)}" callee="${text(peer)}"></offhook-call>`,
      '<script>',
      "  const calls = document.querySelector('offhook-call');",
      "  calls.accessToken = accessToken; // from your server",
      `  calls.userId = ${JSON.stringify(this.account.userId)};`,
      '</script>',
    ].join('\n');
    return element(
      'div',
      { class: 'first' },
      element('p', {}, `No calls yet. Open the other link in a second browser or window, then ring ${peer} from here. In your own page it is:`),
      element('pre', { tabindex: '0' }, element('code', {}, code)),
    );
  }
}

function when(date: Date): string {
  const then = new Date(date);
  const isToday = then.toDateString() === new Date().toDateString();
  return then.toLocaleString(undefined, isToday ? { timeStyle: 'short' } : { dateStyle: 'medium', timeStyle: 'short' });
}
