//! Encoded frames.

use std::sync::Arc;
use std::time::Duration;

/// The codecs that are negotiated. What is not among them is a browser's own matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Codec {
    /// Sound (RFC 6716, RFC 7587).
    Opus,
    /// Pictures (RFC 6386, RFC 7741).
    Vp8,
    /// Pictures (RFC 6184), as a byte stream with start codes (ITU-T H.264 annex B).
    H264,
}

impl Codec {
    /// Whether these are pictures.
    pub const fn is_video(self) -> bool {
        matches!(self, Self::Vp8 | Self::H264)
    }
}

/// An encoded frame: a packet of Opus, or a picture.
#[derive(Clone, PartialEq, Eq)]
pub struct Frame {
    /// How it is encoded.
    pub codec: Codec,
    /// When it is to be played, from a beginning that the frames of one kind share. Of what is received, that is about when media was opened,
    /// and goes on through an outage.
    pub time: Duration,
    /// Whether a decoder can begin with it. Opus can with each.
    pub is_keyframe: bool,
    /// The encoded bytes.
    pub data: Arc<[u8]>,
}

impl std::fmt::Debug for Frame {
    /// What is said in a call does not reach a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Frame")
            .field("codec", &self.codec)
            .field("time", &self.time)
            .field("is_keyframe", &self.is_keyframe)
            .field("bytes", &self.data.len())
            .finish()
    }
}
