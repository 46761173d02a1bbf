/**
 * An identity provider, as OpenID Connect Core and RFC 7636 describe one: a page on which somebody says who they are, the
 * authorization code flow with PKCE, and ID tokens by RS256. It checks what it is asked as a real one does.
 */

import assert from 'node:assert/strict';
import { createHash, createSign, generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const CLIENT = { id: 'offhook', secret: 'a secret of two programs' };

export class Identity {
  /** Who has an account there, by name: the claims about them. */
  #people;
  #codes = new Map();
  #http;
  /** What was wrong in what it was asked. */
  faults = [];

  static async start(people) {
    const identity = new Identity();
    identity.#people = people;
    identity.#http = createServer((request, response) => void identity.#answer(request, response));
    await new Promise((resolve) => identity.#http.listen(0, '127.0.0.1', resolve));
    return identity;
  }

  get host() {
    return `127.0.0.1:${this.#http.address().port}`;
  }

  get issuer() {
    return `http://${this.host}`;
  }

  /** A server's configuration that trusts it; chiefs are owners. */
  configuration(secretFile) {
    return `
      [outbound]
      allowed_private_hosts = ["${this.host}"]
      [admin.oidc]
      issuer = "${this.issuer}"
      client_id = "${CLIENT.id}"
      client_secret_file = "${secretFile}"
      name = "Example account"
      owner_groups = ["chiefs"]
    `;
  }

  static get clientSecret() {
    return CLIENT.secret;
  }

  stop() {
    this.#http.closeAllConnections();
    return new Promise((resolve) => this.#http.close(resolve));
  }

  async #answer(request, response) {
    const url = new URL(request.url, this.issuer);
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = new URLSearchParams(Buffer.concat(chunks).toString());
    try {
      const answer = this.#route(request, url, body);
      response.writeHead(answer.status ?? 200, { 'content-type': answer.type ?? 'application/json', ...answer.headers });
      response.end(answer.text ?? JSON.stringify(answer.json ?? {}));
    } catch (fault) {
      this.faults.push(fault.message);
      response.writeHead(400, { 'content-type': 'application/json' }).end('{"error":"invalid_request"}');
    }
  }

  #route(request, url, body) {
    switch (`${request.method} ${url.pathname}`) {
      case 'GET /.well-known/openid-configuration':
        return { json: this.#metadata() };
      case 'GET /keys':
        return { json: { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'one', use: 'sig', alg: 'RS256' }] } };
      case 'GET /authorize':
        return { type: 'text/html', text: this.#page(url.searchParams) };
      case 'POST /authorize':
        return this.#letGo(body);
      case 'POST /token':
        return { json: this.#exchange(request, body) };
      default:
        return { status: 404 };
    }
  }

  #metadata() {
    return {
      issuer: this.issuer,
      authorization_endpoint: `${this.issuer}/authorize`,
      token_endpoint: `${this.issuer}/token`,
      jwks_uri: `${this.issuer}/keys`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
      code_challenge_methods_supported: ['S256'],
    };
  }

  #page(asked) {
    assert.equal(asked.get('response_type'), 'code');
    assert.equal(asked.get('client_id'), CLIENT.id);
    assert.equal(asked.get('code_challenge_method'), 'S256');
    for (const name of ['state', 'nonce', 'redirect_uri', 'code_challenge']) assert.ok(asked.get(name), name);
    assert.ok(asked.get('scope').split(' ').includes('openid'));
    const hidden = [...asked].map(([name, value]) => `<input type="hidden" name="${name}" value="${value.replaceAll('"', '&quot;')}">`);
    const people = Object.keys(this.#people).map((name) => `<button name="person" value="${name}">${name}</button>`);
    return `<!doctype html><title>Example account</title><h1>Who are you?</h1><form method="post">${hidden.join('')}${people.join('')}</form>`;
  }

  #letGo(body) {
    const code = randomBytes(16).toString('hex');
    this.#codes.set(code, body);
    const back = new URL(body.get('redirect_uri'));
    back.searchParams.set('code', code);
    back.searchParams.set('state', body.get('state'));
    return { status: 303, headers: { location: back.href } };
  }

  #exchange(request, body) {
    const [, basic] = request.headers.authorization?.match(/^Basic (.+)$/) ?? [];
    const secret = basic ? decodeURIComponent(Buffer.from(basic, 'base64').toString().split(':')[1]) : body.get('client_secret');
    assert.equal(secret, CLIENT.secret, 'the secret of the client');
    assert.equal(body.get('grant_type'), 'authorization_code');
    const asked = this.#codes.get(body.get('code'));
    this.#codes.delete(body.get('code'));
    assert.ok(asked, 'a code is good once');
    assert.equal(body.get('redirect_uri'), asked.get('redirect_uri'));
    const challenge = createHash('sha256').update(body.get('code_verifier')).digest('base64url');
    assert.equal(challenge, asked.get('code_challenge'), 'the verifier of PKCE');
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: this.issuer, aud: CLIENT.id, iat: now, exp: now + 300, nonce: asked.get('nonce'), ...this.#people[asked.get('person')] };
    return { access_token: 'of no use here', token_type: 'Bearer', id_token: signed(claims) };
  }
}

function signed(claims) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${part({ alg: 'RS256', kid: 'one', typ: 'JWT' })}.${part(claims)}`;
  return `${text}.${createSign('RSA-SHA256').update(text).sign(privateKey, 'base64url')}`;
}
