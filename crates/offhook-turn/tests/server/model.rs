//! The server against a model that was written from RFC 8656 alone: who has an allocation, who hears whom, and until when.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use offhook_turn::Ticket;
use proptest::prelude::*;
use turn_types::attribute::{Lifetime, RequestedTransport};
use turn_types::message::{ALLOCATE, REFRESH};

use super::world::{Client, Went, World, at, channel_data, config};

const CLIENTS: usize = 3;
const DAY_MS: u64 = 86_400_000;

/// Something that happens.
#[derive(Debug, Clone)]
enum Act {
    Pass(u64),
    Allocate(usize),
    Refresh(usize, u32),
    Permit(usize, Target),
    Bind(usize, u16, Target),
    Send(usize, Target),
    SendOn(usize, u16),
    Receive(usize, Target),
    Revoke(usize),
}

/// An address: of a peer, or the relayed address that a client had last.
#[derive(Debug, Clone, Copy)]
enum Target {
    Peer(&'static str),
    Client(usize),
}

/// What the model knows of an allocation.
#[derive(Debug, Clone)]
struct Life {
    made: u64,
    ends: u64,
    permissions: BTreeMap<IpAddr, u64>,
    channels: Vec<(u16, SocketAddr, u64)>,
}

#[derive(Debug, Default)]
struct Model {
    now: u64,
    lives: [Option<Life>; CLIENTS],
    /// The relayed address each client had last.
    relayed: [Option<SocketAddr>; CLIENTS],
    is_revoked: [bool; CLIENTS],
}

impl Model {
    fn life(&self, client: usize) -> Option<&Life> {
        self.lives[client].as_ref().filter(|life| self.now < life.ends)
    }

    fn address(&self, target: Target) -> SocketAddr {
        match target {
            Target::Peer(text) => at(text),
            Target::Client(client) => self.relayed[client].unwrap_or(at("198.51.100.7:49999")),
        }
    }

    /// The client whose live relayed address that is.
    fn owner(&self, address: SocketAddr) -> Option<usize> {
        (0..CLIENTS).find(|client| self.life(*client).is_some() && self.relayed[*client] == Some(address))
    }

    fn is_permitted(&self, client: usize, ip: IpAddr) -> bool {
        self.life(client)
            .is_some_and(|life| life.permissions.get(&ip).is_some_and(|ends| self.now < *ends))
    }

    fn channel(&self, client: usize, is_it: impl Fn(u16, SocketAddr) -> bool) -> Option<(u16, SocketAddr)> {
        let mut channels = self.life(client)?.channels.iter();
        let found = channels.find(|(number, peer, ends)| self.now < *ends && is_it(*number, *peer))?;
        Some((found.0, found.1))
    }

    /// What a client hears of a peer's packet.
    fn hears(&self, client: usize, peer: SocketAddr) -> Heard {
        if !self.is_permitted(client, peer.ip()) {
            return Heard::Nothing;
        }
        match self.channel(client, |_, bound| bound == peer) {
            Some((number, _)) => Heard::OnChannel(client, number),
            None => Heard::Of(client, peer),
        }
    }

    /// What becomes of a packet that a client sends.
    fn goes(&self, client: usize, peer: SocketAddr) -> Heard {
        match self.owner(peer) {
            Some(target) => self.hears(target, self.relayed[client].unwrap()),
            None if peer.ip() == at("198.51.100.7:1").ip() => Heard::Nothing,
            None => Heard::Outside(peer),
        }
    }
}

/// What becomes of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Heard {
    Nothing,
    Outside(SocketAddr),
    OnChannel(usize, u16),
    Of(usize, SocketAddr),
}

fn heard(went: &Went, clients: &[Client]) -> Heard {
    match went {
        Went::Nowhere => Heard::Nothing,
        Went::ToPeer { to, payload, .. } => {
            assert_eq!(payload, b"payload");
            Heard::Outside(*to)
        }
        Went::ToClient { client, bytes } => {
            let client = clients.iter().position(|other| other.at == *client).unwrap();
            if bytes[0] & 0xC0 == 0x40 {
                let number = u16::from_be_bytes([bytes[0], bytes[1]]);
                assert_eq!(*bytes, channel_data(number, b"payload"));
                Heard::OnChannel(client, number)
            } else {
                let (peer, payload) = went.data_indication(&clients[client]);
                assert_eq!(payload, b"payload");
                Heard::Of(client, peer)
            }
        }
    }
}

