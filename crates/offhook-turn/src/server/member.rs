//! Who asks: the long-term credential mechanism (RFC 8489 §9.2), with passwords that are derived and not kept.

use stun_types::attribute::{
    AttributeStaticType, ErrorCode, Nonce, PasswordAlgorithm, PasswordAlgorithmValue, PasswordAlgorithms, Realm,
    Username,
};
use stun_types::message::{IntegrityAlgorithm, IntegrityKey, LongTermKeyCredentials};

use super::Server;
use crate::client::FiveTuple;
use crate::credential::Ticket;
use crate::message::{Malformed, Message};
use crate::nonce::COOKIE;
use crate::time::Time;

/// The password algorithms we offer, as the value of PASSWORD-ALGORITHMS: SHA-256 without parameters (RFC 8489 §14.11, §18.5).
///
/// MD5 is what is used without the attribute; it is not offered beside SHA-256, since nobody who knows the attribute needs it.
pub const PASSWORD_ALGORITHMS: [u8; 4] = [0, 2, 0, 0];

/// Somebody who has a password.
#[derive(Debug, Clone)]
pub struct Member {
    /// With which they sign, and we.
    pub key: IntegrityKey,
    /// By which hash.
    pub algorithm: IntegrityAlgorithm,
    /// Until when they may allocate, in seconds since 1970.
    pub expiry: u64,
    /// For what.
    pub ticket: Ticket,
}

impl Server {
    /// Finds out who asks, in the order of RFC 8489 §9.2.4.
    ///
    /// # Errors
    ///
    /// The code for the stranger.
    pub(super) fn authenticate(&self, message: &Message<'_>, from: FiveTuple, now: Time) -> Result<Member, u16> {
        if !message.has_integrity() {
            return Err(ErrorCode::UNAUTHORIZED);
        }
        let (username, nonce) = presented(message).map_err(|Malformed| ErrorCode::BAD_REQUEST)?;
        let algorithm = password_algorithm(message, &nonce).ok_or(ErrorCode::BAD_REQUEST)?;
        if !self.nonces.is_good(nonce.nonce(), from.remote, now) {
            return Err(ErrorCode::STALE_NONCE);
        }
        let (expiry, ticket) = read_username(username.username()).ok_or(ErrorCode::UNAUTHORIZED)?;
        let password = self.secret.password(username.username());
        let credentials = LongTermKeyCredentials::new(username.username().to_owned(), password, self.realm.clone());
        let key = credentials.make_key(algorithm);
        if !message.is_made_with(&key, algorithm) {
            return Err(ErrorCode::UNAUTHORIZED);
        }
        Ok(Member {
            key,
            algorithm,
            expiry,
            ticket,
        })
    }
}

/// USERNAME and NONCE; they must be there, and REALM beside them.
fn presented(message: &Message<'_>) -> Result<(Username, Nonce), Malformed> {
    let username = message.attribute::<Username>()?.ok_or(Malformed)?;
    message.attribute::<Realm>()?.ok_or(Malformed)?;
    let nonce = message.attribute::<Nonce>()?.ok_or(Malformed)?;
    Ok((username, nonce))
}

/// The algorithm that a request is to be judged by; none if it is not what the nonce offered (RFC 8489 §9.2.4).
fn password_algorithm(message: &Message<'_>, nonce: &Nonce) -> Option<IntegrityAlgorithm> {
    let offered = message.raw(PasswordAlgorithms::TYPE);
    let chosen = message.has(PasswordAlgorithm::TYPE);
    if !nonce.nonce().starts_with(COOKIE) || offered.is_none() && !chosen {
        return Some(IntegrityAlgorithm::Sha1);
    }
    let chosen = message.attribute::<PasswordAlgorithm>().ok().flatten()?;
    let is_offered = offered == Some(&PASSWORD_ALGORITHMS[..]) && chosen.algorithm() == PasswordAlgorithmValue::SHA256;
    is_offered.then_some(IntegrityAlgorithm::Sha256)
}

/// Reads `expiry:ticket`; a username has one way to be written.
fn read_username(username: &str) -> Option<(u64, Ticket)> {
    let (digits, ticket) = username.split_once(':')?;
    let expiry = digits.parse::<u64>().ok()?;
    let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'));
    is_plain.then_some((expiry, Ticket::new(ticket).ok()?))
}
