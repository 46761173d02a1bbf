//! Looking at a database without changing it, beside a server or without one.

use std::path::Path;
use std::time::Duration;

use offhook_core::time::Timestamp;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension as _};

use crate::columns::Columns;
use crate::migration;

/// How long to wait for a server that moves its log into the file at this moment.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Faults that are told; one is enough to act upon.
const MOST_FAULTS: u32 = 5;

/// What a database looks like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// The version of its form.
    pub version: usize,
    /// The last version this program knows.
    pub known_version: usize,
    /// What SQLite's `quick_check` finds wrong, at most five faults. Empty if all is well.
    pub faults: Vec<String>,
    /// When a server last said that it serves; `None` if none has.
    pub last_heartbeat_at: Option<Timestamp>,
}

impl Inspection {
    /// Reads the database in the file `path`. Makes nothing and changes nothing. Blocks, on a large database for minutes:
    /// it reads all of it.
    ///
    /// # Errors
    /// If there is none, or SQLite cannot read it.
    pub fn of(path: &Path) -> rusqlite::Result<Self> {
        let connection = open(path)?;
        let version: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
        let mut faults = Vec::new();
        let checked = connection.pragma(None, "quick_check", MOST_FAULTS, |row| {
            faults.push(row.get::<_, String>(0)?);
            Ok(())
        });
        faults.retain(|fault| fault != "ok");
        match checked {
            // A page without any sense is a fault that the check ends at.
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseCorrupt) => {
                faults.push(error.to_string());
            }
            checked => checked?,
        }
        Ok(Self {
            version: version as usize,
            known_version: migration::known_version(),
            faults,
            last_heartbeat_at: last_heartbeat(&connection)?,
        })
    }

    /// The last version of the form that this program knows.
    pub const fn known_version() -> usize {
        migration::known_version()
    }

    /// Reads only when a server last said that it serves. Blocks, for a moment.
    ///
    /// # Errors
    /// If there is no database, or SQLite cannot read it.
    pub fn heartbeat_of(path: &Path) -> rusqlite::Result<Option<Timestamp>> {
        last_heartbeat(&open(path)?)
    }
}

fn last_heartbeat(connection: &Connection) -> rusqlite::Result<Option<Timestamp>> {
    let is_there = connection
        .query_row("select 1 from sqlite_schema where name = 'node'", [], |_| Ok(()))
        .optional()?;
    if is_there.is_none() {
        return Ok(None);
    }
    connection.query_row("select max(heartbeat_at) as served_until from node", [], |row| {
        row.time_or_none("served_until")
    })
}

/// A database whose log is put away is read as it lies there, or SQLite would make a log to read it with.
pub(crate) fn open(path: &Path) -> rusqlite::Result<Connection> {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    let mode = if Path::new(&log).exists() {
        "mode=ro"
    } else {
        "mode=ro&immutable=1"
    };
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(format!("file:{}?{mode}", uri_path(path)), flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    Ok(connection)
}

/// In a URI these three have a meaning of their own.
fn uri_path(path: &Path) -> String {
    let path = path.to_string_lossy();
    path.replace('%', "%25").replace('?', "%3f").replace('#', "%23")
}

#[cfg(test)]
mod tests;
