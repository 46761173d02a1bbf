//! Who may ask (RFC 8489 §9.2), with time-limited credentials.

use std::time::Duration;

use offhook_turn::{Secret, Ticket};
use stun_types::attribute::{
    AttributeType, Nonce, PasswordAlgorithm, PasswordAlgorithmValue, PasswordAlgorithms, RawAttribute, Realm, Userhash,
    Username,
};
use stun_types::message::{IntegrityAlgorithm, Message, MessageWrite, MessageWriteExt, MessageWriteVec, TransactionId};
use turn_types::attribute::{Lifetime, RequestedTransport};
use turn_types::message::{ALLOCATE, REFRESH};

use super::world::{Client, SECRET, START, Went, World, at, config};

fn client() -> Client {
    Client::new("app.call", "192.0.2.1:4000")
}

#[test]
fn a_stranger_is_told_realm_nonce_and_algorithms_without_a_signature() {
    let mut world = World::new(config());
    let mut client = client();
    let request = client.request(ALLOCATE, &[&RequestedTransport::new(17)]);
    let reply = world.ask_raw(client.at, &request).unwrap();
    assert_eq!(reply.code(), Some(401));
    assert_eq!(reply.kinds(), [0x0009, 0x0014, 0x0015, 0x8002]);
    assert_eq!(reply.attribute::<Realm>().unwrap().realm(), "example");
    assert!(reply.attribute::<Nonce>().unwrap().nonce().starts_with("obMatJos2gAAA"));
    let algorithms = reply.attribute::<PasswordAlgorithms>().unwrap();
    assert_eq!(algorithms.algorithms(), [PasswordAlgorithmValue::SHA256]);
}

#[test]
fn both_hashes_are_served_and_answered_by_the_same() {
    for algorithm in [IntegrityAlgorithm::Sha1, IntegrityAlgorithm::Sha256] {
        let mut world = World::new(config());
        let mut client = client();
        client.algorithm = algorithm;
        let reply = world.ask(&mut client, ALLOCATE, &[&RequestedTransport::new(17)]);
        assert_eq!(reply.code(), None, "{algorithm:?}");
        assert!(reply.is_signed_for(&client), "{algorithm:?}");
        let refused = world.ask(&mut client, ALLOCATE, &[&RequestedTransport::new(17)]);
        assert_eq!(refused.code(), Some(437));
        assert!(refused.is_signed_for(&client), "{algorithm:?}");
    }
}

#[test]
fn a_wrong_password_is_401_whatever_is_wrong_about_it() {
    let ticket = Ticket::new("app.call").unwrap();
    let good = Secret::new(SECRET).credential(&ticket, START.as_secs() + 10);
    let named = |username: &str| {
        let mut credential = good.clone();
        credential.username = username.to_owned();
        credential
    };
    let mut other_password = good.clone();
    other_password.password.push('x');
    let now = START.as_secs();
    let table = [
        (good.clone(), None),
        (other_password, Some(401)),
        (named(&format!("{}:app.call", now + 11)), Some(401)),
        (named(&format!("{}:app.other", now + 10)), Some(401)),
        (Secret::new("south").credential(&ticket, now + 10), Some(401)),
        (Secret::new(SECRET).credential(&ticket, now), Some(401)),
        (Secret::new(SECRET).credential(&ticket, now - 1), Some(401)),
        (Secret::new(SECRET).credential(&ticket, now + 25 * 3600), None),
        (Secret::new(SECRET).credential(&ticket, now + 25 * 3600 + 1), Some(401)),
    ];
    for (credential, code) in table {
        let mut world = World::new(config());
        let mut client = client();
        client.credential = credential;
        let reply = world.ask(&mut client, ALLOCATE, &[&RequestedTransport::new(17)]);
        assert_eq!(reply.code(), code, "{}", client.credential.username);
        assert_eq!(world.sockets.len(), usize::from(code.is_none()));
    }
}

