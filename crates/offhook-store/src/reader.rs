//! Reading beside the writing thread: a few connections, each used by one query at a time.
//!
//! What finds a few rows by a key is done where it is asked for: it takes as long as it would to hand it to another thread.
//! Everything else has threads and connections of its own, so that no list holds up a sign-in.

use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::store::StoreError;

/// For queries. More than the processor has cores for would only wait for each other.
const CONNECTIONS: usize = 4;
/// How long who looks something up waits for another program that puts the log in order: on a thread that has other things to do.
const LOOKUP_PATIENCE: Duration = Duration::from_millis(100);

#[derive(Clone)]
pub(crate) struct Readers {
    lookups: Pool,
    queries: Pool,
}

#[derive(Clone)]
struct Pool {
    idle: Arc<Mutex<Vec<Connection>>>,
    permits: Arc<Semaphore>,
}

impl Readers {
    pub(crate) fn open(connect: impl Fn() -> rusqlite::Result<Connection>) -> rusqlite::Result<Self> {
        // One thread is left for everything else, however slow the disk is.
        let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let lookups = (cores - 1).clamp(1, CONNECTIONS);
        Ok(Self {
            lookups: Pool::open(lookups, || {
                let connection = connect()?;
                connection.busy_timeout(LOOKUP_PATIENCE)?;
                Ok(connection)
            })?,
            queries: Pool::open(CONNECTIONS, &connect)?,
        })
    }

    /// Finds a few rows by a key, on the thread that asks.
    pub(crate) async fn look_up<T>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let loan = self.lookups.borrow().await?;
        // The loan's connection is left without a transaction whatever happens.
        catch_unwind(AssertUnwindSafe(|| loan.read(query))).unwrap_or(Err(StoreError::Panicked))
    }

    /// Runs a query that may take long.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let loan = self.queries.borrow().await?;
        let task = tokio::task::spawn_blocking(move || loan.read(query));
        task.await.unwrap_or_else(|error| {
            Err(if error.is_panic() {
                StoreError::Panicked
            } else {
                StoreError::Closed
            })
        })
    }
}

impl Pool {
    fn open(count: usize, connect: impl Fn() -> rusqlite::Result<Connection>) -> rusqlite::Result<Self> {
        let mut idle = Vec::with_capacity(count);
        for _ in 0..count {
            let connection = connect()?;
            connection.pragma_update(None, "query_only", true)?;
            idle.push(connection);
        }
        Ok(Self {
            idle: Arc::new(Mutex::new(idle)),
            permits: Arc::new(Semaphore::new(count)),
        })
    }

    async fn borrow(&self) -> Result<Loan, StoreError> {
        let permit = Arc::clone(&self.permits).acquire_owned().await;
        let permit = permit.map_err(|_| StoreError::Closed)?;
        let connection = lock(&self.idle).pop().ok_or(StoreError::Closed)?;
        Ok(Loan {
            connection: Some(connection),
            idle: Arc::clone(&self.idle),
            _permit: permit,
        })
    }
}

/// A connection in use. It goes back even if the query panics; the permit is given up after it.
struct Loan {
    connection: Option<Connection>,
    idle: Arc<Mutex<Vec<Connection>>>,
    _permit: OwnedSemaphorePermit,
}

impl Loan {
    fn read<T>(&self, query: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, StoreError> {
        let connection = self.connection.as_ref().ok_or(StoreError::Closed)?;
        let snapshot = Snapshot::begin(connection)?;
        Ok(query(snapshot.0)?)
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            lock(&self.idle).push(connection);
        }
    }
}

/// One snapshot for all statements of a query.
struct Snapshot<'a>(&'a Connection);

impl<'a> Snapshot<'a> {
    fn begin(connection: &'a Connection) -> rusqlite::Result<Self> {
        connection.prepare_cached("begin")?.execute([])?;
        Ok(Self(connection))
    }
}

impl Drop for Snapshot<'_> {
    fn drop(&mut self) {
        // SQLite ends it by itself where a disk fails.
        if self.0.is_autocommit() {
            return;
        }
        // Nothing was written. If it fails, the next one that begins says so.
        let ended = self.0.prepare_cached("rollback").and_then(|mut end| end.execute([]));
        if let Err(error) = ended {
            tracing::error!(error = %error, "a snapshot was not ended");
        }
    }
}

fn lock(idle: &Mutex<Vec<Connection>>) -> std::sync::MutexGuard<'_, Vec<Connection>> {
    // A list of connections is whole after every step of ours.
    idle.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
