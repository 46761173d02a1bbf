/**
 * How long the dashboard takes for a picture while a log of a million calls is scrolled, beside a bare list of as many rows in
 * view: `node bench/scroll.mjs [--quick] [--write]`, or `cargo xtask bench scroll`.
 */

import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';

import { launchChromium } from '../browser.mjs';
import { Dashboard, makeAdministrator } from '../dashboard.mjs';
import { startServer } from '../server.mjs';
import { until } from '../until.mjs';
import { machine, quantile, writeFigures } from './document.mjs';

const { values: options } = parseArgs({ options: { quick: { type: 'boolean' }, write: { type: 'boolean' } } });
const CALLS = options.quick ? 100_000 : 1_000_000;
const TURNS = options.quick ? 3 : 9;
/** Pictures a turn: some seconds of a hand at the wheel, a screen and a half a second. */
const FRAMES = 300;
const STEP_PX = 25;
/** Two of these are a picture that was missed. */
const FRAME_MS = 1_000 / 60;

await measure();

async function measure() {
  const ends = [];
  try {
    const server = await startServer([], { configuration: '[relay]\nlisten = []\n' });
    ends.unshift(() => server.stop());
    const ada = makeAdministrator(server);
    await server.kill();
    console.log(`Generating ${CALLS} calls`);
    execFileSync(process.env.E2E_BENCH, ['fill', '--database', server.database, '--calls', String(CALLS)], { stdio: 'inherit' });
    await server.start();
    const browser = await launchChromium();
    ends.unshift(() => browser.close());
    const dashboard = await Dashboard.open({ after: (end) => ends.unshift(end) }, browser, server);
    await dashboard.signIn(ada);
    await dashboard.go(`/apps/${server.ready.app_id}/calls`);
    await until('the first rows', async () => (await dashboard.rows('Calls')).length > 0);
    const bare = await barePage(browser, await dashboard.page.evaluate(() => document.querySelectorAll('.call-log .table-body > [role=row]').length));
    const times = { bare: [], dashboard: [] };
    let scrolled = 0;
    for (let turn = 0; turn < TURNS; turn += 1) {
      times.bare.push(...(await scroll(bare)));
      times.dashboard.push(...(await scroll(dashboard.page)));
      scrolled = await dashboard.page.evaluate(() => window.scrollY);
    }
    const rows = Object.entries(times).map(([name, all]) => {
      const missed = all.filter((time) => time > 2 * FRAME_MS).length / all.length;
      const figures = [0.5, 0.95, 0.99, 1].map((part) => `${quantile(all, part).toFixed(1)} ms`);
      return `| ${name === 'bare' ? 'bare list' : 'the log of calls'} | ${figures.join(' | ')} | ${(100 * missed).toFixed(2)} % |`;
    });
    const text = [
      `${TURNS} turns of ${FRAMES} pictures each, in turns, ${STEP_PX} px a picture, to ${scrolled} px from the top; ${machine(await browser.version(), 'release')}.`,
      '',
      '| page | median | p95 | p99 | longest | pictures that came late |',
      '|---|---|---|---|---|---|',
      ...rows,
    ].join('\n');
    console.log(text);
    if (options.write) writeFigures('scroll', text);
  } finally {
    for (const end of ends) await end();
  }
}

/** What the engine itself takes: rows of text that are all there from the start. */
async function barePage(browser, inView) {
  const page = await browser.newPage();
  await page.setViewport({ width: 1280, height: 900 });
  await page.evaluate((count) => {
    const rows = Array.from({ length: count * 200 }, (_, index) => `<p style="height:44px;margin:0">user-${index} called user-${index + 1}: completed</p>`);
    document.body.innerHTML = rows.join('');
  }, inView);
  return page;
}

/** Scrolls, and gives the time between each two pictures. */
async function scroll(page) {
  await page.bringToFront();
  return page.evaluate(
    async (frames, step) => {
      const picture = () => new Promise((resolve) => requestAnimationFrame(resolve));
      const times = [];
      let before = await picture();
      for (let frame = 0; frame < frames; frame += 1) {
        window.scrollBy(0, step);
        const now = await picture();
        times.push(now - before);
        before = now;
      }
      return times;
    },
    FRAMES,
    STEP_PX,
  );
}
