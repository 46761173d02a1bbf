import { afterEach, expect, test, vi } from 'vitest';
import { browser } from './platform';

afterEach(() => vi.unstubAllGlobals());

const WEBKIT = 'AppleWebKit/537.36 (KHTML, like Gecko)';

test.each([
  [true, `Mozilla/5.0 (X11; Linux x86_64) ${WEBKIT} Chrome/140.0.0.0 Safari/537.36`],
  // What runs without a window, as tests do, is the same engine.
  [true, `Mozilla/5.0 (X11; Linux x86_64) ${WEBKIT} HeadlessChrome/140.0.0.0 Safari/537.36`],
  [true, `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${WEBKIT} Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0`],
  [true, `Mozilla/5.0 (X11; Linux x86_64) ${WEBKIT} Ubuntu Chromium/90.0 Chrome/90.0 Safari/537.36`],
  [false, 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'],
  [false, 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15'],
  // On an iPhone every browser is Apple’s engine.
  [false, 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/140.0.0.0 Mobile/15E148 Safari/604.1'],
])('it is %s that Chromium’s engine says %s', (isChromium, userAgent) => {
  vi.stubGlobal('navigator', { userAgent });
  expect(browser.isChromium()).toBe(isChromium);
});
