//! Allocate (RFC 8656 §7).

use std::time::Duration;

use offhook_turn::{OpenError, Output, RelayId, Ticket, Transport};
use stun_types::AddressFamily;
use stun_types::attribute::{AttributeType, AttributeWrite, RawAttribute, XorMappedAddress};
use turn_types::attribute::{
    AdditionalAddressFamily, AddressErrorCode, DontFragment, EvenPort, Lifetime, RequestedAddressFamily,
    RequestedTransport, ReservationToken,
};
use turn_types::message::{ALLOCATE, REFRESH};

use super::world::{Client, Went, World, at, config};

fn client() -> Client {
    Client::new("app.call", "192.0.2.1:4000")
}

fn family(family: AddressFamily) -> RequestedAddressFamily {
    RequestedAddressFamily::new(family)
}

#[test]
fn an_allocation_is_answered_with_its_addresses_and_lifetime_and_is_signed() {
    let mut world = World::new(config());
    let mut client = client();
    let reply = world.ask(&mut client, ALLOCATE, &[&RequestedTransport::new(17)]);
    assert_eq!(reply.code(), None);
    assert_eq!(reply.kinds(), [0x0016, 0x000D, 0x0020, 0x0008]);
    assert!(reply.is_signed_for(&client));
    let relayed = reply.relayed();
    assert_eq!(
        relayed.ip(),
        at("198.51.100.7:1").ip(),
        "what clients are told is the external address"
    );
    assert!((50_000..=50_099).contains(&relayed.port()));
    let bound: Vec<_> = world.sockets.values().copied().collect();
    assert_eq!(bound, [at(&format!("10.0.0.5:{}", relayed.port()))]);
    let mapped = reply.attribute::<XorMappedAddress>().unwrap();
    assert_eq!(mapped.addr(reply.message().transaction_id()), client.at.remote);
    assert_eq!(reply.attribute::<Lifetime>().unwrap().seconds(), 600);
    let ticket = Ticket::new("app.call").unwrap();
    assert_eq!(world.told, [Output::Allocated { ticket }]);
}

#[test]
fn a_lifetime_is_at_least_ten_minutes_and_at_most_an_hour() {
    for (asked, granted) in [
        (0, 600),
        (1, 600),
        (600, 600),
        (1800, 1800),
        (3600, 3600),
        (3601, 3600),
        (u32::MAX, 3600),
    ] {
        let mut world = World::new(config());
        let mut client = client();
        let reply = world.ask(
            &mut client,
            ALLOCATE,
            &[&RequestedTransport::new(17), &Lifetime::new(asked)],
        );
        assert_eq!(reply.attribute::<Lifetime>().unwrap().seconds(), granted, "{asked}");
        world.pass(Duration::from_secs(u64::from(granted)) - Duration::from_millis(1));
        assert_eq!(world.sockets.len(), 1, "{asked}");
        world.pass(Duration::from_millis(1));
        assert_eq!(world.sockets.len(), 0, "{asked}");
        assert_eq!(world.ask(&mut client, REFRESH, &[]).code(), Some(437));
    }
}

