//! Opening, writing, reading, closing.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;

use crate::backup::BackupError;
use crate::migration::migrate;
use crate::reader::Readers;
use crate::writer::{Writer, Written};

/// How long a connection waits for another program (`offhook app create` beside a running server).
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// A database that could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// SQLite refused: no such folder, no permission, not a database, a full disk.
    #[error("the database cannot be opened")]
    Sqlite(#[from] rusqlite::Error),
    /// A later version of the program has changed the database.
    #[error("the database is of a newer version ({found}) than this program knows ({known})")]
    Newer {
        /// The version of the database.
        found: usize,
        /// The last version this program knows.
        known: usize,
    },
    /// A build from before the first release has made the database, in a form that is no more.
    #[error(
        "the database was made by a build from before the first release, in a form that has changed since: begin with an empty data \
         folder, or go back to that build"
    )]
    Unreleased,
    /// The writing thread could not be started.
    #[error("the writing thread cannot be started")]
    Thread(#[source] std::io::Error),
}

/// A unit of work that failed for no fault of the caller. Nothing of it was kept, except where said otherwise.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite refused a statement.
    #[error("the database failed")]
    Sqlite(#[from] rusqlite::Error),
    /// The group that held the unit was not committed. After a failed sync it cannot be known what is on disk.
    #[error("the transaction could not be committed")]
    Commit(#[source] Arc<rusqlite::Error>),
    /// The unit panicked; it was rolled back.
    #[error("the unit of work panicked")]
    Panicked,
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
}

/// The store. Cheap to clone; every clone is the same store.
///
/// **Cancelling:** a write whose future is dropped is carried out wholly or not at all, never in part. Dropped before it
/// was taken into the queue, it is not carried out; afterwards it is, and nobody is told.
#[derive(Clone)]
pub struct Store {
    writer: Arc<Writer>,
    readers: Readers,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}

impl Store {
    /// Opens the database in the file `path`, makes it if there is none, and brings it to the present form. Blocks.
    ///
    /// # Errors
    /// [`OpenError`] says what stands in the way.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let mut connection = connect(path)?;
        migrate(&mut connection)?;
        let readers = Readers::open(|| connect(path))?;
        let writer = Writer::start(connection).map_err(OpenError::Thread)?;
        Ok(Self {
            writer: Arc::new(writer),
            readers,
        })
    }

    /// Commits what is waiting and closes the database. Writes that come later get [`StoreError::Closed`].
    ///
    /// A store that is dropped without this loses nothing either, but nobody awaits the end of its thread.
    pub async fn close(&self) {
        self.writer.close().await;
    }

    /// What was written since the store was opened.
    pub fn written(&self) -> Written {
        self.writer.written()
    }

    /// Runs `unit` on the writing thread, in a transaction with its neighbours. If it fails, nothing of it is kept.
    pub(crate) async fn write<T, E>(
        &self,
        unit: impl FnOnce(&Connection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.writer.write(unit).await
    }

    /// Lets the writing thread copy the database.
    pub(crate) async fn copy(&self, to: PathBuf) -> Result<(), BackupError> {
        self.writer.copy(to).await
    }

    /// Runs `query` beside the writing thread, on a snapshot of what is committed.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.readers.read(query).await
    }
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    // With WAL and FULL, each commit ends with a sync of the log: what was answered is on disk.
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "temp_store", "memory")?;
    // In KiB, a connection: the pages a busy server comes back to.
    connection.pragma_update(None, "cache_size", -16 * 1024)?;
    connection.pragma_update(None, "mmap_size", 256 * 1024 * 1024)?;
    // A log that a long reader made grow is cut back at the next checkpoint.
    connection.pragma_update(None, "journal_size_limit", 64 * 1024 * 1024)?;
    connection.set_prepared_statement_cache_capacity(256);
    Ok(connection)
}

#[cfg(test)]
mod tests;
