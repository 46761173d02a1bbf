//! Relays a fixed number of packets one way, so that instructions can be counted by callgrind.
//!
//! `hot_path to-peer|to-client|straight|refused PACKETS FLOWS`: packets of 1200 bytes, in turns over the flows, each with an
//! allocation of its own and a channel; `refused` is a flood of requests from one source that has had its answers. What a packet
//! costs is the difference between two numbers of packets; `tests/hot_path.rs` holds it below a ceiling.

use std::hint::black_box;
use std::net::{IpAddr, SocketAddr};
use std::process::ExitCode;

use offhook_turn::{
    Config, FiveTuple, HEADROOM, Output, Packet, Policy, Quotas, RelayAddress, RelayId, Secret, Server, Step, TAILROOM,
    Ticket, Time, Transport,
};
use stun_types::attribute::{AttributeFromRaw, AttributeStaticType, AttributeWrite, Nonce, Realm, Username};
use stun_types::message::{
    IntegrityAlgorithm, LongTermKeyCredentials, Message, MessageWrite, MessageWriteExt, MessageWriteVec, Method,
    TransactionId,
};
use turn_types::attribute::{ChannelNumber, RequestedTransport, XorPeerAddress, XorRelayedAddress};
use turn_types::message::{ALLOCATE, CHANNEL_BIND};

const START: Time = Time::from_secs(1_700_000_000);
const PAYLOAD: usize = 1200;
const CHANNEL: u16 = 0x4001;
/// Packets in a millisecond: 20,000 a second.
const PACKETS_A_MS: u64 = 20;

type Failure = Box<dyn std::error::Error>;

