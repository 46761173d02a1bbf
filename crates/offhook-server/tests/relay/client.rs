//! A TURN client over real sockets, made of the codec alone, so that our own server is not judged by its own words.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, UdpSocket};

use offhook_turn::Credential;
use stun_types::AddressFamily;
use stun_types::attribute::{AttributeWrite, ErrorCode, Nonce, Realm, Username, XorMappedAddress};
use stun_types::message::{
    BINDING, IntegrityAlgorithm, LongTermKeyCredentials, Message, MessageClass, MessageType, MessageWrite as _,
    MessageWriteExt as _, MessageWriteVec, Method, TransactionId,
};
use turn_types::attribute::{
    ChannelNumber, Data, Lifetime, RequestedAddressFamily, RequestedTransport, XorPeerAddress, XorRelayedAddress,
};
use turn_types::message::{ALLOCATE, CHANNEL_BIND, CREATE_PERMISSION, REFRESH, SEND};

use crate::server::PATIENCE;

/// A client.
pub struct TurnClient {
    link: Link,
    credential: Option<Credential>,
    challenge: Option<(String, String)>,
    /// What came while an answer was waited for.
    inbox: VecDeque<Vec<u8>>,
}

enum Link {
    Udp(UdpSocket),
    Tcp(TcpStream, Vec<u8>),
}

/// Data that came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arrived {
    /// `ChannelData`.
    OnChannel(u16, Vec<u8>),
    /// A Data indication.
    From(SocketAddr, Vec<u8>),
}

impl TurnClient {
    /// Speaks UDP, and hears nobody but `server`.
    pub fn udp(server: SocketAddr) -> Self {
        Self::new(Link::Udp(udp_socket_for(server)))
    }

    /// The same from an address of its own.
    pub fn udp_from(address: SocketAddr, server: SocketAddr) -> Self {
        let socket = UdpSocket::bind(address).unwrap();
        socket.connect(server).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        Self::new(Link::Udp(socket))
    }

    /// Speaks TCP.
    pub fn tcp(server: SocketAddr) -> Self {
        let stream = TcpStream::connect(server).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        Self::new(Link::Tcp(stream, Vec::new()))
    }

    fn new(link: Link) -> Self {
        Self {
            link,
            credential: None,
            challenge: None,
            inbox: VecDeque::new(),
        }
    }

    /// Its own end.
    pub fn address(&self) -> SocketAddr {
        match &self.link {
            Link::Udp(socket) => socket.local_addr().unwrap(),
            Link::Tcp(stream, _) => stream.local_addr().unwrap(),
        }
    }

    /// Asks for its own address.
    pub fn binding(&mut self) -> SocketAddr {
        let transaction = TransactionId::generate();
        let answer = self.ask(BINDING, transaction, &[]);
        let message = Message::from_bytes(&answer).unwrap();
        message.attribute::<XorMappedAddress>().unwrap().addr(transaction)
    }

    /// Is challenged, then allocates in the family that it speaks over: the relayed address, or the error's code.
    pub fn allocate(&mut self, credential: Credential) -> Result<SocketAddr, u16> {
        let transport = RequestedTransport::new(17);
        let family = RequestedAddressFamily::new(match self.address() {
            SocketAddr::V4(_) => AddressFamily::IPV4,
            SocketAddr::V6(_) => AddressFamily::IPV6,
        });
        let wanted: [&dyn AttributeWrite; 2] = [&transport, &family];
        let challenge = self.ask(ALLOCATE, TransactionId::generate(), &wanted);
        assert_eq!(code_of(&challenge), Some(401), "a stranger is challenged");
        self.credential = Some(credential);
        self.take_challenge(&challenge);
        let transaction = TransactionId::generate();
        let answer = self.ask(ALLOCATE, transaction, &wanted);
        done(&answer)?;
        let message = Message::from_bytes(&answer).unwrap();
        Ok(message.attribute::<XorRelayedAddress>().unwrap().addr(transaction))
    }

    /// Asks for a permission.
    pub fn permit(&mut self, peer: SocketAddr) -> Result<(), u16> {
        let transaction = TransactionId::generate();
        let peer = XorPeerAddress::new(peer, transaction);
        done(&self.ask(CREATE_PERMISSION, transaction, &[&peer]))
    }

    /// Binds a channel.
    pub fn bind(&mut self, channel: u16, peer: SocketAddr) -> Result<(), u16> {
        let transaction = TransactionId::generate();
        let peer = XorPeerAddress::new(peer, transaction);
        done(&self.ask(CHANNEL_BIND, transaction, &[&ChannelNumber::new(channel), &peer]))
    }

    /// Refreshes; 0 seconds end the allocation.
    pub fn refresh(&mut self, seconds: u32) -> Result<(), u16> {
        done(&self.ask(REFRESH, TransactionId::generate(), &[&Lifetime::new(seconds)]))
    }

    /// Sends `ChannelData`.
    pub fn send(&mut self, channel: u16, data: &[u8]) {
        let bytes = channel_data(channel, data, matches!(self.link, Link::Tcp(..)));
        self.write(&bytes);
    }

    /// Sends a Send indication.
    pub fn indicate(&mut self, peer: SocketAddr, data: &[u8]) {
        let transaction = TransactionId::generate();
        let kind = MessageType::from_class_method(MessageClass::Indication, SEND);
        let mut message = Message::builder(kind, transaction, MessageWriteVec::new());
        message.add_attribute(&XorPeerAddress::new(peer, transaction)).unwrap();
        message.add_attribute(&Data::new(data)).unwrap();
        self.write(&message.finish());
    }

