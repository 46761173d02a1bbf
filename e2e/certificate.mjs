/** A certificate for an address that nobody else vouches for, and what makes Chromium take it. */

import { execFileSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export class Certificate {
  #folder = mkdtempSync(join(tmpdir(), 'offhook-e2e-'));
  certificate = join(this.#folder, 'certificate.pem');
  key = join(this.#folder, 'key.pem');

  constructor(address) {
    execFileSync('openssl', [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
      ...['-subj', '/CN=offhook-e2e', '-addext', `subjectAltName=IP:${address}`],
      // Who trusts it for itself alone takes no authority in its place.
      ...['-addext', 'basicConstraints=critical,CA:FALSE'],
      ...['-keyout', this.key, '-out', this.certificate],
    ], { stdio: ['ignore', 'ignore', 'pipe'] });
  }

  /** Chromium takes a certificate with this public key; the user's own folder of data, which that needs, the driver gives. */
  get chromiumFlag() {
    const { publicKey } = new X509Certificate(readFileSync(this.certificate));
    const hash = createHash('sha256').update(publicKey.export({ type: 'spki', format: 'der' })).digest('base64');
    return `--ignore-certificate-errors-spki-list=${hash}`;
  }

  remove() {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
