/** What calls came to, as an operator sees it and takes it along. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Dashboard, makeAdministrator } from '../dashboard.mjs';
import { Downloads } from '../downloads.mjs';
import { Stage } from '../stage.mjs';
import { until } from '../until.mjs';

let stage;
let viewer;
before(async () => {
  stage = await Stage.set();
  viewer = makeAdministrator(stage.server, 'vera', 'viewer');
});
after(() => stage?.strike());

test('a call that was connected is in the usage of its day and of its users, on the page and in the files', async (t) => {
  const { alice, bob, aliceId, bobId } = await stage.talk(t, { isVideoCall: true });
  await alice.receives({ video: true });
  await alice.end();
  await bob.sees('ended');
  const dashboard = await Dashboard.open(t, await stage.browser(), stage.server);
  await dashboard.signIn(viewer);
  await dashboard.go(place(''));
  await dashboard.reads('Participant minutes by day');
  const today = new Date().toISOString().slice(0, 10);
  const [day, together] = (await rows(dashboard)).slice(-2);
  assert.equal(day[0], today);
  assert.deepEqual([day[1], day[2]], ['1', '1']);
  assert.deepEqual(together.slice(1), day.slice(1), 'one day is all there is');
  assert.equal(await dashboard.page.$eval('.usage-chart canvas', ({ width }) => width > 0), true);
  const words = await dashboard.page.$eval('.usage-chart [role=img]', (chart) => chart.ariaLabel);
  assert.match(words, new RegExp(`on 1 day with calls, the most on ${today} with `));
  await dashboard.isAccessible();
  await dashboard.picture('usage');

  // Each call counts as a minute, for each of its two users.
  await dashboard.choose('Rounding of each call', 'minute');
  await until('whole minutes', async () => (await rows(dashboard)).at(-1)?.[4] === '2.00');
  assert.equal(dashboard.place, place('?rounding=minute'));

  const downloads = new Downloads();
  t.after(() => downloads.remove());
  await downloads.allow(dashboard.page);
  const name = await dashboard.page.$eval('a[download$=".csv"]', ({ download }) => download);
  assert.match(name, new RegExp(`^usage-${today.slice(0, 8)}01-${today}-by-day\\.csv$`));
  await dashboard.follow('Download as CSV');
  const [head, ...lines] = (await downloads.read(name)).toString().split(/\r?\n/).map((line) => line.split(','));
  const line = lines.find(([key]) => key === today);
  assert.equal(line[head.indexOf('participant_ms')], '120000');
  await dashboard.follow('Download as JSON');
  const report = JSON.parse((await downloads.read(name.replace('.csv', '.json'))).toString());
  assert.deepEqual([report.rounding, report.total.participant_ms], ['minute', 120_000]);

  await dashboard.choose('By', 'user');
  await until('both users', async () => (await rows(dashboard)).length === 2);
  assert.deepEqual((await rows(dashboard)).map(([user]) => user).sort(), [aliceId, bobId].sort());
  await dashboard.choose('By', 'total');
  await until('the total', async () => (await rows(dashboard))[0]?.[0] === 'All');

  await dashboard.choose('Time', 'last_month');
  await dashboard.reads('No call was connected in this time');
  for (const [picture, width, scheme] of [['usage-dark', 1280, 'dark'], ['usage-phone', 390, 'light']]) {
    await dashboard.page.setViewport({ width, height: 844 });
    await dashboard.page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
    await dashboard.go(place(''));
    await dashboard.reads('Participant minutes by day');
    await dashboard.isAccessible();
    await dashboard.picture(picture);
  }
  assert.deepEqual(dashboard.complaints, []);
});

function place(query) {
  return `/apps/${stage.server.ready.app_id}/usage${query}`;
}

/** The table, cell by cell. */
function rows(dashboard) {
  return dashboard.page.$$eval('.figure-table :is(tbody, tfoot) tr', (found) =>
    found.map(({ cells }) => [...cells].map(({ innerText }) => innerText.trim())),
  );
}
