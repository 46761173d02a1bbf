//! Two allocations of one server: the packet goes from client to client without a socket between them.

use offhook_turn::{FiveTuple, HEADROOM, Packet, RelayId, Step, Transport};
use proptest::prelude::*;
use stun_types::AddressFamily;
use stun_types::attribute::AttributeWrite;
use stun_types::message::Message;
use turn_types::attribute::{Data, DontFragment, RequestedAddressFamily, XorPeerAddress};

use super::world::{Client, Went, World, at, channel_data, config};

/// How a party talks to the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Speech {
    Channel,
    Indication,
}

/// Two clients who know each other's relayed addresses.
#[derive(Debug, Clone, Copy)]
struct Case {
    is_v6: bool,
    transport: Transport,
    speech: Speech,
    heard: Speech,
    has_permission: bool,
    uses_bound_form: bool,
}

struct Pair {
    world: World,
    alice: Client,
    bob: Client,
    /// Bob's relayed address as Alice writes it.
    bob_relayed: std::net::SocketAddr,
    alice_relayed: std::net::SocketAddr,
}

fn pair(case: Case) -> Pair {
    let mut world = World::new(config());
    let mut alice = Client::new("app.alice", "192.0.2.1:4000");
    let mut bob = Client::over(case.transport, "app.bob", "192.0.2.2:4000");
    let family = RequestedAddressFamily::new(if case.is_v6 {
        AddressFamily::IPV6
    } else {
        AddressFamily::IPV4
    });
    let family: &dyn AttributeWrite = &family;
    let alice_relayed = world.allocate_with(&mut alice, &[family, &DontFragment::new()]);
    let mut bob_relayed = world.allocate_with(&mut bob, &[family]);
    if case.uses_bound_form && !case.is_v6 {
        bob_relayed.set_ip(at("10.0.0.5:1").ip());
    }
    match case.speech {
        Speech::Channel => assert_eq!(world.bind(&mut alice, 0x4001, bob_relayed), None),
        Speech::Indication => assert_eq!(world.permit(&mut alice, bob_relayed), None),
    }
    if case.has_permission {
        match case.heard {
            Speech::Channel => assert_eq!(world.bind(&mut bob, 0x4002, alice_relayed), None),
            Speech::Indication => assert_eq!(world.permit(&mut bob, alice_relayed), None),
        }
    }
    Pair {
        world,
        alice,
        bob,
        bob_relayed,
        alice_relayed,
    }
}

fn say(pair: &mut Pair, case: Case, payload: &[u8]) -> Went {
    match case.speech {
        Speech::Channel => pair.world.send_on(&pair.alice, 0x4001, payload),
        Speech::Indication => pair.world.send(&mut pair.alice, pair.bob_relayed, payload),
    }
}

fn case() -> impl Strategy<Value = Case> {
    let transport = prop_oneof![Just(Transport::Udp), Just(Transport::Tcp), Just(Transport::Tls)];
    let speech = || prop_oneof![Just(Speech::Channel), Just(Speech::Indication)];
    (
        any::<bool>(),
        transport,
        speech(),
        speech(),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(
            |(is_v6, transport, speech, heard, has_permission, uses_bound_form)| Case {
                is_v6,
                transport,
                speech,
                heard,
                has_permission,
                uses_bound_form,
            },
        )
}

/// A packet to a client, with what is random in it taken out.
#[derive(Debug, PartialEq, Eq)]
enum Heard {
    Nothing,
    Channel(FiveTuple, Vec<u8>),
    Indication(FiveTuple, std::net::SocketAddr, Vec<u8>),
}

fn heard(went: Went) -> Heard {
    match went {
        Went::Nowhere => Heard::Nothing,
        Went::ToPeer { .. } => panic!("it went out"),
        Went::ToClient { client, bytes } if bytes[0] & 0xC0 == 0x40 => Heard::Channel(client, bytes),
        Went::ToClient { client, bytes } => {
            let message = Message::from_bytes(&bytes).unwrap();
            let peer = message
                .attribute::<XorPeerAddress>()
                .unwrap()
                .addr(message.transaction_id());
            Heard::Indication(client, peer, message.attribute::<Data>().unwrap().data().to_vec())
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: proptest::test_runner::RngSeed::Fixed(1), ..ProptestConfig::with_cases(256) })]

    #[test]
    fn it_is_as_if_the_packet_had_gone_through_both_sockets(case in case(), payload in proptest::collection::vec(any::<u8>(), 0..64)) {
        let mut short = pair(case);
        let straight = heard(say(&mut short, case, &payload));
        // The other way: out of Alice's socket, through the kernel from its bound address, into Bob's.
        let mut long = pair(case);
        let bound = *long.world.sockets.values().find(|bound| bound.port() == long.alice_relayed.port()).unwrap();
        let around = heard(long.world.from_peer(long.bob_relayed, bound, &payload));
        prop_assert_eq!(&straight, &around);
        prop_assert_eq!(straight == Heard::Nothing, !case.has_permission);
        if let Heard::Indication(client, peer, data) = &straight {
            prop_assert_eq!((*client, *peer, data), (short.bob.at, short.alice_relayed, &payload));
        }
        let usage = |pair: &mut Pair, ticket: &str| {
            let usage = pair.world.server.take_usage();
            usage.into_iter().find(|(of, _)| of.as_str() == ticket).map(|(_, usage)| usage)
        };
        let (bob_short, bob_long) = (usage(&mut short, "app.bob"), usage(&mut long, "app.bob"));
        prop_assert_eq!(bob_short, bob_long);
    }
}

