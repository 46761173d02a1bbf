//! Identifiers. Each is its own type, so that one cannot be handed over as another.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An identifier that could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {0}")]
pub struct InvalidId(&'static str);

macro_rules! random_id {
    ($(#[$doc:meta])* $name:ident, $words:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name([u8; 16]);

        impl $name {
            /// Takes 128 random bits, which the caller draws.
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// The 128 bits, as they are stored.
            pub const fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(Uuid::new(&self.0).as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(Uuid::new(&self.0).as_str())
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                read_uuid(text).map(Self).ok_or(InvalidId($words))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(Uuid::new(&self.0).as_str())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Text;
                impl serde::de::Visitor<'_> for Text {
                    type Value = $name;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str($words)
                    }

                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$name, E> {
                        text.parse().map_err(E::custom)
                    }
                }
                deserializer.deserialize_str(Text)
            }
        }
    };
}

random_id!(
    /// A call, made by the dialling client (128 random bits) and unique in its application. Written as a lower-case UUID.
    CallId,
    "call id"
);
random_id!(
    /// One browser tab or program of a user. Made by the client, kept over a reload of the page.
    DeviceId,
    "device id"
);
random_id!(
    /// The internal key of a user: random, never shown to other users, never used again after the user is deleted.
    UserKey,
    "user key"
);
random_id!(
    /// One sign-in. Its secret, the session key, is another value and kept as a hash only.
    SessionId,
    "session id"
);
random_id!(
    /// One load of a page (or one start of a program): tells a reload of a device from a second tab that copied its id.
    PageId,
    "page id"
);

/// The internal number of an application: small, never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AppKey(pub u32);

/// The number of a signing key, unique over all applications.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SigningKeyId(pub u32);

/// The public id of an application, as `init` and the Platform API know it: 1 to 64 characters of `A-Z a-z 0-9 _ -`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct AppId(String);

impl AppId {
    /// Takes 128 random bits, which the caller draws; written like a UUID in capitals.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(UserKey::from_bytes(bytes).to_string().to_uppercase())
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AppId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if (1..=64).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidId("application id"))
        }
    }
}

impl fmt::Display for AppId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for AppId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// How long a UUID is in letters, and where the two digits of each byte stand; all else are hyphens.
const UUID_LETTERS: usize = 36;
const PLACES: [usize; 16] = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// A UUID in letters. Every message and every stored call has several.
struct Uuid([u8; UUID_LETTERS]);

impl Uuid {
    fn new(bytes: &[u8; 16]) -> Self {
        let digit = |value: u8| DIGITS.get(usize::from(value)).copied().unwrap_or_default();
        let mut letters = [b'-'; UUID_LETTERS];
        for (byte, place) in bytes.iter().zip(PLACES) {
            if let Some([high, low]) = letters.get_mut(place..place + 2) {
                (*high, *low) = (digit(byte >> 4), digit(byte & 0xf));
            }
        }
        Self(letters)
    }

    fn as_str(&self) -> &str {
        // Of digits and hyphens, so it is always text.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// Reads exactly the form that [`Uuid`] has: one value has one spelling.
fn read_uuid(text: &str) -> Option<[u8; 16]> {
    let letters: &[u8; UUID_LETTERS] = text.as_bytes().try_into().ok()?;
    // True of digits; what else is there is found out when the value is spelled.
    let value = |letter: u8| (letter & 0xf) + 9 * (letter >> 6);
    let mut bytes = [0; 16];
    for (byte, place) in bytes.iter_mut().zip(PLACES) {
        if let Some(&[high, low]) = letters.get(place..place + 2) {
            *byte = (value(high) << 4) | value(low);
        }
    }
    (Uuid::new(&bytes).0 == *letters).then_some(bytes)
}

#[cfg(test)]
mod tests;
