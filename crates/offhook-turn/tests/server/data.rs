//! Payload in both directions (RFC 8656 §11, §12).

use offhook_turn::{HEADROOM, Icmp, Packet, Step, Ticket, Transport, Usage};
use stun_types::AddressFamily;
use stun_types::attribute::{AttributeType, RawAttribute};
use turn_types::attribute::{Icmp as IcmpAttribute, RequestedAddressFamily, XorPeerAddress};

use super::world::{Client, Reply, Went, World, at, channel_data, config};

const PEER: &str = "8.8.8.8:9";

fn allocated(transport: Transport) -> (World, Client, std::net::SocketAddr) {
    let mut world = World::new(config());
    let mut client = Client::over(transport, "app.call", "192.0.2.1:4000");
    let relayed = world.allocate(&mut client);
    assert_eq!(world.permit(&mut client, at(PEER)), None);
    (world, client, relayed)
}

#[test]
fn payloads_of_every_length_arrive_as_they_were_in_both_families() {
    for family in [AddressFamily::IPV4, AddressFamily::IPV6] {
        let mut world = World::new(config());
        let mut client = Client::new("app.call", "192.0.2.1:4000");
        let relayed = world.allocate_with(&mut client, &[&RequestedAddressFamily::new(family)]);
        let peer = if relayed.is_ipv4() {
            at(PEER)
        } else {
            at("[2606:4700::1]:9")
        };
        assert_eq!(world.permit(&mut client, peer), None);
        for length in [0, 1, 2, 3, 4, 5, 1199, 1200, 1201, 9000] {
            let payload: Vec<u8> = (0..length).map(|place| place as u8).collect();
            let Went::ToPeer { to, payload: sent, .. } = world.send(&mut client, peer, &payload) else {
                panic!("{length}");
            };
            assert_eq!((to, sent), (peer, payload.clone()));
            assert_eq!(
                world.hear_peer(relayed, peer, &payload).data_indication(&client),
                (peer, payload)
            );
        }
    }
}

#[test]
fn channel_data_is_padded_on_streams_and_not_in_datagrams() {
    for (transport, lengths) in [
        (Transport::Udp, [0, 1, 2, 3, 4]),
        (Transport::Tcp, [0, 4, 4, 4, 4]),
        (Transport::Tls, [0, 4, 4, 4, 4]),
    ] {
        let (mut world, mut client, relayed) = allocated(transport);
        assert_eq!(world.bind(&mut client, 0x4000, at(PEER)), None);
        for (length, padded) in lengths.into_iter().enumerate() {
            let Went::ToClient { bytes, .. } = world.hear_peer(relayed, at(PEER), &[7; 4][..length]) else {
                panic!("{transport:?}");
            };
            let mut expected = channel_data(0x4000, &[7; 4][..length]);
            expected.resize(4 + padded, 0);
            assert_eq!(bytes, expected, "{transport:?}");
        }
    }
}

#[test]
fn channel_data_may_have_padding_behind_it_and_must_not_promise_more_than_it_has() {
    let (mut world, mut client, _) = allocated(Transport::Udp);
    assert_eq!(world.bind(&mut client, 0x4000, at(PEER)), None);
    for (bytes, payload) in [
        (&[0x40, 0, 0, 1, 5, 0, 0, 0][..], Some(&[5][..])),
        (&[0x40, 0, 0, 0], Some(&[])),
        (&[0x40, 0, 0, 2, 5], None),
        (&[0x40, 0, 0], None),
        (&[0x40], None),
        (&[], None),
        (&[0x40, 1, 0, 1, 5], None),
        (&[0x50, 0, 0, 1, 5], None),
        (&[0x80, 0, 0, 1, 5], None),
    ] {
        match (world.hear_client(client.at, bytes), payload) {
            (Went::ToPeer { payload: sent, .. }, Some(payload)) => assert_eq!(sent, payload),
            (went, payload) => assert!(went == Went::Nowhere && payload.is_none(), "{bytes:02x?}"),
        }
    }
}

