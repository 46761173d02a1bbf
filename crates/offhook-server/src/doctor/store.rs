//! The store: readable, whole, and of a version this program knows.

use offhook_store::Inspection;

use super::Finding;
use crate::config::Config;

/// A log this long was not put away for a while: a reader stood in the way, or the disk is slow.
const LONG_LOG_BYTES: u64 = 256 * MIB;
const MIB: u64 = 1024 * 1024;

/// Looks at the store.
pub(super) async fn check(config: &Config) -> Vec<Finding> {
    let path = config.database_path();
    if !path.exists() {
        return vec![judge(&Seen::Nothing)];
    }
    let shown = path.display().to_string();
    let inspected = tokio::task::spawn_blocking(move || {
        let log_bytes = std::fs::metadata(path.with_extension("db-wal")).map_or(0, |log| log.len());
        Inspection::of(&path).map(|inspection| (inspection, log_bytes))
    });
    vec![match inspected.await {
        Ok(Ok((inspection, log_bytes))) => judge(&Seen::Store { inspection, log_bytes }),
        Ok(Err(error)) => judge(&Seen::Unreadable(shown, error.to_string())),
        Err(error) => judge(&Seen::Unreadable(shown, error.to_string())),
    }]
}

enum Seen {
    Nothing,
    Unreadable(String, String),
    Store { inspection: Inspection, log_bytes: u64 },
}

fn judge(seen: &Seen) -> Finding {
    const CHECK: &str = "store";
    let (inspection, log_bytes) = match seen {
        Seen::Nothing => return Finding::ok(CHECK, "There is none yet: the first start makes it."),
        Seen::Unreadable(path, why) => {
            return Finding::failed(
                CHECK,
                format!("{path} cannot be read: {why}."),
                "Run this as the user that runs the server. If the file is damaged, put the data folder back from the backup.",
            );
        }
        Seen::Store { inspection, log_bytes } => (inspection, *log_bytes),
    };
    if let Some(fault) = inspection.faults.first() {
        return Finding::failed(
            CHECK,
            format!("SQLite finds it damaged: {fault}."),
            "Stop the server and put the data folder back from the backup; look at the disk.",
        );
    }
    let (version, known) = (inspection.version, inspection.known_version);
    if version > known {
        return Finding::failed(
            CHECK,
            format!("It has version {version}, and this program knows {known}."),
            "Run the newer program that changed it, or put back the backup from before.",
        );
    }
    if version < known {
        return Finding::ok(
            CHECK,
            format!("It is whole; the next start brings it from version {version} to {known}."),
        );
    }
    if log_bytes > LONG_LOG_BYTES {
        return Finding::warning(
            CHECK,
            format!("It is whole, but its log has {} MiB.", log_bytes / MIB),
            "Look for a program that keeps offhook.db open, such as a backup, and for a slow disk. A restart puts the log away.",
        );
    }
    Finding::ok(
        CHECK,
        format!(
            "It is whole, of version {version}; its log has {} MiB.",
            log_bytes / MIB
        ),
    )
}

#[cfg(test)]
mod tests;
