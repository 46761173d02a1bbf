//! What the tracked files are called, how long they are and what stands in them.

use anyhow::Context as _;

use crate::run::{output, root};

/// A tracked text file.
#[derive(Debug)]
pub struct Tracked {
    /// From the top of the tree.
    pub path: String,
    /// What stands in it.
    pub text: String,
}

/// The longest file of production code.
const MOST_LINES: usize = 500;
/// Longer files, each with its reason.
const LONGER: [(&str, &str); 0] = [];
/// Names that say nothing about what is in a file; `types.rs` is one too, while in TypeScript types need a file.
const VAGUE: [&str; 7] = ["util", "utils", "common", "helper", "helpers", "misc", "shared"];
/// Where Cargo.lock may say that packages come from.
const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";
/// Where a build machine keeps its trees: nothing in a tree may know. In pieces, or this file would break its own rule.
const MACHINE_FOLDERS: [&str; 3] = [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/")];
/// The mark of unfinished work; in pieces for the same reason.
const UNFINISHED: [&str; 3] = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];

/// Reads the tracked files that are text.
pub fn tracked() -> anyhow::Result<Vec<Tracked>> {
    let names = output("git", ["ls-files", "--cached", "--others", "--exclude-standard"])
        .context("listing the tracked files with git")?;
    Ok(names
        .lines()
        .filter_map(|path| {
            let text = std::fs::read_to_string(root().join(path)).ok()?;
            let path = path.to_owned();
            Some(Tracked { path, text })
        })
        .collect())
}

/// Finds what is wrong with one file.
pub fn problems(file: &Tracked) -> Vec<String> {
    let path = file.path.as_str();
    let name = path.rsplit('/').next().unwrap_or(path);
    let mut problems = Vec::new();
    if is_code(name) {
        problems.extend(naming(name));
        problems.extend(length(file));
    }
    match name {
        "Cargo.lock" => problems.extend(cargo_lock(&file.text)),
        "package-lock.json" => problems.extend(npm_lock(&file.text)),
        _ => {
            for (line, text) in (1..).zip(file.text.lines()) {
                problems.extend(unfinished(text).map(|problem| format!("line {line}: {problem}")));
                problems.extend(machine_path(text).map(|problem| format!("line {line}: {problem}")));
            }
        }
    }
    problems
        .into_iter()
        .map(|problem| format!("{path}: {problem}"))
        .collect()
}

fn is_code(name: &str) -> bool {
    [".rs", ".ts", ".tsx", ".mjs", ".js"]
        .iter()
        .any(|ending| name.ends_with(ending))
}

fn naming(name: &str) -> Option<String> {
    if name == "mod.rs" {
        return Some("`foo.rs` beside `foo/`, never `mod.rs`".to_owned());
    }
    let stem = name.split('.').next().unwrap_or(name);
    (VAGUE.contains(&stem) || name == "types.rs")
        .then(|| format!("{stem:?} says nothing: name the file after what is in it"))
}

fn length(file: &Tracked) -> Option<String> {
    let path = file.path.as_str();
    let is_test = path.contains("/tests/") || path.ends_with("tests.rs") || path.contains(".test.");
    let is_ours_to_split = !is_test && !path.contains("/generated/") && !LONGER.iter().any(|(known, _)| *known == path);
    let lines = file.text.lines().count();
    (is_ours_to_split && lines > MOST_LINES).then(|| format!("{lines} lines, more than {MOST_LINES}: split it"))
}

fn unfinished(line: &str) -> Option<String> {
    UNFINISHED.iter().find_map(|mark| {
        let (before, after) = line.split_once(mark)?;
        let is_word = !before.ends_with(is_word_character) && !after.starts_with(is_word_character);
        let has_issue = after
            .split_once("issue ")
            .or_else(|| after.split_once('#'))
            .is_some_and(|(_, number)| number.starts_with(|c: char| c.is_ascii_digit()));
        (is_word && !has_issue).then(|| format!("{mark} without the number of an issue"))
    })
}

fn machine_path(line: &str) -> Option<String> {
    MACHINE_FOLDERS.iter().find_map(|folder| {
        let is_path = line.match_indices(folder).any(|(at, _)| {
            !line
                .get(..at)
                .is_some_and(|before| before.ends_with(|c| is_word_character(c) || c == '.' || c == '/'))
        });
        is_path.then(|| format!("names a folder of one machine: {folder}"))
    })
}

fn is_word_character(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn cargo_lock(text: &str) -> Option<String> {
    let stranger = text
        .lines()
        .filter_map(|line| line.strip_prefix("source = "))
        .find(|source| source.trim_matches('"') != CRATES_IO)?;
    Some(format!("a package comes from elsewhere than crates.io: {stranger}"))
}

/// A lock that names a host installs from that host only: npm 11 leaves it out with `omit-lockfile-registry-resolved`.
fn npm_lock(text: &str) -> Option<String> {
    let Ok(lock) = serde_json::from_str::<serde_json::Value>(text) else {
        return Some("is not JSON".to_owned());
    };
    let packages = lock.get("packages").and_then(serde_json::Value::as_object)?;
    let (name, _) = packages.iter().find(|(_, package)| {
        package
            .get("resolved")
            .and_then(serde_json::Value::as_str)
            .is_some_and(|address| address.contains("://"))
    })?;
    Some(format!(
        "{name:?} names the host it came from: install with npm 11 and the .npmrc of the folder"
    ))
}

#[cfg(test)]
mod tests;
