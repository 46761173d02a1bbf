//! A consistent copy of the database, made while it is written to.
//!
//! SQLite's online backup copies some pages at a time. A page that is written meanwhile through the *same* connection is
//! written to the copy as well; anybody else's write would make it begin anew. So the writing thread makes the copy,
//! between groups. No snapshot is held between two steps: the log is put away as ever, and does not grow.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};
use tokio::sync::oneshot;

use crate::{Sealed, Store, inspection};

/// How many pages are copied at once: one MiB, a few milliseconds.
const PAGES: i32 = 256;
/// How often the copy may begin anew, because another program wrote.
const MOST_ROUNDS: i64 = 20;

/// Why there is no copy.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// SQLite refused.
    #[error("the database cannot be copied")]
    Sqlite(#[from] rusqlite::Error),
    /// The file of the copy cannot be made or synced.
    #[error("the copy cannot be written")]
    File(#[source] io::Error),
    /// Another copy is being made.
    #[error("a backup is being made already")]
    UnderWay,
    /// Another program writes all the time.
    #[error("another program writes to the database again and again")]
    TooBusy,
    /// The store was closed, or nobody waits for the copy any more.
    #[error("the backup was given up")]
    GivenUp,
}

/// How much a copy holds: what tells people one copy from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoreCounts {
    /// Applications.
    pub applications: u64,
    /// Users.
    pub users: u64,
    /// Calls, live ones too.
    pub calls: u64,
    /// Records of usage.
    pub usage: u64,
}

impl StoreCounts {
    /// Counts what the database in the file `path` holds. Changes nothing. Blocks.
    ///
    /// # Errors
    /// If SQLite cannot read it.
    pub fn of(path: &Path) -> rusqlite::Result<Self> {
        let connection = inspection::open(path)?;
        let count = |table: &str| {
            connection.query_row(&format!("select count(*) from {table}"), [], |row| {
                row.get::<_, i64>(0).map(i64::unsigned_abs)
            })
        };
        Ok(Self {
            applications: count("application")?,
            users: count("user")?,
            calls: count("call")?,
            usage: count("usage")?,
        })
    }
}

/// A signing key of the database in the file `path`, sealed: the server's key belongs to it if it opens this. `None`
/// where there is no application. Changes nothing. Blocks.
///
/// # Errors
/// If SQLite cannot read it.
pub fn sealed_signing_key(path: &Path) -> rusqlite::Result<Option<Sealed>> {
    let connection = inspection::open(path)?;
    let mut query = connection.prepare("select sealed from signing_key order by signing_key_id desc limit 1")?;
    let mut rows = query.query_map([], |row| row.get("sealed"))?;
    rows.next().transpose()
}

impl Store {
    /// Copies the database into the file `to`, which must not be there and is made readable by its owner only. Whatever
    /// else is to be written goes on meanwhile.
    ///
    /// Cancelling it gives the copy up and removes the file.
    ///
    /// # Errors
    /// [`BackupError`] says why there is no copy; then there is no file.
    pub async fn back_up(&self, to: PathBuf) -> Result<(), BackupError> {
        self.copy(to).await
    }
}

/// A copy that is to be made, and whoever waits for it.
pub(crate) struct Copying {
    pub to: PathBuf,
    pub reply: oneshot::Sender<Result<(), BackupError>>,
}

impl Copying {
    /// Makes the copy. Between two steps `serve_others` does what else there is to do, and says whether to go on.
    pub fn run(self, connection: &Connection, mut serve_others: impl FnMut() -> bool) {
        let Self { to, reply } = self;
        if let Err(error) = create(&to) {
            // Whoever asked may have gone; what is in the way is somebody else's.
            _ = reply.send(Err(error));
            return;
        }
        let done = copy(connection, &to, || serve_others() && !reply.is_closed()).and_then(|()| {
            File::open(&to)
                .and_then(|file| file.sync_all())
                .map_err(BackupError::File)
        });
        let is_made = done.is_ok();
        if reply.send(done).is_err() || !is_made {
            remove(&to);
        }
    }

    /// Says that there is another.
    pub fn refuse(self) {
        // Whoever asked may have gone.
        _ = self.reply.send(Err(BackupError::UnderWay));
    }
}

fn create(to: &Path) -> Result<(), BackupError> {
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(to);
    made.map(|_| ()).map_err(BackupError::File)
}

fn remove(to: &Path) {
    if let Err(error) = std::fs::remove_file(to)
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(error = %error, "the rest of a backup could not be removed");
    }
}

fn copy(connection: &Connection, to: &Path, mut goes_on: impl FnMut() -> bool) -> Result<(), BackupError> {
    let mut copy = Connection::open(to)?;
    // Until it is whole, nobody needs it.
    copy.pragma_update(None, "synchronous", "off")?;
    {
        let backup = Backup::new(connection, &mut copy)?;
        let mut copied = 0;
        while backup.step(PAGES)? != StepResult::Done {
            copied += i64::from(PAGES);
            let pages = i64::from(backup.progress().pagecount);
            if copied > (pages + i64::from(PAGES)) * MOST_ROUNDS {
                return Err(BackupError::TooBusy);
            }
            if !goes_on() {
                return Err(BackupError::GivenUp);
            }
        }
    }
    // One file, without a log beside it.
    copy.pragma_update(None, "journal_mode", "delete")?;
    copy.close().map_err(|(_, error)| error.into())
}

#[cfg(test)]
mod tests;
