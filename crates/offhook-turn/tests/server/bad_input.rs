//! Truncated, oversized, replayed and forged messages leave the state as it was.

use std::time::Duration;

use stun_types::attribute::AttributeWrite;
use stun_types::message::Method;
use turn_types::attribute::{ChannelNumber, Lifetime, RequestedTransport, XorPeerAddress};
use turn_types::message::{ALLOCATE, CHANNEL_BIND, CREATE_PERMISSION, REFRESH};

use super::world::{Client, Went, World, at, channel_data, config};

/// A client with a permission and a channel.
fn scene() -> (World, Client, std::net::SocketAddr) {
    let mut world = World::new(config());
    let mut client = Client::new("app.call", "192.0.2.1:4000");
    let relayed = world.allocate(&mut client);
    assert_eq!(world.bind(&mut client, 0x4000, at("8.8.8.8:9")), None);
    (world, client, relayed)
}

/// Everything that a client could notice: who is heard, what is open, when it ends.
fn state(
    world: &mut World,
    client: &Client,
    relayed: std::net::SocketAddr,
) -> impl PartialEq + std::fmt::Debug + use<> {
    let heard: Vec<Went> = ["8.8.8.8:9", "8.8.4.4:9", "9.9.9.9:9"]
        .map(|peer| world.from_peer(relayed, at(peer), b""))
        .into();
    let numbers: Vec<Went> = [0x4000, 0x4001].map(|number| world.send_on(client, number, b"")).into();
    (
        heard,
        numbers,
        world.sockets.clone(),
        world.told.clone(),
        world.server.poll_timeout(),
    )
}

/// One of each request that would change something.
fn requests(client: &mut Client) -> Vec<Vec<u8>> {
    let request =
        |client: &mut Client, method: Method, attributes: &[&dyn AttributeWrite]| client.request(method, attributes);
    vec![
        request(client, REFRESH, &[&Lifetime::new(0)]),
        request(client, REFRESH, &[&Lifetime::new(3600)]),
        client.with_peer(CREATE_PERMISSION, at("8.8.4.4:9"), &[]),
        client.with_peer(CHANNEL_BIND, at("9.9.9.9:9"), &[&ChannelNumber::new(0x4001)]),
    ]
}

#[test]
fn a_request_that_is_cut_short_or_has_something_behind_it_changes_nothing() {
    let (mut world, mut client, relayed) = scene();
    let before = state(&mut world, &client, relayed);
    for request in requests(&mut client) {
        for length in 0..request.len() {
            world.from_client(client.at, &request[..length]);
        }
        for more in 1..6 {
            world.from_client(client.at, &[&request[..], &[0; 6][..more]].concat());
        }
        world.sent.clear();
        assert_eq!(state(&mut world, &client, relayed), before);
    }
}

#[test]
fn a_request_of_which_one_bit_was_changed_changes_nothing() {
    let (mut world, mut client, relayed) = scene();
    let before = state(&mut world, &client, relayed);
    for request in requests(&mut client) {
        for bit in 0..request.len() * 8 {
            let mut forged = request.clone();
            forged[bit / 8] ^= 1 << (bit % 8);
            world.from_client(client.at, &forged);
        }
        world.sent.clear();
        assert_eq!(state(&mut world, &client, relayed), before);
        // And the request as it was does.
    }
    for request in requests(&mut client).into_iter().rev() {
        assert_eq!(world.ask_raw(client.at, &request).unwrap().code(), None);
    }
    assert_eq!(world.sockets.len(), 0);
}

#[test]
fn a_request_of_one_client_is_worth_nothing_from_another_address() {
    let (mut world, mut client, relayed) = scene();
    let before = state(&mut world, &client, relayed);
    for request in requests(&mut client) {
        for address in ["192.0.2.1:4001", "192.0.2.9:4000"] {
            let mut elsewhere = client.at;
            elsewhere.remote = at(address);
            assert_eq!(world.ask_raw(elsewhere, &request).unwrap().code(), Some(438));
        }
        assert_eq!(state(&mut world, &client, relayed), before);
    }
}

