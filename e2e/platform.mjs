/** What a back end says to the server: `/v3` and `/v1` with an Api-Token. */

export class Platform {
  #url;
  #token;

  constructor(url, token) {
    this.#url = url;
    this.#token = token;
  }

  /** Makes a user with an access token; gives both. */
  async createUser(userId, nickname = userId) {
    const user = await this.request('POST', '/v3/users', {
      user_id: userId,
      nickname,
      profile_url: '',
      issue_access_token: true,
    });
    return { userId, accessToken: user.access_token };
  }

  /** Issues a session token that ends at `expiresAt` (UTC milliseconds). */
  async issueSessionToken(userId, expiresAt) {
    const { token } = await this.request('POST', `/v3/users/${encodeURIComponent(userId)}/token`, { expires_at: expiresAt });
    return token;
  }

  async revokeSessionTokens(userId) {
    await this.request('DELETE', `/v3/users/${encodeURIComponent(userId)}/token`);
  }

  /** Asks, and fails on any answer but 200. */
  async request(method, path, body) {
    const response = await fetch(this.#url + path, {
      method,
      headers: { 'Api-Token': this.#token, 'Content-Type': 'application/json; charset=utf8' },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(10_000),
    });
    const text = await response.text();
    if (response.status !== 200) {
      throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    }
    return JSON.parse(text);
  }
}
