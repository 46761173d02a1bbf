//! Backups: a folder with a consistent copy of the store, the key that opens it, and a manifest by which both are checked.
//!
//! ```text
//!  FOLDER/offhook.db      copied while the server writes        [`make`] writes FOLDER.part and renames it at the end,
//!         server.key      what seals the store's secrets        so that a folder of that name is whole
//!         manifest.json   version, time, sizes, SHA-256, counts
//! ```
//!
//! A running server copies its store itself, into its data folder, because only whoever writes can copy without holding
//! up the log; the command takes the copy away. Without a server the command copies.

mod manifest;
mod restore;

use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, bail};
use offhook_store::Store;

use crate::clock::Clock;
use crate::config::Config;
use crate::doctor::running::Running;
use crate::http::backup::Copied;
use crate::pass;
use crate::secret::{self, ServerKey};

pub use manifest::{Manifest, Seen};
pub use restore::{Restored, restore};

/// What a pass for a backup is made for.
pub const PURPOSE: &str = "backup key";
/// How long it opens: the server is asked at once.
const PASS_LIFETIME: Duration = Duration::from_secs(60);
/// What is in the folder.
const DATABASE: &str = "offhook.db";
const KEY: &str = "server.key";
const MANIFEST: &str = "manifest.json";

/// A name for a copy that waits in the data folder to be taken away.
pub fn copy_name() -> String {
    let random: String = secret::random::<8>().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("backup-{random}.db")
}

/// Makes a backup of the data folder, beside a running server or without one.
///
/// # Errors
/// Says what failed; then there is no folder of that name.
pub async fn make(config: &Config, folder: &Path) -> anyhow::Result<Manifest> {
    if folder.exists() {
        bail!(
            "{} is there already: a backup makes a folder of its own",
            folder.display()
        );
    }
    let key = ServerKey::read(&config.key_path()).with_context(|| {
        format!(
            "reading {}: is this the server's data folder?",
            config.key_path().display()
        )
    })?;
    let part = part_of(folder)?;
    // Of a backup that was killed.
    match fs::remove_dir_all(&part) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(error).with_context(|| format!("removing {}", part.display()));
        }
        Ok(()) | Err(_) => {}
    }
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&part)
        .with_context(|| format!("making {}", part.display()))?;
    let made = fill(config, &key, &part).await;
    let made = made.and_then(|manifest| {
        fs::rename(&part, folder).with_context(|| format!("making {}", folder.display()))?;
        sync_folder(folder.parent().unwrap_or_else(|| Path::new(".")))?;
        Ok(manifest)
    });
    if made.is_err() {
        // What failed is told; what is left is removed by the next backup at the latest.
        _ = fs::remove_dir_all(&part);
    }
    made
}

async fn fill(config: &Config, key: &ServerKey, part: &Path) -> anyhow::Result<Manifest> {
    let copied = config.data_dir.join(copy(config, key).await?);
    let database = part.join(DATABASE);
    let moved = move_file(&copied, &database);
    if moved.is_err() {
        _ = fs::remove_file(&copied);
    }
    moved.with_context(|| format!("moving the copy to {}", database.display()))?;
    copy_file(&config.key_path(), &part.join(KEY)).context("copying server.key")?;
    let (checked, part_of_it) = (Seen::of(database).await?, part.to_owned());
    if let Some(fault) = checked.faults.first() {
        bail!("the copy is damaged, and so may the store be: {fault}");
    }
    let manifest = Manifest::new(checked, Clock::start().now());
    manifest.write(&part_of_it.join(MANIFEST))?;
    sync_folder(&part_of_it)?;
    Ok(manifest)
}

/// Copies the store into the data folder; gives the file's name.
async fn copy(config: &Config, key: &ServerKey) -> anyhow::Result<String> {
    match Running::look(&config.data_dir) {
        Running::Yes(Some(note)) => {
            let until = Clock::start().now() + PASS_LIFETIME;
            let client = reqwest::Client::builder()
                .no_proxy()
                .build()
                .context("asking the server")?;
            let response = client
                .post(format!("http://{}/backup", note.admin))
                .bearer_auth(pass::make(key, PURPOSE, until))
                .send()
                .await
                .context("asking the server for a copy")?;
            if !response.status().is_success() {
                let words = response.text().await.unwrap_or_default();
                bail!("the server made no copy, and its log says why: {words}");
            }
            let copied: Copied = response.json().await.context("reading the server's answer")?;
            Ok(copied.file)
        }
        Running::Yes(None) => bail!("the server is starting: try again in a moment"),
        Running::Unknown(why) => bail!("whether a server runs cannot be seen ({why}): run this as the server's user"),
        Running::No => {
            if !config.database_path().exists() {
                bail!("there is no store in {}", config.data_dir.display());
            }
            let file = copy_name();
            let store = Store::open(&config.database_path()).context("opening the store")?;
            let copied = store.back_up(config.data_dir.join(&file)).await;
            store.close().await;
            copied.context("copying the store")?;
            Ok(file)
        }
    }
}

/// The folder's name while it is not whole.
fn part_of(folder: &Path) -> anyhow::Result<PathBuf> {
    let name = folder.file_name().context("a backup needs a folder's name")?;
    let mut name = name.to_owned();
    name.push(".part");
    Ok(folder.with_file_name(name))
}

/// Moves a file, to another disk too.
fn move_file(from: &Path, to: &Path) -> io::Result<()> {
    match fs::rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
            copy_file(from, to)?;
            fs::remove_file(from)
        }
        moved => moved,
    }
}

/// Copies a file, readable by its owner only, and waits for the disk.
fn copy_file(from: &Path, to: &Path) -> io::Result<()> {
    let mut source = fs::File::open(from)?;
    let mut target = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(to)?;
    io::copy(&mut source, &mut target)?;
    target.sync_all()
}

fn sync_folder(folder: &Path) -> anyhow::Result<()> {
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let synced = fs::File::open(folder).and_then(|folder| folder.sync_all());
    synced.with_context(|| format!("waiting for the disk at {}", folder.display()))
}
