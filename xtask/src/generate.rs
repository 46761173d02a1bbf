//! The TypeScript types are written from `offhook-proto`, the OpenAPI document by the server; both are committed, and never
//! edited.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, bail};

use crate::run::{command, quietly, root};

/// What `offhook-proto` exports at the top is the SDK's; what it exports to `dashboard/` is the dashboard's, which takes the
/// words that both use from the SDK.
const SDK: &str = "web/sdk/src/generated";
const DASHBOARD: &str = "web/dashboard/src/generated";
/// What the server answers at `/openapi.json`.
const DOCUMENT: &str = "docs/openapi.json";

/// Writes types and document into the tree.
pub fn write() -> anyhow::Result<()> {
    for (place, fresh) in fresh_types()? {
        let folder = root().join(place);
        std::fs::create_dir_all(&folder).with_context(|| format!("creating {place}"))?;
        for name in read_types(&folder)?.keys().filter(|name| !fresh.contains_key(*name)) {
            std::fs::remove_file(folder.join(name)).with_context(|| format!("removing {name}"))?;
        }
        for (name, text) in &fresh {
            std::fs::write(folder.join(name), text).with_context(|| format!("writing {name}"))?;
        }
        println!("    {} types in {place}", fresh.len());
    }
    write_document()
}

/// A test of the server writes the document where it is asked to; else it holds the committed one against its own.
fn write_document() -> anyhow::Result<()> {
    let mut cargo = command(
        "cargo",
        [
            "test",
            "--quiet",
            "--package",
            "offhook-server",
            "--lib",
            "the_committed_document_is_what_the_server_serves",
        ],
    );
    cargo.env("OFFHOOK_OPENAPI_FILE", root().join(DOCUMENT));
    quietly("writing the OpenAPI document", cargo)
}

/// Fails if the types in the tree are not what `offhook-proto` says.
pub fn check() -> anyhow::Result<()> {
    for (place, fresh) in fresh_types()? {
        let stale = differences(&read_types(&root().join(place))?, &fresh);
        if !stale.is_empty() {
            bail!(
                "{place} is not what offhook-proto says ({}): run `cargo xtask generate`",
                stale.join(", ")
            );
        }
    }
    Ok(())
}

type Types = BTreeMap<String, String>;

fn fresh_types() -> anyhow::Result<[(&'static str, Types); 2]> {
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
    let sdk = read_types(&folder)?;
    let mut dashboard = read_types(&folder.join("dashboard"))?;
    if sdk.is_empty() || dashboard.is_empty() {
        bail!("offhook-proto wrote no TypeScript types");
    }
    for text in dashboard.values_mut() {
        *text = text.replace("from \"../", "from \"../../../sdk/src/generated/");
    }
    Ok([(SDK, sdk), (DASHBOARD, dashboard)])
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
