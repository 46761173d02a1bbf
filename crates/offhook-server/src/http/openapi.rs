//! `GET /openapi.json`: the Platform API as an OpenAPI 3.1 document, for people who generate clients and for `/docs`.
//!
//! The bodies are the derived schemas of `offhook-proto`; the operations stand beside the handlers, one file a resource. A
//! test holds the document against the routers and against `docs/openapi.json`, which `cargo xtask generate` writes.

mod api_token;
mod calls_user;
mod direct_call;
mod metadata;
mod operation;
mod schemas;
mod usage;
mod user;
mod webhook;

use std::sync::LazyLock;

use axum::http::header;
use axum::response::IntoResponse;
use serde_json::{Map, Value, json};

use self::operation::{Dialect, Operation};

/// What the document says of itself.
const ABOUT: &str = "For your server, never for a page: the API token can do everything in its application.\n\n\
    Paths under `/v3` are about users and their tokens, paths under `/v1` about calls. Both take and answer JSON. Unknown \
    fields are ignored, and a field of a request that is null counts as left out. Ids in paths are percent-encoded. Every \
    success is HTTP 200; what has nothing to say answers `{}`. Times are UTC milliseconds unless they say otherwise.\n\n\
    Mind that `/v3` answers HTTP 400 with the code 400201 where something is not found.";

static TEXT: LazyLock<String> = LazyLock::new(|| format!("{:#}\n", document()));

/// Answers with the document, which pages of any origin may read.
pub async fn get() -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-cache"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    ];
    (headers, TEXT.as_str())
}

/// Writes the document.
pub fn document() -> Value {
    let operations = operations();
    let mut paths = Map::new();
    for operation in &operations {
        let path = paths.entry(operation.path()).or_insert_with(|| json!({}));
        if let Some(methods) = path.as_object_mut() {
            methods.insert(operation.method().to_owned(), operation.to_json());
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Offhook Platform API",
            "version": env!("CARGO_PKG_VERSION"),
            "description": ABOUT,
        },
        "servers": [{ "url": "/" }],
        "security": [{ "ApiToken": [] }],
        "tags": tags(&operations),
        "paths": paths,
        "components": {
            "schemas": schemas::of(&operations),
            "responses": Dialect::responses(),
            "securitySchemes": {
                "ApiToken": {
                    "type": "apiKey", "in": "header", "name": "Api-Token",
                    "description": "An API token of the application, the master or a secondary one.",
                },
            },
        },
    })
}

/// Every operation there is, in the order in which they are shown.
fn operations() -> Vec<Operation> {
    [
        user::operations(),
        metadata::operations(),
        api_token::operations(),
        direct_call::operations(),
        calls_user::operations(),
        webhook::operations(),
        usage::operations(),
    ]
    .concat()
}

/// The resources, in the order of their first operation.
fn tags(operations: &[Operation]) -> Vec<Value> {
    let mut names: Vec<&str> = Vec::new();
    for operation in operations {
        if !names.contains(&operation.tag()) {
            names.push(operation.tag());
        }
    }
    names.into_iter().map(|name| json!({ "name": name })).collect()
}

#[cfg(test)]
mod tests;
