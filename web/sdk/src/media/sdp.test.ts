import { expect, test } from 'vitest';
import { withLossProtection, withoutCandidates } from './sdp';

test('no line of an offer names an address of its sender, and none is lost', () => {
  const sdp = ['v=0', 'm=audio 1 A', 'A=Candidate:1 x', 'a=mid:a0', 'm=video 1 B', 'a=candidate:2 y', 'a=mid:v1', 'a=end-of-candidates', ''].join('\n');
  const { sdp: kept, candidates } = withoutCandidates(sdp);
  expect(kept).toBe(['v=0', 'm=audio 1 A', 'a=mid:a0', 'm=video 1 B', 'a=mid:v1', ''].join('\r\n'));
  expect(candidates).toEqual([
    { candidate: 'Candidate:1 x', sdp_m_line_index: 0, sdp_mid: 'a0' },
    { candidate: 'candidate:2 y', sdp_m_line_index: 1, sdp_mid: 'v1' },
  ]);
});

test.each([
  ['what Chromium offers', 'minptime=10;useinbandfec=1', 'minptime=10;useinbandfec=1;usedtx=1'],
  ['what Firefox offers', 'maxplaybackrate=48000;stereo=1;useinbandfec=1', 'maxplaybackrate=48000;stereo=1;useinbandfec=1;usedtx=1'],
  ['the contrary', 'useinbandfec=0; usedtx=0;minptime=10', 'minptime=10;useinbandfec=1;usedtx=1'],
  ['nothing', '', 'useinbandfec=1;usedtx=1'],
])('Opus is asked for loss protection and silence where the other side says %s', (_, said, told) => {
  const sdp = (parameters: string) => ['a=rtpmap:63 red/48000/2', 'a=rtpmap:111 opus/48000/2', 'a=fmtp:63 111/111', `a=fmtp:111 ${parameters}`, ''].join('\r\n');
  expect(withLossProtection(sdp(said))).toBe(sdp(told));
});

test('a description without Opus stays as it is', () => {
  expect(withLossProtection('a=rtpmap:0 PCMU/8000\r\na=fmtp:0 x\r\n')).toBe('a=rtpmap:0 PCMU/8000\r\na=fmtp:0 x\r\n');
});
