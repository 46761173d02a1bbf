//! The data folder and the key in it.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use rustix::fs::{Access, access, statvfs};

use super::Finding;
use crate::config::Config;

/// Below this, a store may fail to grow at any moment.
const LEAST_FREE_BYTES: u64 = 100 * MIB;
/// Below this, somebody should look.
const LITTLE_FREE_BYTES: u64 = 1024 * MIB;
const MIB: u64 = 1024 * 1024;
/// What others than the owner may do.
const OTHERS: u32 = 0o077;
/// What `server.key` holds.
const KEY_BYTES: u64 = 32;

/// Looks at folder and key.
pub(super) fn check(config: &Config) -> Vec<Finding> {
    let asks = rustix::process::geteuid().as_raw();
    let folder = Entry::of(&config.data_dir);
    let free_bytes = statvfs(&config.data_dir).map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize));
    let path = config.data_dir.display().to_string();
    let is_folder_there = matches!(folder, Ok(Some(_)));
    let mut findings = vec![judge_folder(&path, &folder, asks)];
    if let (true, Ok(free_bytes)) = (is_folder_there, free_bytes) {
        findings.push(judge_space(&path, free_bytes));
    }
    if is_folder_there {
        let key = Entry::of(&config.key_path());
        let has_store = config.database_path().exists();
        findings.push(judge_key(&config.key_path().display().to_string(), &key, has_store));
    }
    findings
}

/// What the file system says of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Entry {
    is_folder: bool,
    mode: u32,
    owner: u32,
    size_bytes: u64,
    is_usable: bool,
}

impl Entry {
    /// Looks; `None` if nothing is there.
    fn of(path: &Path) -> Result<Option<Self>, String> {
        let metadata = match fs::metadata(path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.to_string()),
        };
        let wanted = if metadata.is_dir() {
            Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK
        } else {
            Access::READ_OK
        };
        Ok(Some(Self {
            is_folder: metadata.is_dir(),
            mode: metadata.mode() & 0o7777,
            owner: metadata.uid(),
            size_bytes: metadata.len(),
            is_usable: access(path, wanted).is_ok(),
        }))
    }
}

fn judge_folder(path: &str, entry: &Result<Option<Entry>, String>, asks: u32) -> Finding {
    const CHECK: &str = "data folder";
    let entry = match entry {
        Err(why) => {
            return Finding::failed(
                CHECK,
                format!("{path} cannot be looked at: {why}."),
                "Run this as the user that runs the server, or give that user the folder.",
            );
        }
        Ok(None) => {
            return Finding::ok(CHECK, format!("{path} is not there yet: the first start makes it."));
        }
        Ok(Some(entry)) => entry,
    };
    if !entry.is_folder {
        return Finding::failed(
            CHECK,
            format!("{path} is a file."),
            "Move it away, or set `data_dir` to a folder.",
        );
    }
    if !entry.is_usable {
        return Finding::failed(
            CHECK,
            format!(
                "{path} belongs to user {}, and user {asks} may not write there.",
                entry.owner
            ),
            format!("Run this as the user that runs the server; if this is that user: chown -R {asks} {path}"),
        );
    }
    if entry.mode & OTHERS != 0 {
        return Finding::warning(
            CHECK,
            format!(
                "{path} has mode {:04o}: other users of this machine can look into it.",
                entry.mode
            ),
            format!("chmod 700 {path}"),
        );
    }
    Finding::ok(
        CHECK,
        format!("{path} is writable, and closed to others (mode {:04o}).", entry.mode),
    )
}

fn judge_space(path: &str, free_bytes: u64) -> Finding {
    const CHECK: &str = "disk space";
    let free = format!("{} MiB are free in {path}", free_bytes / MIB);
    if free_bytes < LEAST_FREE_BYTES {
        let way_out = "Make room: a store that cannot grow refuses calls.";
        Finding::failed(CHECK, format!("Only {free}."), way_out)
    } else if free_bytes < LITTLE_FREE_BYTES {
        Finding::warning(CHECK, format!("Only {free}."), "Make room before it runs out.")
    } else {
        Finding::ok(CHECK, format!("{free}."))
    }
}

fn judge_key(path: &str, entry: &Result<Option<Entry>, String>, has_store: bool) -> Finding {
    const CHECK: &str = "server key";
    let entry = match entry {
        Err(why) => {
            return Finding::failed(CHECK, format!("{path} cannot be looked at: {why}."), AS_THE_SERVER);
        }
        Ok(None) if has_store => {
            return Finding::failed(
                CHECK,
                format!("{path} is missing, but there is a store that was made with it."),
                "Put the key back from the backup. A new one would not open the API tokens and signing keys in the store.",
            );
        }
        Ok(None) => return Finding::ok(CHECK, format!("{path} is not there yet: the first start makes it.")),
        Ok(Some(entry)) => entry,
    };
    if entry.mode & OTHERS != 0 {
        return Finding::failed(
            CHECK,
            format!(
                "{path} has mode {:04o}: other users of this machine can read it.",
                entry.mode
            ),
            format!("chmod 600 {path}"),
        );
    }
    if !entry.is_usable {
        return Finding::failed(
            CHECK,
            format!("{path} belongs to user {} and cannot be read.", entry.owner),
            AS_THE_SERVER,
        );
    }
    if entry.is_folder || entry.size_bytes != KEY_BYTES {
        return Finding::failed(
            CHECK,
            format!(
                "{path} is {} bytes long, and a server key is {KEY_BYTES}.",
                entry.size_bytes
            ),
            "Put the key back from the backup.",
        );
    }
    Finding::ok(
        CHECK,
        format!("{path} is there, and closed to others (mode {:04o}).", entry.mode),
    )
}

const AS_THE_SERVER: &str = "Run this as the user that runs the server; if this is that user, give it the file.";

#[cfg(test)]
mod tests;
