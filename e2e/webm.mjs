/** Reads what a WebM file says of itself (RFC 8794, RFC 9559), in a walk of its elements. */

const MASTERS = new Set([0x18538067, 0x1549a966, 0x1654ae6b, 0xae]);
const CLUSTER = 0x1f43b675;
const DURATION = 0x4489;
const TRACK_TYPE = 0x83;
const CODEC = 0x86;

/** The kinds and codecs of a file's tracks, its clusters, and the duration in its header, where it has one. */
export function describeWebm(bytes) {
  const found = { tracks: [], codecs: [], clusters: 0, durationMs: undefined };
  walk(bytes, 0, bytes.length, (id, content) => {
    if (id === TRACK_TYPE) found.tracks.push({ 1: 'video', 2: 'audio' }[content[0]]);
    if (id === CODEC) found.codecs.push(Buffer.from(content).toString('latin1'));
    if (id === CLUSTER) found.clusters += 1;
    if (id === DURATION) found.durationMs = content.length === 8 ? Buffer.from(content).readDoubleBE() : Buffer.from(content).readFloatBE();
  });
  found.tracks.sort();
  found.codecs.sort();
  return found;
}

function walk(bytes, from, to, visit) {
  let at = from;
  while (at < to) {
    const id = number(bytes, at, true);
    const size = number(bytes, at + id.length, false);
    const start = at + id.length + size.length;
    // Written as it came in, neither segment nor cluster knows its size: what follows is in it, or beside it.
    const end = size.isUnknown ? to : Math.min(to, start + size.value);
    visit(id.value, bytes.subarray(start, size.isUnknown ? start : end));
    if (MASTERS.has(id.value)) walk(bytes, start, end, visit);
    at = MASTERS.has(id.value) || !size.isUnknown ? end : start;
  }
}

function number(bytes, at, isId) {
  const length = Math.clz32(bytes[at]) - 23;
  let value = isId ? bytes[at] : bytes[at] & (0xff >> length);
  let isUnknown = !isId && value === 0xff >> length;
  for (const byte of bytes.subarray(at + 1, at + length)) {
    value = value * 256 + byte;
    isUnknown &&= byte === 0xff;
  }
  return { value, length, isUnknown };
}
