//! Messages out of a stream (TCP, TLS).

use crate::packet::Packet;

/// Cuts a stream into whole messages: STUN as it is, `ChannelData` without its padding (RFC 8656 §12.5).
#[derive(Debug, Default)]
pub struct Framer {
    buffer: Vec<u8>,
}

/// Why a stream is to be closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// What came is neither STUN nor `ChannelData`, and nothing behind it can be found.
    #[error("the stream carries neither STUN nor ChannelData")]
    NotTurn,
}

impl Framer {
    /// Makes an empty framer.
    pub fn new() -> Self {
        Self::default()
    }

    /// Where the next bytes of the stream are to be written; never empty as long as all whole messages have been taken.
    pub fn space(&mut self) -> &mut [u8] {
        &mut self.buffer
    }

    /// Says that `length` bytes were written to the front of [`space`](Self::space).
    pub fn filled(&mut self, length: usize) {
        let _ = length;
    }

    /// Takes the next whole message, with room around it; none if more bytes are needed.
    ///
    /// # Errors
    ///
    /// [`FrameError`]: close the stream.
    pub fn poll_packet(&mut self) -> Result<Option<Packet<'_>>, FrameError> {
        Ok(None)
    }
}
