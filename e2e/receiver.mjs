/** An application's own server, which is told of calls. */

import { createServer } from 'node:http';

import { until } from './until.mjs';

export class Receiver {
  /** What it answers with. */
  status = 204;
  #received = [];
  #http;

  static async start() {
    const receiver = new Receiver();
    receiver.#http = createServer(async (request, response) => {
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      receiver.#received.push({ ...JSON.parse(Buffer.concat(chunks).toString()), answered: receiver.status });
      response.writeHead(receiver.status).end();
    });
    await new Promise((resolve) => receiver.#http.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get host() {
    return `127.0.0.1:${this.#http.address().port}`;
  }

  get url() {
    return `http://${this.host}/calls`;
  }

  /** What was told of a call with that answer. */
  told(callId, answered) {
    return this.#received.filter((event) => event.direct_call.call_id === callId && event.answered === answered);
  }

  /** Waits for an event of a call that was answered so. */
  hears(callId, category, answered = 204) {
    return until(`${category} to be told`, () => this.told(callId, answered).find((event) => event.category === category));
  }

  stop() {
    return new Promise((resolve) => this.#http.close(resolve));
  }
}
