//! Answers: as small as the RFCs allow.

use stun_types::attribute::{AttributeType, AttributeWrite, ErrorCode, UnknownAttributes};
use stun_types::message::{
    IntegrityAlgorithm, IntegrityKey, Message, MessageClass, MessageType, MessageWrite, MessageWriteExt,
    MessageWriteVec, Method, TransactionId,
};

/// What is known of a request when it is answered, perhaps later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// What it was about.
    pub method: Method,
    /// Its transaction.
    pub transaction: TransactionId,
    /// Whether it had a FINGERPRINT, so that the answer has one too (RFC 8489 §7).
    pub has_fingerprint: bool,
}

/// An answer in the making.
#[derive(Debug)]
pub struct Answer {
    asked: Asked,
    message: MessageWriteVec,
}

/// Enough for most answers, so that the bytes are allocated once.
const USUAL_LENGTH: usize = 160;

impl Answer {
    /// It was done.
    pub fn success(asked: Asked) -> Self {
        Self::new(asked, MessageClass::Success)
    }

    /// It was refused. There is no phrase with the code: RFC 8489 §14.8 leaves it to us, and it would be sent to strangers.
    pub fn error(asked: Asked, code: u16) -> Self {
        let answer = Self::new(asked, MessageClass::Error);
        match ErrorCode::new(code, "") {
            Ok(code) => answer.with(&code),
            Err(_) => answer,
        }
    }

    /// It was refused because of attributes that are not understood (RFC 8489 §14.9); each is named once.
    pub fn unknown(asked: Asked, attributes: &[AttributeType]) -> Self {
        let mut unknown = UnknownAttributes::new(&[]);
        for attribute in attributes.iter().take(MAX_UNKNOWN) {
            if !unknown.has_attribute(*attribute) {
                unknown.add_attribute(*attribute);
            }
        }
        Self::error(asked, ErrorCode::UNKNOWN_ATTRIBUTE).with(&unknown)
    }

    /// With this attribute.
    #[must_use]
    pub fn with(mut self, attribute: &dyn AttributeWrite) -> Self {
        self.message.push_attribute_unchecked(attribute);
        self
    }

    /// Vouched for by the key (RFC 8489 §9.2.4).
    #[must_use]
    pub fn signed(mut self, key: &IntegrityKey, algorithm: IntegrityAlgorithm) -> Self {
        let signed = self.message.add_message_integrity_with_key(key, algorithm);
        debug_assert!(signed.is_ok(), "an answer is signed once, before its fingerprint");
        self
    }

    /// The answer's bytes.
    pub fn finish(mut self) -> Vec<u8> {
        if self.asked.has_fingerprint {
            let printed = self.message.add_fingerprint();
            debug_assert!(printed.is_ok(), "an answer has one fingerprint");
        }
        self.message.finish()
    }

    fn new(asked: Asked, class: MessageClass) -> Self {
        let kind = MessageType::from_class_method(class, asked.method);
        let message = MessageWriteVec::with_capacity(USUAL_LENGTH);
        Self {
            asked,
            message: Message::builder(kind, asked.transaction, message),
        }
    }
}

/// How many unknown attributes are named: the answer stays smaller than the question, where each had at least four bytes.
const MAX_UNKNOWN: usize = 8;
