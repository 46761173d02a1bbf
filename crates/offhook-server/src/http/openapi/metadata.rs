//! What an application notes about its users: `/v3/users/{user_id}/metadata`.

use serde_json::json;

use super::operation::{Field, Operation};

const TAG: &str = "Metadata";
const ALL: &str = "/v3/users/{user_id}/metadata";
const ONE: &str = "/v3/users/{user_id}/metadata/{key}";

/// What may be asked of metadata. Answers hold the items that the request named.
pub fn operations() -> Vec<Operation> {
    vec![
        Operation::new("get", ALL, TAG, "list_metadata", "Show all items")
            .path_fields([Field::user_id()])
            .answers_items(),
        Operation::new("post", ALL, TAG, "create_metadata", "Add items")
            .about("A key that is there already is refused with 400202.")
            .path_fields([Field::user_id()])
            .body([items()])
            .answers_items(),
        Operation::new("put", ALL, TAG, "update_metadata", "Set items")
            .about("Keys that are new are left out, unless `upsert` is true.")
            .path_fields([Field::user_id()])
            .body([items(), upsert()])
            .answers_items(),
        Operation::new("delete", ALL, TAG, "delete_all_metadata", "Delete all items").path_fields([Field::user_id()]),
        Operation::new("get", ONE, TAG, "view_metadata", "Show an item")
            .path_fields([Field::user_id(), key()])
            .answers_items(),
        Operation::new("put", ONE, TAG, "update_metadata_item", "Set an item")
            .about("A key that is new is left out, unless `upsert` is true.")
            .path_fields([Field::user_id(), key().characters(1, 128)])
            .body([
                Field::text("value")
                    .about("The value.")
                    .characters(0, 190)
                    .required()
                    .example(json!("blue")),
                upsert(),
            ])
            .answers_items(),
        Operation::new("delete", ONE, TAG, "delete_metadata", "Delete an item")
            .about("One that is not there is no error.")
            .path_fields([Field::user_id(), key()]),
    ]
}

fn key() -> Field {
    Field::text("key")
        .about("The item's key, of at most 128 characters.")
        .example(json!("team"))
}

fn items() -> Field {
    Field::items("metadata", 5)
        .about("Keys of 1 to 128 characters without a comma, values of at most 190.")
        .required()
        .example(json!({ "team": "blue" }))
}

fn upsert() -> Field {
    Field::boolean("upsert")
        .about("Whether keys that are new are made.")
        .default(json!(false))
}
