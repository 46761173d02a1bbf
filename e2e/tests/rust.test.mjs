/** Rust programs call browsers and each other; what arrives is checked by content: a tone by its frequency, a picture by its colour. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { launchFirefox } from '../browser.mjs';
import { picturesIn, strengthIn, writeColour, writeTone } from '../media-files.mjs';
import { cut } from '../network.mjs';
import { RustProgram } from '../rust.mjs';
import { startSound } from '../sound.mjs';
import { RELAY_PORT, Stage, TLS_PORT } from '../stage.mjs';
import { until } from '../until.mjs';

/** What a program plays, and what a page sends. */
const [PLAYED_HZ, SENT_HZ] = [1_000, 700];

const folder = mkdtempSync(join(tmpdir(), 'offhook-e2e-'));
const tone = writeTone(folder, PLAYED_HZ, 20);
const red = writeColour(folder, 'red', 20);
after(() => rmSync(folder, { recursive: true, force: true }));

/** In the page: microphone and camera are a tone and a picture of one colour. */
function useTestMedia(hz, colour) {
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width: 320, height: 180 });
  const paint = canvas.getContext('2d');
  const draw = () => {
    paint.fillStyle = colour;
    paint.fillRect(0, 0, canvas.width, canvas.height);
  };
  draw();
  setInterval(draw, 50);
  navigator.mediaDevices.getUserMedia = async ({ audio, video }) => {
    const context = new AudioContext({ sampleRate: 48_000 });
    await context.resume();
    const [oscillator, destination] = [context.createOscillator(), context.createMediaStreamDestination()];
    oscillator.frequency.value = hz;
    oscillator.connect(destination);
    oscillator.start();
    return new MediaStream([...(audio ? destination.stream.getTracks() : []), ...(video ? canvas.captureStream(15).getTracks() : [])]);
  };
}

/** In the page: the loudest frequency that is heard; none while a connection takes the place of another. */
async function loudestHz() {
  const { srcObject } = document.getElementById('remote');
  if (srcObject.getAudioTracks().length === 0) return 0;
  const context = new AudioContext({ sampleRate: 48_000 });
  await context.resume();
  const analyser = new AnalyserNode(context, { fftSize: 8192, smoothingTimeConstant: 0 });
  context.createMediaStreamSource(srcObject).connect(analyser);
  await new Promise((resolve) => setTimeout(resolve, 500));
  const bins = new Float32Array(analyser.frequencyBinCount);
  analyser.getFloatFrequencyData(bins);
  const loudest = bins.indexOf(Math.max(...bins));
  const [decibels, hz] = [bins[loudest], (loudest * context.sampleRate) / analyser.fftSize];
  await context.close();
  return decibels > -60 ? hz : 0;
}

/** In the page: the colour in the middle of the remote picture. */
function middleColour() {
  const video = document.getElementById('remote');
  const canvas = Object.assign(document.createElement('canvas'), { width: 2, height: 2 });
  const paint = canvas.getContext('2d');
  paint.drawImage(video, video.videoWidth / 2, video.videoHeight / 2, 2, 2, 0, 0, 2, 2);
  const [r, g, b] = paint.getImageData(0, 0, 1, 1).data;
  return r > 150 && g < 110 && b < 110 ? 'red' : g > 110 && r < 110 && b < 110 ? 'green' : b > 150 && r < 110 && g < 110 ? 'blue' : `${r} ${g} ${b}`;
}

/** What is recorded is to last as long. */
const passes = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const hears = (device, hz) => until(`${hz} Hz to be heard`, async () => Math.abs((await device.evaluate(loudestHz)) - hz) < 12);
const shows = (device, colour) => until(`${colour} to be seen`, async () => (await device.evaluate(middleColour)) === colour);

