//! A shell without sockets around the server, and clients that build and read messages by the codec.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::SocketAddr;
use std::time::Duration;

use offhook_turn::{
    Config, Credential, FiveTuple, HEADROOM, OpenError, Output, Packet, Policy, Quotas, RelayAddress, RelayId, Secret,
    Server, Step, TAILROOM, Ticket, Time, Transport,
};
use stun_types::attribute::{
    Attribute, AttributeFromRaw, AttributeStaticType, AttributeWrite, ErrorCode, Nonce, PasswordAlgorithm,
    PasswordAlgorithmValue, PasswordAlgorithms, Realm, Username,
};
use stun_types::message::{
    IntegrityAlgorithm, LongTermKeyCredentials, Message, MessageClass, MessageIntegrityCredentials, MessageType,
    MessageWriteExt, MessageWriteVec, Method, TransactionId,
};
use turn_types::attribute::{ChannelNumber, Data, RequestedTransport, XorPeerAddress, XorRelayedAddress};
use turn_types::message::{ALLOCATE, CHANNEL_BIND, CREATE_PERMISSION, SEND};

/// When every test begins.
pub const START: Time = Time::from_secs(1_700_000_000);

/// The secret of every test.
pub const SECRET: &str = "north";

/// A server and its shell.
pub struct World {
    pub server: Server,
    pub now: Time,
    /// The sockets that are open.
    pub sockets: BTreeMap<RelayId, SocketAddr>,
    /// What was sent to clients by themselves.
    pub sent: VecDeque<(FiveTuple, Vec<u8>)>,
    /// What was told of tickets.
    pub told: Vec<Output>,
    /// The ports other programs have.
    pub in_use: BTreeSet<u16>,
    /// Every `Open` that came, with its DF wish.
    pub opened: Vec<(SocketAddr, bool)>,
}

/// What became of a packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Went {
    Nowhere,
    ToPeer {
        from: SocketAddr,
        to: SocketAddr,
        payload: Vec<u8>,
    },
    ToClient {
        client: FiveTuple,
        bytes: Vec<u8>,
    },
}

/// A client with a credential.
#[derive(Debug, Clone)]
pub struct Client {
    pub at: FiveTuple,
    pub credential: Credential,
    pub realm: String,
    pub nonce: Option<String>,
    pub algorithm: IntegrityAlgorithm,
    pub asks_fingerprint: bool,
    transactions: u128,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply(pub Vec<u8>);

/// Both families, everything that a test network has allowed.
pub fn config() -> Config {
    Config {
        realm: "example".to_owned(),
        secret: Secret::new(SECRET),
        ipv4: Some(RelayAddress {
            bind: "10.0.0.5".parse().unwrap(),
            external: "198.51.100.7".parse().unwrap(),
        }),
        ipv6: Some(RelayAddress {
            bind: "2001:db8::7".parse().unwrap(),
            external: "2001:db8::7".parse().unwrap(),
        }),
        ports: 50_000..=50_099,
        policy: Policy::default(),
        quotas: Quotas::default(),
    }
}

impl World {
    pub fn new(config: Config) -> Self {
        Self {
            server: Server::new(config, [7; 32]),
            now: START,
            sockets: BTreeMap::new(),
            sent: VecDeque::new(),
            told: Vec::new(),
            in_use: BTreeSet::new(),
            opened: Vec::new(),
        }
    }

    /// Does what the server asks for.
    pub fn settle(&mut self) {
        while let Some(output) = self.server.poll_output() {
            match output {
                Output::Send { to, bytes } => self.sent.push_back((to, bytes)),
                Output::Open {
                    relay,
                    address,
                    dont_fragment,
                } => {
                    self.opened.push((address, dont_fragment));
                    let opened = if self.in_use.contains(&address.port()) {
                        Err(OpenError::InUse)
                    } else {
                        assert!(
                            !self.sockets.values().any(|open| *open == address),
                            "{address} is bound already"
                        );
                        assert!(
                            self.sockets.insert(relay, address).is_none(),
                            "{relay:?} is open already"
                        );
                        Ok(address)
                    };
                    self.server.handle_opened(relay, opened, self.now);
                }
                Output::Close { relay } => {
                    assert!(self.sockets.remove(&relay).is_some(), "{relay:?} is not open");
                }
                Output::Allocated { .. } | Output::Released { .. } => self.told.push(output),
            }
        }
    }

