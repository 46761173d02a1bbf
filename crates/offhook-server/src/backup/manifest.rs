//! What a backup says of itself.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use aws_lc_rs::digest;
use offhook_core::time::Timestamp;
use offhook_store::{Inspection, StoreCounts};
use serde::{Deserialize, Serialize};

/// How much of a file is read at once.
const CHUNK: usize = 1024 * 1024;

/// What is in a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The version of the program that made it.
    pub program_version: String,
    /// The version of the store's form.
    pub store_version: usize,
    /// When it was made, in UTC milliseconds.
    pub made_at: u64,
    /// The size of `offhook.db`.
    pub database_size_bytes: u64,
    /// The SHA-256 of `offhook.db`, in hexadecimal digits.
    pub database_sha256: String,
    /// How many applications there are.
    pub applications: u64,
    /// How many users.
    pub users: u64,
    /// How many calls.
    pub calls: u64,
    /// How many records of usage.
    pub usage: u64,
}

/// What a copy of the store looks like.
#[derive(Debug, Clone)]
pub struct Seen {
    /// What SQLite finds wrong with it.
    pub faults: Vec<String>,
    version: usize,
    size_bytes: u64,
    sha256: String,
    counts: StoreCounts,
}

impl Seen {
    /// Reads all of a copy.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn of(path: PathBuf) -> anyhow::Result<Self> {
        let look = move || {
            let inspection = Inspection::of(&path).with_context(|| format!("checking {}", path.display()))?;
            let (size_bytes, sha256) = sum(&path).with_context(|| format!("reading {}", path.display()))?;
            Ok(Self {
                faults: inspection.faults,
                version: inspection.version,
                size_bytes,
                sha256,
                counts: StoreCounts::of(&path).with_context(|| format!("counting {}", path.display()))?,
            })
        };
        tokio::task::spawn_blocking(look).await.context("checking the copy")?
    }
}

impl Manifest {
    /// Describes a copy.
    pub fn new(seen: Seen, made_at: Timestamp) -> Self {
        Self {
            program_version: env!("CARGO_PKG_VERSION").to_owned(),
            store_version: seen.version,
            made_at: made_at.as_millis(),
            database_size_bytes: seen.size_bytes,
            database_sha256: seen.sha256,
            applications: seen.counts.applications,
            users: seen.counts.users,
            calls: seen.counts.calls,
            usage: seen.counts.usage,
        }
    }

    /// Writes it beside the copy, readable by its owner only.
    pub(super) fn write(&self, path: &Path) -> anyhow::Result<()> {
        let text = serde_json::to_vec_pretty(self).context("writing the manifest")?;
        let file = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path);
        file.and_then(|mut file| file.write_all(&text).and_then(|()| file.sync_all()))
            .context("writing the manifest")
    }

    pub(super) fn read(path: &Path) -> anyhow::Result<Self> {
        let text = fs::read(path).with_context(|| format!("reading {}: is this a backup?", path.display()))?;
        serde_json::from_slice(&text).with_context(|| format!("reading {}", path.display()))
    }

    /// Holds a copy against it.
    ///
    /// # Errors
    /// Says what is not as it was when the backup was made.
    pub(super) fn check(&self, seen: &Seen) -> anyhow::Result<()> {
        let found = Self {
            program_version: self.program_version.clone(),
            ..Self::new(seen.clone(), Timestamp::from_millis(self.made_at))
        };
        if found.database_sha256 != self.database_sha256 || found != *self {
            bail!("offhook.db is not the one that the manifest describes: it was changed or damaged");
        }
        if let Some(fault) = seen.faults.first() {
            bail!("offhook.db is damaged: {fault}");
        }
        Ok(())
    }
}

fn sum(path: &Path) -> io::Result<(u64, String)> {
    let mut file = fs::File::open(path)?;
    let mut context = digest::Context::new(&digest::SHA256);
    let mut buffer = vec![0; CHUNK];
    let mut size_bytes = 0;
    loop {
        let read = io::Read::read(&mut file, &mut buffer)?;
        let Some(bytes) = buffer.get(..read).filter(|bytes| !bytes.is_empty()) else {
            break;
        };
        context.update(bytes);
        size_bytes += bytes.len() as u64;
    }
    let sha256 = context
        .finish()
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    Ok((size_bytes, sha256))
}
