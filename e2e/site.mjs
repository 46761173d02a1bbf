/** Somebody's own site: pages of another origin than the server's. */

import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PAGES = join(dirname(fileURLToPath(import.meta.url)), 'pages');

/** Starts a site whose pages load the SDK from `serverUrl`. `extra` adds pages: path to HTML, or to a type and a text. It listens on `address`. */
export async function startSite(serverUrl, extra = {}, address = '127.0.0.1') {
  const devicePage = `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8"><title>device</title><link rel="icon" href="data:,"></head>
  <body>
    <video id="local" autoplay muted playsinline></video>
    <video id="remote" autoplay playsinline></video>
    <script src="/device.js"></script>
    <script src="${serverUrl}/sdk/offhook.js"></script>
  </body>
</html>`;
  const pages = new Map([
    ['/', ['text/html; charset=utf-8', devicePage]],
    ['/device.js', ['text/javascript; charset=utf-8', await readFile(join(PAGES, 'device.js'), 'utf8')]],
    ...Object.entries(extra).map(([path, page]) => [path, Array.isArray(page) ? page : ['text/html; charset=utf-8', page]]),
  ]);
  const http = createServer((request, response) => {
    const [type, body] = pages.get(new URL(request.url, 'http://site').pathname) ?? [];
    response.writeHead(body === undefined ? 404 : 200, { 'Content-Type': type ?? 'text/plain' });
    response.end(body ?? 'not found');
  });
  await new Promise((resolve) => http.listen(0, address, resolve));
  return {
    url: `http://${address}:${http.address().port}`,
    async stop() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}
