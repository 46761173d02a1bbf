//! Opening, writing, reading, closing.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use offhook_core::id::AppKey;
use rusqlite::Connection;
use rusqlite::config::DbConfig;

use crate::application::Application;
use crate::backup::BackupError;
use crate::log::{self, Log};
use crate::migration::migrate;
use crate::reader::Readers;
use crate::session::SignedIn;
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
    /// A thread could not be started.
    #[error("the threads that write cannot be started")]
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
    /// The applications of those who are signed in, as they were last read: thousands of sockets hold the same.
    applications: Arc<Mutex<HashMap<AppKey, Weak<Application>>>>,
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
        let log = Log::start(log::LENGTH, {
            let path = path.to_owned();
            move || connect(&path)
        });
        let writer = log.and_then(|log| Writer::start(connection, log));
        let writer = writer.map_err(OpenError::Thread)?;
        Ok(Self {
            writer: Arc::new(writer),
            readers,
            applications: Arc::default(),
        })
    }

    /// Lets everybody who signed in to an application hold the same.
    pub(crate) fn share_application(&self, mut signed_in: SignedIn) -> SignedIn {
        // A map of what was read is whole after every step.
        let mut applications = self.applications.lock().unwrap_or_else(PoisonError::into_inner);
        let application = &mut signed_in.application;
        match applications.get(&application.key).and_then(Weak::upgrade) {
            Some(shared) if shared == *application => *application = shared,
            _ => {
                // Of what nobody holds any more nothing is kept.
                applications.retain(|_, shared| shared.strong_count() > 0);
                applications.insert(application.key, Arc::downgrade(application));
            }
        }
        signed_in
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

    /// Finds a few rows by a key, on a snapshot of what is committed, at once and on this thread.
    pub(crate) async fn look_up<T>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        self.readers.look_up(query).await
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
    // Plans are made for the statement alone: otherwise some are made anew each time another value is bound.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // Within a commit, everybody who writes would wait for it.
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    // A log that a long reader made grow is cut back when it begins anew.
    connection.pragma_update(None, "journal_size_limit", 64 * 1024 * 1024)?;
    connection.set_prepared_statement_cache_capacity(256);
    Ok(connection)
}
