//! Encryption of a Web Push message (RFC 8291) in one record of `aes128gcm` (RFC 8188).

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};

use super::subscription::SubscriptionKeys;

/// The record size that is told: more than a push service takes, so that there is one record (RFC 8291 §4).
const RECORD_BYTES: u32 = 4096;
/// What comes before the text: salt, record size, length of the key, the key.
const HEADER_BYTES: usize = 16 + 4 + 1 + 65;
/// The sign of a last record (RFC 8188 §2).
const LAST_RECORD: u8 = 2;
/// The tag of AES-GCM.
const TAG_BYTES: usize = 16;
/// Texts are filled up to a multiple of this: from the length nobody is to learn whether a call rings or was missed.
const PADDING: usize = 512;

/// Encrypts for a subscriber. `key` and `salt` are drawn anew for each message.
///
/// # Errors
/// If the subscriber's key is none, or the text is too long.
pub(super) fn encrypt(
    text: &[u8],
    subscriber: &SubscriptionKeys,
    key: &PrivateKey,
    salt: &[u8; 16],
) -> Result<Vec<u8>, Unspecified> {
    let mut padded = text.to_vec();
    padded.push(LAST_RECORD);
    let most = RECORD_BYTES as usize - TAG_BYTES - HEADER_BYTES;
    let length = padded.len().next_multiple_of(PADDING).min(most).max(padded.len());
    padded.resize(length, 0);
    if padded.len() > most {
        return Err(Unspecified);
    }
    encrypt_padded(padded, subscriber, key, salt)
}

fn encrypt_padded(
    mut record: Vec<u8>,
    subscriber: &SubscriptionKeys,
    key: &PrivateKey,
    salt: &[u8; 16],
) -> Result<Vec<u8>, Unspecified> {
    let public = key.compute_public_key()?;
    let theirs = UnparsedPublicKey::new(&ECDH_P256, &subscriber.public_key);
    let (content_key, nonce) = agree(key, theirs, Unspecified, |shared| {
        derive(shared, subscriber, public.as_ref(), salt)
    })?;
    let content_key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &content_key)?);
    content_key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut record)?;

    let key_length = u8::try_from(public.as_ref().len()).map_err(|_| Unspecified)?;
    let mut body = Vec::with_capacity(HEADER_BYTES + record.len());
    body.extend_from_slice(salt);
    body.extend_from_slice(&RECORD_BYTES.to_be_bytes());
    body.push(key_length);
    body.extend_from_slice(public.as_ref());
    body.append(&mut record);
    Ok(body)
}

/// The key and the nonce of the content (RFC 8291 §3.4).
fn derive(
    shared: &[u8],
    subscriber: &SubscriptionKeys,
    public: &[u8],
    salt: &[u8],
) -> Result<([u8; 16], [u8; 12]), Unspecified> {
    let keys = [b"WebPush: info\0".as_slice(), &subscriber.public_key, public];
    let secret: [u8; 32] = expand(&subscriber.auth, shared, &keys)?;
    let content_key = expand(salt, &secret, &[b"Content-Encoding: aes128gcm\0"])?;
    let nonce = expand(salt, &secret, &[b"Content-Encoding: nonce\0"])?;
    Ok((content_key, nonce))
}

/// HKDF with SHA-256 (RFC 5869).
fn expand<const N: usize>(salt: &[u8], secret: &[u8], about: &[&[u8]]) -> Result<[u8; N], Unspecified> {
    struct Length(usize);
    impl KeyType for Length {
        fn len(&self) -> usize {
            self.0
        }
    }
    let mut out = [0; N];
    let key = Salt::new(HKDF_SHA256, salt).extract(secret);
    key.expand(about, Length(N))?.fill(&mut out)?;
    Ok(out)
}

#[cfg(test)]
mod tests;
