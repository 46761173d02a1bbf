use std::collections::BTreeSet;
use std::path::Path;

use super::*;

/// Every route, but for those of the pages, that is written in `src/http/NAME.rs` and the folder beside it, by what the router
/// is given: `.route("PATH", get(…)…)`.
fn written(names: &[&str]) -> BTreeSet<(String, String)> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http");
    let mut files: Vec<_> = names.iter().map(|name| source.join(format!("{name}.rs"))).collect();
    let mut folders: Vec<_> = names.iter().map(|name| source.join(name)).collect();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if !path.ends_with("admin/dashboard.rs") && !path.ends_with("tests.rs") {
                files.push(path);
            }
        }
    }
    let mut routes = BTreeSet::new();
    for file in files {
        let text = std::fs::read_to_string(file).unwrap();
        for route in text.split(".route(").skip(1) {
            let path = route.split('"').nth(1).unwrap();
            let verbs = ["get", "post", "put", "delete", "patch"];
            let named = verbs.into_iter().filter(|verb| {
                let called = format!("{verb}(");
                route
                    .match_indices(&called)
                    .any(|(at, _)| !route[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_'))
            });
            routes.extend(named.map(|verb| (verb.to_uppercase(), path.to_owned())));
        }
    }
    routes
}

fn access(method: &str, path: &str) -> Option<Access> {
    of(&method.parse().unwrap(), path)
}

#[test]
fn every_route_that_is_written_is_in_the_table() {
    let own = written(&["admin"]);
    let shared = written(&["v1", "v3"]);
    assert!(
        own.contains(&("DELETE".to_owned(), "/admin/v1/session".to_owned())),
        "{own:?}"
    );
    assert!(
        shared.contains(&("POST".to_owned(), "/v3/users/{user_id}/token".to_owned())),
        "{shared:?}"
    );
    let missing: Vec<_> = own
        .iter()
        .map(|(verb, path)| (verb, path.clone()))
        .chain(
            shared
                .iter()
                .map(|(verb, path)| (verb, format!("/admin/v1{APPLICATION}{path}"))),
        )
        .filter(|(verb, path)| access(verb, path).is_none())
        .collect();
    assert!(missing.is_empty(), "say in access.rs who may use {missing:?}");
}

#[test]
fn a_route_that_is_not_in_the_table_is_nobodys() {
    for (method, path) in [
        ("GET", "/admin/v1/nothing"),
        ("PATCH", "/admin/v1/session"),
        ("GET", "/admin/v1/v3/users"),
        ("GET", "/v3/users"),
        ("GET", "/admin/v1/applications/{app_id}/administrators"),
        ("GET", ""),
    ] {
        assert_eq!(access(method, path), None, "{method} {path}");
    }
    assert_eq!(access("HEAD", "/admin/v1/session"), Some(From(Viewer)));
}

#[test]
fn viewers_write_nothing_but_what_is_their_own() {
    for (method, path, access) in OWN.iter().chain(OF_AN_APPLICATION) {
        if *access == From(Viewer) {
            assert!(*method == "GET" || path.starts_with("/session"), "{method} {path}");
        }
    }
    assert!(OF_AN_APPLICATION.iter().all(|(_, _, access)| *access != Anybody));
}

#[test]
fn a_route_is_named_once() {
    for table in [OWN, OF_AN_APPLICATION] {
        let names: BTreeSet<_> = table.iter().map(|(method, path, _)| (method, path)).collect();
        assert_eq!(names.len(), table.len());
    }
}
