//! Relaying over UDP.

use std::net::{Ipv4Addr, SocketAddr};

use offhook_server::config::relay::RelayConfig;
use offhook_server::relay::{Relay, RelayError, Surroundings};
use offhook_turn::{Ticket, Usage};

use super::client::{Arrived, TurnClient};
use super::stand::{Peer, Stand, credential, loopback, loopback_v6};

/// Challenge, allocation, permission, channel, and data both ways, with and without a channel.
fn converse(mut client: TurnClient, stand: &Stand, peer: &Peer) {
    assert_eq!(client.binding(), client.address());
    let relayed = client.allocate(stand.credential("app.call")).unwrap();
    assert_eq!(relayed.ip(), stand.address().ip());

    client.permit(peer.address()).unwrap();
    client.indicate(peer.address(), b"by indication");
    assert_eq!(peer.receive(), (relayed, b"by indication".to_vec()));
    peer.send(relayed, b"back");
    assert_eq!(client.receive(), Arrived::From(peer.address(), b"back".to_vec()));

    client.bind(0x4001, peer.address()).unwrap();
    for length in [0, 1, 2, 3, 4, 1200, 1472] {
        let data = vec![7; length];
        client.send(0x4001, &data);
        assert_eq!(peer.receive(), (relayed, data.clone()));
        peer.send(relayed, &data);
        assert_eq!(client.receive(), Arrived::OnChannel(0x4001, data));
    }
    client.refresh(600).unwrap();
    client.refresh(0).unwrap();
    assert_eq!(client.refresh(600), Err(437), "the allocation is gone");
}

#[test]
fn a_client_over_udp_reaches_its_peer_and_is_reached_by_it() {
    let stand = Stand::start();
    converse(TurnClient::udp(stand.address()), &stand, &Peer::at(loopback()));
    stand.stop();
}

#[test]
fn a_client_over_tcp_reaches_its_peer_and_is_reached_by_it() {
    let stand = Stand::start();
    converse(TurnClient::tcp(stand.address()), &stand, &Peer::at(loopback()));
    stand.stop();
}

#[test]
fn a_client_over_ipv6_reaches_its_peer_and_is_reached_by_it() {
    let stand = Stand::start_with(|config| RelayConfig {
        listen: vec![loopback_v6()],
        ..config
    });
    converse(TurnClient::udp(stand.address()), &stand, &Peer::at(loopback_v6()));
    converse(TurnClient::tcp(stand.address()), &stand, &Peer::at(loopback_v6()));
    stand.stop();
}

#[test]
fn both_families_are_listened_on_at_once_with_one_port() {
    let first = Stand::start_with(|config| RelayConfig {
        listen: vec![(Ipv4Addr::UNSPECIFIED, 0).into()],
        ..config
    });
    let port = first.address().port();
    first.stop();
    let listen = vec![
        SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), port),
        SocketAddr::new(std::net::Ipv6Addr::UNSPECIFIED.into(), port),
    ];
    let stand = Stand::start_with(|config| RelayConfig { listen, ..config });
    for host in ["127.0.0.1", "[::1]"] {
        let address = format!("{host}:{port}").parse().unwrap();
        for mut client in [TurnClient::udp(address), TurnClient::tcp(address)] {
            assert_eq!(client.binding().port(), client.address().port());
        }
    }
    stand.stop();
}

#[test]
fn a_listener_on_all_addresses_answers_from_the_one_that_was_asked() {
    let stand = Stand::start_with(|config| RelayConfig {
        listen: vec![(Ipv4Addr::UNSPECIFIED, 0).into()],
        ..config
    });
    for host in [[127, 0, 0, 1], [127, 0, 0, 2], [127, 9, 9, 9]] {
        // This client is deaf to every other address.
        let mut client = TurnClient::udp(SocketAddr::new(Ipv4Addr::from(host).into(), stand.address().port()));
        assert_eq!(client.binding(), client.address());
        client.allocate(stand.credential("app.call")).unwrap();
    }
    stand.stop();
}

#[test]
fn a_burst_arrives_whole_and_in_order_both_ways() {
    let stand = Stand::start();
    let peer = Peer::at(loopback());
    let mut client = TurnClient::udp(stand.address());
    let relayed = client.allocate(stand.credential("app.call")).unwrap();
    client.bind(0x4000, peer.address()).unwrap();
    // Of one size, so that they are sent as one and cut by the kernel; then of changing sizes.
    for round in 0_u8..4 {
        let sized = |index: u8| {
            vec![
                index;
                if round % 2 == 0 {
                    900
                } else {
                    700 + usize::from(index) * 16
                }
            ]
        };
        for index in 0..32 {
            client.send(0x4000, &sized(index));
        }
        for index in 0..32 {
            assert_eq!(peer.receive(), (relayed, sized(index)));
        }
        for index in 0..32 {
            peer.send(relayed, &sized(index));
        }
        for index in 0..32 {
            assert_eq!(client.receive(), Arrived::OnChannel(0x4000, sized(index)));
        }
    }
    stand.stop();
}

