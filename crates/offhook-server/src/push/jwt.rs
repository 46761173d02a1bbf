//! Tokens that say who pushes (RFC 7519, in the compact form of RFC 7515).

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{EcdsaKeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use offhook_core::time::Timestamp;
use serde_json::{Value, json};

use crate::secret;

/// What signs.
pub(super) enum Signer<'a> {
    /// `ES256`.
    P256(&'a EcdsaKeyPair),
    /// `RS256`.
    Rsa(&'a RsaKeyPair),
}

/// Signs claims by the key of that id. `None` only if the machine has no randomness.
pub(super) fn sign(signer: &Signer<'_>, key_id: Option<&str>, claims: &Value) -> Option<String> {
    let algorithm = match signer {
        Signer::P256(_) => "ES256",
        Signer::Rsa(_) => "RS256",
    };
    let mut header = json!({"alg": algorithm, "typ": "JWT"});
    if let (Value::Object(header), Some(key_id)) = (&mut header, key_id) {
        header.insert("kid".to_owned(), key_id.into());
    }
    let part = |value: &Value| secret::encode(value.to_string().as_bytes());
    let signed = format!("{}.{}", part(&header), part(claims));
    let random = SystemRandom::new();
    let signature = match signer {
        Signer::P256(key) => key.sign(&random, signed.as_bytes()).ok()?.as_ref().to_vec(),
        Signer::Rsa(key) => {
            let mut signature = vec![0; key.public_modulus_len()];
            key.sign(&RSA_PKCS1_SHA256, &random, signed.as_bytes(), &mut signature)
                .ok()?;
            signature
        }
    };
    Some(format!("{signed}.{}", secret::encode(&signature)))
}

/// A time as tokens write it.
pub(super) const fn seconds(at: Timestamp) -> u64 {
    at.as_millis() / 1000
}
