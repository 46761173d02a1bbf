//! Putting a backup in place of a data folder.

use std::fs;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use offhook_store::{Inspection, sealed_signing_key};

use super::{DATABASE, KEY, MANIFEST, Manifest, Seen, copy_file, sync_folder};
use crate::clock::Clock;
use crate::config::Config;
use crate::credential;
use crate::node;
use crate::secret::ServerKey;

/// What belongs together in a data folder: with the log that SQLite keeps beside the database.
const FILES: [&str; 4] = [DATABASE, "offhook.db-wal", "offhook.db-shm", KEY];

/// What was restored.
#[derive(Debug, Clone)]
pub struct Restored {
    /// What it was.
    pub manifest: Manifest,
    /// Where the files are that were there before.
    pub replaced: Option<PathBuf>,
}

/// Puts a backup into the data folder. What is there already is kept beside, and only replaced if that is asked for.
///
/// # Errors
/// Says what stands in the way; then the data folder is as it was, or holds what was there beside.
pub async fn restore(config: &Config, folder: &Path, overwrites: bool) -> anyhow::Result<Restored> {
    let manifest = Manifest::read(&folder.join(MANIFEST))?;
    let database = folder.join(DATABASE);
    check(&manifest, folder, &database).await?;

    node::make_folder(config).context("making the data folder")?;
    let _lock = node::lock(config).context("a backup is restored while no server runs")?;
    let data_dir = &config.data_dir;
    let there: Vec<_> = FILES.iter().filter(|name| data_dir.join(name).exists()).collect();
    if !there.is_empty() && !overwrites {
        bail!(
            "{} holds a store already: name another folder with --data-dir, or say --overwrite",
            data_dir.display()
        );
    }
    let incoming = |name: &str| data_dir.join(format!("{name}.restoring"));
    for name in [DATABASE, KEY] {
        // Of a restore that was killed.
        _ = fs::remove_file(incoming(name));
        copy_file(&folder.join(name), &incoming(name)).with_context(|| format!("copying {name}"))?;
    }
    let replaced = (!there.is_empty()).then(|| data_dir.join(format!("replaced-{}", Clock::start().now().as_millis())));
    if let Some(beside) = &replaced {
        let made = fs::DirBuilder::new().mode(0o700).create(beside);
        made.with_context(|| format!("making {}", beside.display()))?;
        for name in there {
            fs::rename(data_dir.join(name), beside.join(name)).with_context(|| format!("moving {name} away"))?;
        }
    }
    for name in [KEY, DATABASE] {
        fs::rename(incoming(name), data_dir.join(name)).with_context(|| format!("moving {name} in place"))?;
    }
    sync_folder(data_dir)?;
    Ok(Restored { manifest, replaced })
}

/// Whether the backup is whole, can be read by this program, and has the key that belongs to it.
async fn check(manifest: &Manifest, folder: &Path, database: &Path) -> anyhow::Result<()> {
    let known = Inspection::known_version();
    if manifest.store_version > known {
        bail!(
            "the backup has version {}, and this program knows {known}: use the program that made it",
            manifest.store_version
        );
    }
    manifest.check(&Seen::of(database.to_owned()).await?)?;
    let key = ServerKey::read(&folder.join(KEY)).context("reading the backup's server.key")?;
    let sealed = sealed_signing_key(database).context("reading a sealed secret")?;
    if sealed.is_some_and(|sealed| !credential::belongs(&key, &sealed)) {
        bail!("the backup's server.key does not open its store: it is another server's");
    }
    Ok(())
}
