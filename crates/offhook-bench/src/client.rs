//! One TURN client: the requests that make an allocation with a channel, and the answers to them (RFC 8656 §7, §9, §12).

use std::net::SocketAddr;

use anyhow::{Context as _, bail};
use offhook_turn::Credential;
use stun_types::attribute::{ErrorCode, Nonce, Realm, Username};
use stun_types::message::{
    IntegrityAlgorithm, LongTermKeyCredentials, Message, MessageIntegrityCredentials, MessageWriteVec, Method,
};
use stun_types::prelude::*;
use turn_types::attribute::{ChannelNumber, RequestedTransport, XorPeerAddress, XorRelayedAddress};
use turn_types::message::{ALLOCATE, CHANNEL_BIND, CREATE_PERMISSION};

/// The channel that every client binds.
pub const CHANNEL: u16 = 0x4000;
/// UDP, as IP numbers protocols.
const UDP: u8 = 17;
/// The answer to a request without credentials.
const UNAUTHENTICATED: u16 = 401;
/// The answer to a request whose nonce is too old.
const STALE_NONCE: u16 = 438;
/// The first is the challenge; coturn refuses some more in its first moments, while threads wait for its database.
const MOST_REFUSALS: u32 = 10;

/// What a client is waiting for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Challenge,
    Allocation,
    /// The allocation is there, and no peer was named yet.
    Allocated,
    Permission,
    Channel,
    Bound,
}

/// A client and how far it has come.
#[derive(Debug)]
pub struct Client {
    credential: Credential,
    /// Realm and nonce, once the server has told them.
    challenge: Option<(String, String)>,
    peer: Option<SocketAddr>,
    relayed: Option<SocketAddr>,
    step: Step,
    refusals: u32,
    request: Vec<u8>,
}

impl Client {
    /// A client that stops when it is allocated, or, if `peer` is known, when a channel to it is bound.
    pub fn new(credential: Credential, peer: Option<SocketAddr>) -> anyhow::Result<Self> {
        let mut client = Self {
            credential,
            challenge: None,
            peer,
            relayed: None,
            step: Step::Challenge,
            refusals: 0,
            request: Vec::new(),
        };
        client.ask()?;
        Ok(client)
    }

    /// Somebody without credentials, who only ever asks for an allocation.
    pub fn stranger() -> anyhow::Result<Self> {
        let credential = Credential {
            username: String::new(),
            password: String::new(),
        };
        Self::new(credential, None)
    }

    /// Goes on to a permission and a channel for `peer`.
    pub fn bind(&mut self, peer: SocketAddr) -> anyhow::Result<()> {
        self.peer = Some(peer);
        self.step = Step::Permission;
        self.ask()
    }

    /// Whether it has all it was to have.
    pub fn is_done(&self) -> bool {
        matches!(self.step, Step::Allocated | Step::Bound)
    }

    /// The request that waits for an answer.
    pub fn request(&self) -> &[u8] {
        &self.request
    }

    /// The address that peers know it by.
    pub fn relayed(&self) -> anyhow::Result<SocketAddr> {
        self.relayed.context("not allocated")
    }

    /// Takes an answer; says whether there is a next request. Answers to earlier requests change nothing.
    pub fn handle(&mut self, bytes: &[u8]) -> anyhow::Result<bool> {
        let answer = Message::from_bytes(bytes).context("reading an answer")?;
        let request = Message::from_bytes(&self.request).context("reading the request")?;
        if self.is_done() || answer.transaction_id() != request.transaction_id() {
            return Ok(false);
        }
        if let Ok(error) = answer.attribute::<ErrorCode>() {
            let (code, reason) = (error.code(), error.reason().to_owned());
            self.refusals += 1;
            if !matches!(code, UNAUTHENTICATED | STALE_NONCE) || self.refusals > MOST_REFUSALS {
                bail!("{:?} was refused: {code} {reason}", self.step);
            }
            let realm = answer.attribute::<Realm>().context("the challenge has no realm")?;
            let nonce = answer.attribute::<Nonce>().context("the challenge has no nonce")?;
            self.challenge = Some((realm.realm().to_owned(), nonce.nonce().to_owned()));
            if self.step == Step::Challenge {
                self.step = Step::Allocation;
            }
            self.ask()?;
            return Ok(true);
        }
        self.step = match self.step {
            Step::Allocation => {
                let relayed = answer.attribute::<XorRelayedAddress>().context("no relayed address")?;
                self.relayed = Some(relayed.addr(answer.transaction_id()));
                match self.peer {
                    Some(_) => Step::Permission,
                    None => Step::Allocated,
                }
            }
            Step::Permission => Step::Channel,
            Step::Channel => Step::Bound,
            step @ (Step::Challenge | Step::Allocated | Step::Bound) => bail!("an answer while in {step:?}"),
        };
        if self.is_done() {
            return Ok(false);
        }
        self.ask()?;
        Ok(true)
    }

    fn ask(&mut self) -> anyhow::Result<()> {
        self.request = match self.step {
            Step::Challenge | Step::Allocation => self.write(ALLOCATE)?,
            Step::Permission => self.write(CREATE_PERMISSION)?,
            Step::Channel => self.write(CHANNEL_BIND)?,
            Step::Allocated | Step::Bound => Vec::new(),
        };
        Ok(())
    }

    fn write(&self, method: Method) -> anyhow::Result<Vec<u8>> {
        let mut message = Message::builder_request(method, MessageWriteVec::new());
        let transaction = message.transaction_id();
        if method == ALLOCATE {
            message.add_attribute(&RequestedTransport::new(UDP))?;
        }
        if method == CHANNEL_BIND {
            message.add_attribute(&ChannelNumber::new(CHANNEL))?;
        }
        if let (true, Some(peer)) = (method != ALLOCATE, self.peer) {
            message.add_attribute(&XorPeerAddress::new(peer, transaction))?;
        }
        if let Some((realm, nonce)) = &self.challenge {
            let Credential { username, password } = &self.credential;
            message.add_attribute(&Username::new(username)?)?;
            message.add_attribute(&Realm::new(realm)?)?;
            message.add_attribute(&Nonce::new(nonce)?)?;
            let key = LongTermKeyCredentials::new(username.clone(), password.clone(), realm.clone());
            message.add_message_integrity(&MessageIntegrityCredentials::LongTerm(key), IntegrityAlgorithm::Sha1)?;
        }
        Ok(message.finish())
    }
}