#[test]
fn two_relayed_clients_reach_each_other_without_a_packet_on_a_relay_socket() {
    // Nothing that is sent to this address comes back: what arrives took no socket.
    let outside: SocketAddr = "203.0.113.7:0".parse().unwrap();
    let stand = Stand::start_with(|config| RelayConfig {
        external_addresses: vec![outside.ip()],
        ..config
    });
    let mut clients = [
        TurnClient::udp(stand.address()),
        TurnClient::tcp(stand.address()),
        TurnClient::udp(stand.address()),
    ];
    let relayed = clients
        .each_mut()
        .map(|client| client.allocate(stand.credential("app.call")).unwrap());
    assert!(
        relayed.iter().all(|address| address.ip() == outside.ip()),
        "{relayed:?}"
    );
    for (one, other) in [(0, 1), (1, 0), (0, 2), (2, 0)] {
        let channel = 0x4000 + other as u16;
        clients[one].bind(channel, relayed[other]).unwrap();
    }
    for (one, other) in [(0_u16, 1_u16), (1, 0), (0, 2), (2, 0)] {
        clients[usize::from(one)].send(0x4000 + other, b"straight");
        let arrived = clients[usize::from(other)].receive();
        assert_eq!(arrived, Arrived::OnChannel(0x4000 + one, b"straight".to_vec()));
    }
    stand.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_ticket_carried_is_taken_once() {
    let stand = Stand::start();
    let peer = Peer::at(loopback());
    let mut client = TurnClient::udp(stand.address());
    let relayed = client.allocate(stand.credential("app.call")).unwrap();
    client.bind(0x4000, peer.address()).unwrap();
    for _ in 0..3 {
        client.send(0x4000, &[1; 100]);
        peer.receive();
    }
    peer.send(relayed, &[2; 50]);
    client.receive();
    let carried = Usage {
        to_peer_bytes: 300,
        to_peer_packets: 3,
        to_client_bytes: 50,
        to_client_packets: 1,
        dropped_packets: 0,
    };
    let ticket = Ticket::new("app.call").unwrap();
    assert_eq!(stand.handle().take_usage().await, [(ticket, carried)]);
    assert_eq!(stand.handle().take_usage().await, []);
    stand.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_ticket_loses_its_allocations_at_once_and_makes_no_more() {
    let stand = Stand::start();
    let peer = Peer::at(loopback());
    let mut revoked = TurnClient::udp(stand.address());
    let mut other = TurnClient::udp(stand.address());
    let relayed = revoked.allocate(stand.credential("app.revoked")).unwrap();
    let others = other.allocate(stand.credential("app.other")).unwrap();
    for client in [&mut revoked, &mut other] {
        client.bind(0x4000, peer.address()).unwrap();
    }

    stand.handle().revoke(Ticket::new("app.revoked").unwrap());
    // Commands are obeyed in order, so the first has been when the second is answered.
    stand.handle().take_usage().await;
    revoked.send(0x4000, b"too late");
    assert_eq!(revoked.refresh(600), Err(437));
    other.send(0x4000, b"still here");
    assert_eq!(peer.receive(), (others, b"still here".to_vec()));
    drop(Peer::at(relayed));

    let mut again = TurnClient::udp(stand.address());
    let refused = again.allocate(stand.credential("app.revoked"));
    assert!(matches!(refused, Err(401 | 403)), "{refused:?}");
    stand.stop();
}

#[test]
fn stopping_ends_everything_and_gives_the_ports_back() {
    let stand = Stand::start();
    let address = stand.address();
    let handle = stand.handle().clone();
    let mut by_udp = TurnClient::udp(address);
    let relayed = by_udp.allocate(stand.credential("app.call")).unwrap();
    let mut by_tcp = TurnClient::tcp(address);
    by_tcp.allocate(stand.credential("app.call")).unwrap();
    stand.stop();
    assert!(by_tcp.is_closed());
    drop(Peer::at(relayed));
    // Whoever still holds the handle is not held up by it.
    handle.revoke(Ticket::new("app.call").unwrap());
    let again = Stand::start_with(|config| RelayConfig {
        listen: vec![address],
        ..config
    });
    assert_eq!(again.address(), address);
    again.stop();
}

#[test]
fn an_address_that_is_taken_is_named() {
    let stand = Stand::start();
    let config = RelayConfig {
        listen: vec![loopback(), stand.address()],
        ..RelayConfig::ephemeral()
    };
    match Relay::start(&config, &Surroundings::default()) {
        Err(RelayError::Listen { address, .. }) => assert_eq!(address, stand.address()),
        other => panic!("{other:?}"),
    }
    // Nothing of the failed start is left in the way.
    let mut client = TurnClient::udp(stand.address());
    client.allocate(credential(stand.handle(), "app.call")).unwrap();
    stand.stop();
}
