/** The demo's links carry who signs in after the #, where it reaches no server and no log. */

/** Who signs in where, and whom the page proposes to ring. */
export interface Account {
  readonly appId: string;
  readonly userId: string;
  readonly token: string;
  readonly peerId: string;
}

/** Reads `#app=…&user=…&token=…&peer=…`; null unless it names an application and a user. */
export function accountOf(fragment: string): Account | null {
  const fields = new URLSearchParams(fragment.replace(/^#/, ''));
  const appId = fields.get('app') ?? '';
  const userId = fields.get('user') ?? '';
  if (appId === '' || userId === '') {
    return null;
  }
  return { appId, userId, token: fields.get('token') ?? '', peerId: fields.get('peer') ?? '' };
}

const KEPT_AS = 'offhook-demo-account';

/** Keeps the account for reloads of this tab. */
export function keep(account: Account): void {
  sessionStorage.setItem(KEPT_AS, JSON.stringify(account));
}

/** Gives up what was kept. */
export function forget(): void {
  sessionStorage.removeItem(KEPT_AS);
}

/** The account of the link, erased from the address bar and the history; else the one that was kept. */
export function takeAccount(): Account | null {
  const fromLink = accountOf(location.hash);
  if (fromLink !== null) {
    history.replaceState(null, '', location.pathname + location.search);
    keep(fromLink);
    return fromLink;
  }
  const kept = sessionStorage.getItem(KEPT_AS);
  return kept === null ? null : (JSON.parse(kept) as Account);
}
