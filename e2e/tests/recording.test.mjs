/** Recordings: the file that is saved is read, played to its end and listened to. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { Downloads } from '../downloads.mjs';
import { startSound } from '../sound.mjs';
import { Stage } from '../stage.mjs';
import { until } from '../until.mjs';
import { describeWebm } from '../webm.mjs';

const LAB = readFileSync(new URL('../pages/media-lab.js', import.meta.url), 'utf8');
/** Alice records: green and 500 Hz are hers, red and 1,500 Hz are bob's. */
const HERS = { hertz: 500, colour: 'rgb(0,200,0)' };
const HIS = { hertz: 1_500, colour: 'rgb(200,0,0)' };
/** And that of her other microphone. */
const TONES = [HERS.hertz, HIS.hertz, 800];
/** A tone of 0.3 comes through Opus with most of its strength; what leaks is far below. */
const HEARD = 0.08;
const UNHEARD = 0.01;
/** Encoders start late by some frames where there is time, and by a second or two where others take it. */
const LATE_S = 3;
/** What is played is never longer than what was recorded, but for rounding. */
const LONGER_S = 0.5;

const KINDS = [
  ['remote_audio_and_video', { hers: false, colour: 'red' }],
  ['remote_audio_only', { hers: false }],
  ['local_remote_audios', { hers: true }],
  ['local_audio_remote_audio_and_video', { hers: true, colour: 'red' }],
  ['local_audio_and_video_remote_audio', { hers: true, colour: 'green' }],
];

const downloads = new Downloads();
let stage;
let sound;
before(async () => {
  sound = await startSound();
  stage = await Stage.set({ launchers: { firefox: () => downloads.launchFirefox(sound.variables) } });
});
after(async () => {
  await stage?.strike();
  sound?.stop();
  downloads.remove();
});

for (const browser of ['chromium', 'firefox']) {
  test(`${browser}: each kind of recording holds the asked tracks, sounds and picture, and no others`, async (t) => {
    const { alice, bob, callId } = await talk(t, browser);
    for (const [recordingType, { hers, colour }] of KINDS) {
      const { fileName, ...file } = await record(alice, { callId, recordingType }, () => pause(5_000));
      assert.match(fileName, new RegExp(`^${recordingType}_${callId}_\\d{13}\\.webm$`));
      const { colours, sounds } = await examine(t, alice, bob, file, colour !== undefined);
      assert.equal(colours.at(-1), colour);
      assert.ok(!colours.includes(colour === 'red' ? 'green' : 'red'), 'no picture but the asked one');
      if (sounds === null) continue;
      const [own, other] = sounds;
      assert.ok(loudest(other) > HEARD, `bob is heard: ${other}`);
      if (hers) assert.ok(loudest(own) > HEARD, `alice is heard: ${own}`);
      else assert.ok(loudest(own) < UNHEARD, `alice is not heard: ${own}`);
    }
  });

  test(`${browser}: a recording goes on through switched devices, a camera that is off, and mute, and ends with the call`, async (t) => {
    const { alice, bob, callId } = await talk(t, browser);
    await bob.sees('connected');
    const { fileName, ...file } = await record(
      alice,
      { callId, recordingType: 'local_audio_and_video_remote_audio', fileName: 'lunch' },
      async () => {
        assert.equal(await alice.read('localRecordingStatus'), 'recording');
        await until('bob to be told', async () => (await bob.read('remoteRecordingStatus')) === 'recording');
        await pause(4_000);
        await alice.tell('stopVideo');
        await alice.tell('muteMicrophone');
        await pause(3_000);
        // Back from another camera and another microphone.
        await alice.evaluate(() => window.lab.pretend({ hertz: 800, colour: 'rgb(0,0,200)' }));
        await alice.evaluate(() => window.SendBirdCall.selectAudioInputDevice({ deviceId: '', kind: 'audioinput', label: '' }));
        await alice.tell('unmuteMicrophone');
        await alice.tell('startVideo');
        await until('the other camera to be seen', () => alice.evaluate(() => window.lab.colourOf(document.getElementById('local')) === 'blue'));
        await pause(5_000);
        await bob.end();
        await alice.sees('ended');
      },
      { hasEnded: true },
    );
    assert.equal(fileName, 'lunch.webm');
    assert.equal(await alice.read('localRecordingStatus'), 'none');
    const { colours, sounds } = await examine(t, alice, alice, file, true);
    const order = colours.filter((colour, index) => colour !== colours[index - 1]);
    assert.deepEqual(order.slice(order.indexOf('green')), ['green', 'black', 'blue'], `the pictures: ${colours}`);
    if (sounds === null) return;
    assert.ok(loudest(sounds[0]) > HEARD && loudest(sounds[2]) > HEARD, `both microphones are heard: ${sounds}`);
    const [own, other] = sounds;
    assert.ok(
      own.some((loudness, index) => loudness < UNHEARD && other[index] > HEARD),
      `muted, she is not heard while bob is: ${own}`,
    );
  });
}

function loudest(loudness) {
  return Math.max(...loudness);
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
async function record(device, options, work, { hasEnded = false } = {}) {
  const id = await device.evaluate((wanted) => {
    window.startedAt = performance.now();
    return window.device.call().startRecording(new window.SendBirdCall.DirectCallRecordOption(wanted));
  }, options);
  await work();
  const { seconds, isStopped } = await device.evaluate((recordingId) => {
    const isStopped = window.device.call().stopRecording(recordingId);
    return { isStopped, seconds: (performance.now() - window.startedAt) / 1_000 };
  }, id);
  assert.equal(isStopped, !hasEnded);
  await device.page.waitForFunction((wanted) => window.recordings.some(([, found]) => found === wanted), {}, id);
  const [[, , heard, fileName]] = await device.evaluate((wanted) => window.recordings.filter(([, found]) => found === wanted), id);
  assert.equal(heard.recordingType, options.recordingType, `it failed: ${heard} ${fileName}`);
  return { seconds, fileName, bytes: await downloads.read(fileName) };
}

/** Reads the file, plays it to its end in `player`, and listens to it in `listener`: its colours and sounds. */
async function examine(t, player, listener, { bytes, seconds }, hasVideo) {
  const described = describeWebm(bytes);
  assert.deepEqual(described.tracks, hasVideo ? ['audio', 'video'] : ['audio']);
  const base64 = bytes.toString('base64');
  const played = await player.evaluate((file, type) => window.lab.play(file, type), base64, `${hasVideo ? 'video' : 'audio'}/webm`);
  const isWhole = (length) => length > seconds - LATE_S && length < seconds + LONGER_S;
  assert.ok(isWhole(played.seconds), `${seconds} s were recorded, ${played.seconds} s play`);
  if (hasVideo) assert.deepEqual([played.width, played.height], [1280, 720]);
  const heard = await listener.evaluate((file, tones) => window.lab.listen(file, tones), base64, TONES);
  // A sound card that is slow to open is recorded as a gap, and what decodes at once leaves gaps out.
  assert.ok(heard.seconds > 1 && heard.seconds < seconds + LONGER_S, `${seconds} s were recorded, ${heard.seconds} s sound`);
  const isSounding = await player.evaluate(() => window.lab.isSounding());
  if (!isSounding) t.diagnostic('no sound device and no pulseaudio here: what Firefox mixes was not listened to');
  return { colours: played.colours, sounds: isSounding ? heard.loudness : null };
}
