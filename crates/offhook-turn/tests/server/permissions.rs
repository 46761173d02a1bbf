//! CreatePermission (RFC 8656 §10) and ChannelBind (RFC 8656 §12).

use std::time::Duration;

use stun_types::attribute::{AttributeType, RawAttribute};
use stun_types::message::TransactionId;
use turn_types::attribute::{ChannelNumber, XorPeerAddress};
use turn_types::message::{CHANNEL_BIND, CREATE_PERMISSION};

use super::world::{Client, Went, World, at, channel_data, config};

fn allocated() -> (World, Client, std::net::SocketAddr) {
    let mut world = World::new(config());
    let mut client = Client::new("app.call", "192.0.2.1:4000");
    let relayed = world.allocate(&mut client);
    (world, client, relayed)
}

#[test]
fn a_permission_is_for_an_address_whatever_the_port_and_lasts_five_minutes() {
    let (mut world, mut client, relayed) = allocated();
    assert_eq!(world.hear_peer(relayed, at("8.8.8.8:9"), b"x"), Went::Nowhere);
    assert_eq!(world.permit(&mut client, at("8.8.8.8:0")), None);
    for port in [9, 10] {
        let peer = at(&format!("8.8.8.8:{port}"));
        assert_eq!(
            world.hear_peer(relayed, peer, b"x").data_indication(&client),
            (peer, b"x".to_vec())
        );
    }
    assert_eq!(world.hear_peer(relayed, at("8.8.4.4:9"), b"x"), Went::Nowhere);
    world.pass(Duration::from_millis(299_999));
    assert_ne!(world.hear_peer(relayed, at("8.8.8.8:9"), b"x"), Went::Nowhere);
    world.pass(Duration::from_millis(1));
    assert_eq!(world.hear_peer(relayed, at("8.8.8.8:9"), b"x"), Went::Nowhere);
    assert_eq!(world.send(&mut client, at("8.8.8.8:9"), b"x"), Went::Nowhere);
    assert_eq!(world.permit(&mut client, at("8.8.8.8:0")), None);
    assert_ne!(world.send(&mut client, at("8.8.8.8:9"), b"x"), Went::Nowhere);
}

#[test]
fn all_permissions_of_a_request_are_installed_or_none() {
    let (mut world, mut client, relayed) = allocated();
    let transaction: TransactionId = 9.into();
    let peer = |text| XorPeerAddress::new(at(text), transaction);
    for (third, code) in [
        ("10.0.0.1:1", Some(403)),
        ("[2606:4700::1]:1", Some(443)),
        ("1.1.1.1:1", None),
    ] {
        let request = client.request_as(
            transaction,
            CREATE_PERMISSION,
            &[&peer("8.8.8.8:1"), &peer("9.9.9.9:1"), &peer(third)],
        );
        assert_eq!(world.ask_raw(client.at, &request).unwrap().code(), code, "{third}");
        for first in ["8.8.8.8:1", "9.9.9.9:1"] {
            assert_eq!(
                world.hear_peer(relayed, at(first), b"x") != Went::Nowhere,
                code.is_none(),
                "{third}"
            );
        }
    }
    let bad = RawAttribute::new(AttributeType::new(0x0012), &[0, 1, 0]);
    let request = client.request_as(transaction, CREATE_PERMISSION, &[&peer("5.5.5.5:1"), &bad]);
    assert_eq!(world.ask_raw(client.at, &request).unwrap().code(), Some(400));
    assert_eq!(world.hear_peer(relayed, at("5.5.5.5:1"), b"x"), Went::Nowhere);
    let request = client.request(CREATE_PERMISSION, &[]);
    assert_eq!(world.ask_raw(client.at, &request).unwrap().code(), Some(400));
}

#[test]
fn permissions_are_thirty_two_and_expired_ones_make_room() {
    let (mut world, mut client, _) = allocated();
    let peer = |number: u32| at(&format!("8.8.8.{number}:1"));
    for number in 1..=32 {
        assert_eq!(world.permit(&mut client, peer(number)), None);
    }
    assert_eq!(world.permit(&mut client, peer(33)), Some(508));
    assert_eq!(world.permit(&mut client, peer(32)), None, "a refresh needs no room");
    assert_eq!(world.bind(&mut client, 0x4000, peer(33)), Some(508));
    world.pass(Duration::from_secs(300));
    assert_eq!(world.permit(&mut client, peer(33)), None);
}