/// Does one thing to both and compares.
fn act(act: &Act, model: &mut Model, world: &mut World, clients: &mut [Client]) {
    let now = model.now;
    match *act {
        Act::Pass(ms) => {
            model.now += ms;
            world.pass(Duration::from_millis(ms));
        }
        Act::Allocate(client) => {
            let reply = world.ask(&mut clients[client], ALLOCATE, &[&RequestedTransport::new(17)]);
            let expected = match (model.life(client), model.is_revoked[client]) {
                (Some(_), _) => Some(437),
                (None, _) if now >= DAY_MS => Some(401),
                (None, true) => Some(403),
                (None, false) => None,
            };
            assert_eq!(reply.code(), expected);
            if expected.is_none() {
                model.relayed[client] = Some(reply.relayed());
                for other in (0..CLIENTS).filter(|other| *other != client) {
                    // A port may come round to another; the address then is the other's.
                    assert!(model.life(other).is_none() || model.relayed[other] != model.relayed[client]);
                }
                model.lives[client] = Some(Life {
                    made: now,
                    ends: now + 600_000,
                    permissions: BTreeMap::new(),
                    channels: Vec::new(),
                });
            }
        }
        Act::Refresh(client, seconds) => {
            let reply = world.ask(&mut clients[client], REFRESH, &[&Lifetime::new(seconds)]);
            assert_eq!(
                reply.code(),
                if model.life(client).is_some() { None } else { Some(437) }
            );
            if model.life(client).is_some() {
                let life = model.lives[client].as_mut().unwrap();
                let granted = u64::from(seconds.clamp(600, 3600)) * 1000;
                life.ends = if seconds == 0 {
                    now
                } else {
                    (now + granted).min(life.made + DAY_MS)
                };
            }
        }
        Act::Permit(client, target) => {
            let peer = model.address(target);
            let expected = expected_permission(model, client, peer);
            assert_eq!(world.permit(&mut clients[client], peer), expected);
            if expected.is_none() {
                model.lives[client]
                    .as_mut()
                    .unwrap()
                    .permissions
                    .insert(peer.ip(), now + 300_000);
            }
        }
        Act::Bind(client, number, target) => {
            let peer = model.address(target);
            let is_dead_relay = peer.ip() == at("198.51.100.7:1").ip() && model.owner(peer).is_none();
            let conflict = model
                .channel(client, |other, bound| (other == number) != (bound == peer))
                .is_some();
            let expected = match expected_permission(model, client, peer) {
                Some(code) => Some(code),
                None if is_dead_relay => Some(403),
                None => conflict.then_some(400),
            };
            assert_eq!(world.bind(&mut clients[client], number, peer), expected);
            if expected.is_none() {
                let life = model.lives[client].as_mut().unwrap();
                life.permissions.insert(peer.ip(), now + 300_000);
                life.channels.retain(|(other, _, ends)| *other != number && now < *ends);
                life.channels.push((number, peer, now + 600_000));
            }
        }
        Act::Send(client, target) => {
            let peer = model.address(target);
            let went = world.send(&mut clients[client], peer, b"payload");
            let is_sent = model.is_permitted(client, peer.ip());
            assert_eq!(
                heard(&went, clients),
                if is_sent {
                    model.goes(client, peer)
                } else {
                    Heard::Nothing
                }
            );
        }
        Act::SendOn(client, number) => {
            let went = world.send_on(&clients[client], number, b"payload");
            let peer = model.channel(client, |other, _| other == number);
            assert_eq!(
                heard(&went, clients),
                peer.map_or(Heard::Nothing, |(_, peer)| model.goes(client, peer))
            );
        }
        Act::Receive(client, target) => {
            let Some(relayed) = model.relayed[client].filter(|_| model.life(client).is_some()) else {
                return;
            };
            let peer = model.address(target);
            let went = world.from_peer(relayed, peer, b"payload");
            assert_eq!(heard(&went, clients), model.hears(client, peer));
        }
        Act::Revoke(client) => {
            world
                .server
                .handle_revoke(&Ticket::new(&format!("app.{client}")).unwrap(), world.now);
            world.settle();
            model.is_revoked[client] = true;
            model.lives[client] = None;
        }
    }
    let live = (0..CLIENTS).filter(|client| model.life(*client).is_some()).count();
    assert_eq!((world.sockets.len(), world.server.allocation_count()), (live, live));
}

fn expected_permission(model: &Model, client: usize, peer: SocketAddr) -> Option<u16> {
    match (model.life(client), peer) {
        (None, _) => Some(437),
        (Some(_), SocketAddr::V6(_)) => Some(443),
        (Some(_), peer) if peer.ip() == at("10.0.0.1:1").ip() => Some(403),
        (Some(_), _) => None,
    }
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let client = || 0..CLIENTS;
    let number = || 0x4000_u16..0x4003;
    let target = || {
        prop_oneof![
            3 => prop::sample::select(vec!["8.8.8.8:9", "8.8.8.8:10", "9.9.9.9:9"]).prop_map(Target::Peer),
            1 => prop::sample::select(vec!["10.0.0.1:9", "[2606:4700::1]:9"]).prop_map(Target::Peer),
            3 => (0..CLIENTS).prop_map(Target::Client),
        ]
    };
    let act = prop_oneof![
        3 => prop::sample::select(vec![1, 1000, 150_000, 299_999, 300_000, 599_999, 600_000, 5_000_000]).prop_map(Act::Pass),
        3 => client().prop_map(Act::Allocate),
        2 => (client(), prop::sample::select(vec![0, 1, 600, 1800, 3600])).prop_map(|(client, seconds)| Act::Refresh(client, seconds)),
        4 => (client(), target()).prop_map(|(client, target)| Act::Permit(client, target)),
        5 => (client(), number(), target()).prop_map(|(client, number, target)| Act::Bind(client, number, target)),
        5 => (client(), target()).prop_map(|(client, target)| Act::Send(client, target)),
        5 => (client(), number()).prop_map(|(client, number)| Act::SendOn(client, number)),
        5 => (client(), target()).prop_map(|(client, target)| Act::Receive(client, target)),
        1 => client().prop_map(Act::Revoke),
    ];
    // Everybody begins with an allocation, or most of what follows would be refused.
    prop::collection::vec(act, 0..80).prop_map(|mut acts| {
        acts.splice(0..0, (0..CLIENTS).map(Act::Allocate));
        acts
    })
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: proptest::test_runner::RngSeed::Fixed(1), ..ProptestConfig::with_cases(400) })]

    #[test]
    fn the_server_does_what_the_model_says(acts in acts()) {
        let mut world = World::new(config());
        let mut clients: Vec<Client> = (0..CLIENTS).map(|client| Client::new(&format!("app.{client}"), &format!("192.0.2.{}:4000", client + 1))).collect();
        let mut model = Model::default();
        for one in &acts {
            act(one, &mut model, &mut world, &mut clients);
        }
    }
}
