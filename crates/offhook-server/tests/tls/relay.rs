//! TURN on the port of HTTPS: what begins as TURN reaches the relay.

use std::process::{Command, Stdio};

use offhook_server::config::Config;
use offhook_server::config::relay::RelayConfig;

use super::{Issuer, TlsClient, files, server};
use crate::program::Program;
use crate::server::Server;

const SECRET: &str = "a secret of good length";

#[tokio::test]
async fn what_begins_as_turn_is_answered_by_the_relay_whatever_protocol_was_agreed_on() {
    let (issuer, folder) = (Issuer::new(), tempfile::tempdir().unwrap());
    let server = server(&issuer, &folder).await;
    let https = server.node().https().unwrap();
    for offered in [&[][..], &["stun.turn"], &["http/1.1"], &["h2", "http/1.1"]] {
        let mut client = TlsClient::connect(https, &issuer, offered).await.unwrap();
        for number in [1, 2] {
            client.say(&binding(number)).await;
            answers(&mut client, number).await;
        }
        // And one that is no TURN, on the same port.
        let mut client = TlsClient::connect(https, &issuer, &["http/1.1"]).await.unwrap();
        assert_eq!(client.is_healthy().await, "HTTP/1.1 200 OK", "{offered:?}");
    }
    server.stop().await;
}

#[tokio::test]
async fn requests_that_come_in_pieces_or_together_are_all_answered() {
    let (issuer, folder) = (Issuer::new(), tempfile::tempdir().unwrap());
    let server = server(&issuer, &folder).await;
    let https = server.node().https().unwrap();
    let mut client = TlsClient::connect(https, &issuer, &[]).await.unwrap();
    let request = binding(1);
    // The first byte alone is enough to be handed over.
    for byte in request {
        client.say(&[byte]).await;
    }
    answers(&mut client, 1).await;

    let mut client = TlsClient::connect(https, &issuer, &[]).await.unwrap();
    let (together, last) = ([binding(1), binding(2), binding(3)].concat(), binding(4));
    client.say(&[&together, &last[..7]].concat()).await;
    for number in 1..=3 {
        answers(&mut client, number).await;
    }
    client.say(&last[7..]).await;
    answers(&mut client, 4).await;
    // A record for each, faster than they are answered.
    for number in 5..65 {
        client.say(&binding(number)).await;
    }
    for number in 5..65 {
        answers(&mut client, number).await;
    }
    server.stop().await;
}

#[tokio::test]
async fn where_there_is_no_relay_turn_is_closed_and_http_is_served() {
    let (issuer, folder) = (Issuer::new(), tempfile::tempdir().unwrap());
    let tls = files(&issuer, &folder);
    let server = Server::start_with(|rest| {
        let relay = RelayConfig {
            listen: Vec::new(),
            ..RelayConfig::default()
        };
        Config { tls, relay, ..rest }
    })
    .await;
    let https = server.node().https().unwrap();
    let mut client = TlsClient::connect(https, &issuer, &["stun.turn"]).await.unwrap();
    client.say(&binding(1)).await;
    assert!(client.closes().await.is_empty());
    let mut client = TlsClient::connect(https, &issuer, &[]).await.unwrap();
    assert_eq!(client.is_healthy().await, "HTTP/1.1 200 OK");
    server.stop().await;
}

#[tokio::test]
async fn a_connection_to_the_relay_outlives_its_certificate() {
    let (issuer, folder) = (Issuer::new(), tempfile::tempdir().unwrap());
    let server = server(&issuer, &folder).await;
    let https = server.node().https().unwrap();
    let mut client = TlsClient::connect(https, &issuer, &["stun.turn"]).await.unwrap();
    client.say(&binding(1)).await;
    answers(&mut client, 1).await;
    let next = issuer.issue();
    next.write(&folder.path().join("cert.pem"), &folder.path().join("key.pem"));
    super::certificates::serves(https, &issuer, &next.certificate_der).await;
    client.say(&binding(2)).await;
    answers(&mut client, 2).await;
    server.stop().await;
}

#[tokio::test]
async fn a_relay_alone_relays_over_tls_and_has_nothing_for_http() {
    let (issuer, folder) = (Issuer::new(), tempfile::tempdir().unwrap());
    let tls = files(&issuer, &folder);
    let settings = [
        ("OFFHOOK_TLS__LISTEN", "127.0.0.1:0"),
        (
            "OFFHOOK_TLS__CERTIFICATE",
            tls.certificate.as_ref().unwrap().to_str().unwrap(),
        ),
        ("OFFHOOK_TLS__KEY", tls.key.as_ref().unwrap().to_str().unwrap()),
        ("OFFHOOK_RELAY__SECRET", SECRET),
    ];
    let program = Program::relay(folder.path(), &settings);
    let turns = program.ready["turns"].as_str().unwrap().parse().unwrap();
    let mut client = TlsClient::connect(turns, &issuer, &["stun.turn"]).await.unwrap();
    client.say(&binding(1)).await;
    answers(&mut client, 1).await;
    let mut http = TlsClient::connect(turns, &issuer, &["http/1.1"]).await.unwrap();
    http.say(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        .await;
    let answer = String::from_utf8(http.closes().await).unwrap();
    assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
    program.stop();
}

/// coturn's own client allocates over TLS, and talks to itself through the relay.
#[tokio::test]
async fn the_client_of_another_turn_server_relays_over_tls() {
    let (issuer, folder) = (Issuer::new(), tempfile::tempdir().unwrap());
    let tls = files(&issuer, &folder);
    let server = Server::start_with(|rest| {
        let relay = RelayConfig {
            secret: Some(SECRET.into()),
            ..RelayConfig::ephemeral()
        };
        Config { tls, relay, ..rest }
    })
    .await;
    let roots = folder.path().join("roots.pem");
    std::fs::write(&roots, issuer.pem()).unwrap();
    let https = server.node().https().unwrap();
    let mut client = Command::new("turnutils_uclient");
    client
        .args(["-S", "-t", "-y", "-c", "-X", "-l", "900", "-u", "alice", "-W", SECRET])
        .args(["-n", "20", "-z", "5", "-p", &https.port().to_string(), "-E"])
        .arg(&roots)
        .arg("127.0.0.1")
        .stdin(Stdio::null());
    let output = tokio::task::spawn_blocking(move || client.output()).await.unwrap();
    let output = output.expect("turnutils_uclient of the package coturn is installed");
    let said = String::from_utf8_lossy(&output.stdout);
    // It says so after each second; the last word counts. Two clients send twenty each.
    let received = said.rsplit("tot_recv_msgs=").next().unwrap();
    let received = received.split(|c: char| !c.is_ascii_digit()).next().unwrap();
    assert_eq!(received, "40", "{said}");
    server.stop().await;
}

/// A Binding request (RFC 8489 §5) whose transaction is this number.
pub fn binding(number: u8) -> [u8; 20] {
    let mut request = [0; 20];
    request[1] = 0x01;
    request[4..8].copy_from_slice(&0x2112_a442_u32.to_be_bytes());
    request[19] = number;
    request
}

/// Waits for the success response to it.
async fn answers(client: &mut TlsClient, number: u8) {
    let header = client.hear_exactly(20).await;
    assert_eq!(header[..2], [0x01, 0x01], "{header:?}");
    assert_eq!(header[8..20], binding(number)[8..20], "{header:?}");
    let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
    let attributes = client.hear_exactly(length).await;
    assert_eq!(attributes[..2], [0x00, 0x20], "XOR-MAPPED-ADDRESS comes first");
}
