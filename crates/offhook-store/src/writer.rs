//! The one thread that writes.
//!
//! ```text
//!  write(unit) ─▶ bounded queue ─▶ begin ─▶ unit, unit, unit (each in a savepoint) ─▶ commit (sync) ─▶ all replies
//! ```
//!
//! It makes backups, too, a step between two groups.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use crate::backup::{BackupError, Copying};
use crate::log::Log;
use crate::store::StoreError;

/// How many units may wait. Whoever comes later waits for a place.
const QUEUE: usize = 1024;
/// How many units share a transaction: at 20 µs each, the first waits 5 ms for the last.
const MAX_GROUP: usize = 256;
/// How long units have the thread to themselves between two steps of a backup: twice as long as a step takes.
const BETWEEN_STEPS: Duration = Duration::from_millis(4);
/// How long the thread sleeps meanwhile when there is nothing to do: what a unit may wait longer for it.
const NAP: Duration = Duration::from_micros(500);

/// What was written since the store was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// Units of work that were run, refused ones too.
    pub units: u64,
    /// Transactions that were committed: each is one sync.
    pub commits: u64,
}

pub(crate) struct Writer {
    queue: mpsc::Sender<Message>,
    thread: Mutex<Option<JoinHandle<()>>>,
    counts: Arc<Counts>,
}

#[derive(Default)]
struct Counts {
    units: AtomicU64,
    commits: AtomicU64,
}

enum Message {
    Run(Box<dyn Unit>),
    Copy(Copying),
    Close,
}

impl Writer {
    pub(crate) fn start(connection: Connection, log: Log) -> std::io::Result<Self> {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let counts = Arc::new(Counts::default());
        let thread = std::thread::Builder::new().name("store-writer".to_owned()).spawn({
            let counts = Arc::clone(&counts);
            move || run(&connection, log, waiting, &counts)
        })?;
        Ok(Self {
            queue,
            thread: Mutex::new(Some(thread)),
            counts,
        })
    }

    pub(crate) async fn write<T, E>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let unit = Box::new(Work {
            work: Some(work),
            outcome: None,
            reply,
        });
        if self.queue.send(Message::Run(unit)).await.is_err() {
            return Err(StoreError::Closed.into());
        }
        answer.await.unwrap_or_else(|_| Err(StoreError::Closed.into()))
    }

    pub(crate) async fn copy(&self, to: std::path::PathBuf) -> Result<(), BackupError> {
        let (reply, answer) = oneshot::channel();
        let copying = Message::Copy(Copying { to, reply });
        if self.queue.send(copying).await.is_err() {
            return Err(BackupError::GivenUp);
        }
        answer.await.unwrap_or(Err(BackupError::GivenUp))
    }

    pub(crate) async fn close(&self) {
        // An error means that the thread has closed already.
        _ = self.queue.send(Message::Close).await;
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            // The thread catches what units panic with; there is nothing else to hear from it.
            _ = tokio::task::spawn_blocking(move || thread.join()).await;
        }
    }

    pub(crate) fn written(&self) -> Written {
        Written {
            units: self.counts.units.load(Ordering::Relaxed),
            commits: self.counts.commits.load(Ordering::Relaxed),
        }
    }
}

/// A unit of work and whoever waits for it.
trait Unit: Send {
    /// Does the work; says whether it is to be kept.
    fn run(&mut self, connection: &Connection) -> bool;
    /// Answers, once it is known what became of the transaction.
    fn reply(self: Box<Self>, committed: Result<(), StoreError>);
}

struct Work<T, E, F> {
    work: Option<F>,
    outcome: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<T, E, F> Unit for Work<T, E, F>
where
    T: Send,
    E: From<StoreError> + Send,
    F: FnOnce(&Connection) -> Result<T, E> + Send,
{
    fn run(&mut self, connection: &Connection) -> bool {
        self.outcome = self.work.take().map(|work| work(connection));
        matches!(self.outcome, Some(Ok(_)))
    }

    fn reply(self: Box<Self>, committed: Result<(), StoreError>) {
        let answer = match committed {
            Ok(()) => self.outcome.unwrap_or_else(|| Err(StoreError::Panicked.into())),
            Err(error) => Err(error.into()),
        };
        // Whoever asked may have gone; what was committed stays.
        _ = self.reply.send(answer);
    }
}

fn run(connection: &Connection, log: Log, waiting: mpsc::Receiver<Message>, counts: &Counts) {
    log.watch(connection);
    let mut desk = Desk {
        connection,
        log,
        waiting,
        group: Vec::with_capacity(MAX_GROUP),
        counts,
    };
    let mut next = None;
    loop {
        match next.take().or_else(|| desk.waiting.blocking_recv()) {
            Some(Message::Run(unit)) => next = desk.serve(unit),
            Some(Message::Copy(copying)) => copying.run(connection, || desk.serve_for(BETWEEN_STEPS)),
            // What was sent before is still handed out; what comes later is refused.
            Some(Message::Close) => desk.waiting.close(),
            None => break,
        }
    }
    drop(desk);
    // The next start need not replay the log. If this fails, it does, and nothing is lost.
    match checkpoint(connection) {
        Ok(true) => {}
        Ok(false) => tracing::warn!("log not checkpointed: somebody still reads"),
        Err(error) => tracing::warn!(error = %error, "log not checkpointed"),
    }
}

/// Where units wait and are served.
struct Desk<'a> {
    connection: &'a Connection,
    log: Log,
    waiting: mpsc::Receiver<Message>,
    group: Vec<Box<dyn Unit>>,
    counts: &'a Counts,
}

