//! Files: what is played into a call, and what is recorded of one. Sound is Opus in Ogg (RFC 7845), pictures are VP8 or H.264 in IVF.

mod ivf;
mod ogg;

use std::fs::{File, OpenOptions};
use std::io::{BufReader, BufWriter, Read, Seek, SeekFrom};
use std::path::Path;
use std::time::{Duration, Instant};

use thiserror::Error as ThisError;

use super::{Frame, MediaSender};
use crate::error::Error;

pub use ivf::{IvfReader, IvfWriter};
pub use ogg::{OggReader, OggWriter};

/// How long a frame may take until it is heard.
const UNDER_WAY: Duration = Duration::from_millis(200);

/// Why a file cannot be played or recorded.
#[derive(Debug, ThisError)]
pub enum FileError {
    /// It could not be read or written.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// It is no such file, or a damaged one.
    #[error("{0}")]
    Unreadable(&'static str),
    /// Its name does not say what it is to be.
    #[error("a recording ends in .opus or .ogg for sound, or in .ivf for pictures")]
    UnknownName,
    /// The call is over.
    #[error(transparent)]
    Call(#[from] Error),
}

/// Plays a file into a call.
#[derive(Debug)]
pub struct Player(Source);

#[derive(Debug)]
enum Source {
    Ogg(OggReader<BufReader<File>>),
    Ivf(IvfReader<BufReader<File>>),
}

impl Player {
    /// Opens a file of Opus in Ogg, or of VP8 or H.264 in IVF; its first bytes tell which.
    ///
    /// # Errors
    /// [`FileError`], if there is none, or it is something else.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, FileError> {
        let mut file = File::open(path)?;
        let mut magic = [0; 4];
        file.read_exact(&mut magic)
            .map_err(|_| FileError::Unreadable("the file is too short to be sound or pictures"))?;
        file.seek(SeekFrom::Start(0))?;
        let reader = BufReader::new(file);
        match &magic {
            b"OggS" => Ok(Self(Source::Ogg(OggReader::new(reader)?))),
            b"DKIF" => Ok(Self(Source::Ivf(IvfReader::new(reader)?))),
            _ => Err(FileError::Unreadable(
                "the file is neither Opus in Ogg nor VP8 or H.264 in IVF",
            )),
        }
    }

    /// Whether it plays pictures.
    pub const fn is_video(&self) -> bool {
        matches!(self.0, Source::Ivf(_))
    }

    /// The next frame, its time from the beginning of the file; nothing at its end.
    ///
    /// # Errors
    /// [`FileError`], if the file cannot be read on.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, FileError> {
        match &mut self.0 {
            Source::Ogg(reader) => reader.next_frame(),
            Source::Ivf(reader) => reader.next_frame(),
        }
    }

    /// Sends each frame in its time, from now on, and returns when the last one has been played.
    ///
    /// # Errors
    /// [`FileError`], if the file cannot be read, or the call ends before.
    pub async fn play(mut self, into: &MediaSender) -> Result<(), FileError> {
        let (start, start_time) = (Instant::now(), into.elapsed());
        while let Some(frame) = self.next_frame()? {
            tokio::time::sleep_until((start + frame.time).into()).await;
            let time = start_time + frame.time;
            into.send(Frame { time, ..frame }).await?;
        }
        // What was sent last is still on its way, and in the buffer of whoever plays it.
        tokio::time::sleep(UNDER_WAY).await;
        Ok(())
    }
}

/// Records what a call brings: its sound, or its pictures.
#[derive(Debug)]
pub struct Recorder(Sink);

#[derive(Debug)]
enum Sink {
    Ogg(OggWriter<BufWriter<File>>),
    Ivf(Box<IvfWriter<BufWriter<File>>>),
}

impl Recorder {
    /// Makes a file, or empties the one that is there: of sound where the name ends in `.opus` or `.ogg`, of pictures where it ends in `.ivf`.
    ///
    /// # Errors
    /// [`FileError`], if the name ends otherwise, or the file cannot be made.
    pub fn create(path: impl AsRef<Path>) -> Result<Self, FileError> {
        Self::open(path.as_ref(), File::options().write(true).create(true).truncate(true))
    }

    /// The same, where there is no such file yet.
    ///
    /// # Errors
    /// [`FileError`], if there is one, or as of [`create`](Self::create).
    pub fn create_new(path: impl AsRef<Path>) -> Result<Self, FileError> {
        Self::open(path.as_ref(), File::options().write(true).create_new(true))
    }

    fn open(path: &Path, options: &mut OpenOptions) -> Result<Self, FileError> {
        let is_video = Self::is_for_pictures(path)?;
        // What was said in a call is for nobody else on this machine.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
        let file = BufWriter::new(options.open(path)?);
        Ok(Self(if is_video {
            Sink::Ivf(Box::new(IvfWriter::new(file)))
        } else {
            Sink::Ogg(OggWriter::new(file)?)
        }))
    }

    /// Whether a file of this name would be of pictures.
    ///
    /// # Errors
    /// [`FileError::UnknownName`], if it would be of nothing.
    pub fn is_for_pictures(path: impl AsRef<Path>) -> Result<bool, FileError> {
        let ending = path.as_ref().extension().and_then(|ending| ending.to_str());
        match ending.map(str::to_ascii_lowercase).as_deref() {
            Some("opus" | "ogg") => Ok(false),
            Some("ivf") => Ok(true),
            _ => Err(FileError::UnknownName),
        }
    }

    /// Whether it records pictures.
    pub const fn is_video(&self) -> bool {
        matches!(self.0, Sink::Ivf(_))
    }

    /// Adds a frame; one of the other kind is left out. Where sound is missing, silence is put in its place.
    ///
    /// # Errors
    /// [`FileError`], if it cannot be written.
    pub fn write(&mut self, frame: &Frame) -> Result<(), FileError> {
        match &mut self.0 {
            Sink::Ogg(writer) if !frame.codec.is_video() => writer.write(frame),
            Sink::Ivf(writer) if frame.codec.is_video() => writer.write(frame),
            Sink::Ogg(_) | Sink::Ivf(_) => Ok(()),
        }
    }

    /// Ends the file and makes sure that it is on disk.
    ///
    /// # Errors
    /// [`FileError`], if it cannot be written.
    pub fn finish(self) -> Result<(), FileError> {
        let file = match self.0 {
            Sink::Ogg(writer) => writer.finish()?,
            Sink::Ivf(writer) => writer.finish()?,
        };
        let file = file.into_inner().map_err(std::io::IntoInnerError::into_error)?;
        Ok(file.sync_all()?)
    }
}

#[cfg(test)]
mod tests;
