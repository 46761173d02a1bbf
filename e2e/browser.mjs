/** Debian's browsers with fake cameras, driven by puppeteer. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import puppeteer from 'puppeteer-core';

import { ROOT } from './server.mjs';

/** Where screenshots go; git ignores it. */
export const ARTIFACTS = join(ROOT, 'e2e', 'artifacts');

const CHROMIUM = process.env.E2E_CHROMIUM ?? '/usr/bin/chromium';

const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--autoplay-policy=no-user-gesture-required',
  '--use-fake-device-for-media-stream',
];
/** Answers the question for microphone and camera with yes. */
const FAKE_PERMISSION = '--use-fake-ui-for-media-stream';

const FIREFOX_SETTINGS = {
  'media.navigator.streams.fake': true,
  'media.navigator.permission.disabled': true,
  'media.autoplay.default': 0,
  // No calls to the browser's makers: this may run where there is no network.
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'browser.safebrowsing.malware.enabled': false,
  'browser.safebrowsing.phishing.enabled': false,
  'app.normandy.enabled': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'toolkit.telemetry.enabled': false,
  'media.gmp-manager.updateEnabled': false,
};

/** Starts Chromium. `flags` are added, `without` are taken from the driver's own; in a network of `networks`, if named. */
export function launchChromium({ flags = [], without = [], hasFakePermission = true, networks, place } = {}) {
  return puppeteer.launch({
    executablePath: CHROMIUM,
    ...(networks === undefined ? {} : networks.launchOptions(place, CHROMIUM)),
    // The driver's socket would be in that network.
    pipe: networks !== undefined,
    headless: true,
    args: [...CHROMIUM_FLAGS, ...(hasFakePermission ? [FAKE_PERMISSION] : []), ...flags],
    ignoreDefaultArgs: without,
    protocolTimeout: 170_000,
  });
}

/** Starts Firefox with these settings of its own, and these variables. */
export function launchFirefox(settings = {}, variables = {}) {
  return puppeteer.launch({
    browser: 'firefox',
    executablePath: process.env.E2E_FIREFOX ?? '/usr/bin/firefox-esr',
    headless: true,
    env: { ...process.env, ...variables },
    extraPrefsFirefox: { ...FIREFOX_SETTINGS, ...settings },
    protocolTimeout: 170_000,
  });
}

/** Takes a picture of a page as `NAME.png`. */
export async function takePicture(page, name) {
  mkdirSync(ARTIFACTS, { recursive: true });
  const path = join(ARTIFACTS, `${name}.png`);
  await page.screenshot({ path });
  return path;
}
