/** A voice for fake microphones: a file of sound that never falls silent and that no noise suppression takes for noise. */

import { writeFileSync } from 'node:fs';

const RATE = 48_000;
const SECONDS = 4;

/** Writes it as 16-bit WAV: a pitch that glides three times a second, half as loud twelve times a second. */
export function writeTone(path) {
  const samples = RATE * SECONDS;
  const file = Buffer.alloc(44 + samples * 2);
  file.write('RIFF', 0);
  file.writeUInt32LE(file.length - 8, 4);
  file.write('WAVEfmt ', 8);
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20); // PCM
  file.writeUInt16LE(1, 22); // one channel
  file.writeUInt32LE(RATE, 24);
  file.writeUInt32LE(RATE * 2, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write('data', 36);
  file.writeUInt32LE(samples * 2, 40);
  let phase = 0;
  for (let sample = 0; sample < samples; sample += 1) {
    const at = sample / RATE;
    phase += (2 * Math.PI * (500 + 300 * Math.sin(2 * Math.PI * 3 * at))) / RATE;
    const loudness = 0.3 * (0.75 + 0.25 * Math.sin(2 * Math.PI * 12 * at));
    file.writeInt16LE(Math.round(32_767 * loudness * Math.sin(phase)), 44 + sample * 2);
  }
  writeFileSync(path, file);
}
