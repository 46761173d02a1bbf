//! Binding (RFC 8489 §3) and what strangers may have.

use stun_types::attribute::{AttributeType, RawAttribute, UnknownAttributes, XorMappedAddress};
use stun_types::message::BINDING;
use turn_types::message::ALLOCATE;

use super::world::{Client, World, at, config};

#[test]
fn a_binding_answer_has_the_address_and_nothing_else() {
    let mut world = World::new(config());
    for address in ["192.0.2.1:4000", "[2001:db8:1::1]:4000"] {
        let mut client = Client::new("t", address);
        let reply = world.ask(&mut client, BINDING, &[]);
        assert_eq!(reply.code(), None);
        assert_eq!(reply.kinds(), [0x0020]);
        let mapped = reply.attribute::<XorMappedAddress>().unwrap();
        assert_eq!(mapped.addr(reply.message().transaction_id()), at(address));
    }
}

#[test]
fn a_fingerprint_is_answered_by_a_fingerprint() {
    let mut world = World::new(config());
    let mut client = Client::new("t", "192.0.2.1:4000");
    client.asks_fingerprint = true;
    assert_eq!(world.ask(&mut client, BINDING, &[]).kinds(), [0x0020, 0x8028]);
    assert_eq!(world.ask(&mut client, ALLOCATE, &[]).kinds().last(), Some(&0x8028));
}

#[test]
fn an_attribute_that_must_be_understood_and_is_not_is_named() {
    let mut world = World::new(config());
    let mut client = Client::new("t", "192.0.2.1:4000");
    // CHANGE-REQUEST of RFC 5780, twice, and one that may be ignored.
    let must = RawAttribute::new(AttributeType::new(0x0003), &[0; 4]);
    let may = RawAttribute::new(AttributeType::new(0xC001), &[0; 4]);
    let reply = world.ask(&mut client, BINDING, &[&must, &may, &must]);
    assert_eq!(reply.code(), Some(420));
    assert_eq!(reply.kinds(), [0x0009, 0x000A]);
    let unknown = reply.attribute::<UnknownAttributes>().unwrap();
    assert!(unknown.has_attribute(AttributeType::new(0x0003)));
    assert!(!unknown.has_attribute(AttributeType::new(0xC001)));
    assert_eq!(world.ask(&mut client, BINDING, &[&may]).code(), None);
}

#[test]
fn a_flood_from_one_source_is_answered_two_hundred_times_and_others_are_answered_still() {
    let mut world = World::new(config());
    let mut flood = Client::new("t", "192.0.2.1:4000");
    let mut answered = 0;
    for attempt in 0..2000 {
        let method = if attempt % 2 == 0 { BINDING } else { ALLOCATE };
        let request = flood.request(method, &[]);
        answered += usize::from(world.ask_raw(flood.at, &request).is_some());
    }
    assert_eq!(answered, 200);
    let mut other = Client::new("t", "192.0.2.2:4000");
    world.allocate(&mut other);
}

#[test]
fn no_answer_to_a_stranger_is_much_longer_than_the_question() {
    let mut world = World::new(config());
    let mut client = Client::new("t", "[2001:db8:1::1]:4000");
    let unknown: Vec<_> = (1..200)
        .map(|kind| RawAttribute::new(AttributeType::new(0x4000 + kind), &[]))
        .collect();
    let unknown: Vec<_> = unknown.iter().map(|attribute| attribute as _).collect();
    for (attributes, method, most) in [(&[][..], BINDING, 44), (&unknown, BINDING, 52), (&[], ALLOCATE, 92)] {
        let request = client.request(method, attributes);
        let reply = world.ask_raw(client.at, &request).unwrap();
        assert!(reply.0.len() <= most, "{} for {}", reply.0.len(), request.len());
    }
}

#[test]
fn a_binding_indication_wants_no_answer_and_gets_none() {
    let mut world = World::new(config());
    let mut client = Client::new("t", "192.0.2.1:4000");
    let mut indication = client.request(BINDING, &[]);
    assert!(world.ask_raw(client.at, &indication).is_some());
    indication[1] |= 0x10;
    indication[0] &= 0xFE;
    assert!(world.ask_raw(client.at, &indication).is_none());
}
