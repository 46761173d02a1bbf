//! Codes of authenticators: RFC 6238 with SHA-1, 30 seconds and six digits, which is what every authenticator knows.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use offhook_core::time::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// How long a secret is, in bytes: as long as the hash (RFC 4226 §4, R6).
pub const SECRET_BYTES: usize = 20;
/// How long a code is shown.
const STEP_MS: u64 = 30_000;
/// One step before and one after are good as well: clocks differ, and people type.
const TOLERANCE: u32 = 1;
/// What the authenticator shows beside the name.
const ISSUER: &str = "Offhook";
/// RFC 4648 §6.
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The step whose code this is, if it is one of about now. Each step is to be taken once only.
pub fn step_of(secret: &[u8], code: &str, now: Timestamp) -> Option<u32> {
    let present = u32::try_from(now.as_millis() / STEP_MS).ok()?;
    let steps = present.saturating_sub(TOLERANCE)..=present.saturating_add(TOLERANCE);
    // All are looked at, whichever it is.
    steps.fold(None, |found, step| {
        let is_it = verify_slices_are_equal(code_of(secret, step).as_bytes(), code.as_bytes()).is_ok();
        if is_it { Some(step) } else { found }
    })
}

/// The code of a step (RFC 4226 §5.3).
pub fn code_of(secret: &[u8], step: u32) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &u64::from(step).to_be_bytes());
    let tag = tag.as_ref();
    let offset = usize::from(tag.last().map_or(0, |byte| byte & 0xf));
    let number = tag
        .get(offset..)
        .and_then(|rest| rest.first_chunk::<4>())
        .map_or(0, |bytes| u32::from_be_bytes(*bytes) & 0x7fff_ffff);
    format!("{:06}", number % 1_000_000)
}

/// A secret as people type it.
pub fn base32(bytes: &[u8]) -> String {
    let mut text = String::new();
    let (mut bits, mut count) = (0_u32, 0);
    for byte in bytes {
        bits = (bits << 8) | u32::from(*byte);
        count += 8;
        while count >= 5 {
            count -= 5;
            text.push(letter(bits >> count));
        }
    }
    if count > 0 {
        text.push(letter(bits << (5 - count)));
    }
    text
}

/// What a picture to scan holds.
/// <https://github.com/google/google-authenticator/wiki/Key-Uri-Format>
pub fn uri(secret: &[u8], name: &str) -> String {
    let name = utf8_percent_encode(name, NON_ALPHANUMERIC);
    format!(
        "otpauth://totp/{ISSUER}:{name}?secret={}&issuer={ISSUER}",
        base32(secret)
    )
}

fn letter(bits: u32) -> char {
    BASE32
        .get((bits & 31) as usize)
        .map_or('=', |letter| char::from(*letter))
}

#[cfg(test)]
mod tests;
