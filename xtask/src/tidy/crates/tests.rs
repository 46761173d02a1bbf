use std::collections::BTreeSet;

use super::super::licence;
use super::{Ours, Package, arrows, licences, second_versions};

#[test]
fn an_arrow_that_is_not_drawn_is_a_problem() {
    let crates = [
        ours("offhook-core", &["offhook-proto"]),
        ours("offhook-proto", &["offhook-core"]),
        ours("offhook-client", &["offhook-client", "offhook-server"]),
    ];
    assert_eq!(
        arrows(&crates),
        [
            "offhook-core must not use offhook-proto",
            "offhook-client must not use offhook-server"
        ]
    );
}

#[test]
fn a_new_crate_must_be_drawn_first() {
    let problems = arrows(&[ours("offhook-utils", &[])]);
    assert_eq!(problems.len(), 1);
    assert!(problems[0].starts_with("offhook-utils: a new crate"), "{problems:?}");
}

#[test]
fn a_package_with_a_licence_that_is_not_listed_or_not_named_is_a_problem() {
    let packages = [
        package("free", "1.0.0", Some("MIT OR Apache-2.0")),
        package("viral", "2.0.0", Some("AGPL-3.0")),
        package("silent", "3.0.0", None),
    ];
    assert_eq!(
        licences(&packages),
        [
            "viral 2.0.0: its licence is not allowed: AGPL-3.0",
            "silent 3.0.0: its licence is not allowed: none named"
        ]
    );
}

#[test]
fn licence_expressions_are_met_by_one_of_or_and_by_all_of_and() {
    for (expression, expected) in [
        ("MIT", true),
        ("MIT/Apache-2.0", true),
        ("GPL-3.0 OR MIT", true),
        ("GPL-3.0 AND MIT", false),
        ("(MIT OR GPL-3.0) AND Unicode-3.0", true),
        ("(MIT OR GPL-3.0) AND GPL-3.0", false),
        ("MIT OR GPL-3.0 AND GPL-3.0", true),
        ("Apache-2.0 WITH LLVM-exception", true),
        ("MIT WITH strange-exception", false),
        ("", false),
        ("MIT OR", true),
        ("(MIT", false),
        ("MIT MIT", false),
    ] {
        assert_eq!(licence::is_allowed(expression), expected, "{expression:?}");
    }
}

#[test]
fn a_second_version_counts_only_for_direct_dependencies() {
    let direct = BTreeSet::from(["serde".to_owned()]);
    let packages = [
        package("serde", "1.0.0", Some("MIT")),
        package("serde", "2.0.0", Some("MIT")),
        package("syn", "1.0.0", Some("MIT")),
        package("syn", "2.0.0", Some("MIT")),
    ];
    assert_eq!(
        second_versions(&direct, &packages),
        ["serde is in the tree more than once: 1.0.0, 2.0.0"]
    );
}

fn ours(name: &str, uses: &[&str]) -> Ours {
    Ours {
        name: name.to_owned(),
        uses: uses.iter().map(|name| (*name).to_owned()).collect(),
    }
}

fn package(name: &str, version: &str, licence: Option<&str>) -> Package {
    Package {
        name: name.to_owned(),
        version: version.to_owned(),
        licence: licence.map(str::to_owned),
    }
}
