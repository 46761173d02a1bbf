//! Who speaks: HMAC-SHA256 by keys that only the application and this server have.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use offhook_core::time::Timestamp;

use crate::secret;

/// Of the body alone, as published clients check it.
pub const BODY_SIGNATURE: HeaderName = HeaderName::from_static("x-sendbird-signature");
/// Of the time and the body: a copy that is sent again later does not pass for a new one.
pub const TIMED_SIGNATURE: HeaderName = HeaderName::from_static("x-offhook-signature");

/// Signs a body by each key, the first of which is the present one.
pub fn sign(keys: &[Vec<u8>], now: Timestamp, body: &[u8], headers: &mut HeaderMap) {
    if let Some(key) = keys.first() {
        set(headers, BODY_SIGNATURE, &mac(key, body));
    }
    let seconds = now.as_millis() / 1000;
    let timed = [format!("{seconds}.").as_bytes(), body].concat();
    let macs: String = keys.iter().map(|key| format!(",v1={}", mac(key, &timed))).collect();
    set(headers, TIMED_SIGNATURE, &format!("t={seconds}{macs}"));
}

fn mac(key: &[u8], message: &[u8]) -> String {
    let tag = secret::authenticate(key, message);
    tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    // Digits and letters always are a value.
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests;
