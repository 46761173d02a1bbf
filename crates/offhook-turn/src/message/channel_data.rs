//! `ChannelData`: four bytes, then payload (RFC 8656 §12.4).

use std::ops::Range;

use crate::packet::Packet;

/// The channel's number and the payload's length.
pub const HEADER_LENGTH: usize = 4;

/// The numbers a channel may have: those of RFC 5766 §11, of which RFC 8656 §12 keeps 0x4000 to 0x4FFF. Clients written for
/// the older one draw theirs from all of it.
pub const NUMBERS: Range<u16> = 0x4000..0x8000;

/// Reads the number and where the payload lies. A datagram may have padding behind it, or none (RFC 8656 §12.5).
pub fn read(bytes: &[u8]) -> Option<(u16, Range<usize>)> {
    let (&[a, b, high, low], payload) = bytes.split_first_chunk::<HEADER_LENGTH>()?;
    let length = usize::from(u16::from_be_bytes([high, low]));
    (length <= payload.len()).then_some((u16::from_be_bytes([a, b]), HEADER_LENGTH..HEADER_LENGTH + length))
}

/// Makes `ChannelData` of a payload, padded to a multiple of four on a stream.
pub fn write(payload: &mut Packet<'_>, number: u16, is_stream: bool) -> Option<()> {
    let length = payload.range().len();
    let [a, b] = number.to_be_bytes();
    let [high, low] = u16::try_from(length).ok()?.to_be_bytes();
    let padding = if is_stream {
        length.next_multiple_of(4) - length
    } else {
        0
    };
    payload.wrap(&[a, b, high, low], padding)
}