#[test]
fn channels_are_thirty_two_and_expired_ones_make_room() {
    let (mut world, mut client, _) = allocated();
    let peer = |port: u16| at(&format!("8.8.8.8:{port}"));
    for number in 0..32 {
        assert_eq!(world.bind(&mut client, 0x4000 + number, peer(1000 + number)), None);
    }
    assert_eq!(world.bind(&mut client, 0x4020, peer(1032)), Some(508));
    assert_eq!(
        world.bind(&mut client, 0x4001, peer(1001)),
        None,
        "a refresh needs no room"
    );
    world.pass(Duration::from_millis(599_999));
    assert_eq!(world.ask(&mut client, turn_types::message::REFRESH, &[]).code(), None);
    assert_eq!(world.bind(&mut client, 0x4020, peer(1032)), Some(508));
    world.pass(Duration::from_millis(1));
    assert_eq!(world.bind(&mut client, 0x4020, peer(1032)), None);
}

#[test]
fn a_channel_number_is_in_its_range_and_stands_for_one_peer() {
    let (mut world, mut client, _) = allocated();
    for (number, code) in [
        (0x3FFF, Some(400)),
        (0x4000, None),
        (0x4FFF, None),
        (0x7FFF, None),
        (0x8000, Some(400)),
        (0xFFFF, Some(400)),
        (0, Some(400)),
    ] {
        assert_eq!(
            world.bind(&mut client, number, at(&format!("8.8.8.8:{}", number / 2 + 1))),
            code,
            "{number:x}"
        );
    }
    assert_eq!(
        world.bind(&mut client, 0x4000, at("8.8.8.8:8193")),
        None,
        "again the same"
    );
    assert_eq!(
        world.bind(&mut client, 0x4000, at("8.8.8.8:1")),
        Some(400),
        "the number has another peer"
    );
    assert_eq!(
        world.bind(&mut client, 0x4001, at("8.8.8.8:8193")),
        Some(400),
        "the peer has another number"
    );
    world.pass(Duration::from_secs(599));
    assert_eq!(world.ask(&mut client, turn_types::message::REFRESH, &[]).code(), None);
    assert_eq!(world.bind(&mut client, 0x4001, at("8.8.8.8:8193")), Some(400));
    world.pass(Duration::from_secs(1));
    assert_eq!(
        world.bind(&mut client, 0x4001, at("8.8.8.8:8193")),
        None,
        "the former binding is over"
    );
}

#[test]
fn a_channel_bind_that_lacks_something_or_names_a_wrong_peer_is_refused() {
    let (mut world, mut client, _) = allocated();
    let request = client.request(CHANNEL_BIND, &[&ChannelNumber::new(0x4000)]);
    assert_eq!(world.ask_raw(client.at, &request).unwrap().code(), Some(400));
    let request = client.with_peer(CHANNEL_BIND, at("8.8.8.8:1"), &[]);
    assert_eq!(world.ask_raw(client.at, &request).unwrap().code(), Some(400));
    for (peer, code) in [("[2606:4700::1]:1", 443), ("10.0.0.1:1", 403), ("8.8.8.8:0", 403)] {
        assert_eq!(world.bind(&mut client, 0x4000, at(peer)), Some(code), "{peer}");
    }
    assert_eq!(world.hear_client(client.at, &channel_data(0x4000, b"x")), Went::Nowhere);
}

#[test]
fn a_channel_carries_both_ways_and_brings_its_permission() {
    let (mut world, mut client, relayed) = allocated();
    let peer = at("8.8.8.8:9");
    assert_eq!(world.bind(&mut client, 0x4001, peer), None);
    let from = at(&format!("10.0.0.5:{}", relayed.port()));
    let expected = Went::ToPeer {
        from,
        to: peer,
        payload: b"out".to_vec(),
    };
    assert_eq!(world.send_on(&client, 0x4001, b"out"), expected);
    assert_eq!(
        world.hear_peer(relayed, peer, b"in"),
        Went::ToClient {
            client: client.at,
            bytes: channel_data(0x4001, b"in")
        }
    );
    let other_port = at("8.8.8.8:10");
    assert_eq!(
        world.hear_peer(relayed, other_port, b"in").data_indication(&client),
        (other_port, b"in".to_vec())
    );
    world.pass(Duration::from_secs(300));
    assert_eq!(
        world.hear_peer(relayed, peer, b"in"),
        Went::Nowhere,
        "the permission is over, the channel is not"
    );
    assert_eq!(world.send_on(&client, 0x4001, b"out"), expected);
    assert_eq!(world.permit(&mut client, peer), None);
    assert_eq!(
        world.hear_peer(relayed, peer, b"in"),
        Went::ToClient {
            client: client.at,
            bytes: channel_data(0x4001, b"in")
        }
    );
    world.pass(Duration::from_millis(299_999));
    assert_ne!(world.send_on(&client, 0x4001, b"out"), Went::Nowhere);
    world.pass(Duration::from_millis(1));
    assert_eq!(
        world.send_on(&client, 0x4001, b"out"),
        Went::Nowhere,
        "the channel is over after ten minutes"
    );
}
