//! A client against the relay's own machine.

use offhook_turn::{
    Config, FiveTuple, HEADROOM, Output, Packet, Policy, Quotas, RelayAddress, Secret, Server, Step, TAILROOM, Ticket,
    Time, Transport,
};

use super::*;

const NOW: Time = Time::from_millis(1_700_000_000_000);
const PEER: &str = "198.51.100.9:7000";

#[test]
fn a_client_with_a_peer_ends_with_a_channel_that_carries() {
    let mut server = server();
    let mut client = Client::new(credential("right"), Some(PEER.parse().unwrap())).unwrap();
    talk(&mut client, &mut server).unwrap();
    assert!(client.is_done());
    let data = [&CHANNEL.to_be_bytes()[..], &[0, 2], b"hi"].concat();
    assert!(matches!(hand_in(&mut server, &data), Step::ToPeer { peer, .. } if peer == PEER.parse().unwrap()));
}

#[test]
fn a_client_without_a_peer_stops_at_its_allocation_and_goes_on_when_told_one() {
    let mut server = server();
    let mut client = Client::new(credential("right"), None).unwrap();
    talk(&mut client, &mut server).unwrap();
    assert!(client.is_done());
    assert_eq!(client.relayed().unwrap().ip().to_string(), "203.0.113.1");
    client.bind(PEER.parse().unwrap()).unwrap();
    assert!(!client.is_done());
    talk(&mut client, &mut server).unwrap();
    assert!(client.is_done());
}

#[test]
fn a_client_with_a_wrong_password_gives_up() {
    let mut client = Client::new(credential("wrong"), None).unwrap();
    let error = talk(&mut client, &mut server()).unwrap_err();
    assert!(error.to_string().contains("401"), "{error}");
}

#[test]
fn an_answer_to_an_earlier_request_changes_nothing() {
    let mut server = server();
    let mut client = Client::new(credential("right"), None).unwrap();
    let challenge = answer(&mut server, client.request()).unwrap();
    assert!(client.handle(&challenge).unwrap());
    let request = client.request().to_vec();
    assert!(!client.handle(&challenge).unwrap());
    assert_eq!(client.request(), request);
}

fn server() -> Server {
    let address = "203.0.113.1".parse().unwrap();
    let config = Config {
        realm: "bench".to_owned(),
        secret: Secret::new("right"),
        ipv4: Some(RelayAddress {
            bind: address,
            external: address,
        }),
        ipv6: None,
        ports: 50_000..=50_100,
        policy: Policy {
            allowed: vec!["198.51.100.0/24".parse().unwrap()],
            ..Policy::default()
        },
        quotas: Quotas::default(),
    };
    Server::new(config, [7; 32])
}

fn credential(secret: &str) -> Credential {
    Secret::new(secret).credential(&Ticket::new("bench.1").unwrap(), NOW.as_millis() / 1000 + 60)
}

/// Lets both talk until the client has nothing more to ask.
fn talk(client: &mut Client, server: &mut Server) -> anyhow::Result<()> {
    loop {
        let answer = answer(server, client.request()).unwrap();
        if !client.handle(&answer)? {
            return Ok(());
        }
    }
}

fn answer(server: &mut Server, request: &[u8]) -> Option<Vec<u8>> {
    assert_eq!(hand_in(server, request), Step::Done);
    while let Some(output) = server.poll_output() {
        match output {
            Output::Send { bytes, .. } => return Some(bytes),
            Output::Open { relay, address, .. } => server.handle_opened(relay, Ok(address), NOW),
            Output::Close { .. } | Output::Allocated { .. } | Output::Released { .. } => {}
        }
    }
    None
}

fn hand_in(server: &mut Server, bytes: &[u8]) -> Step {
    let mut buffer = vec![0; HEADROOM + bytes.len() + TAILROOM];
    let range = HEADROOM..HEADROOM + bytes.len();
    buffer[range.clone()].copy_from_slice(bytes);
    let from = FiveTuple {
        transport: Transport::Udp,
        local: "203.0.113.1:3478".parse().unwrap(),
        remote: "192.0.2.1:5000".parse().unwrap(),
    };
    server.handle_client(from, &mut Packet::new(&mut buffer, range), NOW)
}
