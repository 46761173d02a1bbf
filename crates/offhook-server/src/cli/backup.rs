//! `offhook backup` and `offhook restore`.

use std::path::PathBuf;

use super::Out;
use crate::backup::{self, Manifest};
use crate::config::Config;

/// What `backup` takes.
#[derive(Debug, clap::Args)]
pub struct BackupOptions {
    /// The folder to make, which must not be there yet.
    folder: PathBuf,
    /// Print the manifest as JSON.
    #[arg(long)]
    json: bool,
}

/// What `restore` takes beside the configuration.
#[derive(Debug, clap::Args)]
pub struct RestoreOptions {
    /// The folder that `offhook backup` made.
    folder: PathBuf,
    /// Replace the store that is in the data folder. It is kept beside.
    #[arg(long)]
    overwrite: bool,
}

/// Makes a backup.
pub async fn back_up(config: &Config, options: BackupOptions) -> anyhow::Result<()> {
    let manifest = backup::make(config, &options.folder).await?;
    if options.json {
        writeln!(Out, "{}", serde_json::to_string(&manifest)?)?;
    } else {
        writeln!(
            Out,
            "Backed up {} into {}.",
            in_words(&manifest),
            options.folder.display()
        )?;
        writeln!(
            Out,
            "The folder holds server.key, which opens everything in it: keep it as safe as the server."
        )?;
    }
    Ok(())
}

/// Restores a backup.
pub async fn restore(config: &Config, options: RestoreOptions) -> anyhow::Result<()> {
    let restored = backup::restore(config, &options.folder, options.overwrite).await?;
    writeln!(
        Out,
        "Restored {} into {}. Start the server next: offhook serve",
        in_words(&restored.manifest),
        config.data_dir.display()
    )?;
    if let Some(replaced) = restored.replaced {
        writeln!(
            Out,
            "What was there before is in {}: remove it once all is well.",
            replaced.display()
        )?;
    }
    Ok(())
}

fn in_words(manifest: &Manifest) -> String {
    format!(
        "{} applications, {} users and {} calls",
        manifest.applications, manifest.users, manifest.calls
    )
}
