//! VP8 or H.264 in IVF: a header of 32 bytes, and before each frame its size and time, all little-endian.

use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::time::Duration;

use super::FileError;
use crate::media::{Codec, Frame};

const HEADER: usize = 32;
/// The clock of RTP for pictures, which recordings use, too.
const RATE: u32 = 90_000;
/// No picture of a call is longer.
const MAX_FRAME: usize = 8 * 1024 * 1024;

/// Reads IVF.
#[derive(Debug)]
pub struct IvfReader<R> {
    reader: R,
    codec: Codec,
    /// How many units of time make how many seconds.
    rate: u32,
    scale: u32,
    last: Duration,
}

impl<R: Read> IvfReader<R> {
    /// Reads the header.
    ///
    /// # Errors
    /// [`FileError`], if it is no IVF, or of another codec.
    pub fn new(mut reader: R) -> Result<Self, FileError> {
        let mut header = [0; HEADER];
        reader
            .read_exact(&mut header)
            .map_err(|_| FileError::Unreadable("the file ends in its header"))?;
        let [b'D', b'K', b'I', b'F', 0, 0, length, 0, a, b, c, d, rest @ ..] = header else {
            return Err(FileError::Unreadable("the file is no IVF of version 0"));
        };
        let codec = match &[a, b, c, d] {
            b"VP80" => Codec::Vp8,
            b"H264" => Codec::H264,
            _ => return Err(FileError::Unreadable("the file holds neither VP8 nor H.264")),
        };
        if usize::from(length) != HEADER {
            return Err(FileError::Unreadable("the header of the file has another length"));
        }
        let [_, _, _, _, rate @ .., _, _, _, _, _, _, _, _] = rest;
        let [r0, r1, r2, r3, s0, s1, s2, s3] = rate;
        let (rate, scale) = (
            u32::from_le_bytes([r0, r1, r2, r3]),
            u32::from_le_bytes([s0, s1, s2, s3]),
        );
        if rate == 0 || scale == 0 {
            return Err(FileError::Unreadable("the file does not say how fast it runs"));
        }
        Ok(Self {
            reader,
            codec,
            rate,
            scale,
            last: Duration::ZERO,
        })
    }

    /// The next picture; nothing at the end.
    ///
    /// # Errors
    /// [`FileError`], if the file is damaged.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, FileError> {
        let mut header = [0; 12];
        match self.reader.read_exact(&mut header) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(None),
            Err(error) => return Err(error.into()),
        }
        let [s0, s1, s2, s3, time @ ..] = header;
        let size = usize::try_from(u32::from_le_bytes([s0, s1, s2, s3])).unwrap_or(usize::MAX);
        if size > MAX_FRAME {
            return Err(FileError::Unreadable(
                "the file is damaged: a picture has no sensible length",
            ));
        }
        let mut data = vec![0; size];
        self.reader
            .read_exact(&mut data)
            .map_err(|_| FileError::Unreadable("the file ends within a picture"))?;
        let units = u128::from(u64::from_le_bytes(time));
        let nanoseconds = units
            .saturating_mul(u128::from(self.scale))
            .saturating_mul(1_000_000_000)
            / u128::from(self.rate);
        let time = Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX));
        if time < self.last {
            return Err(FileError::Unreadable("the file is damaged: its time goes back"));
        }
        self.last = time;
        Ok(Some(Frame {
            codec: self.codec,
            time,
            is_keyframe: is_keyframe(self.codec, &data),
            data: data.into(),
        }))
    }
}

/// Writes IVF, of the codec of its first frame.
#[derive(Debug)]
pub struct IvfWriter<W> {
    writer: W,
    /// What it holds, and since when.
    begun: Option<(Codec, Duration)>,
    /// The time that was written last, in units.
    last: u128,
    count: u32,
}

impl<W: Write + Seek> IvfWriter<W> {
    /// Writes nothing yet.
    pub const fn new(writer: W) -> Self {
        Self {
            writer,
            begun: None,
            last: 0,
            count: 0,
        }
    }

    /// Adds a picture. One that was overtaken has the time of the one before it, as time in a file goes forward. Before the first key frame there is nothing to be seen, so they are left out; so is what another codec
    /// made later.
    ///
    /// # Errors
    /// [`FileError::Io`].
    pub fn write(&mut self, frame: &Frame) -> Result<(), FileError> {
        let first = match self.begun {
            Some((codec, _)) if codec != frame.codec => return Ok(()),
            Some((_, first)) => first,
            None if !frame.is_keyframe => return Ok(()),
            None => {
                self.writer.write_all(&header(frame, 0))?;
                self.begun = Some((frame.codec, frame.time));
                frame.time
            }
        };
        let since = frame.time.saturating_sub(first);
        let units = (since.as_nanos() * u128::from(RATE) + 500_000_000) / 1_000_000_000;
        self.last = self.last.max(units);
        let size = u32::try_from(frame.data.len()).unwrap_or(u32::MAX);
        self.writer.write_all(&size.to_le_bytes())?;
        self.writer
            .write_all(&u64::try_from(self.last).unwrap_or(u64::MAX).to_le_bytes())?;
        self.writer.write_all(&frame.data)?;
        self.count = self.count.saturating_add(1);
        Ok(())
    }

    /// Writes how many there are.
    ///
    /// # Errors
    /// [`FileError::Io`].
    pub fn finish(mut self) -> Result<W, FileError> {
        if self.begun.is_some() {
            self.writer.seek(SeekFrom::Start(24))?;
            self.writer.write_all(&self.count.to_le_bytes())?;
        }
        self.writer.flush()?;
        Ok(self.writer)
    }
}

fn header(first: &Frame, count: u32) -> Vec<u8> {
    let (width, height) = size(first).unwrap_or((0, 0));
    let mut header = b"DKIF\0\0\x20\0".to_vec();
    header.extend(match first.codec {
        Codec::H264 => b"H264",
        Codec::Vp8 | Codec::Opus => b"VP80",
    });
    header.extend(width.to_le_bytes());
    header.extend(height.to_le_bytes());
    header.extend(RATE.to_le_bytes());
    header.extend(1_u32.to_le_bytes());
    header.extend(count.to_le_bytes());
    header.extend([0; 4]);
    header
}

/// A key frame of VP8 says how large it is (RFC 6386 §9.1); of H.264 a player finds out.
fn size(frame: &Frame) -> Option<(u16, u16)> {
    match *frame.data {
        [_, _, _, 0x9d, 0x01, 0x2a, w0, w1, h0, h1, ..] if frame.codec == Codec::Vp8 => Some((
            u16::from_le_bytes([w0, w1]) & 0x3fff,
            u16::from_le_bytes([h0, h1]) & 0x3fff,
        )),
        _ => None,
    }
}

/// VP8 says so in its first bit (RFC 6386 §9.1); H.264 by a unit of type 5 (table 7-1).
fn is_keyframe(codec: Codec, data: &[u8]) -> bool {
    match codec {
        Codec::Opus => true,
        Codec::Vp8 => data.first().is_some_and(|first| first & 1 == 0),
        Codec::H264 => data
            .windows(4)
            .any(|window| matches!(window, [0, 0, 1, unit] if unit & 0x1f == 5)),
    }
}