    /// Lets time pass; the shell wakes the server when it wants to be woken.
    pub fn pass(&mut self, duration: Duration) {
        let end = self.now.after(duration);
        while let Some(at) = self.server.poll_timeout().filter(|at| *at <= end) {
            self.now = at;
            self.server.handle_timeout(at);
            self.settle();
        }
        self.now = end;
    }

    /// Hands in bytes from a client.
    pub fn from_client(&mut self, from: FiveTuple, bytes: &[u8]) -> Went {
        let mut buffer = with_room(bytes);
        let mut packet = Packet::new(&mut buffer, HEADROOM..HEADROOM + bytes.len());
        let step = self.server.handle_client(from, &mut packet, self.now);
        let range = packet.range();
        self.settle();
        self.went(step, &buffer[range])
    }

    /// Hands in a datagram that came to a relayed address in its external or bound form.
    pub fn from_peer(&mut self, relayed: SocketAddr, peer: SocketAddr, payload: &[u8]) -> Went {
        let open = self.sockets.iter();
        let mut found =
            open.filter(|(_, bound)| bound.port() == relayed.port() && bound.is_ipv4() == relayed.is_ipv4());
        let relay = *found.next().expect("the relayed address is open").0;
        let mut buffer = with_room(payload);
        let mut packet = Packet::new(&mut buffer, HEADROOM..HEADROOM + payload.len());
        let step = self.server.handle_peer(relay, peer, &mut packet, self.now);
        let range = packet.range();
        self.settle();
        self.went(step, &buffer[range])
    }

    /// Asks once, as it is.
    pub fn ask_raw(&mut self, from: FiveTuple, bytes: &[u8]) -> Option<Reply> {
        assert_eq!(self.from_client(from, bytes), Went::Nowhere);
        let (to, bytes) = self.sent.pop_front()?;
        assert_eq!(to, from, "the answer goes to who asked");
        assert!(self.sent.is_empty(), "one answer");
        Some(Reply(bytes))
    }

    /// Asks, and again with the nonce if that was missing or stale.
    pub fn ask(&mut self, client: &mut Client, method: Method, attributes: &[&dyn AttributeWrite]) -> Reply {
        let request = client.request(method, attributes);
        let reply = self.ask_raw(client.at, &request).expect("an answer");
        if !matches!(reply.code(), Some(401 | 438)) || !client.learn(&reply) {
            return reply;
        }
        let request = client.request(method, attributes);
        self.ask_raw(client.at, &request).expect("an answer")
    }

    /// Allocates in IPv4.
    pub fn allocate(&mut self, client: &mut Client) -> SocketAddr {
        self.allocate_with(client, &[])
    }

    /// Allocates with more attributes.
    pub fn allocate_with(&mut self, client: &mut Client, more: &[&dyn AttributeWrite]) -> SocketAddr {
        let transport = RequestedTransport::new(17);
        let attributes: Vec<&dyn AttributeWrite> = std::iter::once(&transport as &dyn AttributeWrite)
            .chain(more.iter().copied())
            .collect();
        let reply = self.ask(client, ALLOCATE, &attributes);
        assert_eq!(reply.code(), None, "allocated");
        reply.relayed()
    }

    /// Installs a permission; the code if it was refused.
    pub fn permit(&mut self, client: &mut Client, peer: SocketAddr) -> Option<u16> {
        self.ask_about(client, CREATE_PERMISSION, peer, &[])
    }

    /// Binds a channel; the code if it was refused.
    pub fn bind(&mut self, client: &mut Client, number: u16, peer: SocketAddr) -> Option<u16> {
        self.ask_about(client, CHANNEL_BIND, peer, &[&ChannelNumber::new(number)])
    }

    /// Asks about a peer, and again with the nonce if that was missing or stale.
    fn ask_about(
        &mut self,
        client: &mut Client,
        method: Method,
        peer: SocketAddr,
        more: &[&dyn AttributeWrite],
    ) -> Option<u16> {
        let request = client.with_peer(method, peer, more);
        let reply = self.ask_raw(client.at, &request).expect("an answer");
        if !matches!(reply.code(), Some(401 | 438)) || !client.learn(&reply) {
            return reply.code();
        }
        let request = client.with_peer(method, peer, more);
        self.ask_raw(client.at, &request).expect("an answer").code()
    }