impl Desk<'_> {
    /// Runs and commits a unit with those that wait behind it. Gives what ended the group, if that was no unit.
    fn serve(&mut self, first: Box<dyn Unit>) -> Option<Message> {
        self.group.push(first);
        let mut other = None;
        while self.group.len() < MAX_GROUP && other.is_none() {
            match self.waiting.try_recv() {
                Ok(Message::Run(unit)) => self.group.push(unit),
                Ok(message) => other = Some(message),
                Err(_) => break,
            }
        }
        self.counts.units.fetch_add(self.group.len() as u64, Ordering::Relaxed);
        commit_group(self.connection, &mut self.group, self.counts);
        self.log.look(self.connection);
        other
    }

    /// Serves units for a while, in the middle of a backup. Says whether the store is still open.
    fn serve_for(&mut self, time: Duration) -> bool {
        let until = Instant::now() + time;
        let mut next = None;
        while Instant::now() < until || next.is_some() {
            match next.take().map_or_else(|| self.waiting.try_recv(), Ok) {
                Ok(Message::Run(unit)) => next = self.serve(unit),
                Ok(Message::Copy(another)) => another.refuse(),
                Ok(Message::Close) => self.waiting.close(),
                Err(mpsc::error::TryRecvError::Empty) => std::thread::sleep(NAP),
                Err(mpsc::error::TryRecvError::Disconnected) => return false,
            }
        }
        !self.waiting.is_closed()
    }
}

/// Moves the whole log into the database and empties it. Says whether that was possible.
fn checkpoint(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row("pragma wal_checkpoint(truncate)", [], |row| {
        row.get("busy").map(|is_busy: bool| !is_busy)
    })
}

/// Runs and commits the whole group. Usually that is one transaction; it is more if SQLite gives one up by itself.
fn commit_group(connection: &Connection, group: &mut Vec<Box<dyn Unit>>, counts: &Counts) {
    let mut units = group.drain(..);
    while units.len() > 0 {
        if let Err(error) = execute(connection, "begin immediate") {
            tracing::error!(error = %error, "transaction not begun");
            let error = Arc::new(error);
            for unit in units {
                unit.reply(Err(StoreError::Commit(Arc::clone(&error))));
            }
            return;
        }
        let mut done = Vec::with_capacity(units.len());
        let mut outcome = Ok(());
        for mut unit in units.by_ref() {
            outcome = run_unit(connection, unit.as_mut());
            done.push(unit);
            if outcome.is_err() {
                break;
            }
        }
        let committed = outcome.and_then(|()| execute(connection, "commit"));
        match committed {
            Ok(()) => {
                counts.commits.fetch_add(1, Ordering::Relaxed);
                for unit in done {
                    unit.reply(Ok(()));
                }
            }
            Err(error) => {
                tracing::error!(error = %error, units = done.len(), "transaction not committed");
                if !connection.is_autocommit()
                    && let Err(error) = execute(connection, "rollback")
                {
                    tracing::error!(error = %error, "transaction not rolled back");
                }
                let error = Arc::new(error);
                for unit in done {
                    unit.reply(Err(StoreError::Commit(Arc::clone(&error))));
                }
            }
        }
    }
}

/// Runs one unit in a savepoint.
///
/// # Errors
/// The whole transaction is lost: SQLite gives it up by itself on a full disk or an I/O error.
fn run_unit(connection: &Connection, unit: &mut dyn Unit) -> rusqlite::Result<()> {
    execute(connection, "savepoint unit")?;
    // A unit that panics has no outcome; what it shares with us is the connection, and that is rolled back.
    let is_kept = catch_unwind(AssertUnwindSafe(|| unit.run(connection))).unwrap_or(false);
    if !is_kept {
        execute(connection, "rollback to unit")?;
    }
    execute(connection, "release unit")
}

fn execute(connection: &Connection, statement: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(statement)?.execute([]).map(|_| ())
}

#[cfg(test)]
mod tests;
