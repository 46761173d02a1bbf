//! Bringing a database to the present form. Only forward; the number of steps done is SQLite's `user_version`. Before the first release the
//! first step itself changes: SQLite's `application_id` says which of its texts a database was made by.

use rusqlite::{Connection, TransactionBehavior};

use crate::store::OpenError;

/// Every step, in order. A step that was released is never changed.
const MIGRATIONS: &[&str] = &[include_str!("../migrations/0001_first_call.sql")];

/// The version that all steps lead to.
pub(crate) const fn known_version() -> usize {
    MIGRATIONS.len()
}

/// Tells the text of the first step from every other (FNV-1a).
fn first_form() -> i32 {
    let text = MIGRATIONS.first().copied().unwrap_or_default();
    let hash = text.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    hash.cast_signed()
}

/// Runs the steps that are missing, each in a transaction of its own.
///
/// # Errors
/// [`OpenError::Newer`] if a later program has been here, [`OpenError::Unreleased`] if an earlier one was whose form was never released;
/// otherwise what SQLite says.
pub(crate) fn migrate(connection: &mut Connection) -> Result<(), OpenError> {
    loop {
        // The version is read inside the transaction: two programs that start together take turns.
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let done: usize = transaction.pragma_query_value(None, "user_version", |row| row.get::<_, u32>(0))? as usize;
        if done > MIGRATIONS.len() {
            return Err(OpenError::Newer {
                found: done,
                known: MIGRATIONS.len(),
            });
        }
        let form: i32 = transaction.pragma_query_value(None, "application_id", |row| row.get(0))?;
        if done > 0 && form != first_form() {
            return Err(OpenError::Unreleased);
        }
        let Some(step) = MIGRATIONS.get(done) else {
            return Ok(());
        };
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "application_id", first_form())?;
        transaction.pragma_update(None, "user_version", done as i64 + 1)?;
        transaction.commit()?;
    }
}

#[cfg(test)]
mod tests;
