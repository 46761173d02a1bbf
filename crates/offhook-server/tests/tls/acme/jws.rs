//! Signed requests of ACME (RFC 8555 §6.2, RFC 7515), verified.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

/// Who signs: a public key, and what names it.
#[derive(Clone, PartialEq, Eq)]
pub struct AccountKey {
    x: Vec<u8>,
    y: Vec<u8>,
}

/// A request as it was signed, not yet verified.
pub struct Signed {
    pub header: Value,
    pub payload: Vec<u8>,
    message: String,
    signature: Vec<u8>,
}

impl Signed {
    pub fn read(body: &[u8]) -> Self {
        let body: Value = serde_json::from_slice(body).unwrap();
        let (protected, payload) = (body["protected"].as_str().unwrap(), body["payload"].as_str().unwrap());
        Self {
            header: serde_json::from_slice(&decode(protected)).unwrap(),
            payload: decode(payload),
            message: format!("{protected}.{payload}"),
            signature: decode(body["signature"].as_str().unwrap()),
        }
    }

    /// Whether the holder of this key signed it.
    pub fn is_by(&self, key: &AccountKey) -> bool {
        let point = [&[4], &key.x[..], &key.y[..]].concat();
        self.header["alg"] == "ES256"
            && UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
                .verify(self.message.as_bytes(), &self.signature)
                .is_ok()
    }
}

impl AccountKey {
    /// Reads a key as it stands in a header (RFC 7517).
    pub fn read(jwk: &Value) -> Option<Self> {
        (jwk["kty"] == "EC" && jwk["crv"] == "P-256").then(|| Self {
            x: decode(jwk["x"].as_str().unwrap()),
            y: decode(jwk["y"].as_str().unwrap()),
        })
    }

    /// The SHA-256 of the key authorization for a token (RFC 8555 §8.1, RFC 7638), as the challenge's certificate has it.
    pub fn authorization(&self, token: &str) -> Vec<u8> {
        let (x, y) = (encode(&self.x), encode(&self.y));
        let jwk = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
        let thumbprint = encode(digest(&SHA256, jwk.as_bytes()).as_ref());
        digest(&SHA256, format!("{token}.{thumbprint}").as_bytes())
            .as_ref()
            .to_vec()
    }
}

pub fn decode(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
