//! A browser that has subscribed: it holds the private key, and reads what is pushed as RFC 8291 tells it to.

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree};
use aws_lc_rs::hmac;
use offhook_proto::push::PushMessage;
use serde_json::json;

use super::stand::encode;
use crate::receiver::Received;

pub struct Subscriber {
    endpoint: String,
    key: PrivateKey,
    auth: [u8; 16],
}

impl Subscriber {
    pub fn at(endpoint: String) -> Self {
        Self {
            endpoint,
            key: PrivateKey::generate(&ECDH_P256).unwrap(),
            auth: *b"sixteen bytes...",
        }
    }

    /// What `JSON.stringify(subscription)` gives.
    pub fn token(&self) -> String {
        let p256dh = encode(self.key.compute_public_key().unwrap().as_ref());
        let keys = json!({"p256dh": p256dh, "auth": encode(&self.auth)});
        json!({"endpoint": self.endpoint, "expirationTime": null, "keys": keys}).to_string()
    }

    pub fn read(&self, received: &Received) -> PushMessage {
        assert_eq!(received.headers["content-encoding"], "aes128gcm");
        serde_json::from_slice(&self.decrypt(&received.body)).unwrap()
    }

    fn decrypt(&self, body: &[u8]) -> Vec<u8> {
        assert!(body.len() <= 4096, "push services take no more");
        let (salt, rest) = body.split_at(16);
        let (record_size, rest) = rest.split_at(4);
        assert!(u32::from_be_bytes(record_size.try_into().unwrap()) as usize >= rest.len() - 66);
        assert_eq!(rest[0], 65);
        let (sender, record) = rest[1..].split_at(65);

        let mine = self.key.compute_public_key().unwrap();
        let about = [b"WebPush: info\0".as_slice(), mine.as_ref(), sender].concat();
        let theirs = UnparsedPublicKey::new(&ECDH_P256, sender);
        let secret = agree(&self.key, theirs, (), |shared| Ok(hkdf(&self.auth, shared, &about))).unwrap();
        let key = hkdf(salt, &secret, b"Content-Encoding: aes128gcm\0");
        let nonce = hkdf(salt, &secret, b"Content-Encoding: nonce\0");

        let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key[..16]).unwrap());
        let nonce = Nonce::try_assume_unique_for_key(&nonce[..12]).unwrap();
        let mut record = record.to_vec();
        let plain = key.open_in_place(nonce, Aad::empty(), &mut record).unwrap();
        let last = plain.iter().rposition(|byte| *byte != 0).unwrap();
        assert_eq!(plain[last], 2, "the one record is the last");
        plain[..last].to_vec()
    }
}

/// HKDF with SHA-256 for up to 32 bytes, written out (RFC 5869).
fn hkdf(salt: &[u8], secret: &[u8], about: &[u8]) -> [u8; 32] {
    let mac = |key: &[u8], message: &[u8]| hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message);
    let extracted = mac(salt, secret);
    let expanded = mac(extracted.as_ref(), &[about, &[1]].concat());
    expanded.as_ref().try_into().unwrap()
}
