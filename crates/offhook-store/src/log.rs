//! Copies the log into the database, beside the writing thread.
//!
//! ```text
//!  writer   commit, commit, … the log is long      commit, commit, …      the rest; the log begins anew
//!                                     │                                    ▲
//!  copier                             └──▶ copies, again and again ────────┘
//! ```
//!
//! A copy takes as long as the disk does, and nobody who writes waits for it. Each next one is shorter, as it copies what was written
//! during the one before. The writer copies only what was written during the last: the log begins anew where all of it has been copied.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use rusqlite::Connection;

/// In pages of 4 KiB: how long the log gets. What is written again and again is copied once for all; but a commit may wait for the disk
/// until it has taken what is copied, and of four times as much that is a tenth of a second.
pub(crate) const LENGTH: u32 = 2_000;

/// In pages: when so little is written during a copy, the writer may copy the rest.
const LITTLE: u64 = 200;
/// The most times that the log is copied for that, where more is written than the disk takes.
const MAX_COPIES: u32 = 8;

thread_local! {
    /// How long the log was at the last commit on this thread: SQLite tells a function, which knows nothing else.
    static PAGES: Cell<u32> = const { Cell::new(0) };
}

/// Has the log copied. Belongs to the thread that writes.
pub(crate) struct Log {
    length: u32,
    /// How long it may get before it is copied (again).
    next_at: u32,
    copier: Copier,
}

struct Copier {
    wake: Option<SyncSender<()>>,
    has_copied: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Log {
    /// Takes over from SQLite, which would copy within a commit. The copier's own connection is made when it is needed.
    ///
    /// # Errors
    /// If the thread cannot be started.
    pub(crate) fn start(
        length: u32,
        connect: impl Fn() -> rusqlite::Result<Connection> + Send + 'static,
    ) -> std::io::Result<Self> {
        let (wake, woken) = sync_channel(1);
        let has_copied = Arc::<AtomicBool>::default();
        let thread = std::thread::Builder::new().name("store-log".to_owned()).spawn({
            let has_copied = Arc::clone(&has_copied);
            move || run(&connect, &woken, &has_copied)
        })?;
        Ok(Self {
            length,
            next_at: length,
            copier: Copier {
                wake: Some(wake),
                has_copied,
                thread: Some(thread),
            },
        })
    }

    /// Hears of the commits of `connection`, which this thread makes.
    pub(crate) fn watch(&self, connection: &Connection) {
        connection.wal_hook(Some(|_, pages| {
            PAGES.set(u32::try_from(pages).unwrap_or_default());
            Ok(())
        }));
    }

    /// Looks after a commit whether there is something to do. Not within a transaction.
    pub(crate) fn look(&mut self, connection: &Connection) {
        let pages = PAGES.get();
        if pages < self.length {
            self.next_at = self.length;
        }
        if self.copier.has_copied.swap(false, Ordering::Acquire) {
            self.next_at = pages.saturating_add(self.length);
            if let Err(error) = copy(connection) {
                tracing::warn!(error = %error, "log not copied");
            }
        } else if pages >= self.next_at {
            // Where somebody reads for long the log cannot begin anew, and is not to be copied at each commit.
            self.next_at = pages.saturating_add(self.length);
            // One that is still at it forgets this when it is done.
            _ = self.copier.wake.as_ref().map(|wake| wake.try_send(()));
        }
    }
}

impl Drop for Copier {
    fn drop(&mut self) {
        drop(self.wake.take());
        if let Some(thread) = self.thread.take() {
            // It has said what it had to say.
            _ = thread.join();
        }
    }
}

fn run(connect: &impl Fn() -> rusqlite::Result<Connection>, woken: &Receiver<()>, has_copied: &AtomicBool) {
    let mut own = None;
    while woken.recv().is_ok() {
        let copied = own.take().map_or_else(connect, Ok).and_then(|connection| {
            let mut before = copy(&connection)?;
            for _ in 1..MAX_COPIES {
                let length = copy(&connection)?;
                if length.abs_diff(before) < LITTLE {
                    break;
                }
                before = length;
            }
            own = Some(connection);
            Ok(())
        });
        // What the log has grown by meanwhile is copied already, and two at once only get in each other's way.
        while woken.try_recv().is_ok() {}
        match copied {
            Ok(()) => has_copied.store(true, Ordering::Release),
            Err(error) => tracing::warn!(error = %error, "log not copied"),
        }
    }
}

/// Copies what no reader needs to find in the log. Gives how long the log was, in pages; -1 where another copies.
fn copy(connection: &Connection) -> rusqlite::Result<i64> {
    connection
        .prepare_cached("pragma wal_checkpoint(passive)")?
        .query_row([], |row| row.get("log"))
}

#[cfg(test)]
mod tests;
