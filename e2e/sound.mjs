/** A loudspeaker that nobody hears: without any, Firefox plays no Web Audio. */

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { until } from './until.mjs';

/** Starts a sound server, where one is installed: the variables that lead a browser there, and how to stop it. */
export async function startSound() {
  const folder = mkdtempSync(join(tmpdir(), 'offhook-sound-'));
  const socket = join(folder, 'native');
  const modules = ['module-null-sink', `module-native-protocol-unix socket=${socket} auth-anonymous=1`].flatMap((module) => ['-L', module]);
  const child = spawn('pulseaudio', ['-n', '--daemonize=no', '--exit-idle-time=-1', '--disable-shm=yes', ...modules], {
    env: { ...process.env, HOME: folder, XDG_RUNTIME_DIR: folder },
    stdio: 'ignore',
  });
  const isMissing = await new Promise((resolve) => {
    child.once('error', () => resolve(true));
    child.once('spawn', () => resolve(false));
  });
  if (!isMissing) {
    await until('the sound server', () => existsSync(socket));
  }
  return {
    variables: isMissing ? {} : { PULSE_SERVER: `unix:${socket}` },
    stop() {
      child.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
