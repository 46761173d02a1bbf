//! What any bytes may do, and what must hold whatever they are. The fuzz targets `turn_*` call these functions, and so does the
//! test that reads their seeds.

use std::time::Duration;

use offhook_turn::stream::Framer;
use offhook_turn::{HEADROOM, Ticket, Transport};
use stun_types::attribute::{AttributeType, AttributeWrite, RawAttribute};
use stun_types::message::Method;

use super::world::{Client, Went, World, at, config};

/// Bytes as one packet: from a client, from a stranger and from a peer.
pub fn packet(bytes: &[u8]) {
    let mut world = World::new(config());
    let mut client = Client::new("app.call", "192.0.2.1:4000");
    let relayed = world.allocate(&mut client);
    assert_eq!(world.bind(&mut client, 0x4000, at("8.8.8.8:9")), None);
    let stranger = Client::new("app.other", "192.0.2.2:4000");
    for from in [client.at, stranger.at] {
        let went = world.hear_client(from, bytes);
        match went {
            Went::Nowhere => {}
            Went::ToPeer { to, payload, .. } => {
                // A permission is for an address, whatever the port (RFC 8656 §9).
                assert_eq!((from, to.ip()), (client.at, at("8.8.8.8:9").ip()));
                assert!(payload.len() < bytes.len(), "a header is taken off");
            }
            Went::ToClient { .. } => panic!("there is no other relayed address"),
        }
        assert!(world.sent.len() <= 1, "one answer at most");
        if let Some((to, answer)) = world.sent.pop_front() {
            assert_eq!(to, from);
            assert!(answer.len() <= 120, "{} bytes", answer.len());
        }
    }
    // Whatever a peer sends is payload, and arrives as it is.
    let Went::ToClient { bytes: sent, .. } = world.hear_peer(relayed, at("8.8.8.8:9"), bytes) else {
        panic!("payload is passed on");
    };
    assert_eq!(&sent[4..], bytes);
    assert_eq!(world.sockets.len(), 1, "nobody signed anything");
}

/// Bytes as a stream: however it is cut, the same messages come out, and the framer stays bounded.
pub fn stream(bytes: &[u8]) {
    let Some((piece, bytes)) = bytes.split_first() else {
        return;
    };
    let whole = frames(bytes, usize::MAX);
    assert_eq!(frames(bytes, usize::from(*piece) + 1), whole);
    let (messages, _) = whole;
    let total: usize = messages.iter().map(Vec::len).sum();
    assert!(total <= bytes.len());
}

fn frames(bytes: &[u8], piece: usize) -> (Vec<Vec<u8>>, bool) {
    let mut framer = Framer::new();
    let (mut messages, mut rest) = (Vec::new(), bytes);
    while !rest.is_empty() {
        let space = framer.space();
        assert!((1..200_000).contains(&space.len()));
        let length = piece.min(rest.len()).min(space.len());
        space[..length].copy_from_slice(&rest[..length]);
        rest = &rest[length..];
        framer.filled(length);
        loop {
            match framer.poll_packet() {
                Ok(Some(packet)) => {
                    assert!(packet.range().start >= HEADROOM);
                    messages.push(packet.bytes().to_vec());
                }
                Ok(None) => break,
                Err(_) => return (messages, true),
            }
        }
    }
    (messages, false)
}

/// Bytes as a script: three clients ask, send, receive, are revoked and go; time passes.
///
/// Each act is a byte that says what, a byte that says who, and what it needs. In the end everything is over and nothing is left.
pub fn session(bytes: &[u8]) {
    let mut world = World::new(config());
    let mut clients = [
        Client::new("app.0", "192.0.2.1:4000"),
        Client::over(Transport::Tls, "app.1", "192.0.2.2:4000"),
        Client::over(Transport::Tcp, "other.2", "[2001:db8:1::1]:4000"),
    ];
    let mut script = Script(bytes);
    while let (Some(what), Some(who)) = (script.byte(), script.byte()) {
        let client = &mut clients[usize::from(who) % 3];
        act(what, who, client, &mut script, &mut world);
        world.sent.clear();
        assert!(world.server.allocation_count() <= 3);
        assert!(world.sockets.len() <= 6, "two families each");
    }
    // Allocations end within a day, whatever was asked.
    world.pass(Duration::from_secs(25 * 3600));
    assert_eq!((world.server.allocation_count(), world.sockets.len()), (0, 0));
    assert_eq!(world.server.poll_timeout(), None);
    world.server.take_usage();
    assert_eq!(world.server.take_usage(), []);
}

fn act(what: u8, who: u8, client: &mut Client, script: &mut Script<'_>, world: &mut World) {
    match what % 8 {
        0 => {
            world.hear_client(client.at, script.bytes());
        }
        1 | 2 => {
            let method = Method::new([3, 4, 8, 9][usize::from(who / 3) % 4]);
            let attributes = script.attributes();
            let attributes: Vec<&dyn AttributeWrite> = attributes.iter().map(|attribute| attribute as _).collect();
            let request = client.request(method, &attributes);
            // A nonce that is missing or stale is taken for the next time.
            if let Some(reply) = world.ask_raw(client.at, &request) {
                client.learn(&reply);
            }
        }
        3 => world.pass(Duration::from_millis(u64::from(script.byte().unwrap_or(0)) * 10_000)),
        4 => {
            let relayed = world.sockets.values().nth(usize::from(who) % 6).copied();
            let peer = target(script, world);
            if let Some(relayed) = relayed {
                world.hear_peer(relayed, peer, script.bytes());
            }
        }
        5 => {
            let peer = target(script, world);
            world.send(client, peer, script.bytes());
        }
        6 => {
            let number = 0x4000 + u16::from(script.byte().unwrap_or(0) % 4);
            world.send_on(client, number, script.bytes());
        }
        _ if who >= 250 => {
            let ticket = client.credential.username.split_once(':').unwrap().1;
            world.server.handle_revoke(&Ticket::new(ticket).unwrap(), world.now);
            world.settle();
        }
        _ => {
            world.server.handle_stream_closed(client.at, world.now);
            world.settle();
        }
    }
}

/// A peer outside, or a relayed address.
fn target(script: &mut Script<'_>, world: &World) -> std::net::SocketAddr {
    let choice = usize::from(script.byte().unwrap_or(0));
    let peers = ["8.8.8.8:9", "9.9.9.9:9", "10.0.0.1:9", "[2606:4700::1]:9"];
    match world.sockets.values().nth(choice % 8) {
        Some(relayed) => *relayed,
        None => at(peers[choice % 4]),
    }
}

/// The rest of a script.
struct Script<'a>(&'a [u8]);

impl<'a> Script<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    /// A length and as many bytes.
    fn bytes(&mut self) -> &'a [u8] {
        let length = usize::from(self.byte().unwrap_or(0)).min(self.0.len());
        let (bytes, rest) = self.0.split_at(length);
        self.0 = rest;
        bytes
    }

    /// A number of attributes, each with its type in two bytes and its value.
    fn attributes(&mut self) -> Vec<RawAttribute<'a>> {
        let count = self.byte().unwrap_or(0) % 8;
        let mut attributes = Vec::new();
        for _ in 0..count {
            let kind = u16::from_be_bytes([self.byte().unwrap_or(0), self.byte().unwrap_or(0)]);
            let value = self.bytes();
            // These the client adds itself.
            if ![0x0008, 0x001C, 0x8028].contains(&kind) {
                attributes.push(RawAttribute::new(AttributeType::new(kind), value));
            }
        }
        attributes
    }
}
