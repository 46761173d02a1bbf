//! The TypeScript types are written from `offhook-proto`, committed, and never edited.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, bail};

use crate::run::{command, quietly, root};

const FOLDER: &str = "web/sdk/src/generated";

/// Writes the types into the tree.
pub fn write() -> anyhow::Result<()> {
    let folder = root().join(FOLDER);
    let fresh = fresh_types()?;
    std::fs::create_dir_all(&folder).with_context(|| format!("creating {FOLDER}"))?;
    for name in read_types(&folder)?.keys().filter(|name| !fresh.contains_key(*name)) {
        std::fs::remove_file(folder.join(name)).with_context(|| format!("removing {name}"))?;
    }
    for (name, text) in &fresh {
        std::fs::write(folder.join(name), text).with_context(|| format!("writing {name}"))?;
    }
    println!("    {} types in {FOLDER}", fresh.len());
    Ok(())
}

/// Fails if the types in the tree are not what `offhook-proto` says.
pub fn check() -> anyhow::Result<()> {
    let stale = differences(&read_types(&root().join(FOLDER))?, &fresh_types()?);
    if !stale.is_empty() {
        bail!(
            "{FOLDER} is not what offhook-proto says ({}): run `cargo xtask generate`",
            stale.join(", ")
        );
    }
    Ok(())
}

type Types = BTreeMap<String, String>;

fn fresh_types() -> anyhow::Result<Types> {
    let folder = root().join("target/xtask/generated");
    if folder.exists() {
        std::fs::remove_dir_all(&folder).context("emptying target/xtask/generated")?;
    }
    std::fs::create_dir_all(&folder).context("creating target/xtask/generated")?;
    // ts-rs writes a type's file in a test of that type.
    let mut cargo = command(
        "cargo",
        [
            "test",
            "--quiet",
            "--package",
            "offhook-proto",
            "--features",
            "ts",
            "--lib",
            "export_bindings",
        ],
    );
    cargo.env("TS_RS_EXPORT_DIR", &folder);
    quietly("writing TypeScript types", cargo)?;
    let types = read_types(&folder)?;
    if types.is_empty() {
        bail!("offhook-proto wrote no TypeScript types");
    }
    Ok(types)
}

fn read_types(folder: &Path) -> anyhow::Result<Types> {
    let mut types = Types::new();
    if !folder.exists() {
        return Ok(types);
    }
    for entry in std::fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))? {
        let path = entry.context("reading a folder's entry")?.path();
        if let Some(name) = path.file_name().and_then(|name| name.to_str())
            && path.is_file()
        {
            let text = std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
            types.insert(name.to_owned(), text);
        }
    }
    Ok(types)
}

/// The files that are missing, superfluous or different.
fn differences(found: &Types, wanted: &Types) -> Vec<String> {
    let mut names: Vec<&String> = found.keys().chain(wanted.keys()).collect();
    names.sort();
    names.dedup();
    names
        .into_iter()
        .filter(|name| found.get(*name) != wanted.get(*name))
        .cloned()
        .collect()
}

#[cfg(test)]
mod tests;