#[test]
fn what_contradicts_itself_or_is_malformed_is_refused_and_opens_nothing() {
    let raw = |kind: u16, value: &'static [u8]| RawAttribute::new(AttributeType::new(kind), value);
    let udp = || -> Box<dyn AttributeWrite> { Box::new(RequestedTransport::new(17)) };
    let v4 = || -> Box<dyn AttributeWrite> { Box::new(family(AddressFamily::IPV4)) };
    let more_v6 = || -> Box<dyn AttributeWrite> { Box::new(AdditionalAddressFamily::new(AddressFamily::IPV6)) };
    let token = || -> Box<dyn AttributeWrite> { Box::new(ReservationToken::new(7)) };
    let table: Vec<(Vec<Box<dyn AttributeWrite>>, u16)> = vec![
        (vec![], 400),
        (vec![Box::new(RequestedTransport::new(6))], 442),
        (vec![Box::new(RequestedTransport::new(0))], 442),
        (vec![Box::new(raw(0x0019, &[17]))], 400),
        (vec![udp(), Box::new(raw(0x000D, &[1]))], 400),
        (vec![udp(), Box::new(raw(0x0018, &[]))], 400),
        (vec![udp(), Box::new(raw(0x0022, &[1, 2, 3]))], 400),
        (vec![udp(), Box::new(raw(0x0017, &[3, 0, 0, 0]))], 440),
        (vec![udp(), Box::new(raw(0x0017, &[1, 0, 0]))], 400),
        (vec![udp(), Box::new(raw(0x8000, &[9, 0, 0, 0]))], 440),
        (vec![udp(), v4(), more_v6()], 400),
        (vec![udp(), Box::new(raw(0x8000, &[1, 0, 0, 0]))], 400),
        (vec![udp(), token(), v4()], 400),
        (vec![udp(), token(), more_v6()], 400),
        (vec![udp(), token(), Box::new(EvenPort::new(false))], 400),
        (vec![udp(), more_v6(), Box::new(EvenPort::new(true))], 400),
        (vec![udp(), token()], 508),
    ];
    for (place, (attributes, code)) in table.iter().enumerate() {
        let mut world = World::new(config());
        let mut client = client();
        let attributes: Vec<&dyn AttributeWrite> = attributes.iter().map(AsRef::as_ref).collect();
        let reply = world.ask(&mut client, ALLOCATE, &attributes);
        assert_eq!(reply.code(), Some(*code), "row {place}");
        assert!(reply.is_signed_for(&client), "row {place}");
        assert_eq!(world.opened, [], "row {place}");
        world.allocate(&mut client);
    }
}

#[test]
fn a_second_allocation_on_the_same_way_is_437_and_the_same_request_again_the_same_answer() {
    let mut world = World::new(config());
    let mut client = client();
    let request = client.request(ALLOCATE, &[]);
    client.learn(&world.ask_raw(client.at, &request).unwrap());
    let request = client.request(ALLOCATE, &[&RequestedTransport::new(17)]);
    let first = world.ask_raw(client.at, &request).unwrap();
    assert_eq!(first.code(), None);
    world.pass(Duration::from_secs(3));
    assert_eq!(world.ask_raw(client.at, &request).unwrap(), first);
    assert_eq!(
        world.ask(&mut client, ALLOCATE, &[&RequestedTransport::new(17)]).code(),
        Some(437)
    );
    assert_eq!(world.sockets.len(), 1);
    for over in [Transport::Tcp, Transport::Tls] {
        let mut other = Client::over(over, "app.call", "192.0.2.1:4000");
        world.allocate(&mut other);
    }
    assert_eq!(world.sockets.len(), 3, "another transport is another way");
}

#[test]
fn while_sockets_are_opened_the_same_request_is_swallowed_and_another_is_437() {
    let mut world = World::new(config());
    let mut client = client();
    let request = client.request(ALLOCATE, &[]);
    client.learn(&world.ask_raw(client.at, &request).unwrap());
    let request = client.request(ALLOCATE, &[&RequestedTransport::new(17)]);
    let other = client.request(ALLOCATE, &[&RequestedTransport::new(17)]);
    let hand_in = |world: &mut World, bytes: &[u8]| {
        let mut buffer = bytes.to_vec();
        let length = buffer.len();
        let mut packet = offhook_turn::Packet::new(&mut buffer, 0..length);
        world.server.handle_client(client.at, &mut packet, world.now);
    };
    hand_in(&mut world, &request);
    hand_in(&mut world, &request);
    hand_in(&mut world, &other);
    world.settle();
    let codes: Vec<_> = world
        .sent
        .iter()
        .map(|(_, bytes)| super::world::Reply(bytes.clone()).code())
        .collect();
    assert_eq!(codes, [Some(437), None]);
    assert_eq!(world.opened.len(), 1);
}