#[test]
fn a_username_that_is_no_expiry_and_ticket_is_401_though_its_password_is_right() {
    for username in [
        "",
        "call",
        ":call",
        "x:call",
        "+1800000000:call",
        "01700003600:call",
        "1700003600:",
        "1700003600:a b",
        "-1:call",
    ] {
        let mut world = World::new(config());
        let mut client = client();
        client.credential = coturn_credential(username);
        let reply = world.ask(&mut client, ALLOCATE, &[&RequestedTransport::new(17)]);
        assert_eq!(reply.code(), Some(401), "{username:?}");
    }
    let mut world = World::new(config());
    let mut client = client();
    client.credential = coturn_credential("1700003600:call");
    world.allocate(&mut client);
}

#[test]
fn the_expiry_counts_at_allocate_only() {
    let mut world = World::new(config());
    let mut client = client();
    client.credential = Secret::new(SECRET).credential(&Ticket::new("app.call").unwrap(), START.as_secs() + 60);
    world.allocate(&mut client);
    for _ in 0..5 {
        world.pass(Duration::from_secs(500));
        assert_eq!(world.ask(&mut client, REFRESH, &[]).code(), None);
        assert_eq!(world.permit(&mut client, at("8.8.8.8:1")), None);
        assert_eq!(world.bind(&mut client, 0x4000, at("8.8.8.8:1")), None);
    }
    client.at.remote.set_port(4001);
    let reply = world.ask(&mut client, ALLOCATE, &[&RequestedTransport::new(17)]);
    assert_eq!(reply.code(), Some(401));
}

#[test]
fn a_relayed_call_goes_on_past_its_credential_and_its_lifetime_until_it_is_revoked() {
    let mut world = World::new(config());
    let tickets = ["app.alice", "app.bob"].map(|ticket| Ticket::new(ticket).unwrap());
    let mut alice = Client::new("app.alice", "192.0.2.1:4000");
    let mut bob = Client::new("app.bob", "192.0.2.2:4000");
    for (client, ticket) in [&mut alice, &mut bob].into_iter().zip(&tickets) {
        client.credential = Secret::new(SECRET).credential(ticket, START.as_secs() + 60);
    }
    let (of_alice, of_bob) = (world.allocate(&mut alice), world.allocate(&mut bob));
    let (at_alice, at_bob, peer) = (alice.at, bob.at, at("8.8.8.8:9"));
    // An hour and more, refreshed as a browser does: permissions every four minutes, allocations and channels, too.
    for minute in 0..100 {
        if minute % 4 == 0 {
            for (client, other) in [(&mut alice, of_bob), (&mut bob, of_alice)] {
                assert_eq!(world.ask(client, REFRESH, &[]).code(), None);
                assert_eq!(world.bind(client, 0x4000, other), None);
                assert_eq!(world.permit(client, peer), None);
            }
        }
        for (client, of_client, other) in [(&mut alice, of_alice, at_bob), (&mut bob, of_bob, at_alice)] {
            let went = world.send_on(client, 0x4000, b"to the other");
            assert!(
                matches!(went, Went::ToClient { client, .. } if client == other),
                "{minute}: {went:?}"
            );
            assert!(matches!(world.send(client, peer, b"out"), Went::ToPeer { to, .. } if to == peer));
            let (from, payload) = world.hear_peer(of_client, peer, b"in").data_indication(client);
            assert_eq!((from, &payload[..]), (peer, &b"in"[..]));
        }
        world.pass(Duration::from_secs(60));
    }
    world.server.handle_revoke(&tickets[0], world.now);
    world.settle();
    assert_eq!(world.send_on(&alice, 0x4000, b"to the other"), Went::Nowhere);
    assert_eq!(world.send(&mut alice, peer, b"out"), Went::Nowhere);
    assert!(
        matches!(world.send(&mut bob, peer, b"out"), Went::ToPeer { .. }),
        "bob's is his own"
    );
    // And without refreshes it ends.
    world.pass(Duration::from_secs(600));
    assert_eq!(world.send(&mut bob, peer, b"out"), Went::Nowhere);
    assert_eq!(world.sockets.len(), 0);
}

