/** Who is signed in through the element. */

import type * as Sdk from 'offhook';

/** What signing in takes. */
export interface Credentials {
  readonly appId: string;
  readonly userId: string;
  readonly accessToken?: string;
  readonly apiHost?: string;
}

export class Session {
  private readonly sdk: typeof Sdk;
  private key = '';
  private attempt: Promise<Sdk.User> | undefined;
  private isIn = false;

  constructor(sdk: typeof Sdk) {
    this.sdk = sdk;
  }

  /** Signs in and opens the connection. The same credentials share one attempt, unless it has failed or its session has ended. */
  signIn(credentials: Credentials): Promise<Sdk.User> {
    const key = JSON.stringify(credentials);
    const isOver = this.isIn && this.sdk.currentUser?.userId !== credentials.userId;
    if (this.attempt !== undefined && key === this.key && !isOver) {
      return this.attempt;
    }
    this.key = key;
    this.isIn = false;
    const attempt = this.enter(credentials);
    this.attempt = attempt;
    attempt.then(
      () => {
        if (this.attempt === attempt) this.isIn = true;
      },
      () => {
        if (this.attempt === attempt) this.attempt = undefined;
      },
    );
    return attempt;
  }

  signOut(): void {
    if (this.attempt !== undefined) {
      this.attempt = undefined;
      this.sdk.deauthenticate();
    }
  }

  private async enter({ appId, userId, accessToken, apiHost }: Credentials): Promise<Sdk.User> {
    this.sdk.init(appId, apiHost);
    const user = await this.sdk.authenticate(accessToken === undefined ? { userId } : { userId, accessToken });
    await this.sdk.connectWebSocket();
    return user;
  }
}