#[test]
fn families_are_as_asked_for() {
    let (v4, v6) = (at("198.51.100.7:1").ip(), at("[2001:db8::7]:1").ip());
    let requested: [Option<AddressFamily>; 3] = [None, Some(AddressFamily::IPV4), Some(AddressFamily::IPV6)];
    for (requested, ip) in requested.into_iter().zip([v4, v4, v6]) {
        let mut world = World::new(config());
        let mut client = client();
        let attribute = requested.map(family);
        let attributes: Vec<&dyn AttributeWrite> = attribute.iter().map(|attribute| attribute as _).collect();
        assert_eq!(world.allocate_with(&mut client, &attributes).ip(), ip);
    }
    let mut world = World::new(config());
    let mut client = client();
    let both = AdditionalAddressFamily::new(AddressFamily::IPV6);
    let reply = world.ask(&mut client, ALLOCATE, &[&RequestedTransport::new(17), &both]);
    assert_eq!(reply.kinds(), [0x0016, 0x0016, 0x000D, 0x0020, 0x0008]);
    assert_eq!(world.sockets.len(), 2);
    assert_eq!(world.permit(&mut client, at("8.8.8.8:1")), None);
    assert_eq!(world.permit(&mut client, at("[2606:4700::1]:1")), None);
}

#[test]
fn a_family_that_is_not_relayed_is_440_or_told_beside_the_other() {
    let mut only_v4 = config();
    only_v4.ipv6 = None;
    let mut only_v6 = config();
    only_v6.ipv4 = None;
    let udp = RequestedTransport::new(17);
    let both = AdditionalAddressFamily::new(AddressFamily::IPV6);
    for (config, refused, other) in [
        (only_v4, AddressFamily::IPV6, "8.8.8.8:1"),
        (only_v6, AddressFamily::IPV4, "[2606:4700::1]:1"),
    ] {
        let mut world = World::new(config);
        let mut client = client();
        assert_eq!(
            world.ask(&mut client, ALLOCATE, &[&udp, &family(refused)]).code(),
            Some(440)
        );
        let reply = world.ask(&mut client, ALLOCATE, &[&udp, &both]);
        assert_eq!(reply.code(), None);
        let error = reply.attribute::<AddressErrorCode>().unwrap();
        assert_eq!((error.family(), error.error().code()), (refused, 440));
        assert_eq!(world.sockets.len(), 1);
        assert_eq!(world.permit(&mut client, at(other)), None);
    }
    let mut neither = config();
    (neither.ipv4, neither.ipv6) = (None, None);
    let mut world = World::new(neither);
    assert_eq!(world.ask(&mut client(), ALLOCATE, &[&udp, &both]).code(), Some(440));
}

#[test]
fn an_even_port_is_even_and_its_neighbour_waits_thirty_seconds_for_the_token() {
    for (after, code) in [(29_999, None), (30_000, Some(508))] {
        let mut world = World::new(config());
        let mut rtp = client();
        let reply = world.ask(
            &mut rtp,
            ALLOCATE,
            &[&RequestedTransport::new(17), &EvenPort::new(true)],
        );
        assert_eq!(reply.kinds(), [0x0016, 0x000D, 0x0022, 0x0020, 0x0008]);
        assert!(reply.relayed().port().is_multiple_of(2));
        let token = reply.attribute::<ReservationToken>().unwrap().token();
        world.pass(Duration::from_millis(after));
        let mut rtcp = Client::new("app.call", "192.0.2.1:4001");
        let second = world.ask(
            &mut rtcp,
            ALLOCATE,
            &[&RequestedTransport::new(17), &ReservationToken::new(token)],
        );
        assert_eq!(second.code(), code, "{after}");
        if code.is_none() {
            assert_eq!(second.relayed().port(), reply.relayed().port() + 1);
            let mut third = Client::new("app.call", "192.0.2.1:4002");
            let again = world.ask(
                &mut third,
                ALLOCATE,
                &[&RequestedTransport::new(17), &ReservationToken::new(token)],
            );
            assert_eq!(again.code(), Some(508), "a token is good once");
        }
    }
    let mut world = World::new(config());
    let mut client = client();
    let reply = world.ask(
        &mut client,
        ALLOCATE,
        &[&RequestedTransport::new(17), &EvenPort::new(false)],
    );
    assert!(reply.relayed().port().is_multiple_of(2));
    assert_eq!(reply.kinds(), [0x0016, 0x000D, 0x0020, 0x0008]);
}

