/** Calls as an operator sees them: live, in the log, and one of them from dial to end. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Dashboard, makeAdministrator } from '../dashboard.mjs';
import { Stage } from '../stage.mjs';
import { until } from '../until.mjs';

let stage;
let operator;
let viewer;
before(async () => {
  stage = await Stage.set();
  operator = makeAdministrator(stage.server, 'olga', 'operator');
  viewer = makeAdministrator(stage.server, 'vera', 'viewer');
});
after(() => stage?.strike());

test('a call between two browsers is live, its timeline tells what both sides did and measured, and an operator ends it', async (t) => {
  const { alice, bob, bobId, callId } = await stage.talk(t, { isVideoCall: true });
  const dashboard = await open(t, operator);
  await dashboard.go(place('live'));
  await until('the call to be live', async () => (await dashboard.rows('Live calls')).some((row) => /alice → bob[^]*Talking/.test(row)));
  await dashboard.isAccessible();
  await dashboard.picture('live');

  await dashboard.follow('alice → bob');
  await dashboard.heading(/^alice → bob$/);
  assert.equal(dashboard.place, place(`calls/${callId}`));
  await dashboard.reads('alice and bob are talking.');
  await alice.tell('muteMicrophone');
  await dashboard.reads('Caller muted');
  await alice.tell('unmuteMicrophone');
  await dashboard.reads('Caller unmuted');

  // Devices send what they have measured every half a minute.
  await dashboard.reads(/Worst moment: at 0:\d\d for the (caller|callee), a score of \d\.\d\d/);
  assert.ok((await plots(dashboard)) >= 5, 'score, loss, jitter and both bit rates are plotted');
  await bob.evaluate(() => window.device.call().end());
  await alice.sees('ended');
  await dashboard.reads('bob hung up.');
  await dashboard.reads('Ended: completed');

  // The same in words, for who sees no plot.
  await dashboard.page.click('::-p-text(All figures as a table)');
  const rows = await dashboard.page.$$eval('.figures-as-table tbody tr', (found) => found.map(({ innerText }) => innerText));
  for (const side of ['Caller', 'Callee']) {
    assert.ok(rows.some((row) => row.includes(side) && /\d\.\d\d/.test(row)), `${side} has measured: ${rows}`);
  }
  await dashboard.page.click('::-p-text(All figures as a table)');
  await dashboard.press('Point at it');
  const moment = await dashboard.page.$eval('.moment input', (input) => input.getAttribute('aria-valuetext'));
  assert.match(moment, /^0:\d\d\. Caller: .*Score \(MOS\) \d\.\d\d.*Callee: /);
  await dashboard.isAccessible();
  await dashboard.picture('call');
  for (const [name, width, scheme] of [['call-dark', 1280, 'dark'], ['call-phone', 390, 'light']]) {
    await look(dashboard, width, scheme);
    await dashboard.isAccessible();
    await dashboard.picture(name);
  }
  assert.deepEqual(dashboard.complaints, []);
  assert.notEqual(bobId, '');
});

test('an operator ends a call after a question, and a viewer is told why not', async (t) => {
  const { alice, bob, callId } = await stage.talk(t);
  const looks = await open(t, viewer);
  await looks.go(place('live'));
  await looks.press('End call of alice and bob');
  assert.equal(await looks.page.$('dialog[open]'), null);
  await looks.reads(/A viewer may look and change nothing/);

  const dashboard = await open(t, operator);
  await dashboard.go(place('live'));
  await dashboard.press('End call of alice and bob');
  await dashboard.reads('End this call?');
  await dashboard.press('Cancel');
  await dashboard.closed();
  await dashboard.press('End call of alice and bob');
  await dashboard.press('End call');
  await Promise.all([alice.sees('ended'), bob.sees('ended')]);
  await dashboard.reads('Nobody is calling');
  assert.equal(stage.record(callId).end_result, 'completed');
});

test('the log is filtered, its filters stand in the address, and the call that is found opens by keyboard', async (t) => {
  const { alice, bob, aliceId, bobId } = await stage.pair(t);
  const declined = await alice.dial(bobId, { isVideoCall: true });
  await bob.sees('ringing', { callId: declined });
  await bob.end();
  await alice.sees('ended', { callId: declined });
  const canceled = await alice.dial(bobId);
  await bob.sees('ringing', { callId: canceled });
  await alice.end();
  await bob.sees('ended', { callId: canceled });

  const dashboard = await open(t, viewer);
  await dashboard.go(place('calls'));
  await until('both calls', async () => (await dashboard.rows('Calls')).length >= 2);
  await dashboard.isAccessible();
  await dashboard.picture('calls');

  await dashboard.page.click('.chip ::-p-text(Declined)');
  await dashboard.fill('User', aliceId);
  const only = await until('the declined call alone', async () => {
    const rows = await dashboard.rows('Calls');
    return dashboard.place.includes('user=') && rows.length === 1 && rows[0];
  });
  assert.match(only, /alice[^]*bob[^]*Video[^]*Declined/);
  assert.equal(dashboard.place, place(`calls?result=declined&user=${aliceId}`));
  await dashboard.choose('Side', 'callee');
  await dashboard.reads('No call is like this');
  // As somebody else would open what one sent them.
  await dashboard.go(place(`calls?user=${aliceId}&media=audio`));
  await until('the audio call', async () => (await dashboard.rows('Calls')).some((row) => row.includes('Canceled')));
  assert.equal((await dashboard.rows('Calls')).length, 1);
  assert.equal(await dashboard.value('User'), aliceId);

  await dashboard.go(place(`calls?user=${aliceId}`));
  await until('both calls', async () => (await dashboard.rows('Calls')).length === 2);
  await dashboard.page.focus('.call-log .row-link');
  await dashboard.page.keyboard.press('ArrowDown');
  await dashboard.page.keyboard.press('Enter');
  await dashboard.reads('bob declined.');
  assert.equal(dashboard.place, place(`calls/${declined}`));
  for (const [name, width, scheme] of [['calls-dark', 1280, 'dark'], ['calls-phone', 390, 'light']]) {
    await look(dashboard, width, scheme);
    await dashboard.go(place('calls'));
    await until('both calls', async () => (await dashboard.rows('Calls')).length >= 2);
    await dashboard.isAccessible();
    await dashboard.picture(name);
  }
});

test('a log of a million calls is scrolled with few rows in the page and few in memory, over short and empty pages, and Back comes back to its place', async (t) => {
  const dashboard = await open(t, viewer);
  const asked = await answerWithMillion(dashboard.page);
  await dashboard.go(place('calls'));
  await until('the first rows', async () => (await dashboard.rows('Calls')).length > 0);
  const seen = await dashboard.page.evaluate(async () => {
    const rows = () => document.querySelectorAll('.call-log .table-body > [role=row]').length;
    let most = 0;
    for (let turn = 0; turn < 400; turn += 1) {
      window.scrollBy(0, 2_000);
      await new Promise((resolve) => requestAnimationFrame(resolve));
      most = Math.max(most, rows());
    }
    return { most, scroll: window.scrollY };
  });
  assert.ok(seen.most <= 60, `${seen.most} rows were in the page`);
  assert.ok(asked.length >= 10, `${asked.length} pages were read`);
  assert.deepEqual(asked.filter((cursor, index) => asked.indexOf(cursor) !== index), [], 'no page was read twice on the way down');

  // What was left far behind is read again.
  const before = asked.length;
  await dashboard.page.evaluate(() => window.scrollTo(0, 0));
  await until('the first row', async () => /^user-0\b/.test((await dashboard.rows('Calls'))[0]));
  assert.equal(asked.slice(before).filter((cursor) => cursor === '').length, 1);

  await dashboard.page.evaluate(() => window.scrollTo(0, 30_000));
  await until('rows there', async () => (await dashboard.rows('Calls')).some((row) => /user-\d/.test(row)));
  await dashboard.page.evaluate(() => {
    const link = [...document.querySelectorAll('.call-log .row-link')].find((one) => one.getBoundingClientRect().top > 200);
    link.click();
  });
  await dashboard.reads('This is not here');
  await dashboard.page.goBack();
  await until('the place', async () => Math.abs((await dashboard.page.evaluate(() => window.scrollY)) - 30_000) < 200);
});

/** Signs in in a browser of its own. */
async function open(t, administrator) {
  const dashboard = await Dashboard.open(t, await stage.browser(), stage.server);
  await dashboard.signIn(administrator);
  return dashboard;
}

