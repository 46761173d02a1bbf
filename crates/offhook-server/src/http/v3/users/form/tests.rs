use serde_json::json;

use super::*;

#[test]
fn a_part_is_what_it_would_be_in_an_object() {
    for (name, text, value) in [
        ("user_id", "12", json!("12")),
        ("nickname", "true", json!("true")),
        ("profile_url", "[1]", json!("[1]")),
        ("is_active", "true", json!(true)),
        ("last_seen_at", "12", json!(12)),
        ("metadata", r#"{"team": "blue"}"#, json!({"team": "blue"})),
        ("is_active", "perhaps", json!("perhaps")),
        ("discovery_keys", "12", json!(["12"])),
        ("discovery_keys", r#"["a", "b"]"#, json!(["a", "b"])),
        ("discovery_keys", "[a", json!(["[a"])),
    ] {
        assert_eq!(value_of(name, text), value, "{name}={text}");
    }
}
