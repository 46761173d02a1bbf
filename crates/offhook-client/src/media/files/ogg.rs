//! Opus in Ogg (RFC 7845).

use std::io::{Read, Seek, Write};
use std::time::Duration;

use ogg::{OggReadError, PacketReader, PacketWriteEndInfo, PacketWriter};

use super::FileError;
use crate::media::opus::{self, SILENCE, SILENCE_TIME};
use crate::media::{Codec, Frame};

/// Positions count samples of 48 kHz, whatever the packets hold (§4).
const RATE: u64 = 48_000;
/// What a decoder needs to settle (§4.2): the first 80 ms are not played.
const PRE_SKIP: u16 = 3_840;
/// A page a second: what is recorded is on its way to disk by then.
const PACKETS_A_PAGE: u64 = 50;
/// Of a longer gap the rest is left out.
const LONGEST_GAP: Duration = Duration::from_secs(3600);
/// Who sends more sound than time passes has what is further ahead left out: it would fill the disk.
const MAX_AHEAD: Duration = Duration::from_secs(2);
const VENDOR: &[u8] = b"Offhook";

/// Reads Opus from Ogg: the first stream of Opus that there is.
pub struct OggReader<R: Read + Seek> {
    packets: PacketReader<R>,
    serial: u32,
    time: Duration,
}

impl<R: Read + Seek> std::fmt::Debug for OggReader<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OggReader")
            .field("time", &self.time)
            .finish_non_exhaustive()
    }
}

impl<R: Read + Seek> OggReader<R> {
    /// Reads up to the first packet of sound.
    ///
    /// # Errors
    /// [`FileError`], if there is no Opus in it, or more channels than two.
    pub fn new(reader: R) -> Result<Self, FileError> {
        let mut packets = PacketReader::new(reader);
        let serial = loop {
            let packet = packets
                .read_packet()
                .map_err(read_error)?
                .ok_or(FileError::Unreadable("there is no Opus in the file"))?;
            if packet.data.starts_with(b"OpusHead") {
                // Family 0: mono or stereo, as calls have it (§5.1.1).
                if packet.data.get(18) != Some(&0) {
                    return Err(FileError::Unreadable("the file has more channels than a call has"));
                }
                break packet.stream_serial();
            }
        };
        let mut reader = Self {
            packets,
            serial,
            time: Duration::ZERO,
        };
        match reader.next_packet()? {
            Some(tags) if tags.starts_with(b"OpusTags") => Ok(reader),
            _ => Err(FileError::Unreadable("the file ends before its sound begins")),
        }
    }

    /// The next packet of sound; nothing at the end. Packets that are none are left out.
    ///
    /// # Errors
    /// [`FileError`], if the file is damaged.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, FileError> {
        while let Some(data) = self.next_packet()? {
            if let Some(duration) = opus::duration(&data) {
                let time = self.time;
                self.time += duration;
                return Ok(Some(Frame {
                    codec: Codec::Opus,
                    time,
                    is_keyframe: true,
                    data: data.into(),
                }));
            }
        }
        Ok(None)
    }

    fn next_packet(&mut self) -> Result<Option<Vec<u8>>, FileError> {
        while let Some(packet) = self.packets.read_packet().map_err(read_error)? {
            if packet.stream_serial() == self.serial {
                return Ok(Some(packet.data));
            }
        }
        Ok(None)
    }
}

fn read_error(error: OggReadError) -> FileError {
    match error {
        OggReadError::ReadError(error) => FileError::Io(error),
        _ => FileError::Unreadable("the file is damaged: it is no whole Ogg"),
    }
}

/// Writes Opus into Ogg.
pub struct OggWriter<W: Write> {
    packets: PacketWriter<'static, W>,
    serial: u32,
    /// The last packet waits for the next, or for the end, which is said with it.
    last: Option<Vec<u8>>,
    count: u64,
    /// Up to where there is sound, from the beginning on.
    end: Duration,
    /// Which time is the beginning: the first frame's, and later by what was left out of gaps.
    first: Option<Duration>,
}