    /// Sends a Send indication.
    pub fn send(&mut self, client: &mut Client, peer: SocketAddr, payload: &[u8]) -> Went {
        let bytes = client.send_indication(peer, payload, &[]);
        self.from_client(client.at, &bytes)
    }

    /// Sends on a channel.
    pub fn send_on(&mut self, client: &Client, number: u16, payload: &[u8]) -> Went {
        self.from_client(client.at, &channel_data(number, payload))
    }

    fn went(&self, step: Step, bytes: &[u8]) -> Went {
        match step {
            Step::Done => Went::Nowhere,
            Step::ToPeer { relay, peer } => Went::ToPeer {
                from: *self.sockets.get(&relay).expect("sent from an open socket"),
                to: peer,
                payload: bytes.to_vec(),
            },
            Step::ToClient { client } => Went::ToClient {
                client,
                bytes: bytes.to_vec(),
            },
        }
    }
}

impl Client {
    /// A client over UDP with a ticket that is good for a day.
    pub fn new(ticket: &str, address: &str) -> Self {
        Self::over(Transport::Udp, ticket, address)
    }

    /// A client over some transport.
    pub fn over(transport: Transport, ticket: &str, address: &str) -> Self {
        let ticket = Ticket::new(ticket).unwrap();
        let remote: SocketAddr = address.parse().unwrap();
        let local = if remote.is_ipv4() {
            "10.0.0.5:3478"
        } else {
            "[2001:db8::7]:3478"
        };
        Self {
            at: FiveTuple {
                transport,
                local: local.parse().unwrap(),
                remote,
            },
            credential: Secret::new(SECRET).credential(&ticket, START.as_secs() + 86_400),
            realm: "example".to_owned(),
            nonce: None,
            algorithm: IntegrityAlgorithm::Sha1,
            asks_fingerprint: false,
            transactions: 0,
        }
    }

    /// Takes realm and nonce from a refusal; whether there was a new nonce.
    pub fn learn(&mut self, reply: &Reply) -> bool {
        let nonce = reply.attribute::<Nonce>().map(|nonce| nonce.nonce().to_owned());
        let is_new = nonce.is_some() && nonce != self.nonce;
        self.nonce = nonce.or(self.nonce.take());
        is_new
    }

    /// The next transaction.
    pub fn transaction(&mut self) -> TransactionId {
        self.transactions += 1;
        (u128::from(self.at.remote.port()) << 32 | self.transactions).into()
    }

    /// A request, signed if the nonce is known.
    pub fn request(&mut self, method: Method, attributes: &[&dyn AttributeWrite]) -> Vec<u8> {
        let transaction = self.transaction();
        self.request_as(transaction, method, attributes)
    }

    /// A request of a certain transaction.
    pub fn request_as(
        &self,
        transaction: TransactionId,
        method: Method,
        attributes: &[&dyn AttributeWrite],
    ) -> Vec<u8> {
        let kind = MessageType::from_class_method(MessageClass::Request, method);
        let mut message = Message::builder(kind, transaction, MessageWriteVec::new());
        for attribute in attributes {
            message.add_attribute(*attribute).unwrap();
        }
        if let Some(nonce) = &self.nonce {
            message
                .add_attribute(&Username::new(&self.credential.username).unwrap())
                .unwrap();
            message.add_attribute(&Realm::new(&self.realm).unwrap()).unwrap();
            message.add_attribute(&Nonce::new(nonce).unwrap()).unwrap();
            if self.algorithm == IntegrityAlgorithm::Sha256 {
                let sha256 = PasswordAlgorithmValue::SHA256;
                message.add_attribute(&PasswordAlgorithms::new(&[sha256])).unwrap();
                message.add_attribute(&PasswordAlgorithm::new(sha256)).unwrap();
            }
            message.add_message_integrity(&self.key(), self.algorithm).unwrap();
        }
        if self.asks_fingerprint {
            message.add_fingerprint().unwrap();
        }
        message.finish_bytes()
    }

