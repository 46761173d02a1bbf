//! Messages out of a stream (TCP, TLS).
//!
//! Nothing marks where a message begins but the end of the one before, so a stream that carries anything else is lost and is
//! closed. Bytes are read into the framer's own buffer and worked on there.

use crate::message::{HEADER_LENGTH, MAGIC_COOKIE, channel_data};
use crate::packet::{HEADROOM, Packet, TAILROOM};

/// The least that [`Framer::space`] offers.
const LEAST_SPACE: usize = 1024;

/// What a framer begins with: a few packets of media, or all that setting up a call takes.
const FIRST_LENGTH: usize = 4096;

/// The longest message: a STUN header before the longest multiple of four that 16 bits can say.
const MAX_MESSAGE: usize = HEADER_LENGTH + 65_532;

/// What a framer may grow to: the longest message, the room around it, and space to read more.
const MAX_LENGTH: usize = HEADROOM + MAX_MESSAGE + TAILROOM + LEAST_SPACE;

/// Cuts a stream into whole messages: STUN as it is, `ChannelData` without its padding (RFC 8656 §12.5).
#[derive(Debug)]
pub struct Framer {
    buffer: Vec<u8>,
    /// Where the bytes lie that have not been taken; never before the headroom.
    start: usize,
    end: usize,
    /// Whether a message was taken: the first cannot be `ChannelData`, since no channel is bound, and the letters of `GET` and
    /// `HEAD` are in its range.
    is_begun: bool,
}

/// Why a stream is to be closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// What came is neither STUN nor `ChannelData`, and nothing behind it can be found.
    #[error("the stream carries neither STUN nor ChannelData")]
    NotTurn,
}

/// A message at the front of the stream.
#[derive(Debug, Clone, Copy)]
struct Frame {
    /// Its length.
    length: usize,
    /// Its length with padding.
    padded: usize,
}

impl Default for Framer {
    fn default() -> Self {
        Self::new()
    }
}

impl Framer {
    /// Makes an empty framer.
    pub fn new() -> Self {
        Self {
            buffer: vec![0; FIRST_LENGTH],
            start: HEADROOM,
            end: HEADROOM,
            is_begun: false,
        }
    }

    /// Where the next bytes of the stream are to be written; at least a kilobyte as long as all whole messages have been taken.
    pub fn space(&mut self) -> &mut [u8] {
        if self.start == self.end || self.buffer.len() - self.end < LEAST_SPACE {
            self.buffer.copy_within(self.start..self.end, HEADROOM);
            self.end -= self.start - HEADROOM;
            self.start = HEADROOM;
        }
        if self.buffer.len() - self.end < LEAST_SPACE {
            // The buffer doubles as bytes arrive: announcing a long message costs us nothing.
            let length = self.buffer.len().saturating_mul(2).min(MAX_LENGTH);
            self.buffer.resize(length, 0);
        }
        self.buffer.get_mut(self.end..).unwrap_or_default()
    }

    /// Says that `length` bytes were written to the front of [`space`](Self::space).
    pub fn filled(&mut self, length: usize) {
        self.end = self.end.saturating_add(length).min(self.buffer.len());
    }

    /// Takes the next whole message, with room around it; none if more bytes are needed.
    ///
    /// # Errors
    ///
    /// [`FrameError`]: close the stream.
    pub fn poll_packet(&mut self) -> Result<Option<Packet<'_>>, FrameError> {
        let waiting = self.buffer.get(self.start..self.end).unwrap_or_default();
        let Some(frame) = next_frame(waiting, self.is_begun)? else {
            return Ok(None);
        };
        if frame.padded > waiting.len() {
            return Ok(None);
        }
        self.is_begun = true;
        let start = self.start;
        self.start += frame.padded;
        // The packet's room ends with its own padding: what follows is the next message. No rewritten header needs more,
        // since both forms pad to the same boundary.
        let room = self.buffer.get_mut(..start + frame.padded).unwrap_or_default();
        Ok(Some(Packet::new(room, start..start + frame.length)))
    }
}

/// The whole message at the front of what a shell is about to write, padding included; none if it is not whole.
pub fn first_message(bytes: &[u8]) -> Option<&[u8]> {
    let frame = next_frame(bytes, true).ok()??;
    bytes.get(..frame.padded)
}

/// Finds the end of the message at the front; none if its header is not there yet.
fn next_frame(bytes: &[u8], is_begun: bool) -> Result<Option<Frame>, FrameError> {
    let Some(first) = bytes.first() else {
        return Ok(None);
    };
    let length = bytes.get(2..4).and_then(|length| length.try_into().ok());
    let length = length.map(|length| usize::from(u16::from_be_bytes(length)));
    match first {
        0x00..=0x3F => {
            let cookie = bytes.get(4..).unwrap_or_default();
            let is_stun = cookie
                .iter()
                .zip(MAGIC_COOKIE)
                .all(|(byte, expected)| *byte == expected);
            if !is_stun || length.is_some_and(|length| length % 4 != 0) {
                return Err(FrameError::NotTurn);
            }
            Ok(length.map(|length| Frame {
                length: HEADER_LENGTH + length,
                padded: HEADER_LENGTH + length,
            }))
        }
        0x40..=0x7F if is_begun => Ok(length.map(|length| Frame {
            length: channel_data::HEADER_LENGTH + length,
            padded: channel_data::HEADER_LENGTH + length.next_multiple_of(4),
        })),
        _ => Err(FrameError::NotTurn),
    }
}

#[cfg(test)]
mod tests;