#[test]
fn a_send_indication_needs_a_permission_a_peer_and_data_and_nothing_unknown() {
    let (mut world, mut client, _) = allocated(Transport::Udp);
    assert_ne!(world.send(&mut client, at(PEER), b"x"), Went::Nowhere);
    assert_eq!(world.send(&mut client, at("8.8.4.4:9"), b"x"), Went::Nowhere);
    assert_eq!(world.send(&mut client, at("8.8.8.8:0"), b"x"), Went::Nowhere);
    assert_eq!(world.send(&mut client, at("[2606:4700::1]:9"), b"x"), Went::Nowhere);
    let raw = |kind: u16| RawAttribute::new(AttributeType::new(kind), &[0; 4]);
    let indication = client.send_indication(at(PEER), b"x", &[&raw(0x7F00)]);
    assert_eq!(world.hear_client(client.at, &indication), Went::Nowhere);
    let indication = client.send_indication(at(PEER), b"x", &[&raw(0xFF00)]);
    assert_ne!(world.hear_client(client.at, &indication), Went::Nowhere);
    let whole = client.send_indication(at(PEER), b"x", &[]);
    for (kept, name) in [(20..32, "no data"), (32..40, "no peer")] {
        let mut bytes = [&whole[..20], &whole[kept]].concat();
        bytes[3] = (bytes.len() - 20) as u8;
        assert_eq!(world.hear_client(client.at, &bytes), Went::Nowhere, "{name}");
    }
    assert!(world.sent.is_empty(), "an indication is never answered");
}

#[test]
fn a_fingerprint_on_an_indication_is_believed_only_if_it_is_right() {
    let (mut world, mut client, _) = allocated(Transport::Udp);
    client.asks_fingerprint = true;
    let mut indication = client.send_indication(at(PEER), b"x", &[]);
    assert_ne!(world.hear_client(client.at, &indication), Went::Nowhere);
    *indication.last_mut().unwrap() ^= 1;
    assert_eq!(world.hear_client(client.at, &indication), Went::Nowhere);
}

#[test]
fn others_cannot_use_an_allocation() {
    let (mut world, mut client, _) = allocated(Transport::Udp);
    assert_eq!(world.bind(&mut client, 0x4000, at(PEER)), None);
    let mut elsewhere = client.clone();
    elsewhere.at.remote = at("192.0.2.1:4001");
    let mut otherwise = client.clone();
    otherwise.at.transport = Transport::Tcp;
    for thief in [&mut elsewhere, &mut otherwise] {
        assert_eq!(world.send(thief, at(PEER), b"x"), Went::Nowhere);
        assert_eq!(world.send_on(thief, 0x4000, b"x"), Went::Nowhere);
    }
    assert_ne!(world.send_on(&client, 0x4000, b"x"), Went::Nowhere);
}

#[test]
fn usage_counts_payload_each_way_and_is_taken_once() {
    let (mut world, mut client, relayed) = allocated(Transport::Udp);
    world.send(&mut client, at(PEER), &[0; 100]);
    assert_eq!(world.bind(&mut client, 0x4000, at(PEER)), None);
    world.send_on(&client, 0x4000, &[0; 10]);
    world.hear_peer(relayed, at(PEER), &[0; 7]);
    world.hear_peer(relayed, at("8.8.4.4:1"), &[0; 1000]);
    let usage = Usage {
        to_peer_bytes: 110,
        to_peer_packets: 2,
        to_client_bytes: 7,
        to_client_packets: 1,
        dropped_packets: 0,
    };
    let ticket = Ticket::new("app.call").unwrap();
    assert_eq!(world.server.take_usage(), [(ticket.clone(), usage)]);
    assert_eq!(world.server.take_usage(), []);
    world.send_on(&client, 0x4000, &[0; 10]);
    world.server.handle_revoke(&ticket, world.now);
    world.settle();
    let last = Usage {
        to_peer_bytes: 10,
        to_peer_packets: 1,
        ..Usage::default()
    };
    assert_eq!(
        world.server.take_usage(),
        [(ticket, last)],
        "what an ended allocation carried is not lost"
    );
    assert_eq!(world.server.take_usage(), []);
}

