//! What clients may not do.

use offhook_server::config::relay::RelayConfig;
use offhook_server::relay::{Relay, Surroundings};

use super::client::TurnClient;
use super::stand::{Peer, Stand, credential, loopback};

#[test]
fn a_ticket_has_as_many_allocations_as_are_configured_and_another_has_its_own() {
    let stand = Stand::start_with(|config| RelayConfig {
        max_allocations_per_ticket: 2,
        ..config
    });
    let mut clients: Vec<_> = (0..4).map(|_| TurnClient::udp(stand.address())).collect();
    clients[0].allocate(stand.credential("app.one")).unwrap();
    clients[1].allocate(stand.credential("app.one")).unwrap();
    assert_eq!(clients[2].allocate(stand.credential("app.one")), Err(486));
    clients[3].allocate(stand.credential("app.two")).unwrap();
    clients[0].refresh(0).unwrap();
    let mut fifth = TurnClient::udp(stand.address());
    fifth.allocate(stand.credential("app.one")).unwrap();
    stand.stop();
}

#[test]
fn an_application_has_as_many_allocations_as_are_configured_and_another_has_its_own() {
    let stand = Stand::start_with(|config| RelayConfig {
        max_allocations_per_application: 1,
        ..config
    });
    let mut clients: Vec<_> = (0..3).map(|_| TurnClient::udp(stand.address())).collect();
    clients[0].allocate(stand.credential("app.one")).unwrap();
    assert_eq!(clients[1].allocate(stand.credential("app.two")), Err(486));
    clients[2].allocate(stand.credential("other.one")).unwrap();
    stand.stop();
}

#[test]
fn ports_that_run_out_are_answered_with_508() {
    let stand = Stand::start_with(|config| RelayConfig {
        max_allocations: 1,
        ..config
    });
    let mut clients: Vec<_> = (0..2).map(|_| TurnClient::udp(stand.address())).collect();
    clients[0].allocate(stand.credential("app.one")).unwrap();
    assert_eq!(clients[1].allocate(stand.credential("app.two")), Err(508));
    stand.stop();
}

#[test]
fn a_port_that_another_program_has_is_left_to_it() {
    let theirs = Peer::at(loopback());
    let port = theirs.address().port();
    let stand = Stand::start_with(|config| RelayConfig {
        min_port: port.min(u16::MAX - 1),
        max_port: port.min(u16::MAX - 1) + 1,
        ..config
    });
    let mut client = TurnClient::udp(stand.address());
    // The other port of the two may be somebody's as well: then there is none.
    match client.allocate(stand.credential("app.one")) {
        Ok(relayed) => assert_ne!(relayed.port(), port),
        Err(code) => assert_eq!(code, 508),
    }
    stand.stop();
}

#[test]
fn a_credential_of_another_secret_is_refused() {
    let (stand, other) = (Stand::start(), Stand::start());
    let mut client = TurnClient::udp(stand.address());
    assert_eq!(client.allocate(other.credential("app.one")), Err(401));
    let mut client = TurnClient::udp(stand.address());
    client.allocate(stand.credential("app.one")).unwrap();
    stand.stop();
    other.stop();
}

#[test]
fn loopback_peers_are_refused_unless_this_is_a_demo() {
    let (beside, elsewhere) = (Peer::at("127.0.0.1:0".parse().unwrap()), Peer::at(loopback()));
    let refusals = [(false, Err(403)), (true, Ok(()))];
    for (are_loopback_peers_allowed, expected) in refusals {
        let surroundings = Surroundings {
            are_loopback_peers_allowed,
            listeners: vec!["127.0.0.1:8080".parse().unwrap()],
            ..Surroundings::default()
        };
        let relay = Relay::start(&RelayConfig::ephemeral(), &surroundings).unwrap();
        let address = relay.handle().addresses()[0];
        let mut client = TurnClient::udp(address);
        client.allocate(credential(relay.handle(), "app.call")).unwrap();
        assert_eq!(client.permit(elsewhere.address()), expected);
        assert_eq!(client.bind(0x4000, elsewhere.address()), expected);
        // The relay's own address is where other clients' relayed addresses are, and nothing else.
        assert_eq!(client.bind(0x4003, beside.address()), expected);
        // What the program itself listens on, over any transport, is nobody's peer.
        assert_eq!(client.bind(0x4001, surroundings.listeners[0]), Err(403));
        assert_eq!(client.bind(0x4002, address), Err(403));
        relay.stop();
    }
}

#[test]
fn networks_are_refused_and_allowed_as_configured() {
    let stand = Stand::start_with(|config| RelayConfig {
        allowed_peers: vec!["10.0.0.0/8".parse().unwrap()],
        denied_peers: vec!["10.1.0.0/16".parse().unwrap(), "8.8.8.0/24".parse().unwrap()],
        ..config
    });
    let mut client = TurnClient::udp(stand.address());
    client.allocate(stand.credential("app.call")).unwrap();
    for (peer, expected) in [
        ("10.0.0.1:5000", Ok(())),
        ("10.1.0.1:5000", Err(403)),
        ("192.168.0.1:5000", Err(403)),
        ("8.8.8.8:5000", Err(403)),
        ("9.9.9.9:5000", Ok(())),
    ] {
        assert_eq!(client.permit(peer.parse().unwrap()), expected, "{peer}");
    }
    stand.stop();
}

#[test]
fn a_peer_without_a_permission_is_not_heard() {
    let stand = Stand::start();
    let (friend, stranger) = (Peer::at(loopback()), Peer::at("127.0.0.2:0".parse().unwrap()));
    let mut client = TurnClient::udp(stand.address());
    let relayed = client.allocate(stand.credential("app.call")).unwrap();
    client.permit(friend.address()).unwrap();
    stranger.send(relayed, b"let me in");
    friend.send(relayed, b"hello");
    let arrived = client.receive();
    assert_eq!(
        arrived,
        super::client::Arrived::From(friend.address(), b"hello".to_vec())
    );
    client.binding();
    assert_eq!(client.unread(), 0);
    stand.stop();
}
