//! STUN messages as they come in: judged whole before anything is believed, and read without a copy.

pub mod answer;
pub mod channel_data;
pub mod indication;
mod xor_address;

use stun_types::attribute::{
    AttributeFromRaw, AttributeStaticType, AttributeType, Fingerprint, MessageIntegrity, MessageIntegritySha256,
    RawAttribute,
};
use stun_types::message::{IntegrityAlgorithm, IntegrityKey, Method, TransactionId};

/// Every message begins with a header (RFC 8489 §5).
pub const HEADER_LENGTH: usize = 20;

/// What stands in every header (RFC 8489 §5).
pub const MAGIC_COOKIE: [u8; 4] = [0x21, 0x12, 0xA4, 0x42];

/// Control messages are at most this long: the longest username, realm and nonce of RFC 8489 §14 and every attribute fit.
///
/// It also keeps the codec's arithmetic on lengths, which is of 16 bits, far from its end.
const MAX_CONTROL_LENGTH: usize = 4096;

/// The comprehension-required attributes that are understood (RFC 8489 §18.3, RFC 8656 §18).
const UNDERSTOOD: [u16; 20] = [
    0x0001, // MAPPED-ADDRESS
    0x0006, // USERNAME
    0x0008, // MESSAGE-INTEGRITY
    0x0009, // ERROR-CODE
    0x000A, // UNKNOWN-ATTRIBUTES
    0x000C, // CHANNEL-NUMBER
    0x000D, // LIFETIME
    0x0012, // XOR-PEER-ADDRESS
    0x0013, // DATA
    0x0014, // REALM
    0x0015, // NONCE
    0x0016, // XOR-RELAYED-ADDRESS
    0x0017, // REQUESTED-ADDRESS-FAMILY
    0x0018, // EVEN-PORT
    0x0019, // REQUESTED-TRANSPORT
    0x001A, // DONT-FRAGMENT
    0x001C, // MESSAGE-INTEGRITY-SHA256
    0x001D, // PASSWORD-ALGORITHM
    0x0020, // XOR-MAPPED-ADDRESS
    0x0022, // RESERVATION-TOKEN
];

/// What a message is (RFC 8489 §5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// It wants an answer.
    Request,
    /// It wants none.
    Indication,
    /// It is an answer, which a server has no use for.
    Response,
}

/// A message that is whole.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    bytes: &'a [u8],
    /// Where the attributes end that count.
    end: usize,
    integrity: Option<Integrity>,
    has_fingerprint: bool,
}

/// Where the integrity stands.
#[derive(Debug, Clone, Copy)]
struct Integrity {
    sha1: Option<usize>,
    sha256: Option<usize>,
}

/// An attribute.
#[derive(Debug, Clone, Copy)]
pub struct Attribute<'a> {
    /// Its type.
    pub kind: u16,
    /// Where its value begins in the message.
    pub at: usize,
    /// Its value, without padding.
    pub value: &'a [u8],
}

/// An attribute's value is not what its type says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed;

