//! What a stranger sends as the body of a request: read or refused, field by field.
#![no_main]

use libfuzzer_sys::fuzz_target;
use offhook_proto::session::AuthenticateRequest;
use offhook_server::http::fields::Fields;

fuzz_target!(|bytes: &[u8]| {
    _ = serde_json::from_slice::<AuthenticateRequest>(bytes);
    let Ok(fields) = Fields::read(bytes) else {
        return;
    };
    for name in ["user_id", "nickname", "profile_url", "access_token", "key", "value"] {
        _ = fields.text(name);
    }
    for name in ["issue_access_token", "issue_session_token", "is_active", "upsert"] {
        _ = fields.boolean(name);
    }
    _ = fields.time("expires_at");
    _ = fields.time("session_token_expires_at");
    _ = fields.list_of_text("discovery_keys");
    _ = fields.object_of_text("metadata");
});