    /// A request that names a peer.
    pub fn with_peer(&mut self, method: Method, peer: SocketAddr, more: &[&dyn AttributeWrite]) -> Vec<u8> {
        let transaction = self.transaction();
        let peer = XorPeerAddress::new(peer, transaction);
        let attributes: Vec<&dyn AttributeWrite> = more.iter().copied().chain([&peer as &dyn AttributeWrite]).collect();
        self.request_as(transaction, method, &attributes)
    }

    /// A Send indication.
    pub fn send_indication(&mut self, peer: SocketAddr, payload: &[u8], more: &[&dyn AttributeWrite]) -> Vec<u8> {
        let transaction = self.transaction();
        let kind = MessageType::from_class_method(MessageClass::Indication, SEND);
        let mut message = Message::builder(kind, transaction, MessageWriteVec::new());
        for attribute in more {
            message.add_attribute(*attribute).unwrap();
        }
        message.add_attribute(&XorPeerAddress::new(peer, transaction)).unwrap();
        message.add_attribute(&Data::new(payload)).unwrap();
        if self.asks_fingerprint {
            message.add_fingerprint().unwrap();
        }
        message.finish_bytes()
    }

    /// What it signs with.
    pub fn key(&self) -> MessageIntegrityCredentials {
        let Credential { username, password } = self.credential.clone();
        LongTermKeyCredentials::new(username, password, self.realm.clone()).into()
    }
}

impl Reply {
    pub fn message(&self) -> Message<'_> {
        Message::from_bytes(&self.0).expect("a STUN message")
    }

    /// The error code; none if it succeeded.
    pub fn code(&self) -> Option<u16> {
        match self.message().class() {
            MessageClass::Success => None,
            MessageClass::Error => Some(self.attribute::<ErrorCode>().expect("a code").code()),
            class => panic!("{class:?} is no answer"),
        }
    }

    pub fn attribute<A>(&self) -> Option<A>
    where
        A: AttributeStaticType + for<'a> AttributeFromRaw<'a>,
    {
        self.message()
            .raw_attribute(A::TYPE)
            .map(|raw| A::from_raw_ref(&raw).unwrap())
    }

    /// The types of its attributes, in order.
    pub fn kinds(&self) -> Vec<u16> {
        self.message()
            .iter_attributes()
            .map(|(_, attribute)| attribute.get_type().value())
            .collect()
    }

    /// Whether it was signed by the client's key.
    pub fn is_signed_for(&self, client: &Client) -> bool {
        matches!(self.message().validate_integrity(&client.key()), Ok(algorithm) if algorithm == client.algorithm)
    }

    pub fn relayed(&self) -> SocketAddr {
        self.attribute::<XorRelayedAddress>()
            .unwrap()
            .addr(self.message().transaction_id())
    }
}

impl Went {
    /// The peer and payload of a Data indication to a client.
    pub fn data_indication(&self, client: &Client) -> (SocketAddr, Vec<u8>) {
        let Self::ToClient { client: to, bytes } = self else {
            panic!("not to a client: {self:?}");
        };
        assert_eq!(*to, client.at);
        let message = Message::from_bytes(bytes).unwrap();
        assert_eq!(message.class(), MessageClass::Indication);
        assert_eq!(message.method(), turn_types::message::DATA);
        let peer = message
            .attribute::<XorPeerAddress>()
            .unwrap()
            .addr(message.transaction_id());
        (peer, message.attribute::<Data>().unwrap().data().to_vec())
    }
}

/// `ChannelData` as it is in a datagram.
pub fn channel_data(number: u16, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len()).unwrap();
    [&number.to_be_bytes(), &length.to_be_bytes(), payload].concat()
}

/// An address.
pub fn at(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

/// The codec's writers return what they wrote.
trait Finish {
    fn finish_bytes(self) -> Vec<u8>;
}

impl Finish for MessageWriteVec {
    fn finish_bytes(self) -> Vec<u8> {
        use stun_types::message::MessageWrite;
        self.finish()
    }
}

fn with_room(bytes: &[u8]) -> Vec<u8> {
    [&[0xEE; HEADROOM][..], bytes, &[0xEE; TAILROOM]].concat()
}
