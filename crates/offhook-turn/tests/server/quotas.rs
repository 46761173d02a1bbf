//! How much a ticket, an application and all together may have.

use std::time::Duration;

use offhook_turn::{Config, Output, Quotas, Ticket};
use turn_types::attribute::{EvenPort, Lifetime, RequestedTransport, ReservationToken};
use turn_types::message::{ALLOCATE, REFRESH};

use super::world::{Client, Went, World, at, config};

fn with(quotas: Quotas) -> World {
    World::new(Config { quotas, ..config() })
}

fn try_allocate(world: &mut World, ticket: &str, port: u16) -> (Option<u16>, Client) {
    let mut client = Client::new(ticket, &format!("192.0.2.1:{port}"));
    (
        world.ask(&mut client, ALLOCATE, &[&RequestedTransport::new(17)]).code(),
        client,
    )
}

#[test]
fn a_ticket_an_application_and_the_server_have_their_number_and_get_it_back() {
    let mut world = with(Quotas {
        allocations: 4,
        allocations_per_ticket: 2,
        allocations_per_application: 3,
        ..Quotas::default()
    });
    let table = [
        ("a.1", None),
        ("a.1", None),
        ("a.1", Some(486)),
        ("a.2", None),
        ("a.2", Some(486)),
        ("a.3", Some(486)),
        ("b.1", None),
        ("b.1", Some(508)),
        ("lone", Some(508)),
    ];
    let mut clients = Vec::new();
    for (port, (ticket, code)) in table.into_iter().enumerate() {
        let (got, client) = try_allocate(&mut world, ticket, 4000 + port as u16);
        assert_eq!(got, code, "{port} {ticket}");
        clients.push(client);
    }
    assert_eq!(world.ask(&mut clients[0], REFRESH, &[&Lifetime::new(0)]).code(), None);
    assert_eq!(try_allocate(&mut world, "a.1", 5000).0, None);
    assert_eq!(try_allocate(&mut world, "a.2", 5001).0, Some(508));
    world.server.handle_revoke(&Ticket::new("b.1").unwrap(), world.now);
    world.settle();
    assert_eq!(try_allocate(&mut world, "a.2", 5001).0, Some(486));
    assert_eq!(try_allocate(&mut world, "lone", 5002).0, None);
}

#[test]
fn a_refused_allocation_costs_no_quota() {
    let mut world = with(Quotas {
        allocations_per_ticket: 1,
        ..Quotas::default()
    });
    world.in_use = (50_000..=50_099).collect();
    for port in 0..5 {
        assert_eq!(try_allocate(&mut world, "a.1", 4000 + port).0, Some(508));
    }
    world.in_use.clear();
    assert_eq!(try_allocate(&mut world, "a.1", 5000).0, None);
}

#[test]
fn a_reserved_port_counts_until_it_is_used_or_free() {
    let mut world = with(Quotas {
        allocations_per_ticket: 2,
        ..Quotas::default()
    });
    let udp = RequestedTransport::new(17);
    let mut rtp = Client::new("a.1", "192.0.2.1:4000");
    let reply = world.ask(&mut rtp, ALLOCATE, &[&udp, &EvenPort::new(true)]);
    assert_eq!(reply.code(), None);
    assert_eq!(try_allocate(&mut world, "a.1", 4001).0, Some(486));
    let token = reply.attribute::<ReservationToken>().unwrap();
    let mut rtcp = Client::new("a.1", "192.0.2.1:4002");
    assert_eq!(world.ask(&mut rtcp, ALLOCATE, &[&udp, &token]).code(), None);
    assert_eq!(try_allocate(&mut world, "a.1", 4003).0, Some(486));
    assert_eq!(world.ask(&mut rtcp, REFRESH, &[&Lifetime::new(0)]).code(), None);
    let mut again = Client::new("a.1", "192.0.2.1:4004");
    assert_eq!(
        world.ask(&mut again, ALLOCATE, &[&udp, &EvenPort::new(true)]).code(),
        Some(486),
        "it would need two"
    );
    assert_eq!(world.ask(&mut again, ALLOCATE, &[&udp]).code(), None);
}