#[test]
fn the_usage_of_one_ticket_is_taken_by_itself_and_the_others_stays() {
    let (mut world, mut client, _) = allocated(Transport::Udp);
    let mut other = Client::new("app.other", "192.0.2.9:4000");
    world.allocate(&mut other);
    assert_eq!(world.permit(&mut other, at(PEER)), None);
    for sender in [&mut client, &mut other] {
        world.send(sender, at(PEER), &[0; 100]);
    }
    let usage = Usage {
        to_peer_bytes: 100,
        to_peer_packets: 1,
        ..Usage::default()
    };
    let ticket = Ticket::new("app.call").unwrap();
    world.server.handle_revoke(&ticket, world.now);
    world.settle();
    assert_eq!(world.server.take_usage_of(&ticket), usage);
    assert_eq!(world.server.take_usage_of(&ticket), Usage::default());
    assert_eq!(world.server.take_usage(), [(Ticket::new("app.other").unwrap(), usage)]);
}

#[test]
fn an_icmp_message_about_a_permitted_peer_is_passed_on() {
    let (mut world, client, _) = allocated(Transport::Udp);
    let relay = *world.sockets.keys().next().unwrap();
    let unreachable = Icmp {
        icmp_type: 3,
        code: 4,
        data: [0, 0, 5, 0xDC],
    };
    let echo = Icmp {
        icmp_type: 8,
        ..unreachable
    };
    for (peer, icmp) in [
        (at(PEER), echo),
        (at("8.8.4.4:9"), unreachable),
        (at("[2606:4700::1]:9"), unreachable),
    ] {
        world.server.handle_icmp(relay, peer, icmp, world.now);
        assert_eq!(world.server.poll_output(), None);
    }
    world.server.handle_icmp(relay, at(PEER), unreachable, world.now);
    world.settle();
    let (to, bytes) = world.sent.pop_front().unwrap();
    assert_eq!(to, client.at);
    let reply = Reply(bytes);
    let message = reply.message();
    assert_eq!(message.method(), turn_types::message::DATA);
    assert_eq!(
        message
            .attribute::<XorPeerAddress>()
            .unwrap()
            .addr(message.transaction_id()),
        at(PEER)
    );
    let icmp = reply.attribute::<IcmpAttribute>().unwrap();
    assert_eq!((icmp.icmp_type(), icmp.code(), icmp.data()), (3, 4, 0x0000_05DC));
}

#[test]
fn a_packet_without_room_around_it_is_dropped_and_not_damaged() {
    let (mut world, mut client, _) = allocated(Transport::Tcp);
    assert_eq!(world.bind(&mut client, 0x4000, at(PEER)), None);
    let relay = *world.sockets.keys().next().unwrap();
    for (peer, before, after, fits) in [
        (PEER, 4, 3, true),
        (PEER, 3, 3, false),
        (PEER, 4, 2, false),
        ("8.8.8.8:10", 36, 3, true),
        ("8.8.8.8:10", 35, 3, false),
        ("8.8.8.8:10", 36, 2, false),
    ] {
        let mut buffer = vec![0xEE; before + 1 + after];
        let mut packet = Packet::new(&mut buffer, before..before + 1);
        let step = world.server.handle_peer(relay, at(peer), &mut packet, world.now);
        assert_eq!(step != Step::Done, fits, "{peer} {before} {after}");
        assert_eq!(packet.range() == (before..before + 1), !fits);
    }
    const { assert!(HEADROOM >= 48) };
}