describe('a Rust program and a browser', () => {
  let stage;
  let sound;
  before(async () => {
    sound = await startSound();
    stage = await Stage.set({ launchers: { firefox: () => launchFirefox({}, sound.variables) } });
  });
  after(async () => {
    await stage?.strike();
    sound?.stop();
  });

  for (const browser of ['chromium', 'firefox']) {
    test(`${browser} calls a program, which plays and records sound and pictures`, async (t) => {
      const [alice, robot] = await Promise.all([stage.user('alice'), stage.user('robot')]);
      const device = await stage.device(t, alice, { browser });
      await device.page.evaluate(useTestMedia, SENT_HZ, 'blue');
      const recordings = join(folder, `listen-${browser}`);
      const program = RustProgram.start(t, stage.server, ['listen', '--once', '--play', tone, '--play', red, '--record-to', recordings], robot);
      await program.says('Listening.');
      const callId = await device.dial(robot.userId, { isVideoCall: true });
      await device.sees('connected');
      await Promise.all([hears(device, PLAYED_HZ), shows(device, 'red')]);
      await until('the page to know that it is recorded', async () => (await device.read('remoteRecordingStatus')) === 'recording');
      await passes(2_500);
      await device.end();
      assert.equal(await program.over(), 0, program.words);
      assert.match(program.words, /(Connected, directly|Media goes directly)\.[\s\S]*The call is over/);
      assert.deepEqual(readdirSync(recordings).sort(), [`${callId}.ivf`, `${callId}.opus`]);
      assert.ok(strengthIn(join(recordings, `${callId}.opus`), SENT_HZ) > 0.8);
      const pictures = picturesIn(join(recordings, `${callId}.ivf`));
      assert.equal(pictures.colour, 'blue');
      assert.ok(pictures.count > 10, `${pictures.count} pictures`);
      assert.equal(stage.record(callId).end_result, 'completed');
    });

    test(`a program calls ${browser} and hangs up when all is played`, async (t) => {
      const [alice, robot] = await Promise.all([stage.user('alice'), stage.user('robot')]);
      const device = await stage.device(t, alice, { browser });
      await device.page.evaluate(useTestMedia, SENT_HZ, 'blue');
      const short = writeTone(mkdtempSync(join(folder, 'short-')), PLAYED_HZ, 6);
      const program = RustProgram.start(t, stage.server, ['call', alice.userId, '--play', short], robot);
      await device.sees('ringing');
      await device.accept();
      await device.sees('connected');
      await hears(device, PLAYED_HZ);
      const { endResult, endedBy } = await device.sees('ended');
      assert.deepEqual([endResult, endedBy], ['completed', robot.userId]);
      assert.equal(await program.over(), 0, program.words);
    });
  }

  test('who hangs up as soon as a program has answered ends the call, and the next is answered', async (t) => {
    const [alice, robot] = await Promise.all([stage.user('alice'), stage.user('robot')]);
    const device = await stage.device(t, alice);
    const recordings = join(folder, 'hung-up');
    const program = RustProgram.start(t, stage.server, ['listen', '--play', tone, '--record-to', recordings], robot);
    await program.says('Listening.');
    const first = await device.dial(robot.userId);
    await device.sees('established', { callId: first });
    await device.end();
    await program.says('before it was connected');
    const second = await device.dial(robot.userId);
    await device.sees('connected', { callId: second });
    await device.end();
    await program.says('The call is over');
    assert.doesNotMatch(program.words, /came to nothing/);
    assert.equal(stage.record(first).end_result, 'not_connected');
  });

  test('a program that cannot record hangs up, says why, and goes on listening', async (t) => {
    const [alice, robot] = await Promise.all([stage.user('alice'), stage.user('robot')]);
    const device = await stage.device(t, alice);
    const recordings = join(folder, 'no-folder');
    const program = RustProgram.start(t, stage.server, ['listen', '--record-to', recordings], robot);
    await program.says('Listening.');
    rmdirSync(recordings);
    const callId = await device.dial(robot.userId);
    const { endedBy } = await device.sees('ended', { callId });
    assert.equal(endedBy, robot.userId);
    await program.says(`a call came to nothing: ${join(recordings, callId)}.opus cannot be recorded: No such file`);
    mkdirSync(recordings);
    await device.sees('connected', { callId: await device.dial(robot.userId) });
    await device.end();
    await program.says('The call is over');
  });

  test('a program that is not answered says so, and fails', async (t) => {
    const [alice, robot] = await Promise.all([stage.user('alice'), stage.user('robot')]);
    const device = await stage.device(t, alice);
    const program = RustProgram.start(t, stage.server, ['call', alice.userId], robot);
    await device.sees('ringing');
    await device.end();
    assert.equal(await program.over(), 1);
    assert.match(program.words, new RegExp(`${alice.userId} declined`));
    for (const [callee, words] of [['nobody-at-all', /nobody-at-all cannot be called/], [robot.userId, /cannot dial themselves/]]) {
      const refused = RustProgram.start(t, stage.server, ['call', callee], robot);
      assert.equal(await refused.over(), 1);
      assert.match(refused.words, words);
    }
  });

  for (const verb of ['listen', 'call']) {
    test(`media that is cut off finds another way, and is heard again (offhook ${verb})`, async (t) => {
      const [alice, robot] = await Promise.all([stage.user('alice'), stage.user('robot')]);
      const device = await stage.device(t, alice);
      await device.page.evaluate(useTestMedia, SENT_HZ, 'blue');
      const long = writeTone(mkdtempSync(join(folder, 'long-')), PLAYED_HZ, 150);
      const recordings = join(folder, `cut-${verb}`);
      let program;
      if (verb === 'listen') {
        program = RustProgram.start(t, stage.server, ['listen', '--once', '--play', long, '--record-to', recordings], robot);
        await program.says('Listening.');
        await device.dial(robot.userId);
      } else {
        program = RustProgram.start(t, stage.server, ['call', alice.userId, '--play', long, '--record', `${recordings}.opus`], robot);
        await device.sees('ringing');
        await device.accept();
      }
      await device.sees('connected');
      await hears(device, PLAYED_HZ);
      // What comes to the page by the way there was is dropped for good: one of the two offers another, and the other takes it.
      t.after(cut(await device.evaluate(() => window.device.ports())));
      await until('nothing to be heard', async () => (await device.evaluate(loudestHz)) === 0);
      await until('the other side to be heard again', async () => Math.abs((await device.evaluate(loudestHz)) - PLAYED_HZ) < 12);
      await passes(1_000);
      await device.end();
      assert.equal(await program.over(), 0, program.words);
      const recording = verb === 'listen' ? join(recordings, readdirSync(recordings)[0]) : `${recordings}.opus`;
      assert.ok(strengthIn(recording, SENT_HZ) > 0.8, 'the page was heard, too');
    });
  }

  test('the voice-mail robot greets, records, and tells who is recorded', async (t) => {
    const [alice, robot] = await Promise.all([stage.user('alice'), stage.user('robot')]);
    const device = await stage.device(t, alice);
    await device.page.evaluate(useTestMedia, SENT_HZ, 'blue');
    const messages = mkdtempSync(join(folder, 'voicemail-'));
    const greeting = writeTone(messages, PLAYED_HZ, 4);
    const program = RustProgram.example(t, stage.server, 'voicemail', robot, [greeting, messages]);
    await program.says('Waiting for calls.');
    const callId = await device.dial(robot.userId);
    await device.sees('connected');
    await hears(device, PLAYED_HZ);
    await until('the recording to begin', async () => (await device.read('remoteRecordingStatus')) === 'recording');
    await passes(2_500);
    await device.end();
    await program.says('A message is in');
    assert.ok(strengthIn(join(messages, `${callId}.opus`), SENT_HZ) > 0.8);
  });

  test('the announcer calls, plays, and hangs up', async (t) => {
    const [alice, robot] = await Promise.all([stage.user('alice'), stage.user('robot')]);
    const device = await stage.device(t, alice);
    const program = RustProgram.example(t, stage.server, 'announce', robot, [alice.userId, writeTone(mkdtempSync(join(folder, 'announce-')), PLAYED_HZ, 5)]);
    await device.sees('ringing');
    await device.accept();
    await device.sees('connected');
    await hears(device, PLAYED_HZ);
    await device.sees('ended', { endResult: 'completed' });
    assert.equal(await program.over(), 0, program.words);
  });

  test('the bridge connects two pages that never meet', async (t) => {
    const [alice, robot, bob] = await Promise.all([stage.user('alice'), stage.user('hotline'), stage.user('bob')]);
    const [hers, his] = await Promise.all([stage.device(t, alice), stage.device(t, bob)]);
    await Promise.all([hers.page.evaluate(useTestMedia, SENT_HZ, 'blue'), his.page.evaluate(useTestMedia, PLAYED_HZ, 'red')]);
    const program = RustProgram.example(t, stage.server, 'bridge', robot, [bob.userId]);
    await program.says('Waiting for calls.');
    await hers.dial(robot.userId, { isVideoCall: true });
    await his.sees('ringing');
    await his.accept();
    await Promise.all([hers.sees('connected'), his.sees('connected')]);
    await Promise.all([hears(hers, PLAYED_HZ), hears(his, SENT_HZ), shows(hers, 'red'), shows(his, 'blue')]);
    await hers.end();
    await his.sees('ended', { endResult: 'completed' });
  });
});

