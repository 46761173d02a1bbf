//! What can be told of a packet of Opus without decoding it (RFC 6716 §3).

use std::time::Duration;

/// Twenty milliseconds of silence: one frame of CELT in full band, mono, that codes nothing.
pub(crate) const SILENCE: [u8; 3] = [0xf8, 0xff, 0xfe];
/// How long [`SILENCE`] lasts.
pub(crate) const SILENCE_TIME: Duration = Duration::from_millis(20);
/// The longest that a packet may last (§3.2.5, R5).
const LONGEST: Duration = Duration::from_millis(120);

/// How long a packet lasts; nothing, if it is none.
pub(crate) fn duration(packet: &[u8]) -> Option<Duration> {
    let toc = *packet.first()?;
    // Table 2: the configurations of SILK, hybrid and CELT, and how long their frames last.
    let frame_us = match toc >> 3 {
        config @ 0..12 => [10_000, 20_000, 40_000, 60_000].get(usize::from(config & 3)),
        config @ 12..16 => [10_000, 20_000].get(usize::from(config & 1)),
        config => [2_500, 5_000, 10_000, 20_000].get(usize::from(config & 3)),
    }?;
    let count = match toc & 3 {
        0 => 1,
        1 | 2 => 2,
        _ => u64::from(*packet.get(1)? & 0x3f),
    };
    let time = Duration::from_micros(frame_us * count);
    (count > 0 && time <= LONGEST).then_some(time)
}

#[cfg(test)]
mod tests;
