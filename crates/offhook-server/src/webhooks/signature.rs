//! Who speaks: HMAC-SHA256 by keys that only the application and this server have.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use offhook_core::time::Timestamp;

use crate::secret;

/// Of the body alone, as published clients check it.
pub const BODY_SIGNATURE: HeaderName = HeaderName::from_static("x-sendbird-signature");
/// Of the time and the body: a copy that is sent again later does not pass for a new one.
pub const TIMED_SIGNATURE: HeaderName = HeaderName::from_static("x-offhook-signature");

/// Signs for an application.
pub struct Signer {
    master_token: String,
    webhook_keys: Vec<Vec<u8>>,
}

impl Signer {
    /// Signs by the master API token, and by the keys of webhooks, of which the first is the present one.
    pub const fn new(master_token: String, webhook_keys: Vec<Vec<u8>>) -> Self {
        Self {
            master_token,
            webhook_keys,
        }
    }

    /// Signs what goes to the application's own server: the body by the master API token, as the published service does.
    pub fn sign_for_application(&self, now: Timestamp, body: &[u8], headers: &mut HeaderMap) {
        set(headers, BODY_SIGNATURE, &mac(self.master_token.as_bytes(), body));
        self.sign_with_time(now, body, headers);
    }

    /// Signs what goes where a dial said: by a key that can do nothing else, since what the master API token makes of a
    /// body that a user had a hand in is nobody's there.
    pub fn sign_for_call(&self, now: Timestamp, body: &[u8], headers: &mut HeaderMap) {
        if let Some(key) = self.webhook_keys.first() {
            set(headers, BODY_SIGNATURE, &mac(key, body));
        }
        self.sign_with_time(now, body, headers);
    }

    fn sign_with_time(&self, now: Timestamp, body: &[u8], headers: &mut HeaderMap) {
        let seconds = now.as_millis() / 1000;
        let timed = [format!("{seconds}.").as_bytes(), body].concat();
        let macs: String = self
            .webhook_keys
            .iter()
            .map(|key| format!(",v1={}", mac(key, &timed)))
            .collect();
        set(headers, TIMED_SIGNATURE, &format!("t={seconds}{macs}"));
    }
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signer(..)")
    }
}

fn mac(key: &[u8], message: &[u8]) -> String {
    const DIGITS: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
    ];
    let tag = secret::authenticate(key, message);
    let digits = tag.as_ref().iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| DIGITS.get(usize::from(digit))).collect()
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    // Digits and letters always are a value.
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests;