#[test]
fn a_request_that_is_replayed_after_its_nonce_changes_nothing() {
    let (mut world, mut client, _) = scene();
    let old = requests(&mut client);
    for _ in 0..7 {
        world.pass(Duration::from_secs(599));
        assert_eq!(world.ask(&mut client, REFRESH, &[]).code(), None);
    }
    let timeout = world.server.poll_timeout();
    for request in old {
        assert!(
            world
                .ask_raw(client.at, &request)
                .is_none_or(|reply| reply.code() == Some(438))
        );
    }
    assert_eq!((world.sockets.len(), world.server.poll_timeout()), (1, timeout));
}

#[test]
fn a_client_with_an_allocation_is_warned_ten_times_a_second_at_most() {
    let (mut world, mut client, _) = scene();
    client.nonce = Some("old".to_owned());
    let mut warned = 0;
    for _ in 0..1000 {
        world.pass(Duration::from_millis(1));
        let request = client.request(REFRESH, &[]);
        warned += usize::from(world.ask_raw(client.at, &request).is_some());
    }
    assert_eq!(warned, 10);
}

#[test]
fn an_oversized_request_is_dropped() {
    let (mut world, mut client, relayed) = scene();
    let before = state(&mut world, &client, relayed);
    let transaction = client.transaction();
    let peers: Vec<_> = (0..400)
        .map(|port| XorPeerAddress::new(at(&format!("9.9.9.9:{port}")), transaction))
        .collect();
    let attributes: Vec<&dyn AttributeWrite> = peers.iter().map(|peer| peer as _).collect();
    let request = client.request_as(transaction, CREATE_PERMISSION, &attributes);
    assert!(request.len() > 4096);
    assert_eq!(world.ask_raw(client.at, &request), None);
    assert_eq!(state(&mut world, &client, relayed), before);
    let request = client.request_as(transaction, CREATE_PERMISSION, &attributes[..300]);
    assert_eq!(
        world.ask_raw(client.at, &request).unwrap().code(),
        None,
        "many peers at one address are one permission"
    );
}

#[test]
fn answers_and_indications_and_unknown_methods_are_not_answered() {
    let (mut world, mut client, relayed) = scene();
    let before = state(&mut world, &client, relayed);
    for kind in [
        0x0103_u16,
        0x0113,
        0x0104,
        0x0008 | 0x0100,
        0x0013,
        0x0017,
        0x0006,
        0x0007,
        0x000A,
        0x000B,
        0x3EEF,
        0x0002,
    ] {
        let mut request = client.request(ALLOCATE, &[&RequestedTransport::new(17)]);
        request[..2].copy_from_slice(&kind.to_be_bytes());
        assert_eq!(world.ask_raw(client.at, &request), None, "{kind:04x}");
    }
    assert_eq!(state(&mut world, &client, relayed), before);
}

#[test]
fn what_a_server_sent_does_not_loop_when_it_comes_back() {
    let (mut world, mut client, relayed) = scene();
    assert_eq!(world.permit(&mut client, at("8.8.8.8:10")), None);
    let Went::ToClient { bytes: indication, .. } = world.from_peer(relayed, at("8.8.8.8:10"), b"x") else {
        panic!("an indication");
    };
    assert_eq!(world.from_client(client.at, &indication), Went::Nowhere);
    let request = client.request(REFRESH, &[]);
    let reply = world.ask_raw(client.at, &request).unwrap();
    assert_eq!(world.ask_raw(client.at, &reply.0), None);
    // A peer that sends STUN or ChannelData to a relayed address sends payload, whatever it says.
    for payload in [reply.0, channel_data(0x4000, b"x"), request] {
        let peer = at("8.8.8.8:10");
        assert_eq!(
            world.from_peer(relayed, peer, &payload).data_indication(&client),
            (peer, payload)
        );
    }
}