#[test]
fn a_stale_nonce_is_438_with_a_fresh_one() {
    let mut world = World::new(config());
    let mut client = client();
    world.allocate(&mut client);
    let first = client.nonce.clone().unwrap();
    world.pass(Duration::from_secs(599));
    assert_eq!(world.ask(&mut client, REFRESH, &[&Lifetime::new(3600)]).code(), None);
    assert_eq!(client.nonce.as_ref(), Some(&first), "still the first");
    world.pass(Duration::from_secs(3002));
    let request = client.request(REFRESH, &[]);
    let reply = world.ask_raw(client.at, &request).unwrap();
    assert_eq!(reply.code(), Some(438));
    assert_eq!(reply.kinds(), [0x0009, 0x0014, 0x0015, 0x8002]);
    assert!(client.learn(&reply));
    let request = client.request(REFRESH, &[]);
    assert_eq!(world.ask_raw(client.at, &request).unwrap().code(), None);
}

#[test]
fn a_nonce_of_another_client_is_stale() {
    let mut world = World::new(config());
    let mut alice = client();
    world.allocate(&mut alice);
    let mut bob = Client::new("app.call", "192.0.2.2:4000");
    bob.nonce = alice.nonce.clone();
    let request = bob.request(ALLOCATE, &[&RequestedTransport::new(17)]);
    assert_eq!(world.ask_raw(bob.at, &request).unwrap().code(), Some(438));
}

#[test]
fn a_signed_request_without_username_realm_or_nonce_is_400() {
    let mut client = client();
    let mut world = World::new(config());
    let request = client.request(ALLOCATE, &[]);
    client.learn(&world.ask_raw(client.at, &request).unwrap());
    for missing in 0..4 {
        let mut message = Message::builder_request(ALLOCATE, MessageWriteVec::new());
        if missing != 0 {
            message
                .add_attribute(&Username::new(&client.credential.username).unwrap())
                .unwrap();
        }
        if missing != 1 {
            message.add_attribute(&Realm::new("example").unwrap()).unwrap();
        }
        if missing != 2 {
            message
                .add_attribute(&Nonce::new(client.nonce.as_ref().unwrap()).unwrap())
                .unwrap();
        }
        message.add_attribute(&RequestedTransport::new(17)).unwrap();
        message
            .add_message_integrity(&client.key(), IntegrityAlgorithm::Sha1)
            .unwrap();
        let reply = world.ask_raw(client.at, &message.finish()).unwrap();
        assert_eq!(reply.code(), (missing < 3).then_some(400), "{missing}");
        if missing < 3 {
            assert_eq!(reply.kinds(), [0x0009]);
        }
    }
}

#[test]
fn password_algorithms_that_were_not_offered_are_400() {
    let sha256 = || PasswordAlgorithm::new(PasswordAlgorithmValue::SHA256);
    let md5 = || PasswordAlgorithm::new(PasswordAlgorithmValue::MD5);
    let offered = || PasswordAlgorithms::new(&[PasswordAlgorithmValue::SHA256]);
    let lowered = || PasswordAlgorithms::new(&[PasswordAlgorithmValue::MD5]);
    let table: [(Option<PasswordAlgorithms>, Option<PasswordAlgorithm>, Option<u16>); 6] = [
        (Some(offered()), Some(sha256()), None),
        (Some(offered()), None, Some(400)),
        (None, Some(sha256()), Some(400)),
        (Some(lowered()), Some(md5()), Some(400)),
        (Some(lowered()), Some(sha256()), Some(400)),
        (Some(offered()), Some(md5()), Some(400)),
    ];
    for (algorithms, algorithm, code) in table {
        let mut world = World::new(config());
        let mut client = client();
        let request = client.request(ALLOCATE, &[]);
        client.learn(&world.ask_raw(client.at, &request).unwrap());
        let mut message = Message::builder_request(ALLOCATE, MessageWriteVec::new());
        message.add_attribute(&RequestedTransport::new(17)).unwrap();
        message
            .add_attribute(&Username::new(&client.credential.username).unwrap())
            .unwrap();
        message.add_attribute(&Realm::new("example").unwrap()).unwrap();
        message
            .add_attribute(&Nonce::new(client.nonce.as_ref().unwrap()).unwrap())
            .unwrap();
        if let Some(algorithms) = &algorithms {
            message.add_attribute(algorithms).unwrap();
        }
        if let Some(algorithm) = &algorithm {
            message.add_attribute(algorithm).unwrap();
        }
        message
            .add_message_integrity(&client.key(), IntegrityAlgorithm::Sha256)
            .unwrap();
        let reply = world.ask_raw(client.at, &message.finish()).unwrap();
        assert_eq!(reply.code(), code, "{algorithms:?} {algorithm:?}");
    }
}

