//! Nonces that need not be remembered: the time they were made and a keyed hash over it and the client's address.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use crate::digest::hmac_sha1;
use crate::time::Time;

/// What stands before every nonce (RFC 8489 §9.2): the nonce cookie, and the security features in base64.
///
/// Bit 0 is set, password algorithms; bit 1, username anonymity, is not: a time-limited username cannot be found by its hash.
pub const COOKIE: &str = "obMatJos2gAAA";

/// How long a nonce is good; RFC 8489 §9.2 and RFC 8656 §5 recommend at most an hour.
pub const LIFETIME: Duration = Duration::from_secs(3600);

/// The bytes of the time in a nonce: seconds since 1970 fit until 2106.
const TIME_LENGTH: usize = 4;
/// The bytes of the hash in a nonce: 88 bits, far beyond what can be tried within an hour, and no padding in base64.
const HASH_LENGTH: usize = 11;

/// Makes nonces and knows them again.
#[derive(Debug)]
pub struct Nonces {
    key: String,
}

impl Nonces {
    /// Takes the key, which nobody else knows.
    pub const fn new(key: String) -> Self {
        Self { key }
    }

    /// Makes a nonce for a client at `address`.
    pub fn issue(&self, address: SocketAddr, now: Time) -> String {
        let issued_at = now.as_secs() as u32;
        let mut nonce = String::from(COOKIE);
        STANDARD_NO_PAD.encode_string(self.body(address, issued_at), &mut nonce);
        nonce
    }

    /// Whether a nonce was made here, for this client, and is not too old.
    pub fn is_good(&self, nonce: &str, address: SocketAddr, now: Time) -> bool {
        let Some(body) = nonce.strip_prefix(COOKIE) else {
            return false;
        };
        let mut bytes = [0; TIME_LENGTH + HASH_LENGTH];
        let Ok(TOTAL) = STANDARD_NO_PAD.decode_slice(body, &mut bytes) else {
            return false;
        };
        const TOTAL: usize = TIME_LENGTH + HASH_LENGTH;
        let [a, b, c, d, ..] = bytes;
        let issued_at = u32::from_be_bytes([a, b, c, d]);
        let issued = Time::from_secs(u64::from(issued_at));
        is_equal(&self.body(address, issued_at), &bytes) && issued <= now && now.since(issued) < LIFETIME
    }

    /// The time and the hash.
    fn body(&self, address: SocketAddr, issued_at: u32) -> [u8; TIME_LENGTH + HASH_LENGTH] {
        let ip = match address.ip() {
            IpAddr::V4(ip) => ip.to_ipv6_mapped(),
            IpAddr::V6(ip) => ip,
        };
        let hash = hmac_sha1(
            &self.key,
            &[&issued_at.to_be_bytes(), &ip.octets(), &address.port().to_be_bytes()],
        );
        let mut body = [0; TIME_LENGTH + HASH_LENGTH];
        for (to, from) in body.iter_mut().zip(issued_at.to_be_bytes().into_iter().chain(hash)) {
            *to = from;
        }
        body
    }
}

/// Compares in a time that does not depend on what differs.
fn is_equal(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
}

#[cfg(test)]
mod tests;
