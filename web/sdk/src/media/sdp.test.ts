import { expect, test } from 'vitest';
import { withoutCandidates } from './sdp';

test('no line of an offer names an address of its sender, and none is lost', () => {
  const sdp = ['v=0', 'm=audio 1 A', 'A=Candidate:1 x', 'a=mid:a0', 'm=video 1 B', 'a=candidate:2 y', 'a=mid:v1', 'a=end-of-candidates', ''].join('\n');
  const { sdp: kept, candidates } = withoutCandidates(sdp);
  expect(kept).toBe(['v=0', 'm=audio 1 A', 'a=mid:a0', 'm=video 1 B', 'a=mid:v1', ''].join('\r\n'));
  expect(candidates).toEqual([
    { candidate: 'Candidate:1 x', sdp_m_line_index: 0, sdp_mid: 'a0' },
    { candidate: 'candidate:2 y', sdp_m_line_index: 1, sdp_mid: 'v1' },
  ]);
});