impl<W: Write> std::fmt::Debug for OggWriter<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OggWriter")
            .field("end", &self.end)
            .finish_non_exhaustive()
    }
}

impl<W: Write> OggWriter<W> {
    /// Writes what comes before the sound.
    ///
    /// # Errors
    /// [`FileError::Io`].
    pub fn new(writer: W) -> Result<Self, FileError> {
        let serial = u32::from_be_bytes(
            crate::driver::dice()
                .to_be_bytes()
                .first_chunk()
                .copied()
                .unwrap_or_default(),
        );
        let mut packets = PacketWriter::new(writer);
        // §5.1: version 1, two channels (either kind of packet can be decoded to two), no gain, family 0.
        let mut head = b"OpusHead\x01\x02".to_vec();
        head.extend(PRE_SKIP.to_le_bytes());
        head.extend(48_000_u32.to_le_bytes());
        head.extend([0, 0, 0]);
        packets.write_packet(head, serial, PacketWriteEndInfo::EndPage, 0)?;
        // §5.2: who made it, and no comments.
        let mut tags = b"OpusTags".to_vec();
        tags.extend(u32::try_from(VENDOR.len()).unwrap_or(0).to_le_bytes());
        tags.extend(VENDOR);
        tags.extend(0_u32.to_le_bytes());
        packets.write_packet(tags, serial, PacketWriteEndInfo::EndPage, 0)?;
        Ok(Self {
            packets,
            serial,
            last: None,
            count: 0,
            end: Duration::ZERO,
            first: None,
        })
    }

    /// Adds a packet. One that comes too late for its time is put at the end; what is missing before it is silence. One that would
    /// be heard seconds after its time, since there is more sound than time, is left out.
    ///
    /// # Errors
    /// [`FileError::Io`].
    pub fn write(&mut self, frame: &Frame) -> Result<(), FileError> {
        let Some(duration) = opus::duration(&frame.data) else {
            return Ok(());
        };
        let first = self.first.get_or_insert(frame.time);
        let time = frame.time.saturating_sub(*first);
        if self.end > time + MAX_AHEAD {
            return Ok(());
        }
        let gap = time.saturating_sub(self.end);
        let filled = gap.min(LONGEST_GAP);
        *first += gap - filled;
        for _ in 0..filled.as_millis() / SILENCE_TIME.as_millis() {
            self.put(SILENCE.to_vec(), SILENCE_TIME)?;
        }
        self.put(frame.data.to_vec(), duration)
    }

    fn put(&mut self, packet: Vec<u8>, duration: Duration) -> Result<(), FileError> {
        if let Some(last) = self.last.replace(packet) {
            let is_full = self.count.is_multiple_of(PACKETS_A_PAGE);
            let end = if is_full {
                PacketWriteEndInfo::EndPage
            } else {
                PacketWriteEndInfo::NormalPacket
            };
            self.packets.write_packet(last, self.serial, end, self.position())?;
        }
        self.count += 1;
        self.end += duration;
        Ok(())
    }

    /// Writes the end.
    ///
    /// # Errors
    /// [`FileError::Io`].
    pub fn finish(mut self) -> Result<W, FileError> {
        // Without any sound a packet of silence ends the stream.
        let last = self.last.take().unwrap_or_else(|| SILENCE.to_vec());
        let position = self.position();
        self.packets
            .write_packet(last, self.serial, PacketWriteEndInfo::EndStream, position)?;
        let mut writer = self.packets.into_inner();
        writer.flush()?;
        Ok(writer)
    }

    /// The position of a page counts all samples up to its end (§4); the packet that waits is the last that `end` counts.
    fn position(&self) -> u64 {
        u64::try_from(self.end.as_micros()).unwrap_or(u64::MAX) / 1000 * (RATE / 1000)
    }
}