#[test]
fn a_user_hash_is_not_understood() {
    let mut world = World::new(config());
    let mut client = client();
    let request = client.request(ALLOCATE, &[]);
    client.learn(&world.ask_raw(client.at, &request).unwrap());
    let hash = Userhash::new(Userhash::compute(&client.credential.username, "example"));
    let reply = world.ask(&mut client, ALLOCATE, &[&RequestedTransport::new(17), &hash]);
    assert_eq!(reply.code(), Some(420));
    assert!(reply.is_signed_for(&client));
}

#[test]
fn what_is_not_understood_is_told_to_members_only() {
    let mut world = World::new(config());
    let mut client = client();
    let unknown = RawAttribute::new(AttributeType::new(0x7F00), &[1]);
    let request = client.request(ALLOCATE, &[&unknown]);
    let reply = world.ask_raw(client.at, &request).unwrap();
    assert_eq!(reply.code(), Some(401));
    client.learn(&reply);
    let reply = world.ask(&mut client, ALLOCATE, &[&unknown]);
    assert_eq!(reply.code(), Some(420));
    assert_eq!(world.sockets.len(), 0);
}

#[test]
fn another_user_on_the_same_way_is_441() {
    let mut world = World::new(config());
    let mut client = client();
    world.allocate(&mut client);
    let mut other = client.clone();
    other.credential = Secret::new(SECRET).credential(&Ticket::new("app.other").unwrap(), START.as_secs() + 86_400);
    let mut later = client.clone();
    later.credential = Secret::new(SECRET).credential(&Ticket::new("app.call").unwrap(), START.as_secs() + 86_401);
    for thief in [&mut other, &mut later] {
        let refresh = world.ask(thief, REFRESH, &[&Lifetime::new(0)]);
        assert_eq!(refresh.code(), Some(441));
        assert!(refresh.is_signed_for(thief));
        assert_eq!(world.permit(thief, at("8.8.8.8:1")), Some(441));
        assert_eq!(world.bind(thief, 0x4000, at("8.8.8.8:1")), Some(441));
    }
    assert_eq!(world.ask(&mut client, REFRESH, &[]).code(), None);
}

#[test]
fn a_revoked_ticket_loses_its_allocations_and_gets_no_more() {
    let mut world = World::new(config());
    let (mut first, mut second) = (client(), Client::new("app.call", "192.0.2.1:4001"));
    let mut other = Client::new("app.other", "192.0.2.1:4002");
    for client in [&mut first, &mut second, &mut other] {
        world.allocate(client);
    }
    world.server.handle_revoke(&Ticket::new("app.call").unwrap(), world.now);
    world.settle();
    assert_eq!(world.sockets.len(), 1);
    assert_eq!(world.ask(&mut first, REFRESH, &[]).code(), Some(437));
    assert_eq!(world.ask(&mut other, REFRESH, &[]).code(), None);
    let reply = world.ask(&mut second, ALLOCATE, &[&RequestedTransport::new(17)]);
    assert_eq!(reply.code(), Some(403));
    assert!(reply.is_signed_for(&second));
}

