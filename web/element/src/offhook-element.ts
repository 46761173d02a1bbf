/** The element `<offhook-call>`: voice and video calls on any page. Start reading at `call-center.ts`. */

import type * as Sdk from 'offhook';

import { CallCenter } from './call-center';
import type { Face } from './front';
import { Session } from './session';
import { sentenceOf } from './words';
import styles from './style.css?inline';

/** Where the element stands: no call, or one of the five faces of the call that is shown. */
export type OffhookFace = 'idle' | 'ringing' | 'connecting' | 'talking' | 'reconnecting' | 'ended';

/** How to ring somebody. */
export interface OffhookDialOptions {
  /** With picture; true if left out. */
  video?: boolean;
  customItems?: Record<string, string>;
}

/** The events of the element; each bubbles and leaves shadow trees. */
export interface OffhookCallEventMap {
  /** The element shows another face. `call` is null when it is idle. */
  'offhook-face': CustomEvent<{ face: OffhookFace; call: Sdk.DirectCall | null }>;
  /** The connection to the server came or went. */
  'offhook-connection': CustomEvent<{ state: Sdk.ConnectionState }>;
  /** A call is over. */
  'offhook-ended': CustomEvent<{ call: Sdk.DirectCall }>;
  /** Signing in failed, or a call could not be made. */
  'offhook-error': CustomEvent<{ error: Error }>;
}

const ATTRIBUTES = ['app-id', 'user-id', 'api-host', 'callee'] as const;
/** Where there is no DOM, importing this does nothing. */
const Base = (globalThis.HTMLElement ?? class {}) as typeof HTMLElement;

/** `<offhook-call>`: signs in, rings, is rung, and shows the call. */
export class OffhookCall extends Base {
  static readonly observedAttributes: readonly string[] = ATTRIBUTES;

  #sdk: typeof Sdk | undefined;
  #accessToken: string | undefined;
  #center: CallCenter | undefined;
  #session: Session | undefined;
  #isSigningInSoon = false;

  /** The SDK: the global `SendBirdCall`, unless the page hands over another. */
  get sdk(): typeof Sdk {
    const sdk = this.#sdk ?? (globalThis as { SendBirdCall?: typeof Sdk }).SendBirdCall;
    if (sdk === undefined) {
      throw new Error('<offhook-call> needs the SDK: load /sdk/offhook.js before it, or set its property `sdk`.');
    }
    return sdk;
  }

  set sdk(sdk: typeof Sdk) {
    this.#sdk = sdk;
    this.#attend();
  }

  /** The application. Without it the element takes part in the session that the page has made by itself. */
  get appId(): string {
    return this.getAttribute('app-id') ?? '';
  }

  set appId(id: string) {
    this.setAttribute('app-id', id);
  }

  /** Who signs in. */
  get userId(): string {
    return this.getAttribute('user-id') ?? '';
  }

  set userId(id: string) {
    this.setAttribute('user-id', id);
  }

  /** The server, where it is not the one that the SDK came from. */
  get apiHost(): string {
    return this.getAttribute('api-host') ?? '';
  }

  set apiHost(host: string) {
    this.setAttribute('api-host', host);
  }

  /** An access token or session token. A property only: a token in markup would be in every copy of the page. */
  get accessToken(): string | undefined {
    return this.#accessToken;
  }

  set accessToken(token: string | null | undefined) {
    this.#accessToken = token ?? undefined;
    this.#signInSoon();
  }

  /** Whom the element offers to ring while there is no call. */
  get callee(): string {
    return this.getAttribute('callee') ?? '';
  }

  set callee(userId: string) {
    this.setAttribute('callee', userId);
  }

  /** Which face is shown. */
  get face(): OffhookFace {
    return this.#center?.face ?? 'idle';
  }

  /** The call that is shown, or rings. */
  get call(): Sdk.DirectCall | null {
    return this.#center?.call ?? null;
  }

  /** Where the connection to the server stands. */
  get connectionState(): Sdk.ConnectionState {
    return this.#sdk === undefined && !('SendBirdCall' in globalThis) ? 'closed' : this.sdk.connectionState;
  }

