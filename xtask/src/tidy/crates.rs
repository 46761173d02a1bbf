//! What `cargo metadata` tells: who depends on whom, and on what.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::Metadata;

use super::licence;

/// One of our crates and the crates of ours that it names.
#[derive(Debug)]
pub struct Ours {
    /// Its name.
    pub name: String,
    /// What it and its tests are built from.
    pub uses: Vec<String>,
}

/// A package in the tree, ours or another's.
#[derive(Debug)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its licence expression, as its author wrote it.
    pub licence: Option<String>,
}

/// The arrows that are drawn in ARCHITECTURE.md: crate, and what it and its tests may use.
const ARROWS: [(&str, &[&str]); 10] = [
    ("offhook-core", &[]),
    ("offhook-proto", &["offhook-core"]),
    ("offhook-store", &["offhook-core"]),
    ("offhook-client", &["offhook-proto"]),
    ("offhook-udp", &[]),
    (
        "offhook-server",
        &[
            "offhook-client",
            "offhook-core",
            "offhook-proto",
            "offhook-store",
            "offhook-turn",
            "offhook-udp",
        ],
    ),
    (
        "offhook-sim",
        &["offhook-core", "offhook-store", "offhook-client", "offhook-proto"],
    ),
    ("offhook-turn", &[]),
    ("offhook-bench", &["offhook-core", "offhook-turn", "offhook-udp"]),
    ("xtask", &[]),
];

/// Second versions of direct dependencies that cannot be helped, each with its reason.
const SECOND_VERSIONS: [(&str, &str); 2] = [
    ("base64", "axum 0.8 wants 0.22, hyper-util 0.1.21 wants 0.23"),
    ("rcgen", "rustls-acme 0.15 wants 0.13, dimpl 0.9 (of str0m) wants 0.14"),
];

/// Reads our crates and the arrows between them.
pub fn our_crates(metadata: &Metadata) -> Vec<Ours> {
    let members: BTreeSet<&str> = metadata
        .workspace_packages()
        .iter()
        .map(|package| package.name.as_str())
        .collect();
    metadata
        .workspace_packages()
        .into_iter()
        .map(|package| {
            let named = package.dependencies.iter().map(|dependency| dependency.name.clone());
            Ours {
                name: package.name.to_string(),
                uses: named.filter(|name| members.contains(name.as_str())).collect(),
            }
        })
        .collect()
}

/// Reads every package in the tree.
pub fn all_packages(metadata: &Metadata) -> Vec<Package> {
    metadata
        .packages
        .iter()
        .map(|package| Package {
            name: package.name.to_string(),
            version: package.version.to_string(),
            licence: package.license.clone(),
        })
        .collect()
}

/// Reads the names of others' packages that our crates name.
pub fn direct_dependencies(metadata: &Metadata) -> BTreeSet<String> {
    metadata
        .workspace_packages()
        .into_iter()
        .flat_map(|package| &package.dependencies)
        .map(|dependency| dependency.name.clone())
        .collect()
}

/// Finds arrows between our crates that nobody drew.
pub fn arrows(crates: &[Ours]) -> Vec<String> {
    let mut problems = Vec::new();
    for ours in crates {
        let Some((_, uses)) = ARROWS.iter().find(|(name, _)| *name == ours.name) else {
            problems.push(format!(
                "{}: a new crate; say in xtask/src/tidy/crates.rs what it may use",
                ours.name
            ));
            continue;
        };
        // Its tests may name itself.
        let is_known = |used: &str| uses.contains(&used) || used == ours.name;
        for used in ours.uses.iter().filter(|used| !is_known(used)) {
            problems.push(format!("{} must not use {used}", ours.name));
        }
    }
    problems
}

/// Finds packages whose licence is not on the list.
pub fn licences(packages: &[Package]) -> Vec<String> {
    packages
        .iter()
        .filter(|package| !package.licence.as_deref().is_some_and(licence::is_allowed))
        .map(|package| {
            let Package { name, version, licence } = package;
            format!(
                "{name} {version}: its licence is not allowed: {}",
                licence.as_deref().unwrap_or("none named")
            )
        })
        .collect()
}

/// Finds direct dependencies that are in the tree in more than one version.
pub fn second_versions(direct: &BTreeSet<String>, packages: &[Package]) -> Vec<String> {
    let mut versions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for package in packages.iter().filter(|package| direct.contains(&package.name)) {
        versions.entry(&package.name).or_default().push(&package.version);
    }
    versions
        .into_iter()
        .filter(|(name, found)| found.len() > 1 && !SECOND_VERSIONS.iter().any(|(known, _)| known == name))
        .map(|(name, found)| format!("{name} is in the tree more than once: {}", found.join(", ")))
        .collect()
}

#[cfg(test)]
mod tests;