/// A client with an allocation, and a peer or another client at the other end.
struct Flow {
    client: FiveTuple,
    relay: RelayId,
    relayed: SocketAddr,
    peer: SocketAddr,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((way, packets, flows)) = read_arguments(&arguments) else {
        eprintln!("usage: hot_path to-peer|to-client|straight|refused PACKETS FLOWS");
        return ExitCode::FAILURE;
    };
    match run(&way, packets, flows) {
        Ok(relayed) if relayed == packets => ExitCode::SUCCESS,
        Ok(relayed) => {
            eprintln!("{relayed} of {packets} packets were relayed");
            ExitCode::FAILURE
        }
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

fn read_arguments(arguments: &[String]) -> Option<(String, u64, u16)> {
    match arguments {
        [way, packets, flows] => Some((way.clone(), packets.parse().ok()?, flows.parse().ok()?)),
        _ => None,
    }
}

/// Relays the packets; how many arrived.
fn run(way: &str, packets: u64, flows: u16) -> Result<u64, Failure> {
    let mut server = Server::new(config(), [7; 32]);
    if way == "refused" {
        return refuse(&mut server, packets);
    }
    let mut made = Vec::new();
    for number in 0..flows {
        let peer = SocketAddr::new([8, 8, (number >> 8) as u8, number as u8].into(), 9000);
        made.push(allocate(&mut server, number, peer)?);
    }
    let partners: Vec<SocketAddr> = made.iter().map(|flow| flow.relayed).collect();
    for (place, flow) in made.iter_mut().enumerate() {
        if way == "straight" {
            // Each flow talks to its neighbour: 0 with 1, 2 with 3.
            flow.peer = partners.get(place ^ 1).copied().ok_or("an even number of flows")?;
        }
        bind(&mut server, flow)?;
    }
    let mut buffer = vec![0x5A; HEADROOM + 4 + PAYLOAD + TAILROOM];
    let mut relayed = 0;
    for (number, flow) in (0..packets).zip(made.iter().cycle()) {
        let now = Time::from_millis(START.as_millis() + number / PACKETS_A_MS);
        let step = if way == "to-client" {
            let mut packet = Packet::new(&mut buffer, HEADROOM + 4..HEADROOM + 4 + PAYLOAD);
            server.handle_peer(flow.relay, flow.peer, black_box(&mut packet), now)
        } else {
            let header = buffer.get_mut(HEADROOM..).and_then(|rest| rest.first_chunk_mut::<4>());
            *header.ok_or("room")? = channel_header();
            let mut packet = Packet::new(&mut buffer, HEADROOM..HEADROOM + 4 + PAYLOAD);
            server.handle_client(flow.client, black_box(&mut packet), now)
        };
        relayed += u64::from(black_box(step) != Step::Done);
    }
    Ok(relayed)
}

/// Takes a flood from one source; how many packets got no answer but the few that a source may have.
fn refuse(server: &mut Server, packets: u64) -> Result<u64, Failure> {
    let transport = RequestedTransport::new(17);
    let request = request(0, ALLOCATE, TransactionId::from(1_u128), &[&transport], None)?;
    let mut buffer = [&[0; HEADROOM][..], &request, &[0; TAILROOM]].concat();
    let client = client(0);
    let mut answered = 0;
    for number in 0..packets {
        let now = Time::from_millis(START.as_millis() + number / PACKETS_A_MS);
        let mut packet = Packet::new(&mut buffer, HEADROOM..HEADROOM + request.len());
        server.handle_client(client, black_box(&mut packet), now);
        answered += u64::from(server.poll_output().is_some());
    }
    // Two hundred at once, and then a hundred a second.
    let most = 201 + packets * 100 / (PACKETS_A_MS * 1000);
    Ok(if answered > most { answered } else { packets })
}

fn config() -> Config {
    Config {
        realm: "example".to_owned(),
        secret: Secret::new("north"),
        ipv4: Some(RelayAddress {
            bind: [10, 0, 0, 5].into(),
            external: [198, 51, 100, 7].into(),
        }),
        ipv6: None,
        ports: 49_152..=65_535,
        policy: Policy::default(),
        quotas: Quotas::default(),
    }
}

const fn channel_header() -> [u8; 4] {
    let [a, b] = CHANNEL.to_be_bytes();
    let [c, d] = (PAYLOAD as u16).to_be_bytes();
    [a, b, c, d]
}

/// The client with a number.
fn client(number: u16) -> FiveTuple {
    FiveTuple {
        transport: Transport::Udp,
        local: SocketAddr::new([10, 0, 0, 5].into(), 3478),
        remote: SocketAddr::new(IpAddr::from([192, 0, (number >> 8) as u8, number as u8]), 4000),
    }
}

/// Makes an allocation.
fn allocate(server: &mut Server, number: u16, peer: SocketAddr) -> Result<Flow, Failure> {
    let client = client(number);
    let transaction = TransactionId::from(u128::from(number));
    let transport = RequestedTransport::new(17);
    let (answer, _) = ask(
        server,
        client,
        &request(number, ALLOCATE, transaction, &[&transport], None)?,
    )?;
    let nonce = read::<Nonce>(&answer)?;
    let (answer, relay) = ask(
        server,
        client,
        &request(number, ALLOCATE, transaction, &[&transport], Some(nonce))?,
    )?;
    let relayed = read::<XorRelayedAddress>(&answer)?.addr(transaction);
    Ok(Flow {
        client,
        relay: relay.ok_or("a socket")?,
        relayed,
        peer,
    })
}

/// Binds the channel to the peer.
fn bind(server: &mut Server, flow: &Flow) -> Result<(), Failure> {
    let [_, _, high, low] = match flow.client.remote.ip() {
        IpAddr::V4(ip) => ip.octets(),
        IpAddr::V6(_) => [0; 4],
    };
    let number = u16::from_be_bytes([high, low]);
    let transaction = TransactionId::from(1_000_000 + u128::from(number));
    let peer = XorPeerAddress::new(flow.peer, transaction);
    let channel = ChannelNumber::new(CHANNEL);
    let (answer, _) = ask(server, flow.client, &request(number, ALLOCATE, transaction, &[], None)?)?;
    let nonce = read::<Nonce>(&answer)?;
    let bind = request(number, CHANNEL_BIND, transaction, &[&channel, &peer], Some(nonce))?;
    let (answer, _) = ask(server, flow.client, &bind)?;
    let is_bound = Message::from_bytes(&answer)?.class() == stun_types::message::MessageClass::Success;
    if is_bound { Ok(()) } else { Err("not bound".into()) }
}

fn request(
    number: u16,
    method: Method,
    transaction: TransactionId,
    attributes: &[&dyn AttributeWrite],
    nonce: Option<Nonce>,
) -> Result<Vec<u8>, Failure> {
    use stun_types::message::{MessageClass, MessageType};
    let kind = MessageType::from_class_method(MessageClass::Request, method);
    let mut message = Message::builder(kind, transaction, MessageWriteVec::new());
    for attribute in attributes {
        message.add_attribute(*attribute)?;
    }
    if let Some(nonce) = nonce {
        let ticket = Ticket::new(&format!("app{}.{number}", number / 50))?;
        let credential = Secret::new("north").credential(&ticket, START.as_secs() + 3600);
        message.add_attribute(&Username::new(&credential.username)?)?;
        message.add_attribute(&Realm::new("example")?)?;
        message.add_attribute(&nonce)?;
        let key = LongTermKeyCredentials::new(credential.username, credential.password, "example".to_owned());
        message.add_message_integrity(&key.into(), IntegrityAlgorithm::Sha1)?;
    }
    Ok(message.finish())
}

/// Asks, opens what is to be opened, and takes the answer.
fn ask(server: &mut Server, client: FiveTuple, request: &[u8]) -> Result<(Vec<u8>, Option<RelayId>), Failure> {
    let mut buffer = [&[0; HEADROOM][..], request, &[0; TAILROOM]].concat();
    let mut packet = Packet::new(&mut buffer, HEADROOM..HEADROOM + request.len());
    server.handle_client(client, &mut packet, START);
    let (mut answer, mut relay) = (None, None);
    while let Some(output) = server.poll_output() {
        match output {
            Output::Send { bytes, .. } => answer = Some(bytes),
            Output::Open {
                relay: name, address, ..
            } => {
                relay = Some(name);
                server.handle_opened(name, Ok(address), START);
            }
            Output::Close { .. } | Output::Allocated { .. } | Output::Released { .. } => {}
        }
    }
    Ok((answer.ok_or("an answer")?, relay))
}

fn read<A: AttributeStaticType + for<'a> AttributeFromRaw<'a>>(answer: &[u8]) -> Result<A, Failure> {
    let message = Message::from_bytes(answer)?;
    let raw = message.raw_attribute(A::TYPE).ok_or("the attribute is missing")?;
    Ok(A::from_raw_ref(&raw)?)
}
