//! Refresh (RFC 8656 §8).

use std::time::Duration;

use stun_types::AddressFamily;
use turn_types::attribute::{AdditionalAddressFamily, Lifetime, RequestedAddressFamily, RequestedTransport};
use turn_types::message::{ALLOCATE, REFRESH};

use super::world::{Client, Went, World, at, config};

fn client() -> Client {
    Client::new("app.call", "192.0.2.1:4000")
}

#[test]
fn without_an_allocation_there_is_nothing_to_refresh() {
    let mut world = World::new(config());
    let mut client = client();
    for lifetime in [0, 600] {
        let reply = world.ask(&mut client, REFRESH, &[&Lifetime::new(lifetime)]);
        assert_eq!(reply.code(), Some(437));
        assert!(reply.is_signed_for(&client));
    }
    assert_eq!(world.permit(&mut client, at("8.8.8.8:1")), Some(437));
    assert_eq!(world.bind(&mut client, 0x4000, at("8.8.8.8:1")), Some(437));
}

#[test]
fn a_refresh_counts_from_when_it_comes() {
    let mut world = World::new(config());
    let mut client = client();
    world.allocate(&mut client);
    world.pass(Duration::from_secs(500));
    let reply = world.ask(&mut client, REFRESH, &[&Lifetime::new(1200)]);
    assert_eq!(reply.kinds(), [0x000D, 0x0008]);
    assert_eq!(reply.attribute::<Lifetime>().unwrap().seconds(), 1200);
    assert!(reply.is_signed_for(&client));
    world.pass(Duration::from_millis(1_199_999));
    assert_eq!(world.sockets.len(), 1);
    world.pass(Duration::from_millis(1));
    assert_eq!(world.sockets.len(), 0);
}

#[test]
fn a_refresh_may_shorten_but_not_below_ten_minutes() {
    let mut world = World::new(config());
    let mut client = client();
    world.allocate_with(&mut client, &[&Lifetime::new(3600)]);
    let reply = world.ask(&mut client, REFRESH, &[&Lifetime::new(1)]);
    assert_eq!(reply.attribute::<Lifetime>().unwrap().seconds(), 600);
    world.pass(Duration::from_secs(600));
    assert_eq!(world.sockets.len(), 0);
}

#[test]
fn a_lifetime_of_zero_ends_the_allocation_at_once() {
    let mut world = World::new(config());
    let mut client = client();
    let relayed = world.allocate(&mut client);
    assert_eq!(world.permit(&mut client, at("8.8.8.8:9")), None);
    assert_eq!(world.bind(&mut client, 0x4000, at("8.8.8.8:9")), None);
    assert_ne!(world.send_on(&client, 0x4000, b"x"), Went::Nowhere);
    let reply = world.ask(&mut client, REFRESH, &[&Lifetime::new(0)]);
    assert_eq!(reply.code(), None);
    assert_eq!(reply.attribute::<Lifetime>().unwrap().seconds(), 0);
    assert_eq!(world.sockets.len(), 0);
    assert_eq!(world.send_on(&client, 0x4000, b"x"), Went::Nowhere);
    assert_eq!(world.server.poll_timeout(), None);
    let again = world.allocate(&mut client);
    assert!(
        world.send_on(&client, 0x4000, b"x") == Went::Nowhere,
        "nothing is left from {relayed} to {again}"
    );
}

#[test]
fn an_allocation_ends_a_day_after_it_was_made_however_often_it_is_refreshed() {
    let mut world = World::new(config());
    let mut client = client();
    world.allocate(&mut client);
    for _ in 0..(24 * 6 - 1) {
        world.pass(Duration::from_secs(600) - Duration::from_millis(1));
        assert_eq!(world.ask(&mut client, REFRESH, &[&Lifetime::new(3600)]).code(), None);
    }
    let reply = world.ask(&mut client, REFRESH, &[&Lifetime::new(3600)]);
    assert_eq!(reply.attribute::<Lifetime>().unwrap().seconds(), 600);
    world.pass(Duration::from_secs(601));
    assert_eq!(world.sockets.len(), 0);
}

#[test]
fn one_family_of_two_can_be_refreshed_and_ended_by_itself() {
    let mut world = World::new(config());
    let mut client = client();
    let both = AdditionalAddressFamily::new(AddressFamily::IPV6);
    world.allocate_with(&mut client, &[&both]);
    let of = |family| RequestedAddressFamily::new(family);
    world.pass(Duration::from_secs(500));
    assert_eq!(
        world.ask(&mut client, REFRESH, &[&of(AddressFamily::IPV6)]).code(),
        None
    );
    world.pass(Duration::from_secs(100));
    assert_eq!(
        world.sockets.values().map(|bound| bound.is_ipv6()).collect::<Vec<_>>(),
        [true]
    );
    assert_eq!(
        world.ask(&mut client, REFRESH, &[&of(AddressFamily::IPV4)]).code(),
        Some(443)
    );
    assert_eq!(world.permit(&mut client, at("8.8.8.8:1")), Some(443));
    assert_eq!(world.ask(&mut client, REFRESH, &[]).code(), None);
    let end = world.ask(&mut client, REFRESH, &[&of(AddressFamily::IPV6), &Lifetime::new(0)]);
    assert_eq!(end.code(), None);
    assert_eq!(world.sockets.len(), 0);
    assert_eq!(
        world.ask(&mut client, ALLOCATE, &[&RequestedTransport::new(17)]).code(),
        None
    );
}
