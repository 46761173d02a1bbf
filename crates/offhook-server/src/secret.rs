//! Random values, hashes and the key that seals what must stay readable.

use std::fmt;
use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::{digest, hmac, rand};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Draws random bytes.
///
/// # Panics
/// If the operating system has no randomness: then nothing here is safe to go on with.
#[expect(clippy::expect_used, reason = "a machine without randomness cannot run this program")]
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

/// The SHA-256 of a secret that was drawn at random: what the store keeps of it.
pub fn hash(secret: &str) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (byte, value) in bytes
        .iter_mut()
        .zip(digest::digest(&digest::SHA256, secret.as_bytes()).as_ref())
    {
        *byte = *value;
    }
    bytes
}

/// Whether two hashes are the same, in constant time.
pub fn same(one: &[u8; 32], other: &[u8; 32]) -> bool {
    verify_slices_are_equal(one, other).is_ok()
}

/// HMAC-SHA256.
pub fn authenticate(key: &[u8], message: &[u8]) -> hmac::Tag {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message)
}

/// Whether `tag` is the HMAC-SHA256 of `message`, in constant time.
pub fn is_authentic(key: &[u8], message: &[u8], tag: &[u8]) -> bool {
    hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, key), message, tag).is_ok()
}

/// A new key: 256 random bits.
pub fn new_key() -> String {
    URL_SAFE_NO_PAD.encode(random::<32>())
}

/// A new access token or API token: 160 random bits as 40 hexadecimal digits.
pub fn new_token() -> String {
    random::<20>().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Encodes bytes as base64url without padding.
pub fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Decodes base64url without padding.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// The key that seals what the store must be able to read back: signing keys and API tokens. It lives beside the store,
/// never in it, so that a copy of the store alone opens nothing.
pub struct ServerKey {
    sealing: RandomizedNonceKey,
    /// Drawn from the same bytes, so that sealing and authenticating never share a key.
    authenticating: hmac::Key,
}

/// What the bytes of the file are turned into the authenticating key with.
const AUTHENTICATING: &[u8] = b"offhook authenticating key";

/// A sealed value that could not be opened: it was sealed under another key, or changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sealed value does not open with this server's key: is server.key the one that belongs to this store?")]
pub struct NotOpened;

impl ServerKey {
    /// Reads the key file, or makes it (mode 0600) where there is none.
    ///
    /// # Errors
    /// If the file can be neither read nor made, or is not 32 bytes long.
    pub fn open_or_create(path: &Path) -> io::Result<Self> {
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let bytes = random::<32>();
                let mut file = fs::OpenOptions::new()
                    .write(true)
                    .create_new(true)
                    .mode(0o600)
                    .open(path)?;
                file.write_all(&bytes)?;
                file.sync_all()?;
                bytes.to_vec()
            }
            Err(error) => return Err(error),
        };
        Self::from_bytes(&bytes)
    }

    /// Reads the key file, and makes none.
    ///
    /// # Errors
    /// If the file cannot be read, or is not 32 bytes long.
    pub fn read(path: &Path) -> io::Result<Self> {
        Self::from_bytes(&fs::read(path)?)
    }

    fn from_bytes(bytes: &[u8]) -> io::Result<Self> {
        let unusable = |_| io::Error::new(io::ErrorKind::InvalidData, "a server key is 32 bytes long");
        Ok(Self {
            sealing: RandomizedNonceKey::new(&AES_256_GCM, bytes).map_err(unusable)?,
            authenticating: hmac::Key::new(hmac::HMAC_SHA256, authenticate(bytes, AUTHENTICATING).as_ref()),
        })
    }

    /// HMAC-SHA256 of `message` for a purpose: it is authentic for the same purpose only.
    pub fn authenticate(&self, purpose: &str, message: &[u8]) -> hmac::Tag {
        hmac::sign(&self.authenticating, &for_purpose(purpose, message))
    }

    /// Whether [`authenticate`](Self::authenticate) made `tag`, in constant time.
    pub fn is_authentic(&self, purpose: &str, message: &[u8], tag: &[u8]) -> bool {
        hmac::verify(&self.authenticating, &for_purpose(purpose, message), tag).is_ok()
    }

    /// Seals `plain` for a purpose: it opens for the same purpose only.
    ///
    /// # Panics
    /// If the operating system has no randomness for the nonce.
    #[expect(clippy::expect_used, reason = "a machine without randomness cannot run this program")]
    pub fn seal(&self, purpose: &str, plain: &[u8]) -> Vec<u8> {
        let mut sealed = plain.to_vec();
        let nonce = self
            .sealing
            .seal_in_place_append_tag(Aad::from(purpose.as_bytes()), &mut sealed)
            .expect("sealing fails only without randomness");
        let mut out = nonce.as_ref().to_vec();
        out.append(&mut sealed);
        out
    }

    /// Opens what [`seal`](Self::seal) made.
    ///
    /// # Errors
    /// If it was sealed under another key or for another purpose, or changed.
    pub fn open(&self, purpose: &str, sealed: &[u8]) -> Result<Vec<u8>, NotOpened> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE_LEN).ok_or(NotOpened)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| NotOpened)?;
        let mut buffer = sealed.to_vec();
        let plain = self
            .sealing
            .open_in_place(nonce, Aad::from(purpose.as_bytes()), &mut buffer)
            .map_err(|_| NotOpened)?;
        Ok(plain.to_vec())
    }
}

/// A purpose has no NUL in it, so that no other pair of purpose and message gives the same bytes.
fn for_purpose(purpose: &str, message: &[u8]) -> Vec<u8> {
    [purpose.as_bytes(), &[0], message].concat()
}

impl fmt::Debug for ServerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServerKey")
    }
}

#[cfg(test)]
mod tests;
