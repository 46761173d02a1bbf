use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What operators load, and where they read what there is.
const DASHBOARD: &str = "deploy/grafana/offhook.json";
const ALERTS: &str = "deploy/prometheus/offhook.rules.yaml";
const MANUAL: &str = "docs/operations.md";

#[test]
fn dashboard_and_alerts_name_metrics_that_there_are() {
    let published = published();
    assert!(published.contains("offhook_sockets"));
    for file in [DASHBOARD, ALERTS] {
        let named = names(&std::fs::read_to_string(top().join(file)).unwrap());
        assert!(!named.is_empty());
        let unknown: Vec<_> = named.difference(&published).collect();
        assert!(unknown.is_empty(), "{file} names {unknown:?}");
    }
}

#[test]
fn the_manual_names_every_metric_and_no_other() {
    assert_eq!(
        names(&std::fs::read_to_string(top().join(MANUAL)).unwrap()),
        published()
    );
}

/// The names that stand in the macros that publish them.
fn published() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for file in ["offhook-server", "offhook-store"].into_iter().flat_map(sources) {
        let text = std::fs::read_to_string(file).unwrap();
        for part in ["counter!(", "gauge!(", "histogram!("] {
            let after = text
                .split(part)
                .skip(1)
                .filter_map(|after| after.trim_start().strip_prefix('"'));
            found.extend(after.filter_map(|name| Some(name.split_once('"')?.0.to_owned())));
        }
    }
    found
}

/// The words of a text that begin as our metrics do.
fn names(text: &str) -> BTreeSet<String> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter(|word| word.starts_with("offhook_") && !NO_METRICS.contains(word))
        .map(str::to_owned)
        .collect()
}

/// Words of the manual that are targets of the log.
const NO_METRICS: [&str; 1] = ["offhook_server"];

fn sources(package: &str) -> Vec<PathBuf> {
    let mut folders = vec![top().join("crates").join(package).join("src")];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let is_test = path.ends_with("tests.rs") || path.ends_with("tests");
            if path.is_dir() {
                folders.push(path);
            } else if !is_test {
                found.push(path);
            }
        }
    }
    found
}

fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
