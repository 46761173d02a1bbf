//! Whether an ID token is to be believed: pure rules.
//! <https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation>

use std::time::Duration;

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use offhook_core::time::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use crate::secret;

/// How far the provider's clock may be off.
const SKEW: Duration = Duration::from_secs(60);

/// What a token has to say.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// Who made it.
    pub issuer: &'a str,
    /// For whom.
    pub client_id: &'a str,
    /// For which sign-in.
    pub nonce: &'a str,
}

/// The keys of a provider (RFC 7517 §5). Those of other kinds are left out.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct KeySet {
    keys: Vec<Key>,
}

#[derive(Debug, Clone, Deserialize)]
struct Key {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    /// What must be understood, and is not (RFC 7515 §4.1.11).
    crit: Option<Value>,
}

/// Why a token is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidToken {
    /// It is none.
    #[error("the ID token cannot be read")]
    Unreadable,
    /// Not RS256 or ES256: least of all `none`.
    #[error("the ID token is signed by an algorithm that is not taken")]
    Algorithm,
    /// Signed by no key of the provider.
    #[error("the ID token is signed by a key that the provider does not show")]
    UnknownKey,
    /// The signature is wrong.
    #[error("the signature of the ID token is wrong")]
    Signature,
    /// Of another issuer.
    #[error("the ID token is of another issuer")]
    Issuer,
    /// For another client.
    #[error("the ID token is for another client")]
    Audience,
    /// Of another sign-in.
    #[error("the ID token is of another sign-in")]
    Nonce,
    /// Too old, or from the future.
    #[error("the ID token has expired, or is not valid yet")]
    Expired,
    /// Of nobody.
    #[error("the ID token says nobody's name")]
    Subject,
}

/// The claims of a token that is to be believed.
///
/// # Errors
/// Says why it is not.
pub fn verify(token: &str, keys: &KeySet, expected: Expected<'_>, now: Timestamp) -> Result<Value, InvalidToken> {
    let (signed, signature) = token.rsplit_once('.').ok_or(InvalidToken::Unreadable)?;
    let (header, claims) = signed.split_once('.').ok_or(InvalidToken::Unreadable)?;
    let header: Header = read(header)?;
    if header.crit.is_some() {
        return Err(InvalidToken::Algorithm);
    }
    let signature = secret::decode(signature).ok_or(InvalidToken::Unreadable)?;
    keys.check(&header, signed.as_bytes(), &signature)?;
    let claims: Value = read(claims)?;
    check(&claims, expected, now)?;
    Ok(claims)
}

impl KeySet {
    fn check(&self, header: &Header, signed: &[u8], signature: &[u8]) -> Result<(), InvalidToken> {
        let kind = match header.alg.as_str() {
            "RS256" => "RSA",
            "ES256" => "EC",
            _ => return Err(InvalidToken::Algorithm),
        };
        let fits = |key: &&Key| {
            key.kty == kind
                && key.purpose.as_deref().is_none_or(|purpose| purpose == "sig")
                && key.alg.as_ref().is_none_or(|alg| *alg == header.alg)
                // Where the token names no key, each may be it.
                && (header.kid.is_none() || key.kid == header.kid)
        };
        let mut candidates = self.keys.iter().filter(fits).peekable();
        candidates.peek().ok_or(InvalidToken::UnknownKey)?;
        if candidates.any(|key| key.has_signed(signed, signature)) {
            return Ok(());
        }
        Err(InvalidToken::Signature)
    }
}

impl Key {
    fn has_signed(&self, signed: &[u8], signature: &[u8]) -> bool {
        let part = |part: &Option<String>| part.as_deref().and_then(secret::decode);
        if self.kty == "RSA" {
            let (Some(n), Some(e)) = (part(&self.n), part(&self.e)) else {
                return false;
            };
            let key = RsaPublicKeyComponents { n, e };
            return key.verify(&RSA_PKCS1_2048_8192_SHA256, signed, signature).is_ok();
        }
        let (Some(x), Some(y)) = (part(&self.x), part(&self.y)) else {
            return false;
        };
        let point = [&[4], x.as_slice(), y.as_slice()].concat();
        self.crv.as_deref() == Some("P-256")
            && UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
                .verify(signed, signature)
                .is_ok()
    }
}

fn check(claims: &Value, expected: Expected<'_>, now: Timestamp) -> Result<(), InvalidToken> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if text("iss") != Some(expected.issuer) {
        return Err(InvalidToken::Issuer);
    }
    let is_for_us = match claims.get("aud") {
        Some(Value::String(audience)) => audience == expected.client_id,
        // With others in it, the one who asked is named besides (§3.1.3.7, 4 and 5).
        Some(Value::Array(audiences)) => {
            audiences.iter().any(|audience| audience == expected.client_id)
                && (audiences.len() == 1 || text("azp") == Some(expected.client_id))
        }
        _ => false,
    };
    if !is_for_us || text("azp").is_some_and(|party| party != expected.client_id) {
        return Err(InvalidToken::Audience);
    }
    if text("nonce") != Some(expected.nonce) {
        return Err(InvalidToken::Nonce);
    }
    let seconds = |name: &str| claims.get(name).and_then(Value::as_f64).map(|seconds| seconds * 1000.0);
    let now = now.as_millis() as f64;
    let skew = SKEW.as_millis() as f64;
    let is_alive = seconds("exp").is_some_and(|end| now < end + skew);
    let has_begun = ["iat", "nbf"]
        .into_iter()
        .filter_map(seconds)
        .all(|begin| begin <= now + skew);
    if !is_alive || !has_begun {
        return Err(InvalidToken::Expired);
    }
    if text("sub").unwrap_or_default().is_empty() {
        return Err(InvalidToken::Subject);
    }
    Ok(())
}

fn read<T: serde::de::DeserializeOwned>(part: &str) -> Result<T, InvalidToken> {
    let bytes = secret::decode(part).ok_or(InvalidToken::Unreadable)?;
    serde_json::from_slice(&bytes).map_err(|_| InvalidToken::Unreadable)
}

#[cfg(test)]
mod tests;