function place(page) {
  return `/apps/${stage.server.ready.app_id}/${page}`;
}

function plots(dashboard) {
  return dashboard.page.$$eval('.quality-plot canvas', (canvases) => canvases.filter(({ width }) => width > 0).length);
}

async function look(dashboard, width, scheme) {
  await dashboard.page.setViewport({ width, height: 844 });
  await dashboard.page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
}

/** Answers the log in the server's stead, since a million calls take longer to make than a test may; gives the cursors asked for. */
async function answerWithMillion(page) {
  const asked = [];
  await page.setRequestInterception(true);
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (!url.pathname.endsWith('/v1/direct_calls')) {
      return void request.continue();
    }
    const cursor = url.searchParams.get('next') ?? '';
    asked.push(cursor);
    const first = Number(cursor);
    // One in seven is short, one is empty; the same each time.
    const length = { 5: 3, 6: 0 }[first % 7] ?? 100;
    const calls = Array.from({ length }, (_, row) => callOf(first + row));
    const body = JSON.stringify({ calls, has_next: first < 1_000_000, next: String(first + Math.max(1, length)) });
    return void request.respond({ status: 200, contentType: 'application/json', body });
  });
  return asked;
}

function callOf(number) {
  const at = 1_700_000_000_000 - number * 1_000;
  const participant = (role, user) => ({ user_id: user, role, nickname: '', profile_url: '' });
  return {
    call_id: `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
    call_type: 'direct_call',
    is_video_call: false,
    state: 'ended',
    caller_id: `user-${number}`,
    callee_id: 'bob',
    participants: [participant('dc_caller', `user-${number}`), participant('dc_callee', 'bob')],
    started_by: `user-${number}`,
    started_at: at,
    created_at: at,
    duration: 1_000,
    end_result: 'completed',
    ended_at: at + 1_000,
    custom_items: {},
  };
}
