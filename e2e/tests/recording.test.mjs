/** Recordings: the file that is saved is read, played to its end and listened to. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { Downloads } from '../downloads.mjs';
import { Stage } from '../stage.mjs';
import { describeWebm } from '../webm.mjs';

const LAB = readFileSync(new URL('../pages/media-lab.js', import.meta.url), 'utf8');
/** Alice records: green and 500 Hz are hers, red and 1,500 Hz are bob's. */
const HERS = { hertz: 500, colour: 'rgb(0,200,0)' };
const HIS = { hertz: 1_500, colour: 'rgb(200,0,0)' };
const TONES = [HERS.hertz, HIS.hertz];
/** A tone of 0.3 comes through Opus with most of its strength; what leaks is far below. */
const HEARD = 0.08;
const UNHEARD = 0.01;

const KINDS = [
  ['remote_audio_and_video', { hers: false, colour: 'red' }],
  ['remote_audio_only', { hers: false }],
  ['local_remote_audios', { hers: true }],
  ['local_audio_remote_audio_and_video', { hers: true, colour: 'red' }],
  ['local_audio_and_video_remote_audio', { hers: true, colour: 'green' }],
];

const downloads = new Downloads();
let stage;
before(async () => {
  stage = await Stage.set({ launchers: { firefox: () => downloads.launchFirefox() } });
});
after(async () => {
  await stage?.strike();
  downloads.remove();
});

for (const browser of ['chromium', 'firefox']) {
  test(`${browser}: each kind of recording holds the asked tracks, sounds and picture, and no others`, async (t) => {
    const { alice, bob, callId } = await talk(t, browser);
    for (const [recordingType, { hers, colour }] of KINDS) {
      const { fileName, seconds, bytes } = await record(alice, { callId, recordingType }, () => pause(2_500));
      assert.match(fileName, new RegExp(`^${recordingType}_${callId}_\\d{13}\\.webm$`));
      await check(alice, bob, bytes, { seconds, hers, colour });
    }
  });
}

async function talk(t, browser) {
  const pair = await stage.pair(t, { caller: browser });
  await Promise.all([pair.alice, pair.bob].map((device) => device.evaluate(LAB)));
  if (browser === 'chromium') await downloads.allow(pair.alice.page);
  await pair.alice.evaluate((self) => window.lab.pretend(self), HERS);
  await pair.bob.evaluate((self) => window.lab.pretend(self), HIS);
  await pair.alice.evaluate(() => {
    window.recordings = [];
    window.SendBirdCall.addRecordingListener('test', {
      onRecordingSucceeded: (...heard) => window.recordings.push(heard),
      onRecordingFailed: (callId, id, error) => window.recordings.push([callId, id, error.code, error.message]),
    });
  });
  const callId = await pair.alice.dial(pair.bobId, { isVideoCall: true });
  await pair.bob.sees('ringing');
  await pair.bob.accept();
  await Promise.all([pair.alice.sees('connected'), pair.bob.sees('connected')]);
  await pair.alice.receives({ video: true });
  return { ...pair, callId };
}

/** Records while `work` goes on; gives the file. */
async function record(device, options, work) {
  const id = await device.evaluate((wanted) => {
    window.startedAt = performance.now();
    return window.device.call().startRecording(new window.SendBirdCall.DirectCallRecordOption(wanted));
  }, options);
  await work(id);
  const seconds = await device.evaluate((recordingId) => {
    window.device.call().stopRecording(recordingId);
    return (performance.now() - window.startedAt) / 1_000;
  }, id);
  const [, , heard, fileName] = await succeeded(device, id);
  assert.deepEqual(heard, options);
  return { id, seconds, fileName, bytes: await downloads.read(fileName) };
}

async function succeeded(device, id) {
  const handle = await device.page.waitForFunction((wanted) => window.recordings.find(([, found]) => found === wanted), {}, id);
  const told = JSON.parse(JSON.stringify(await handle.jsonValue()));
  assert.equal(typeof told[2], 'object', `it failed: ${told}`);
  return told;
}

/** Plays and listens. */
async function check(player, listener, bytes, { seconds, hers, colour }) {
  const expected = colour ? ['audio', 'video'] : ['audio'];
  const described = describeWebm(bytes);
  console.log(described, seconds);
  assert.deepEqual(described.tracks, expected);
  const base64 = bytes.toString('base64');
  const played = await player.evaluate((file, type) => window.lab.play(file, type), base64, colour ? 'video/webm' : 'audio/webm');
  console.log(played);
  const sound = await listener.evaluate((file, tones) => window.lab.listen(file, tones), base64, TONES);
  console.log(JSON.stringify(sound));
}
