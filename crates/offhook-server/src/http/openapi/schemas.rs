//! The schemas that operations refer to, with examples of the great ones.

use serde_json::{Map, Value, json};

use super::operation::{Dialect, Operation};

/// Every schema, by name.
pub fn of(operations: &[Operation]) -> Value {
    let mut schemas = Map::new();
    for (name, schema) in operations.iter().flat_map(Operation::schemas) {
        schemas.insert(name.clone(), schema.clone());
    }
    for (name, example) in examples() {
        if let Some(schema) = schemas.get_mut(name).and_then(Value::as_object_mut) {
            schema.insert("examples".to_owned(), json!([example]));
        }
    }
    schemas.insert("ErrorV1".to_owned(), Dialect::Calls.schema());
    schemas.insert("ErrorV3".to_owned(), Dialect::Users.schema());
    Value::Object(schemas)
}

fn examples() -> [(&'static str, Value); 2] {
    let user = json!({
        "user_id": "alice", "nickname": "Alice", "profile_url": "", "access_token": "", "has_ever_logged_in": true,
        "is_active": true, "is_online": false, "last_seen_at": 1_764_150_000_000_u64, "created_at": 1_764_100_000,
        "discovery_keys": [], "preferred_languages": [], "metadata": { "team": "blue" },
        "is_hide_me_from_friends": false, "is_shadow_blocked": false, "require_auth_for_profile_image": false,
        "locale": "", "unread_channel_count": 0, "unread_message_count": 0,
    });
    let call = json!({
        "call_id": "0b5f2f0e-6d4c-4b1e-9a53-3f6f5f0a7c11", "call_type": "direct_call", "is_video_call": true,
        "state": "ended", "caller_id": "alice", "callee_id": "ben", "started_by": "alice",
        "participants": [
            { "user_id": "alice", "role": "dc_caller", "nickname": "Alice", "profile_url": "" },
            { "user_id": "ben", "role": "dc_callee", "nickname": "Ben", "profile_url": "" },
        ],
        "started_at": 1_764_150_000_000_u64, "created_at": 1_764_150_000_000_u64, "duration": 247_000,
        "end_result": "completed", "ended_by": "ben", "ended_at": 1_764_150_251_000_u64, "custom_items": {},
    });
    [("UserBody", user), ("DirectCall", call)]
}
