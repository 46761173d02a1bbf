//! What SDKs ask by HTTP: `/client/v1`.

pub mod authenticate;
pub mod direct_calls;
pub mod push_tokens;
pub mod session;
pub mod web_push;