    /// Waits for data.
    pub fn receive(&mut self) -> Arrived {
        let bytes = self.inbox.pop_front().unwrap_or_else(|| self.read());
        if bytes[0] >= 0x40 {
            let channel = u16::from_be_bytes([bytes[0], bytes[1]]);
            let length = usize::from(u16::from_be_bytes([bytes[2], bytes[3]]));
            return Arrived::OnChannel(channel, bytes[4..4 + length].to_vec());
        }
        let message = Message::from_bytes(&bytes).unwrap();
        let peer = message.attribute::<XorPeerAddress>().expect("a Data indication");
        let data = message.attribute::<Data>().unwrap().data().to_vec();
        Arrived::From(peer.addr(message.transaction_id()), data)
    }

    /// What came and was not asked for: complete once an answer has come that was asked for later.
    pub fn unread(&self) -> usize {
        self.inbox.len()
    }

    /// Whether the server has closed the connection; waits for it.
    pub fn is_closed(&mut self) -> bool {
        let Link::Tcp(stream, _) = &mut self.link else {
            panic!("only a connection closes");
        };
        let mut rest = Vec::new();
        match stream.read_to_end(&mut rest) {
            Ok(_) => true,
            Err(error) => error.kind() == ErrorKind::ConnectionReset,
        }
    }

    /// Writes bytes as they are.
    pub fn write(&mut self, bytes: &[u8]) {
        match &mut self.link {
            Link::Udp(socket) => assert_eq!(socket.send(bytes).unwrap(), bytes.len()),
            Link::Tcp(stream, _) => stream.write_all(bytes).unwrap(),
        }
    }

    fn ask(&mut self, method: Method, transaction: TransactionId, attributes: &[&dyn AttributeWrite]) -> Vec<u8> {
        let kind = MessageType::from_class_method(MessageClass::Request, method);
        let mut message = Message::builder(kind, transaction, MessageWriteVec::new());
        for attribute in attributes {
            message.add_attribute(*attribute).unwrap();
        }
        if let (Some(credential), Some((realm, nonce))) = (&self.credential, &self.challenge) {
            message
                .add_attribute(&Username::new(&credential.username).unwrap())
                .unwrap();
            message.add_attribute(&Realm::new(realm).unwrap()).unwrap();
            message.add_attribute(&Nonce::new(nonce).unwrap()).unwrap();
            let key =
                LongTermKeyCredentials::new(credential.username.clone(), credential.password.clone(), realm.clone());
            message
                .add_message_integrity(&key.into(), IntegrityAlgorithm::Sha1)
                .unwrap();
        }
        let request = message.finish();
        self.write(&request);
        loop {
            let bytes = self.read();
            let is_answer = bytes[0] < 0x40
                && Message::from_bytes(&bytes)
                    .is_ok_and(|message| message.is_response() && message.transaction_id() == transaction);
            if is_answer {
                return bytes;
            }
            self.inbox.push_back(bytes);
        }
    }

    fn take_challenge(&mut self, challenge: &[u8]) {
        let message = Message::from_bytes(challenge).unwrap();
        let realm = message.attribute::<Realm>().unwrap().realm().to_owned();
        let nonce = message.attribute::<Nonce>().unwrap().nonce().to_owned();
        self.challenge = Some((realm, nonce));
    }

    /// The next whole message.
    fn read(&mut self) -> Vec<u8> {
        match &mut self.link {
            Link::Udp(socket) => {
                let mut bytes = vec![0; 65_536];
                let length = socket.recv(&mut bytes).expect("a message in time");
                bytes.truncate(length);
                bytes
            }
            Link::Tcp(stream, waiting) => loop {
                if let Some(length) = length_of(waiting).filter(|length| *length <= waiting.len()) {
                    return waiting.drain(..length).collect();
                }
                let mut bytes = [0; 4096];
                let length = stream.read(&mut bytes).expect("a message in time");
                assert!(length > 0, "the server closed the connection");
                waiting.extend_from_slice(&bytes[..length]);
            },
        }
    }
}

/// A socket that hears nobody but `server`.
pub fn udp_socket_for(server: SocketAddr) -> UdpSocket {
    let unspecified: IpAddr = match server {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind((unspecified, 0)).unwrap();
    socket.connect(server).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket
}

/// `ChannelData`, padded on a stream.
pub fn channel_data(channel: u16, data: &[u8], is_stream: bool) -> Vec<u8> {
    let length = u16::try_from(data.len()).unwrap();
    let mut bytes = [&channel.to_be_bytes()[..], &length.to_be_bytes(), data].concat();
    if is_stream {
        bytes.resize(bytes.len().next_multiple_of(4), 0);
    }
    bytes
}

/// How long the message at the front of a stream is.
fn length_of(stream: &[u8]) -> Option<usize> {
    let length = usize::from(u16::from_be_bytes([*stream.get(2)?, *stream.get(3)?]));
    Some(match stream[0] {
        0x40.. => 4 + length.next_multiple_of(4),
        _ => 20 + length,
    })
}

fn done(answer: &[u8]) -> Result<(), u16> {
    code_of(answer).map_or(Ok(()), Err)
}

fn code_of(answer: &[u8]) -> Option<u16> {
    let message = Message::from_bytes(answer).unwrap();
    message.attribute::<ErrorCode>().ok().map(|error| error.code())
}
