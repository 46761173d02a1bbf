//! Whether a server runs in a data folder, and where it serves.
//!
//! A server holds a lock on `offhook.lock` while it runs, and writes into that file who it is and where it listens.

use std::fs;
use std::io::{self, Read as _, Seek as _, Write as _};
use std::net::SocketAddr;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// The file in the data folder.
pub const LOCK: &str = "offhook.lock";
/// The longest note that is read.
const MOST_BYTES: u64 = 16 * 1024;

/// What a running server writes of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Its process.
    pub pid: u32,
    /// Where it serves HTTP.
    pub http: SocketAddr,
    /// Where it serves metrics.
    pub admin: SocketAddr,
    /// Where it serves STUN and TURN, over UDP and TCP both.
    #[serde(default)]
    pub relay: Vec<SocketAddr>,
    /// Where it serves HTTPS and TURN over TLS.
    #[serde(default)]
    pub https: Option<SocketAddr>,
}

impl Note {
    /// What this process writes that serves there; the relay and TLS add theirs.
    pub fn of_this_process(http: SocketAddr, admin: SocketAddr) -> Self {
        Self {
            pid: std::process::id(),
            http,
            admin,
            relay: Vec::new(),
            https: None,
        }
    }

    /// Writes it into the file that is locked.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn write(&self, mut lock: &fs::File) -> io::Result<()> {
        lock.set_len(0)?;
        lock.rewind()?;
        lock.write_all(&serde_json::to_vec(self)?)
    }
}

/// Whether a server runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Running {
    /// No.
    No,
    /// Yes; what it wrote of itself, if that can be read.
    Yes(Option<Note>),
    /// The folder or the lock cannot be read by whoever asks.
    Unknown(String),
}

impl Running {
    /// Looks. A server that starts in the very moment of it is refused its lock; it is free again at once.
    pub fn look(data_dir: &Path) -> Self {
        let file = match fs::File::open(data_dir.join(LOCK)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Self::No,
            Err(error) => return Self::Unknown(error.to_string()),
        };
        match file.try_lock_shared() {
            Ok(()) => Self::No,
            Err(fs::TryLockError::WouldBlock) => Self::Yes(read(&file)),
            Err(fs::TryLockError::Error(error)) => Self::Unknown(error.to_string()),
        }
    }

    /// Whether it does.
    pub fn is_running(&self) -> bool {
        matches!(self, Self::Yes(_))
    }

    /// What it wrote of itself.
    pub fn note(&self) -> Option<&Note> {
        match self {
            Self::Yes(note) => note.as_ref(),
            Self::No | Self::Unknown(_) => None,
        }
    }

    /// The same as a sentence.
    pub fn sentence(&self) -> String {
        match self {
            Self::No => "The server does not run.".to_owned(),
            Self::Yes(Some(note)) => format!("The server runs as process {}.", note.pid),
            Self::Yes(None) => "The server runs.".to_owned(),
            Self::Unknown(why) => {
                format!("Whether the server runs cannot be seen ({why}): run this as the server's user.")
            }
        }
    }
}

fn read(file: &fs::File) -> Option<Note> {
    let mut bytes = Vec::new();
    file.take(MOST_BYTES).read_to_end(&mut bytes).ok()?;
    serde_json::from_slice(&bytes).ok()
}

#[cfg(test)]
mod tests;
