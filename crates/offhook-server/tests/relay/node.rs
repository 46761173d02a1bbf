//! The relay as a part of the server.

use offhook_server::config::Config;
use offhook_server::config::relay::RelayConfig;
use offhook_server::node::{Node, StartError};

use super::client::{Arrived, TurnClient};
use super::stand::{Peer, credential, loopback};
use crate::server::Server;

fn with_loopback_peers(config: Config) -> Config {
    let relay = RelayConfig {
        allowed_peers: vec!["127.0.0.0/8".parse().unwrap()],
        ..config.relay
    };
    Config { relay, ..config }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_relays_and_its_metrics_say_how_much() {
    let server = Server::start_with(with_loopback_peers).await;
    let relay = server.node().relay().unwrap().clone();
    let peer = Peer::at(loopback());
    let mut client = TurnClient::udp(relay.addresses()[0]);
    let relayed = client.allocate(credential(&relay, "app.call")).unwrap();
    client.bind(0x4000, peer.address()).unwrap();
    client.send(0x4000, &[1; 100]);
    peer.receive();
    peer.send(relayed, &[1; 30]);
    assert_eq!(client.receive(), Arrived::OnChannel(0x4000, vec![1; 30]));

    for (name, least) in [
        ("offhook_relay_bytes_total{direction=\"to_client\"}", 30.0),
        ("offhook_relay_bytes_total{direction=\"to_peer\"}", 100.0),
        ("offhook_relay_packets_total{direction=\"to_peer\"}", 1.0),
        ("offhook_relay_packets_total{direction=\"to_client\"}", 1.0),
        ("offhook_relay_dropped_total{reason=\"bitrate\"}", 0.0),
        ("offhook_relay_allocations", 1.0),
        ("offhook_relay_connections", 0.0),
    ] {
        server.counted(name, least).await;
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_reaches_the_server_itself_through_its_relay() {
    let server = Server::start_with(with_loopback_peers).await;
    let relay = server.node().relay().unwrap().clone();
    let peer = Peer::at(loopback());
    let mut client = TurnClient::udp(relay.addresses()[0]);
    client.allocate(credential(&relay, "app.call")).unwrap();
    let http = server.address().parse().unwrap();
    assert_eq!(client.bind(0x4000, http), Err(403));
    assert_eq!(client.bind(0x4001, relay.addresses()[0]), Err(403));
    client.bind(0x4002, peer.address()).unwrap();
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_whose_relay_is_turned_off_serves_without_it() {
    let server = Server::start_with(|config| Config {
        relay: RelayConfig {
            listen: Vec::new(),
            ..config.relay
        },
        ..config
    })
    .await;
    assert!(server.node().relay().is_none());
    server.phone("alice").await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_cannot_start_stops_the_start_before_the_store_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let occupied = Peer::at(loopback());
    let config = Config {
        relay: RelayConfig {
            listen: vec![occupied.address()],
            ..RelayConfig::default()
        },
        ..Config::ephemeral(folder.path())
    };
    let refused = Node::serve(config.clone(), false).await.err();
    assert!(matches!(refused, Some(StartError::Relay(_))), "{refused:?}");
    assert!(!config.database_path().exists());
}
