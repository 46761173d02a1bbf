//! Very many allocations at once, each with a socket of its own.

use std::net::{Ipv4Addr, SocketAddr};

use offhook_server::config::relay::RelayConfig;

use super::client::{Arrived, TurnClient};
use super::stand::{Peer, Stand, loopback};

/// As many as the configuration allows if nothing is said. The process must be allowed to open as many files.
const COUNT: u32 = 16_384;
/// Each source may ask so much at once that it is answered without waiting.
const PER_SOURCE: u32 = 64;
/// Below those that the system gives away.
const FIRST_PORT: u16 = 20_000;

#[test]
fn sixteen_thousand_allocations_are_held_at_once_and_the_first_and_the_last_relay() {
    let stand = Stand::start_with(|config| RelayConfig {
        // An address that no other test uses has its ports for itself; some are other programs' all the same.
        listen: vec!["127.0.9.1:0".parse().unwrap()],
        min_port: 40_000,
        max_allocations_per_application: COUNT,
        ..config
    });
    let peer = Peer::at(loopback());
    let mut kept = Vec::new();
    for number in 0..COUNT {
        let source = Ipv4Addr::from_bits(0x7F01_0000 + number / PER_SOURCE);
        // An allocation lives on without its client's socket, which leaves its file to another; its address may not come again.
        let port = FIRST_PORT + (number % PER_SOURCE) as u16;
        let mut client = TurnClient::udp_from(SocketAddr::new(source.into(), port), stand.address());
        let relayed = client.allocate(stand.credential(&format!("app.{number}")));
        let relayed = relayed.unwrap_or_else(|code| panic!("allocation {number} is refused with {code}"));
        if number == 0 || number == COUNT - 1 {
            client.permit(peer.address()).unwrap();
            kept.push((client, relayed));
        }
    }
    let mut another = TurnClient::udp(stand.address());
    assert_eq!(
        another.allocate(stand.credential("app.another")),
        Err(508),
        "all are there"
    );
    for (client, relayed) in &mut kept {
        client.indicate(peer.address(), b"ping");
        assert_eq!(peer.receive(), (*relayed, b"ping".to_vec()));
        peer.send(*relayed, b"pong");
        assert_eq!(client.receive(), Arrived::From(peer.address(), b"pong".to_vec()));
    }
    stand.stop();
}