describe('two Rust programs, each in a network of its own', () => {
  const NO_UDP = `input udp dport ${RELAY_PORT} drop`;
  const NO_TCP = `input tcp dport ${RELAY_PORT} reject with tcp reset`;
  const NO_TLS = `input tcp dport ${TLS_PORT} reject with tcp reset`;
  let stage;
  before(async () => {
    stage = await Stage.setApart();
    stage.server.tell('app', 'set', stage.server.ready.app_id, '--relay-only', 'true');
  });
  after(() => stage?.strike());

  for (const [transport, cut] of [['udp', [NO_TCP, NO_TLS]], ['tcp', [NO_UDP, NO_TLS]], ['tls', [NO_UDP, NO_TCP]]]) {
    test(`hear and see each other through the relay by ${transport}`, async (t) => {
      t.after(stage.networks.cut(...cut));
      const [alice, bob] = await Promise.all([stage.user('alice'), stage.user('bob')]);
      const apart = (place) => ({ command: stage.networks.command(place), env: { SSL_CERT_FILE: stage.certificate.certificate } });
      const recordings = join(folder, transport);
      const callee = RustProgram.start(t, stage.server, ['listen', '--once', '--record-to', recordings], bob, apart('callee'));
      await callee.says('Listening.');
      const caller = RustProgram.start(t, stage.server, ['call', bob.userId, '--play', tone, '--play', red, '--for', '5'], alice, apart('caller'));
      assert.equal(await caller.over(), 0, caller.words);
      assert.equal(await callee.over(), 0, callee.words);
      assert.match(caller.words, /(Connected, over the relay|Media goes over the relay)\./);
      const [pictures, sound] = readdirSync(recordings).sort().map((name) => join(recordings, name));
      assert.ok(strengthIn(sound, PLAYED_HZ) > 0.8);
      assert.equal(picturesIn(pictures).colour, 'red');
    });
  }
});

