use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{TEXT, document};

/// Where the document is kept for readers of the tree.
const COMMITTED: &str = "docs/openapi.json";
/// `cargo xtask generate` says with it where to write.
const WRITE_TO: &str = "OFFHOOK_OPENAPI_FILE";
/// The files that declare the Platform API's routes.
const ROUTERS: [&str; 2] = ["src/http/v1", "src/http/v3"];

#[test]
fn the_committed_document_is_what_the_server_serves() {
    if let Some(file) = std::env::var_os(WRITE_TO) {
        std::fs::write(file, TEXT.as_str()).unwrap();
        return;
    }
    let committed = std::fs::read_to_string(crate_folder().join("../..").join(COMMITTED)).unwrap();
    assert!(committed == *TEXT, "{COMMITTED} is stale: run `cargo xtask generate`");
}

#[test]
fn every_route_is_in_the_document_and_nothing_else_is() {
    let document = document();
    let paths = document["paths"].as_object().unwrap();
    let described: BTreeSet<(String, String)> = paths
        .iter()
        .flat_map(|(path, methods)| {
            let methods = methods.as_object().unwrap().keys();
            methods.map(move |method| (path.clone(), method.clone()))
        })
        .collect();
    assert_eq!(described, routes());
}

#[test]
fn every_reference_leads_to_something() {
    let document = document();
    let mut references = Vec::new();
    collect_references(&document, &mut references);
    assert!(!references.is_empty());
    for reference in references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
}

#[test]
fn operations_have_ids_of_their_own_and_name_every_part_of_their_path() {
    let document = document();
    let mut ids = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        let parts: BTreeSet<&str> = path
            .split('/')
            .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
            .collect();
        for operation in methods.as_object().unwrap().values() {
            let id = operation["operationId"].as_str().unwrap();
            assert!(ids.insert(id.to_owned()), "{id} is there twice");
            let parameters = operation["parameters"].as_array().unwrap().iter();
            let named: BTreeSet<&str> = parameters
                .filter(|parameter| parameter["in"] == "path")
                .map(|parameter| parameter["name"].as_str().unwrap())
                .collect();
            assert_eq!(named, parts, "{path}");
        }
    }
}

/// Reads the routes where they are declared: a router does not tell them.
fn routes() -> BTreeSet<(String, String)> {
    let mut routes = BTreeSet::new();
    for file in ROUTERS.iter().flat_map(|router| sources(router)) {
        let text = std::fs::read_to_string(&file).unwrap();
        for route in text.split(".route(").skip(1) {
            let path = route.split('"').nth(1).unwrap();
            let end = route.find(";\n").unwrap_or(route.len());
            for method in ["get", "post", "put", "patch", "delete"] {
                if mentions(&route[..end], method) {
                    routes.insert((path.to_owned(), method.to_owned()));
                }
            }
        }
    }
    routes
}

/// Whether a route answers a method: `get(handler)`, and not `target(…)` nor `users::get`.
fn mentions(route: &str, method: &str) -> bool {
    let call = format!("{method}(");
    route.match_indices(&call).any(|(at, _)| {
        let before = route[..at].chars().next_back();
        before.is_none_or(|before| !before.is_alphanumeric() && before != '_')
    })
}

/// The file of a module and those below it, as far as they are there.
fn sources(module: &str) -> Vec<PathBuf> {
    let folder = crate_folder().join(module);
    let mut found = Vec::from_iter(Some(folder.with_extension("rs")).filter(|file| file.exists()));
    let mut folders = vec![folder];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found
}

fn crate_folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn collect_references<'a>(value: &'a Value, references: &mut Vec<&'a str>) {
    match value {
        Value::Object(fields) => {
            references.extend(fields.get("$ref").and_then(Value::as_str));
            fields.values().for_each(|value| collect_references(value, references));
        }
        Value::Array(items) => items.iter().for_each(|value| collect_references(value, references)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