impl<'a> Message<'a> {
    /// Reads a message (RFC 8489 §6.3); none if it is not one, has too much or too little behind it, or a FINGERPRINT that is wrong.
    ///
    /// What follows MESSAGE-INTEGRITY is ignored except MESSAGE-INTEGRITY-SHA256 and FINGERPRINT (RFC 8489 §14.5, §14.6).
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        let (header, _) = bytes.split_first_chunk::<HEADER_LENGTH>()?;
        let [kind, _, high, low, a, b, c, d, ..] = *header;
        let length = usize::from(u16::from_be_bytes([high, low]));
        if kind & 0xC0 != 0 || [a, b, c, d] != MAGIC_COOKIE || length % 4 != 0 || length + HEADER_LENGTH != bytes.len()
        {
            return None;
        }
        let mut message = Self {
            bytes,
            end: HEADER_LENGTH,
            integrity: None,
            has_fingerprint: false,
        };
        let mut attributes = Attributes {
            bytes,
            at: HEADER_LENGTH,
        };
        while attributes.at < bytes.len() {
            let start = attributes.at;
            let attribute = attributes.next()?;
            if message.has_fingerprint {
                return None; // FINGERPRINT is the last (RFC 8489 §14.7).
            }
            match AttributeType::new(attribute.kind) {
                Fingerprint::TYPE => {
                    if !is_fingerprint(bytes, start, attribute.value) {
                        return None;
                    }
                    message.has_fingerprint = true;
                }
                MessageIntegrity::TYPE if message.integrity.is_none() => {
                    message.integrity = Some(Integrity {
                        sha1: Some(start),
                        sha256: None,
                    });
                }
                MessageIntegritySha256::TYPE => match &mut message.integrity {
                    None => {
                        message.integrity = Some(Integrity {
                            sha1: None,
                            sha256: Some(start),
                        });
                    }
                    Some(Integrity { sha256: Some(_), .. }) => {}
                    Some(integrity) => integrity.sha256 = Some(start),
                },
                _ if message.integrity.is_none() => message.end = attributes.at,
                _ => {}
            }
        }
        Some(message)
    }

    /// Whether it is short enough to be a control message.
    pub const fn is_control_size(&self) -> bool {
        self.bytes.len() <= MAX_CONTROL_LENGTH
    }

    /// What it is.
    pub fn class(&self) -> Class {
        // The class is C1 and C0 of the type: 0bMMMMMCMMMCMMMM (RFC 8489 §5).
        match self.kind() & 0x0110 {
            0x0000 => Class::Request,
            0x0010 => Class::Indication,
            _ => Class::Response,
        }
    }

    /// What it is about.
    pub fn method(&self) -> Method {
        let kind = self.kind();
        Method::new(kind & 0x000F | (kind & 0x00E0) >> 1 | (kind & 0x3E00) >> 2)
    }

    /// Its transaction.
    pub fn transaction(&self) -> TransactionId {
        let id = self.transaction_bytes();
        id.iter().fold(0_u128, |id, byte| id << 8 | u128::from(*byte)).into()
    }

    /// Its transaction, as bytes.
    pub fn transaction_bytes(&self) -> [u8; 12] {
        match self.bytes.first_chunk::<HEADER_LENGTH>() {
            Some(&[_, _, _, _, _, _, _, _, a, b, c, d, e, f, g, h, i, j, k, l]) => [a, b, c, d, e, f, g, h, i, j, k, l],
            None => [0; 12],
        }
    }

    /// Whether it has a FINGERPRINT; it is right.
    pub const fn has_fingerprint(&self) -> bool {
        self.has_fingerprint
    }

    /// Whether somebody vouches for it.
    pub const fn has_integrity(&self) -> bool {
        self.integrity.is_some()
    }

    /// Its attributes, as far as they count.
    pub fn attributes(&self) -> Attributes<'a> {
        Attributes {
            bytes: self.bytes.get(..self.end).unwrap_or_default(),
            at: HEADER_LENGTH,
        }
    }

    /// The value of the first attribute of a type.
    pub fn raw(&self, kind: AttributeType) -> Option<&'a [u8]> {
        let mut attributes = self.attributes();
        attributes
            .find(|attribute| attribute.kind == kind.value())
            .map(|attribute| attribute.value)
    }

    /// Whether there is an attribute of a type.
    pub fn has(&self, kind: AttributeType) -> bool {
        self.raw(kind).is_some()
    }

    /// Reads the first attribute of a type.
    pub fn attribute<A>(&self) -> Result<Option<A>, Malformed>
    where
        A: AttributeStaticType + AttributeFromRaw<'a>,
    {
        self.all::<A>().next().transpose()
    }

    /// Reads all attributes of a type.
    pub fn all<A>(&self) -> impl Iterator<Item = Result<A, Malformed>> + use<'a, A>
    where
        A: AttributeStaticType + AttributeFromRaw<'a>,
    {
        self.attributes()
            .filter(|attribute| attribute.kind == A::TYPE.value())
            .map(|attribute| A::from_raw(RawAttribute::new(A::TYPE, attribute.value)).map_err(|_| Malformed))
    }

    /// The attributes that would have to be understood and are not (RFC 8489 §6.3.1).
    pub fn not_understood(&self) -> impl Iterator<Item = AttributeType> + use<'a> {
        self.attributes()
            .filter(|attribute| attribute.kind < 0x8000 && !UNDERSTOOD.contains(&attribute.kind))
            .map(|attribute| AttributeType::new(attribute.kind))
    }

    /// Whether it was made by someone who has the key (RFC 8489 §14.5, §14.6); a shortened SHA-256 is not accepted, since RFC 8656
    /// allows none.
    pub fn is_made_with(&self, key: &IntegrityKey, algorithm: IntegrityAlgorithm) -> bool {
        let Some(integrity) = self.integrity else {
            return false;
        };
        let at = match algorithm {
            IntegrityAlgorithm::Sha1 => integrity.sha1,
            IntegrityAlgorithm::Sha256 => integrity.sha256,
        };
        let Some(attribute) = at.and_then(|at| Attributes { bytes: self.bytes, at }.next()) else {
            return false;
        };
        // The hash is over all that stands before, with a length in the header that reaches to the end of the attribute.
        let end = attribute.at + attribute.value.len() - HEADER_LENGTH;
        let Some((before, kind)) = self.bytes.get(4..attribute.at - 4).zip(self.bytes.first_chunk::<2>()) else {
            return false;
        };
        let [high, low] = (end as u16).to_be_bytes();
        let [first, second] = *kind;
        let header = [first, second, high, low];
        match algorithm {
            IntegrityAlgorithm::Sha1 => attribute
                .value
                .try_into()
                .is_ok_and(|hash: &[u8; 20]| MessageIntegrity::verify(&[&header, before], key, hash)),
            IntegrityAlgorithm::Sha256 => {
                attribute.value.len() == 32 && MessageIntegritySha256::verify(&[&header, before], key, attribute.value)
            }
        }
    }

    fn kind(&self) -> u16 {
        self.bytes
            .first_chunk::<2>()
            .map_or(0, |kind| u16::from_be_bytes(*kind))
    }
}

/// Whether the FINGERPRINT that stands at `at`, and is the last attribute, is right (RFC 8489 §14.7).
fn is_fingerprint(bytes: &[u8], at: usize, value: &[u8]) -> bool {
    let said = Fingerprint::from_raw(RawAttribute::new(Fingerprint::TYPE, value));
    bytes
        .get(..at)
        .zip(said.ok())
        .is_some_and(|(before, said)| Fingerprint::compute(&[before]) == *said.fingerprint())
}

/// Attributes, one after the other, until one does not fit.
#[derive(Debug, Clone, Copy)]
pub struct Attributes<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Iterator for Attributes<'a> {
    type Item = Attribute<'a>;

    fn next(&mut self) -> Option<Attribute<'a>> {
        let rest = self.bytes.get(self.at..)?;
        let (&[a, b, high, low], rest) = rest.split_first_chunk::<4>()?;
        let length = usize::from(u16::from_be_bytes([high, low]));
        let value = rest.get(..length)?;
        let at = self.at + 4;
        rest.get(..length.next_multiple_of(4))?;
        self.at = at + length.next_multiple_of(4);
        Some(Attribute {
            kind: u16::from_be_bytes([a, b]),
            at,
            value,
        })
    }
}
