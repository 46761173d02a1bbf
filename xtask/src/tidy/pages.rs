//! The pages of `docs/`: each is in the summary, and each link leads to something.

use std::collections::BTreeSet;

use super::files::Tracked;

/// The list of pages.
const SUMMARY: &str = "docs/SUMMARY.md";

/// Finds pages that the summary does not list, and links that lead nowhere.
pub fn problems(files: &[Tracked]) -> Vec<String> {
    let paths: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    let listed: BTreeSet<String> = files
        .iter()
        .filter(|file| file.path == SUMMARY)
        .flat_map(|file| links(&file.text))
        .map(|link| format!("docs/{}", link.file))
        .collect();
    let mut problems = Vec::new();
    for page in files.iter().filter(|file| is_page(&file.path)) {
        if page.path != SUMMARY && !listed.contains(&page.path) {
            problems.push(format!("{}: {SUMMARY} does not list it", page.path));
        }
        for link in links(&page.text) {
            let target = beside(&page.path, link.file);
            let is_there =
                paths.contains(target.as_str()) || paths.iter().any(|path| path.starts_with(&format!("{target}/")));
            if !is_there {
                problems.push(format!("{}: a link to {}, which is not there", page.path, link.file));
            }
            let anchored = files.iter().find(|file| file.path == target).zip(link.fragment);
            if anchored.is_some_and(|(file, fragment)| !anchors(&file.text).any(|anchor| anchor == fragment)) {
                let fragment = link.fragment.unwrap_or_default();
                problems.push(format!("{}: {} has no heading {fragment:?}", page.path, link.file));
            }
        }
    }
    problems
}

/// A link to another file of the tree.
struct Link<'a> {
    file: &'a str,
    fragment: Option<&'a str>,
}

/// Whether a file is a page of the guide: those in folders below, such as decisions, are for developers.
fn is_page(path: &str) -> bool {
    path.strip_prefix("docs/")
        .is_some_and(|name| name.ends_with(".md") && !name.contains('/'))
}

fn links(text: &str) -> impl Iterator<Item = Link<'_>> {
    let targets = text
        .split("](")
        .skip(1)
        .filter_map(|after| Some(after.split_once(')')?.0));
    targets
        .filter(|target| !target.contains("://") && !target.starts_with(['#', '/']) && !target.starts_with("mailto:"))
        .filter(|target| target.contains(['.', '/']) && !target.contains([' ', '`', '"']))
        .map(|target| {
            let (file, fragment) = target.split_once('#').unzip();
            Link {
                file: file.unwrap_or(target),
                fragment,
            }
        })
}

/// The path of a file that is named from `page`.
fn beside(page: &str, file: &str) -> String {
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in file.trim_end_matches('/').split('/') {
        match part {
            ".." => drop(parts.pop()),
            "." => {}
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// What headings can be linked to as.
fn anchors(text: &str) -> impl Iterator<Item = String> + '_ {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    headings.map(|line| {
        let words = line.trim_start_matches('#').trim().to_lowercase();
        let kept = words
            .chars()
            .filter(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | ' '));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect()
    })
}

#[cfg(test)]
mod tests;