test('programs that are told to end do so, and close what they record, though the server is gone', async (t) => {
  const stage = await Stage.set();
  t.after(() => stage.strike());
  const [alice, bob] = await Promise.all([stage.user('alice'), stage.user('bob')]);
  const recordings = join(folder, 'gone');
  const callee = RustProgram.start(t, stage.server, ['listen', '--play', tone, '--record-to', recordings], bob);
  await callee.says('Listening');
  const heard = join(folder, 'gone.opus');
  const caller = RustProgram.start(t, stage.server, ['call', bob.userId, '--record', heard], alice);
  await Promise.all([callee, caller].map((program) => program.says('Connected')));
  await until('something to be recorded', async () => statSync(heard).size > 40_000);
  await stage.server.kill();
  callee.signal('SIGTERM');
  caller.signal('SIGINT');
  await Promise.all([callee.over(), caller.over()]);
  assert.ok(strengthIn(heard, PLAYED_HZ) > 0.8);
  const closed = spawnSync('opusinfo', [heard], { encoding: 'utf8' });
  assert.doesNotMatch(closed.stdout + closed.stderr, /WARNING/);
});

test('programs whose session is revoked say so, and close what they record', async (t) => {
  const stage = await Stage.set();
  t.after(() => stage.strike());
  const { platform } = stage.server;
  const withSessionToken = async (name) => {
    const { userId } = await stage.user(name);
    return { userId, accessToken: await platform.issueSessionToken(userId, Date.now() + 3_600_000) };
  };
  const [alice, bob, carol] = await Promise.all(['alice', 'bob', 'carol'].map(withSessionToken));
  const recordings = join(folder, 'closed');
  const callee = RustProgram.start(t, stage.server, ['listen', '--play', tone, '--record-to', recordings], bob);
  await callee.says('Listening');
  const heard = join(folder, 'closed.opus');
  const recorded = ['--record', heard, '--record', join(folder, 'closed.ivf')];
  const caller = RustProgram.start(t, stage.server, ['call', bob.userId, ...recorded], alice);
  await Promise.all([callee, caller].map((program) => program.says('Connected')));
  await until('something to be recorded', async () => statSync(heard).size > 40_000);
  await platform.revokeSessionTokens(bob.userId);
  assert.deepEqual(await Promise.all([callee.over(), caller.over()]), [1, 0]);
  assert.match(callee.words, /The call is over, after [1-9][^]*This session was revoked/);
  assert.match(caller.words, /No pictures came to be recorded/);
  assert.doesNotMatch(caller.words, /No sound/);
  const others = readdirSync(recordings).filter((name) => name.endsWith('.opus')).map((name) => join(recordings, name));
  for (const file of [heard, ...others]) {
    const looked = spawnSync('opusinfo', [file], { encoding: 'utf8' });
    assert.doesNotMatch(looked.stdout + looked.stderr, /WARNING/);
  }

  // And while it rings: carol has been here, and is not.
  const away = RustProgram.start(t, stage.server, ['listen'], carol);
  await away.says('Listening');
  away.signal('SIGTERM');
  assert.equal(await away.over(), 0);
  const ringing = RustProgram.start(t, stage.server, ['call', carol.userId], alice);
  await ringing.says('Calling');
  await platform.revokeSessionTokens(alice.userId);
  assert.equal(await ringing.over(), 1);
  assert.match(ringing.words, /This session was revoked/);
});