#[test]
fn every_allocation_is_told_and_its_end_too() {
    let mut world = World::new(config());
    let (_, mut first) = try_allocate(&mut world, "a.1", 4000);
    try_allocate(&mut world, "a.1", 4001);
    world.pass(Duration::from_secs(599));
    assert_eq!(world.ask(&mut first, REFRESH, &[]).code(), None);
    world.pass(Duration::from_secs(1));
    let ticket = || Ticket::new("a.1").unwrap();
    let (made, gone) = (
        Output::Allocated { ticket: ticket() },
        Output::Released { ticket: ticket() },
    );
    assert_eq!(world.told, [made.clone(), made.clone(), gone.clone()]);
    world.pass(Duration::from_secs(599));
    assert_eq!(world.told, [made.clone(), made, gone.clone(), gone]);
}

#[test]
fn what_is_over_a_ticket_s_bit_rate_is_dropped_and_counted_and_others_go_on() {
    let mut world = with(Quotas {
        bitrate_per_ticket_bps: 8_000_000,
        ..Quotas::default()
    });
    let peer = at("8.8.8.8:9");
    let (_, mut fast) = try_allocate(&mut world, "a.1", 4000);
    let (_, mut other) = try_allocate(&mut world, "a.2", 4001);
    for client in [&mut fast, &mut other] {
        assert_eq!(world.bind(client, 0x4000, peer), None);
    }
    world.server.take_usage();
    // A megabyte at once, which is a second's worth, then a megabyte a second.
    let passed = (0..2000)
        .filter(|_| world.send_on(&fast, 0x4000, &[0; 1000]) != Went::Nowhere)
        .count();
    assert_eq!(passed, 1000);
    assert_ne!(world.send_on(&other, 0x4000, &[0; 1000]), Went::Nowhere);
    let mut passed = 0;
    for _ in 0..1000 {
        world.pass(Duration::from_millis(1));
        passed += (0..3)
            .filter(|_| world.send_on(&fast, 0x4000, &[0; 1000]) != Went::Nowhere)
            .count();
    }
    assert_eq!(passed, 1000);
    let usage = world.server.take_usage();
    let (_, usage) = usage.iter().find(|(ticket, _)| ticket.as_str() == "a.1").unwrap();
    assert_eq!((usage.to_peer_packets, usage.dropped_packets), (2000, 3000));
}

#[test]
fn what_is_over_an_application_s_bit_rate_is_dropped_for_all_its_tickets_and_in_both_directions() {
    let mut world = with(Quotas {
        bitrate_per_application_bps: 8_000_000,
        ..Quotas::default()
    });
    let peer = at("8.8.8.8:9");
    let mut first = Client::new("a.1", "192.0.2.1:4000");
    let relayed = world.allocate(&mut first);
    let (_, mut second) = try_allocate(&mut world, "a.2", 4001);
    let (_, mut other) = try_allocate(&mut world, "b.1", 4002);
    for client in [&mut first, &mut second, &mut other] {
        assert_eq!(world.bind(client, 0x4000, peer), None);
    }
    let passed = (0..2000)
        .filter(|_| world.send_on(&first, 0x4000, &[0; 1000]) != Went::Nowhere)
        .count();
    assert_eq!(passed, 1000);
    assert_eq!(world.send_on(&second, 0x4000, &[0; 1000]), Went::Nowhere);
    assert_eq!(world.from_peer(relayed, peer, &[0; 1000]), Went::Nowhere);
    assert_ne!(world.send_on(&other, 0x4000, &[0; 1000]), Went::Nowhere);
    world.pass(Duration::from_millis(1));
    assert_ne!(world.from_peer(relayed, peer, &[0; 1000]), Went::Nowhere);
}
