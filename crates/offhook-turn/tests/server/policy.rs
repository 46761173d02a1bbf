//! The policy at permission, bind and send; the table of addresses is in the crate's own tests.

use offhook_turn::{Config, Policy};

use super::world::{Client, Went, World, at, config};

fn with(policy: Policy) -> Config {
    Config { policy, ..config() }
}

fn allocated(policy: Policy) -> (World, Client) {
    let mut world = World::new(with(policy));
    let mut client = Client::new("app.call", "192.0.2.1:4000");
    world.allocate(&mut client);
    (world, client)
}

#[test]
fn refused_networks_are_403_at_permission_and_at_bind_unless_they_are_allowed() {
    let allowed = Policy {
        allowed: vec!["10.0.0.0/8".parse().unwrap(), "127.0.0.0/8".parse().unwrap()],
        denied: vec!["10.9.0.0/16".parse().unwrap()],
        ..Policy::default()
    };
    for (policy, peer, code) in [
        (Policy::default(), "10.0.0.1:9", Some(403)),
        (Policy::default(), "169.254.169.254:80", Some(403)),
        (Policy::default(), "127.0.0.1:9", Some(403)),
        (Policy::default(), "8.8.8.8:9", None),
        (allowed.clone(), "10.0.0.1:9", None),
        (allowed.clone(), "10.9.0.1:9", Some(403)),
        (allowed.clone(), "127.0.0.1:9", None),
        (allowed, "192.168.0.1:9", Some(403)),
    ] {
        let (mut world, mut client) = allocated(policy);
        assert_eq!(world.bind(&mut client, 0x4000, at(peer)), code, "{peer}");
        assert_eq!(
            world.send_on(&client, 0x4000, b"x") == Went::Nowhere,
            code.is_some(),
            "{peer}"
        );
        let (mut world, mut client) = allocated(world_policy(code));
        assert_eq!(world.permit(&mut client, at("10.0.0.1:9")), code);
        assert_eq!(
            world.send(&mut client, at("10.0.0.1:9"), b"x") == Went::Nowhere,
            code.is_some()
        );
    }
}

/// A policy under which 10.0.0.1 has this code.
fn world_policy(code: Option<u16>) -> Policy {
    Policy {
        allowed: if code.is_some() {
            vec![]
        } else {
            vec!["10.0.0.0/8".parse().unwrap()]
        },
        ..Policy::default()
    }
}

#[test]
fn our_listeners_cannot_be_reached_through_us_though_their_network_is_allowed() {
    let (mut world, mut client) = allocated(Policy {
        allowed: vec!["0.0.0.0/0".parse().unwrap()],
        listeners: vec![at("0.0.0.0:3478"), at("10.0.0.9:5432")],
        local_addresses: vec![at("10.0.0.9:1").ip()],
        ..Policy::default()
    });
    for peer in [
        "10.0.0.5:3478",
        "198.51.100.7:3478",
        "10.0.0.9:3478",
        "10.0.0.9:5432",
        "127.0.0.1:3478",
    ] {
        assert_eq!(world.permit(&mut client, at(peer)), None, "{peer}");
        assert_eq!(world.bind(&mut client, 0x4000, at(peer)), Some(403), "{peer}");
        assert_eq!(world.send(&mut client, at(peer), b"x"), Went::Nowhere, "{peer}");
    }
    assert_ne!(world.send(&mut client, at("10.0.0.9:9"), b"x"), Went::Nowhere);
}

#[test]
fn relayed_addresses_of_ours_are_reached_though_their_network_is_refused_and_only_as_long_as_they_live() {
    for own in ["198.51.100.7", "10.0.0.5"] {
        let (mut world, mut client) = allocated(Policy::default());
        let mut other = Client::new("app.other", "192.0.2.2:4000");
        let relayed = world.allocate(&mut other);
        assert_eq!(world.permit(&mut other, at("198.51.100.7:1")), None);
        let live = at(&format!("{own}:{}", relayed.port()));
        let free = (50_000..)
            .find(|port| !world.sockets.values().any(|bound| bound.port() == *port))
            .unwrap();
        assert_eq!(
            world.bind(&mut client, 0x4000, at(&format!("{own}:{free}"))),
            Some(403),
            "no relayed address"
        );
        assert_eq!(
            world.bind(&mut client, 0x4000, at(&format!("{own}:22"))),
            Some(403),
            "not a relay port"
        );
        assert_eq!(world.bind(&mut client, 0x4000, live), None);
        assert_eq!(world.send(&mut client, at(&format!("{own}:22")), b"x"), Went::Nowhere);
        assert_ne!(world.send_on(&client, 0x4000, b"x"), Went::Nowhere);
        assert_ne!(world.send(&mut client, live, b"x"), Went::Nowhere);
        world
            .server
            .handle_revoke(&offhook_turn::Ticket::new("app.other").unwrap(), world.now);
        world.settle();
        assert_eq!(world.send_on(&client, 0x4000, b"x"), Went::Nowhere, "the other is gone");
        assert_eq!(world.send(&mut client, live, b"x"), Went::Nowhere, "the other is gone");
    }
}