test('what cannot be done is said before anybody is rung', async (t) => {
  const stage = await Stage.set();
  t.after(() => stage.strike());
  const robot = await stage.user('robot');
  const text = join(folder, 'text.opus');
  writeFileSync(text, 'no sound at all');
  for (const [words, expected] of [
    [['call', 'bob', '--play', join(folder, 'missing.opus')], /missing\.opus cannot be played: No such file/],
    [['call', 'bob', '--play', text], /text\.opus cannot be played: the file is neither Opus in Ogg nor VP8 or H\.264 in IVF/],
    [['call', 'bob', '--record', join(folder, 'movie.mp4')], /movie\.mp4 cannot be recorded: a recording ends in \.opus or \.ogg/],
    [['call', 'bob', '--record', join(folder, 'nowhere', 'a.opus')], /there is no folder .*nowhere/],
    [['call', 'bob', '--record', text], /text\.opus is there already/],
    [['listen', '--play', text], /cannot be played/],
  ]) {
    const program = RustProgram.start(t, stage.server, words, robot);
    assert.equal(await program.over(), 1, words.join(' '));
    assert.match(program.words, expected);
  }
  assert.equal(readFileSync(text, 'utf8'), 'no sound at all');
  const stranger = RustProgram.start(t, stage.server, ['listen'], { userId: robot.userId, accessToken: 'wrong' });
  assert.equal(await stranger.over(), 1);
  assert.match(stranger.words, /cannot sign in at .*: .*\(400302\)/);
});