#[test]
fn a_reserved_port_is_given_to_nobody_else_until_it_is_free_again() {
    let mut small = config();
    small.ports = 50_000..=50_003;
    let mut world = World::new(small);
    let mut clients: Vec<_> = (0..4)
        .map(|port| Client::new("app.call", &format!("192.0.2.1:{}", 4000 + port)))
        .collect();
    let reserve: &dyn AttributeWrite = &EvenPort::new(true);
    let udp = RequestedTransport::new(17);
    assert_eq!(world.ask(&mut clients[0], ALLOCATE, &[&udp, reserve]).code(), None);
    assert_eq!(world.ask(&mut clients[1], ALLOCATE, &[&udp, reserve]).code(), None);
    assert_eq!(world.ask(&mut clients[2], ALLOCATE, &[&udp]).code(), Some(508));
    world.pass(Duration::from_secs(30));
    assert_eq!(
        world
            .ask(&mut clients[2], ALLOCATE, &[&udp, &EvenPort::new(false)])
            .code(),
        Some(508),
        "both even ports are taken"
    );
    assert_eq!(world.ask(&mut clients[2], ALLOCATE, &[&udp]).code(), None);
    assert_eq!(world.ask(&mut clients[3], ALLOCATE, &[&udp]).code(), None);
}

#[test]
fn every_port_can_be_had_and_then_508() {
    let mut world = World::new(config());
    let mut ports: Vec<u16> = (0..100)
        .map(|number| {
            let mut client = Client::new(&format!("app.{number}"), &format!("192.0.2.{number}:4000"));
            world.allocate(&mut client).port()
        })
        .collect();
    assert!(!ports.is_sorted(), "ports are taken at random");
    ports.sort_unstable();
    assert_eq!(ports, (50_000..=50_099).collect::<Vec<_>>());
    let mut late = Client::new("app.late", "192.0.3.1:4000");
    assert_eq!(
        world.ask(&mut late, ALLOCATE, &[&RequestedTransport::new(17)]).code(),
        Some(508)
    );
}

#[test]
fn a_port_that_another_program_has_is_exchanged_for_another() {
    let mut world = World::new(config());
    world.in_use = (50_000..50_050).collect();
    for number in 0..10 {
        let mut client = Client::new("app.call", &format!("192.0.2.1:{}", 4000 + number));
        assert!(world.allocate(&mut client).port() >= 50_050);
    }
    assert!(world.opened.len() > 10, "some were tried in vain");
    world.in_use = (50_000..=50_099).collect();
    let mut client = Client::new("app.call", "192.0.2.1:5000");
    let before = world.opened.len();
    assert_eq!(
        world.ask(&mut client, ALLOCATE, &[&RequestedTransport::new(17)]).code(),
        Some(508)
    );
    assert_eq!(world.opened.len() - before, 17);
    world.in_use.clear();
    world.allocate(&mut client);
}

