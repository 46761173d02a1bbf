/** An authenticator: codes of RFC 6238 with SHA-1, 30 seconds, six digits. */

import { createHmac } from 'node:crypto';

const STEP_MS = 30_000;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** What it shows for a secret in Base32 now, or so many steps later. */
export function codeOf(secret, later = 0) {
  const step = Math.floor(Date.now() / STEP_MS) + later;
  const message = Buffer.alloc(8);
  message.writeBigUInt64BE(BigInt(step));
  const tag = createHmac('sha1', fromBase32(secret)).update(message).digest();
  const number = tag.readUInt32BE(tag.at(-1) & 0xf) & 0x7fff_ffff;
  return String(number % 1_000_000).padStart(6, '0');
}

function fromBase32(text) {
  const bits = [...text].map((letter) => ALPHABET.indexOf(letter).toString(2).padStart(5, '0')).join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}
