//! A packet in its buffer, with room around it: headers are written in place and no payload is copied.

use std::ops::Range;

/// The room before a packet that the machine needs to turn any header into any other.
///
/// A Data indication for an IPv6 peer has 48 bytes before its payload (RFC 8656 §11.6); the rest keeps payloads aligned.
pub const HEADROOM: usize = 64;

/// The room after a packet that padding needs (RFC 8489 §14, RFC 8656 §12.5).
pub const TAILROOM: usize = 4;

/// A packet somewhere inside a buffer.
#[derive(Debug)]
pub struct Packet<'a> {
    buffer: &'a mut [u8],
    range: Range<usize>,
}

impl<'a> Packet<'a> {
    /// Takes the packet that lies at `range` of `buffer`; what lies outside the buffer is cut off.
    ///
    /// There should be [`HEADROOM`] bytes before it and [`TAILROOM`] after it; a packet whose header does not fit is dropped.
    pub fn new(buffer: &'a mut [u8], range: Range<usize>) -> Self {
        let end = range.end.min(buffer.len());
        let start = range.start.min(end);
        Self {
            buffer,
            range: start..end,
        }
    }

    /// The packet.
    pub fn bytes(&self) -> &[u8] {
        self.buffer.get(self.range.clone()).unwrap_or_default()
    }

    /// Where the packet lies in its buffer.
    pub fn range(&self) -> Range<usize> {
        self.range.clone()
    }

    /// Leaves only the part at `part` of the packet.
    pub(crate) fn narrow(&mut self, part: Range<usize>) -> Option<()> {
        if part.start > part.end || part.end > self.range.len() {
            return None;
        }
        self.range = self.range.start + part.start..self.range.start + part.end;
        Some(())
    }

    /// Puts `LENGTH` bytes before the packet and up to three zeros behind it; if there is no room, the packet stays as it is.
    pub(crate) fn wrap<const LENGTH: usize>(&mut self, header: &[u8; LENGTH], padding: usize) -> Option<()> {
        let start = self.range.start.checked_sub(LENGTH)?;
        let end = self.range.end + padding;
        self.buffer.get_mut(self.range.end..end)?.fill(0);
        self.buffer.get_mut(start..self.range.start)?.copy_from_slice(header);
        self.range = start..end;
        Some(())
    }
}