#[test]
fn both_parties_pay_for_what_goes_straight() {
    let case = Case {
        is_v6: false,
        transport: Transport::Udp,
        speech: Speech::Channel,
        heard: Speech::Channel,
        has_permission: true,
        uses_bound_form: false,
    };
    let mut pair = pair(case);
    let expected = Went::ToClient {
        client: pair.bob.at,
        bytes: channel_data(0x4002, b"hello"),
    };
    assert_eq!(say(&mut pair, case, b"hello"), expected);
    let usage = pair.world.server.take_usage();
    let of = |ticket: &str| usage.iter().find(|(of, _)| of.as_str() == ticket).unwrap().1;
    assert_eq!((of("app.alice").to_peer_bytes, of("app.alice").to_client_bytes), (5, 0));
    assert_eq!((of("app.bob").to_peer_bytes, of("app.bob").to_client_bytes), (0, 5));
}

#[test]
fn one_s_own_relayed_address_leads_to_oneself_once() {
    let mut world = World::new(config());
    let mut alice = Client::new("app.alice", "192.0.2.1:4000");
    let relayed = world.allocate(&mut alice);
    assert_eq!(world.bind(&mut alice, 0x4000, relayed), None);
    let back = world.send_on(&alice, 0x4000, b"echo");
    assert_eq!(
        back,
        Went::ToClient {
            client: alice.at,
            bytes: channel_data(0x4000, b"echo")
        }
    );
}

#[test]
fn nothing_goes_straight_to_an_allocation_that_is_over_though_no_timer_has_run() {
    let case = Case {
        is_v6: false,
        transport: Transport::Udp,
        speech: Speech::Channel,
        heard: Speech::Channel,
        has_permission: true,
        uses_bound_form: false,
    };
    let mut pair = pair(case);
    assert_eq!(
        pair.world
            .ask(
                &mut pair.alice,
                turn_types::message::REFRESH,
                &[&turn_types::attribute::Lifetime::new(3600)]
            )
            .code(),
        None
    );
    let later = pair.world.now.after(std::time::Duration::from_secs(600));
    let bytes = channel_data(0x4001, b"late");
    let mut buffer = [&[0; HEADROOM][..], &bytes].concat();
    let mut packet = Packet::new(&mut buffer, HEADROOM..HEADROOM + bytes.len());
    assert_eq!(
        pair.world.server.handle_client(pair.alice.at, &mut packet, later),
        Step::Done
    );
    let relay: RelayId = *pair
        .world
        .sockets
        .iter()
        .find(|(_, bound)| bound.port() == pair.bob_relayed.port())
        .unwrap()
        .0;
    let mut packet = Packet::new(&mut buffer, HEADROOM..HEADROOM + 4);
    assert_eq!(
        pair.world
            .server
            .handle_peer(relay, pair.alice_relayed, &mut packet, later),
        Step::Done
    );
}
