import type { PeerCandidate } from '../generated/PeerCandidate';

/**
 * Takes the candidates out of a session description: with none of them, the engine knows no address and sends no
 * packet. They are handed back for when the user has accepted.
 */
export function withoutCandidates(sdp: string): { sdp: string; candidates: PeerCandidate[] } {
  const candidates: PeerCandidate[] = [];
  const kept: string[] = [];
  let index = -1;
  let mid: string | undefined;
  const section: string[] = [];
  const closeSection = () => {
    for (const candidate of section.splice(0)) candidates.push({ candidate, sdp_m_line_index: Math.max(0, index), sdp_mid: mid });
    mid = undefined;
  };
  for (const line of sdp.split(/\r\n|\r|\n/)) {
    if (/^m=/i.test(line)) {
      closeSection();
      index += 1;
    }
    if (/^a=mid:/i.test(line)) mid = line.slice(6).trim();
    if (/^a=candidate:/i.test(line)) section.push(line.slice(2));
    else if (!/^a=(remote-candidates:|end-of-candidates)/i.test(line)) kept.push(line);
  }
  closeSection();
  return { sdp: kept.join('\r\n'), candidates };
}

/**
 * Asks for speech that survives loss (in-band FEC) and for next to nothing where there is silence (DTX). An engine
 * sends what the description of the *other* side asks for (RFC 7587 §7), so this belongs on what it is told of that.
 */
export function withLossProtection(sdp: string): string {
  const opus = /^a=rtpmap:(\d+) opus\//im.exec(sdp)?.[1];
  if (opus === undefined) return sdp;
  return sdp.replace(new RegExp(`^(a=fmtp:${opus} )(.*)$`, 'im'), (_, start: string, before: string) => {
    const kept = before.trim().split(';').filter((parameter) => parameter && !/^\s*use(inbandfec|dtx)=/i.test(parameter));
    return `${start}${[...kept, 'useinbandfec=1', 'usedtx=1'].join(';')}`;
  });
}