/// The password that the secret gives to any username, by a codec of its own.
fn coturn_credential(username: &str) -> offhook_turn::Credential {
    use base64::Engine as _;
    use stun_types::attribute::MessageIntegrity;
    use stun_types::message::ShortTermCredentials;
    let key = ShortTermCredentials::new(SECRET.to_owned()).make_key();
    let hash = MessageIntegrity::compute(&[username.as_bytes()], &key).unwrap();
    offhook_turn::Credential {
        username: username.to_owned(),
        password: base64::engine::general_purpose::STANDARD.encode(hash),
    }
}

#[test]
fn transactions_of_different_clients_do_not_meet() {
    let mut world = World::new(config());
    let (mut alice, mut bob) = (client(), Client::new("app.call", "192.0.2.2:4000"));
    world.allocate(&mut alice);
    let request = bob.request(ALLOCATE, &[]);
    bob.learn(&world.ask_raw(bob.at, &request).unwrap());
    let same: TransactionId = 77.into();
    for client in [&alice, &bob] {
        let request = client.request_as(same, ALLOCATE, &[&RequestedTransport::new(17)]);
        let reply = world.ask_raw(client.at, &request).unwrap();
        assert_eq!(reply.code(), (client.at == alice.at).then_some(437));
    }
}

#[test]
fn a_credential_is_judged_by_the_systems_time_and_an_allocation_by_the_machines_own() {
    let day = Duration::from_secs(24 * 3600);
    let mut world = World::new(config());
    let mut kept = client();
    world.allocate(&mut kept);
    // The machine slept for two days, which its monotonic clock did not count.
    let system = world.now.after(2 * day);
    world.server.handle_system_time(system, world.now);
    let ask = |world: &mut World, expiry: u64, port: u16| {
        let mut client = Client::new("app.call", &format!("192.0.2.1:{port}"));
        client.credential = Secret::new(SECRET).credential(&Ticket::new("app.call").unwrap(), expiry);
        world.ask(&mut client, ALLOCATE, &[&RequestedTransport::new(17)]).code()
    };
    assert_eq!(ask(&mut world, system.after(day).as_secs(), 5000), None);
    assert_eq!(
        ask(&mut world, START.after(day).as_secs(), 5001),
        Some(401),
        "it has expired"
    );
    assert_eq!(world.ask(&mut kept, REFRESH, &[]).code(), None);

    // Somebody set the time back: what is made by it is good again.
    world.server.handle_system_time(START, world.now);
    assert_eq!(ask(&mut world, START.after(day).as_secs(), 5002), None);
    assert_eq!(
        ask(&mut world, system.after(day).as_secs(), 5003),
        Some(401),
        "it lasts too long"
    );
}

#[test]
fn a_revocation_is_kept_by_the_systems_time_for_as_long_as_a_credential_with_it_could_be_good() {
    let day = Duration::from_secs(24 * 3600);
    let mut world = World::new(config());
    let ticket = Ticket::new("app.call").unwrap();
    world.server.handle_revoke(&ticket, world.now);
    // The system's time was set back by a day, so it now says `START` for the second time.
    for hours in [30, 47] {
        world.pass(Duration::from_secs(hours * 3600) - world.now.since(START));
        let system = offhook_turn::Time::from_secs(world.now.as_secs() - day.as_secs());
        world.server.handle_system_time(system, world.now);
        world
            .server
            .handle_revoke(&Ticket::new("app.other").unwrap(), world.now);
        let mut client = client();
        client.credential = Secret::new(SECRET).credential(&ticket, START.after(day).as_secs());
        let code = world.ask(&mut client, ALLOCATE, &[&RequestedTransport::new(17)]).code();
        assert_eq!(code, Some(403), "{hours} hours later");
    }
}
