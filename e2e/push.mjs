/** A push service and a device that has subscribed to it: what browsers get from their makers, on this machine. */

import { createDecipheriv, createECDH, hkdfSync, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';

import { until } from './until.mjs';

export class PushService {
  #http;
  #received = [];
  #curve = createECDH('prime256v1');
  #auth = randomBytes(16);

  /** Starts one. While `isSilent`, it takes requests and never answers. */
  static async start() {
    const service = new PushService();
    service.#curve.generateKeys();
    service.#http = createServer((request, response) => service.#take(request, response));
    await new Promise((resolve) => service.#http.listen(0, '127.0.0.1', resolve));
    return service;
  }

  isSilent = false;

  /** The host with its port, which the server must be allowed to reach. */
  get host() {
    return `127.0.0.1:${this.#http.address().port}`;
  }

  /** What `JSON.stringify(subscription)` gives. */
  get token() {
    const keys = { p256dh: this.#curve.getPublicKey('base64url'), auth: this.#auth.toString('base64url') };
    return JSON.stringify({ endpoint: `http://${this.host}/device`, expirationTime: null, keys });
  }

  /** The text of the next message of a type, as the browser would hand it to the service worker. */
  async next(type) {
    const isIt = (text) => JSON.parse(text).type === type;
    const found = await until(`a push of ${type}`, () => this.#received.find(isIt));
    this.#received = this.#received.filter((text) => text !== found);
    return found;
  }

  async stop() {
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }

  async #take(request, response) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    this.#received.push(this.#decrypt(Buffer.concat(chunks)));
    if (!this.isSilent) response.writeHead(201).end();
  }

  /** RFC 8291 §3.4 and RFC 8188 §2, with the subscriber's private key. */
  #decrypt(body) {
    const [salt, sender, record] = [body.subarray(0, 16), body.subarray(21, 86), body.subarray(86)];
    const derive = (secret, salted, about, length) => Buffer.from(hkdfSync('sha256', secret, salted, about, length));
    const about = Buffer.concat([Buffer.from('WebPush: info\0'), this.#curve.getPublicKey(), sender]);
    const secret = derive(this.#curve.computeSecret(sender), this.#auth, about, 32);
    const key = derive(secret, salt, 'Content-Encoding: aes128gcm\0', 16);
    const nonce = derive(secret, salt, 'Content-Encoding: nonce\0', 12);
    const cipher = createDecipheriv('aes-128-gcm', key, nonce).setAuthTag(record.subarray(-16));
    const plain = Buffer.concat([cipher.update(record.subarray(0, -16)), cipher.final()]);
    return plain.subarray(0, plain.lastIndexOf(2)).toString();
  }
}
