//! `cargo xtask tidy`: promises about the shape of the tree that no compiler keeps.

mod crates;
mod files;
mod licence;
mod pages;

use anyhow::{Context as _, bail};

use crate::run::root;

/// Checks all promises and names every one that is broken.
pub fn run() -> anyhow::Result<()> {
    let metadata = cargo_metadata::MetadataCommand::new()
        .current_dir(root())
        .exec()
        .context("reading cargo metadata")?;
    let mut problems = Vec::new();
    problems.extend(crates::arrows(&crates::our_crates(&metadata)));
    problems.extend(crates::licences(&crates::all_packages(&metadata)));
    problems.extend(crates::second_versions(
        &crates::direct_dependencies(&metadata),
        &crates::all_packages(&metadata),
    ));
    let tracked = files::tracked()?;
    problems.extend(tracked.iter().flat_map(files::problems));
    problems.extend(pages::problems(&tracked));
    if !problems.is_empty() {
        bail!("the tree is not tidy:\n  {}", problems.join("\n  "));
    }
    Ok(())
}