#[test]
fn a_socket_that_cannot_be_opened_is_508_and_leaves_nothing() {
    for opened in [Err(OpenError::Failed), Ok(at("10.0.0.5:1"))] {
        let mut world = World::new(config());
        let mut client = client();
        let request = client.request(ALLOCATE, &[]);
        client.learn(&world.ask_raw(client.at, &request).unwrap());
        let request = client.request(ALLOCATE, &[&RequestedTransport::new(17)]);
        let mut buffer = request.clone();
        let mut packet = offhook_turn::Packet::new(&mut buffer, 0..request.len());
        world.server.handle_client(client.at, &mut packet, world.now);
        let Some(Output::Open { relay, .. }) = world.server.poll_output() else {
            panic!("a socket is wanted");
        };
        world.server.handle_opened(relay, opened, world.now);
        if opened.is_ok() {
            assert_eq!(world.server.poll_output(), Some(Output::Close { relay }));
        }
        let Some(Output::Send { bytes, .. }) = world.server.poll_output() else {
            panic!("an answer");
        };
        assert_eq!(super::world::Reply(bytes).code(), Some(508));
        world.server.handle_opened(relay, Ok(at("10.0.0.5:50000")), world.now);
        assert_eq!(world.server.poll_output(), None, "too late");
        world.allocate(&mut client);
    }
}

#[test]
fn a_stream_that_closes_or_a_ticket_revoked_while_sockets_are_opened_leaves_nothing() {
    for revokes in [true, false] {
        let mut world = World::new(config());
        let mut client = Client::over(Transport::Tls, "app.call", "192.0.2.1:4000");
        let request = client.request(ALLOCATE, &[]);
        client.learn(&world.ask_raw(client.at, &request).unwrap());
        let request = client.request(ALLOCATE, &[&RequestedTransport::new(17)]);
        let mut buffer = request.clone();
        let mut packet = offhook_turn::Packet::new(&mut buffer, 0..request.len());
        world.server.handle_client(client.at, &mut packet, world.now);
        if revokes {
            world.server.handle_revoke(&Ticket::new("app.call").unwrap(), world.now);
        } else {
            world.server.handle_stream_closed(client.at, world.now);
        }
        world.settle();
        assert_eq!((world.opened.len(), world.sockets.len(), world.sent.len()), (1, 0, 0));
        assert_eq!(world.told, []);
    }
}

#[test]
fn dont_fragment_is_asked_of_the_socket_and_may_then_be_asked_of_packets() {
    for asks in [true, false] {
        let mut world = World::new(config());
        let mut client = client();
        let attributes: &[&dyn AttributeWrite] = if asks { &[&DontFragment::new()] } else { &[] };
        let relayed = world.allocate_with(&mut client, attributes);
        assert_eq!(world.opened[0].1, asks);
        assert_eq!(world.permit(&mut client, at("8.8.8.8:9")), None);
        let indication = client.send_indication(at("8.8.8.8:9"), b"x", &[&DontFragment::new()]);
        let expected = Went::ToPeer {
            from: at(&format!("10.0.0.5:{}", relayed.port())),
            to: at("8.8.8.8:9"),
            payload: b"x".to_vec(),
        };
        assert_eq!(
            world.from_client(client.at, &indication),
            if asks { expected.clone() } else { Went::Nowhere }
        );
        assert_eq!(world.send(&mut client, at("8.8.8.8:9"), b"x"), expected);
    }
}

#[test]
fn the_end_of_a_stream_is_the_end_of_its_allocation() {
    let mut world = World::new(config());
    let mut client = Client::over(Transport::Tcp, "app.call", "192.0.2.1:4000");
    world.allocate(&mut client);
    world.server.handle_stream_closed(client.at, world.now);
    world.settle();
    assert_eq!(world.sockets.len(), 0);
    let ticket = Ticket::new("app.call").unwrap();
    assert_eq!(
        world.told,
        [
            Output::Allocated { ticket: ticket.clone() },
            Output::Released { ticket }
        ]
    );
    world.allocate(&mut client);
}

#[test]
fn names_of_sockets_are_small_and_used_again() {
    let mut world = World::new(config());
    for round in 0..50 {
        let mut client = Client::over(Transport::Tcp, "app.call", &format!("192.0.2.1:{}", 4000 + round));
        world.allocate(&mut client);
        let names: Vec<usize> = world.sockets.keys().map(|relay: &RelayId| relay.index()).collect();
        assert_eq!(names, [0]);
        world.server.handle_stream_closed(client.at, world.now);
        world.settle();
    }
}
