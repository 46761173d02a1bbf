//! What goes when its time is over, or when somebody is deleted: bit by bit, so that nobody waits long for the writer.
//!
//! Each function does one bounded unit of work and says whether there is more; the server calls it again. A call that
//! lives is never touched by them. Usage stays when calls go: it is what was billed, and names nobody.

mod application;
mod erasure;
mod old;

use rusqlite::{Connection, Result};

pub use erasure::Erasure;
pub(crate) use erasure::ask_erasure;

/// How many rows a unit removes, more or less: some milliseconds.
const UNIT: usize = 500;
/// How many calls a unit looks at: each has rows of its own.
const CALLS: u32 = 50;

/// What a unit of work has done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Removed {
    /// Rows that are gone, not counting those that went with them.
    pub rows: u64,
    /// Whether there is more to do at once.
    pub has_more: bool,
}

/// The rows that a unit may still remove.
#[derive(Debug)]
struct Budget(usize);

impl Budget {
    const fn of_a_unit() -> Self {
        Self(UNIT)
    }

    const fn is_spent(&self) -> bool {
        self.0 == 0
    }

    fn spend(&mut self, rows: usize) {
        self.0 = self.0.saturating_sub(rows);
    }

    fn removed(&self, has_more: bool) -> Removed {
        Removed {
            rows: (UNIT - self.0) as u64,
            has_more,
        }
    }
}

/// What a call may have many of.
const OF_CALL: [&str; 3] = [
    SAMPLES_OF_CALL,
    "delete from call_event where (call_number, event_number) in (
        select call_number, event_number from call_event where call_number = ?1 limit ?2)",
    "delete from outbox where event_number in (select event_number from outbox where call_number = ?1 limit ?2)",
];
const SAMPLES_OF_CALL: &str = "
    delete from quality_sample where (call_number, role, second) in (
        select call_number, role, second from quality_sample where call_number = ?1 limit ?2)";

/// Removes a call with all that hangs on it, as far as the budget allows. Says whether it is gone.
fn remove_call(connection: &Connection, number: i64, budget: &mut Budget) -> Result<bool> {
    for statement in OF_CALL {
        spend(connection, statement, number, budget)?;
        if budget.is_spent() {
            return Ok(false);
        }
    }
    let gone = connection
        .prepare_cached("delete from call where call_number = ?1")?
        .execute([number])?;
    budget.spend(gone);
    Ok(true)
}

/// Runs a statement that removes rows of `key`, as many as the budget allows.
fn spend(connection: &Connection, statement: &str, key: i64, budget: &mut Budget) -> Result<()> {
    let rows = connection.prepare_cached(statement)?.execute((key, budget.0 as i64))?;
    budget.spend(rows);
    Ok(())
}

#[cfg(test)]
mod tests;
