//! HMAC, as the STUN codec brings it.
//!
//! The codec needs it for message integrity in any case, so the passwords and nonces take it from there and the crate has
//! no second implementation in its tree.

use std::fmt::Write as _;

use stun_types::attribute::MessageIntegrity;
use stun_types::message::ShortTermCredentials;

/// HMAC-SHA1 (RFC 2104) over the parts, one after the other.
pub fn hmac_sha1(key: &str, parts: &[&[u8]]) -> [u8; 20] {
    let key = ShortTermCredentials::new(key.to_owned()).make_key();
    MessageIntegrity::compute(parts, &key).unwrap_or_default()
}

/// Bytes as hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}
