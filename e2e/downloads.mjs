/** Where browsers save what pages give them to save. */

import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { launchFirefox } from './browser.mjs';
import { until } from './until.mjs';

export class Downloads {
  folder = mkdtempSync(join(tmpdir(), 'offhook-downloads-'));

  /** A Firefox that saves there without asking. */
  launchFirefox(variables) {
    const settings = {
      'browser.download.folderList': 2,
      'browser.download.dir': this.folder,
      'browser.download.useDownloadDir': true,
      'browser.download.always_ask_before_handling_new_types': false,
    };
    return launchFirefox(settings, variables);
  }

  /** Makes a page of Chromium save there without asking. */
  async allow(page) {
    const session = await page.createCDPSession();
    await session.send('Browser.setDownloadBehavior', {
      behavior: 'allow',
      browserContextId: page.browserContext().id,
      downloadPath: this.folder,
    });
  }

  get names() {
    return readdirSync(this.folder).sort();
  }

  /** The bytes of a file, once it is there as a whole. */
  async read(name) {
    return until(`${name} among ${this.names}`, () => {
      const isWhole = this.names.includes(name) && !this.names.some((other) => /\.(part|crdownload)$/.test(other));
      const bytes = isWhole && readFileSync(join(this.folder, name));
      return bytes && bytes.length > 0 ? bytes : null;
    });
  }

  remove() {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
