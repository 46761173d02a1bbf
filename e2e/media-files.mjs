/** Files of a tone and of one colour, and what is in recordings: by other people's encoders and decoders. */

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const RATE = 48_000;
const [WIDTH, HEIGHT, FRAMES_A_SECOND] = [320, 180, 15];
/** Brightness, blue and red of a colour, as BT.601 has them. */
export const COLOURS = { red: [81, 90, 240], green: [145, 54, 34], blue: [41, 240, 110] };

/** Encodes a tone of so many Hz as Opus in Ogg; gives the file. */
export function writeTone(folder, hz, seconds) {
  const samples = Math.round(RATE * seconds);
  const sound = Buffer.alloc(samples * 2);
  for (let at = 0; at < samples; at += 1) sound.writeInt16LE(Math.round(12_000 * Math.sin((2 * Math.PI * hz * at) / RATE)), at * 2);
  const file = join(folder, `tone-${hz}.opus`);
  const raw = ['--raw', '--raw-rate', `${RATE}`, '--raw-chan', '1', '--raw-bits', '16'];
  execFileSync('opusenc', ['--quiet', ...raw, '--bitrate', '48', '-', file], { input: sound });
  return file;
}

/** Encodes a picture of one colour as VP8 in IVF, with a key frame each second; gives the file. */
export function writeColour(folder, colour, seconds) {
  const planes = COLOURS[colour].map((value, index) => Buffer.alloc(index === 0 ? WIDTH * HEIGHT : (WIDTH / 2) * (HEIGHT / 2), value));
  const frame = Buffer.concat([Buffer.from('FRAME\n'), ...planes]);
  const head = Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F${FRAMES_A_SECOND}:1 Ip A1:1 C420\n`);
  const [raw, file] = [join(folder, `${colour}.y4m`), join(folder, `${colour}.ivf`)];
  writeFileSync(raw, Buffer.concat([head, ...Array(Math.round(FRAMES_A_SECOND * seconds)).fill(frame)]));
  execFileSync('vpxenc', ['--codec=vp8', '--ivf', '--rt', '--cpu-used=8', `--kf-max-dist=${FRAMES_A_SECOND}`, '--quiet', '-o', file, raw], { stdio: 'pipe' });
  return file;
}

/** How strong the tone of so many Hz is among all that a recording holds, from 0 to 1, in its loudest second. */
export function strengthIn(file, hz) {
  const raw = `${file}.raw`;
  execFileSync('opusdec', ['--quiet', '--rate', `${RATE}`, file, '--force-wav', raw], { stdio: 'pipe' });
  const wav = readFileSync(raw);
  const channels = wav.readUInt16LE(22);
  const data = wav.indexOf('data') + 8;
  const samples = Math.floor((wav.length - data) / 2 / channels);
  const sound = Float64Array.from({ length: samples }, (_, at) => wav.readInt16LE(data + at * 2 * channels));
  let best = { energy: 0, strength: 0 };
  for (let from = 0; from + RATE <= samples; from += RATE / 4) {
    const second = sound.subarray(from, from + RATE);
    const energy = second.reduce((sum, value) => sum + value * value, 0);
    if (energy > best.energy) best = { energy, strength: energy === 0 ? 0 : powerAt(second, hz) / energy };
  }
  return best.strength;
}

/** The share of a sine's energy at one frequency (the sum of a Fourier transform at that place). */
function powerAt(sound, hz) {
  let [real, imaginary] = [0, 0];
  sound.forEach((value, at) => {
    const angle = (2 * Math.PI * hz * at) / RATE;
    real += value * Math.cos(angle);
    imaginary += value * Math.sin(angle);
  });
  return (2 * (real * real + imaginary * imaginary)) / sound.length;
}

/** How many pictures a recording holds, and the colour of the middle of its last. */
export function picturesIn(file) {
  const raw = `${file}.y4m`;
  execFileSync('vpxdec', ['-o', raw, file], { stdio: 'pipe' });
  const y4m = readFileSync(raw);
  const head = y4m.subarray(0, y4m.indexOf('\n')).toString();
  const [width, height] = ['W', 'H'].map((letter) => Number(head.match(new RegExp(` ${letter}(\\d+)`))[1]));
  const chroma = Math.ceil(width / 2) * Math.ceil(height / 2);
  const size = width * height + 2 * chroma;
  const count = Math.floor((y4m.length - head.length - 1) / (size + 'FRAME\n'.length));
  const last = y4m.subarray(y4m.length - size);
  const middle = Math.floor(height / 4) * Math.ceil(width / 2) + Math.floor(width / 4);
  const at = [Math.floor(height / 2) * width + Math.floor(width / 2), width * height + middle, width * height + chroma + middle];
  return { count, colour: nearest(at.map((place) => last[place])) };
}

function nearest(found) {
  const distance = ([, colour]) => Math.hypot(...colour.map((value, index) => value - found[index]));
  return Object.entries(COLOURS).sort((one, other) => distance(one) - distance(other))[0][0];
}
