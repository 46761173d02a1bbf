/** Whether a page can be used by everybody: what axe finds, and whether it fits its window. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Fails if axe finds anything on the page as it is, or if it is wider than the window; `place` names it. */
export async function isAccessible(page, place) {
  await page.evaluate(AXE);
  const violations = await page.evaluate(async () => {
    // Nothing is in motion that would be half there.
    await Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => undefined)));
    const found = await window.axe.run();
    return found.violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`));
  });
  assert.deepEqual(violations, [], `axe found something at ${place}`);
  const isTooWide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
  assert.equal(isTooWide, false, `${place} scrolls sideways`);
}