  /**
   * Signs in with what the element was given, and opens the connection. The element does so by itself once it has an
   * application and a user; this gives the promise.
   */
  signIn(): Promise<Sdk.User> {
    this.#session ??= new Session(this.sdk);
    return this.#session.signIn({
      appId: this.appId,
      userId: this.userId,
      ...(this.#accessToken === undefined ? {} : { accessToken: this.#accessToken }),
      ...(this.apiHost === '' ? {} : { apiHost: this.apiHost }),
    });
  }

  /** Ends the calls and forgets the user. */
  signOut(): void {
    this.#accessToken = undefined;
    this.removeAttribute('user-id');
    this.#session?.signOut();
  }

  /** Rings a user and shows the call. A call that goes on is held. */
  dial(userId: string, { video = true, customItems }: OffhookDialOptions = {}): Sdk.DirectCall {
    if (this.#center === undefined) {
      throw new Error('dial: <offhook-call> is not in the page.');
    }
    return this.#center.dial(userId, video, customItems);
  }

  /** Ends the call that is shown, or declines the one that rings. */
  end(): void {
    this.call?.end();
  }

  connectedCallback(): void {
    this.#attend();
    this.#signInSoon();
  }

  disconnectedCallback(): void {
    // Who moves the element takes it out and puts it back at once.
    queueMicrotask(() => {
      if (this.isConnected) return;
      this.#center?.close();
      this.#center = undefined;
      this.#session?.signOut();
    });
  }

  attributeChangedCallback(name: string): void {
    if (name === 'callee') {
      this.#center?.offer(this.callee);
    } else {
      this.#signInSoon();
    }
  }

  /** Listens to the SDK, as soon as both the page and the SDK are there. */
  #attend(): void {
    if (!this.isConnected || this.#center !== undefined) return;
    const root = this.shadowRoot ?? this.#attachShadow();
    this.#center = new CallCenter(root, this.sdk, {
      handleFace: (face, call) => this.#showFace(face, call),
      handleConnection: (state) => this.#tell('offhook-connection', { state }),
      handleEnded: (call) => this.#tell('offhook-ended', { call }),
      handleError: (error) => this.#tell('offhook-error', { error }),
    });
    this.#center.offer(this.callee);
    this.setAttribute('face', 'idle');
  }

  #attachShadow(): ShadowRoot {
    const root = this.attachShadow({ mode: 'open' });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(styles);
    // Not by a <style>: a page's policy may allow styles of its own origin only.
    root.adoptedStyleSheets = [sheet];
    return root;
  }

  /** Waits for the end of the script that sets properties and attributes one by one. */
  #signInSoon(): void {
    if (this.#isSigningInSoon) return;
    this.#isSigningInSoon = true;
    queueMicrotask(() => {
      this.#isSigningInSoon = false;
      if (!this.isConnected || this.appId === '' || this.userId === '') return;
      this.signIn().then(
        () => this.#center?.explain(''),
        (error: Error) => {
          this.#center?.explain(sentenceOf(error));
          this.#tell('offhook-error', { error });
        },
      );
    });
  }

  #showFace(face: Face, call: Sdk.DirectCall | null): void {
    this.setAttribute('face', face);
    this.#tell('offhook-face', { face, call });
  }

  #tell<E extends keyof OffhookCallEventMap>(name: E, detail: OffhookCallEventMap[E]['detail']): void {
    this.dispatchEvent(new CustomEvent(name, { bubbles: true, composed: true, detail }));
  }

  declare addEventListener: {
    <E extends keyof OffhookCallEventMap>(
      name: E,
      listener: (event: OffhookCallEventMap[E]) => void,
      options?: boolean | AddEventListenerOptions,
    ): void;
  } & HTMLElement['addEventListener'];
}

declare global {
  interface HTMLElementTagNameMap {
    'offhook-call': OffhookCall;
  }
}

if (globalThis.customElements !== undefined && customElements.get('offhook-call') === undefined) {
  customElements.define('offhook-call', OffhookCall);
}
