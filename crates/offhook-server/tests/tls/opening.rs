//! The first moments of a connection: what is agreed on, what the first byte says, and who takes too long.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{Issuer, TlsClient, server};
use crate::server::PATIENCE;

#[tokio::test]
async fn the_protocol_that_both_know_is_agreed_on_and_a_client_that_names_none_is_served() {
    let (issuer, folder) = (Issuer::new(), tempfile::tempdir().unwrap());
    let server = server(&issuer, &folder).await;
    let https = server.node().https().unwrap();
    for (offered, agreed) in [
        (vec![], Some(None)),
        (vec!["http/1.1"], Some(Some("http/1.1"))),
        (vec!["http/1.1", "h2"], Some(Some("h2"))),
        (vec!["h2"], Some(Some("h2"))),
        (vec!["stun.turn"], Some(Some("stun.turn"))),
        (vec!["webrtc", "http/1.1"], Some(Some("http/1.1"))),
        (vec!["stun.nat-discovery"], None),
        // Only a server that gets its certificate by ACME answers challenges.
        (vec!["acme-tls/1"], None),
    ] {
        let connected = TlsClient::connect(https, &issuer, &offered).await;
        match agreed {
            None => assert!(connected.is_err(), "{offered:?}"),
            Some(agreed) => {
                let mut client = connected.unwrap_or_else(|error| panic!("{offered:?}: {error}"));
                assert_eq!(client.protocol().as_deref(), agreed, "{offered:?}");
                if !matches!(agreed, Some("h2" | "stun.turn")) {
                    assert_eq!(client.is_healthy().await, "HTTP/1.1 200 OK", "{offered:?}");
                }
            }
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn who_asks_for_turn_and_speaks_http_is_closed() {
    let (issuer, folder) = (Issuer::new(), tempfile::tempdir().unwrap());
    let server = server(&issuer, &folder).await;
    let https = server.node().https().unwrap();
    let request = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
    let mut client = TlsClient::connect(https, &issuer, &["stun.turn"]).await.unwrap();
    client.say(request).await;
    assert!(client.closes().await.is_empty());
    let mut client = TlsClient::connect(https, &issuer, &["http/1.1"]).await.unwrap();
    assert_eq!(client.is_healthy().await, "HTTP/1.1 200 OK");
    server.stop().await;
}

#[tokio::test]
async fn bytes_that_begin_nothing_are_answered_as_http_and_closed() {
    let (issuer, folder) = (Issuer::new(), tempfile::tempdir().unwrap());
    let server = server(&issuer, &folder).await;
    let https = server.node().https().unwrap();
    // Channel data cannot open a connection; what is neither TURN nor a letter is no request.
    for byte in [0x04_u8, 0x16, 0x40, 0x4f, 0x7f, 0x80, 0xff] {
        let mut client = TlsClient::connect(https, &issuer, &[]).await.unwrap();
        client.say(&[byte, 0, 0, 0, b'\r', b'\n', b'\r', b'\n']).await;
        let answer = client.closes().await;
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.starts_with("HTTP/1.1 400"), "{byte:#x}: {answer}");
    }
    server.stop().await;
}

#[tokio::test]
async fn what_is_not_tls_is_closed_with_an_alert() {
    let (issuer, folder) = (Issuer::new(), tempfile::tempdir().unwrap());
    let server = server(&issuer, &folder).await;
    let https = server.node().https().unwrap();
    let cases: [&[u8]; 5] = [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        &[0; 64],
        &[0xff; 2000],
        // A record of TLS that says it is longer than any may be, and one whose content is no handshake.
        &[0x16, 0x03, 0x01, 0xff, 0xff, 0x01],
        &[0x16, 0x03, 0x01, 0x00, 0x05, 0x63, 0xff, 0xff, 0xff, 0xff],
    ];
    for garbage in cases {
        let mut stream = TcpStream::connect(https).await.unwrap();
        stream.write_all(garbage).await.unwrap();
        let mut answer = Vec::new();
        let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
        // Where not all was read, the close is a reset.
        _ = read.expect("the connection stays open");
        assert!(answer.is_empty() || answer[0] == 0x15, "{garbage:?}: {answer:?}");
    }
    let mut client = TlsClient::connect(https, &issuer, &[]).await.unwrap();
    assert_eq!(client.is_healthy().await, "HTTP/1.1 200 OK");
    server.stop().await;
}

#[tokio::test]
async fn who_does_not_come_to_the_point_is_cut_and_holds_up_nobody() {
    let (issuer, folder) = (Issuer::new(), tempfile::tempdir().unwrap());
    let server = server(&issuer, &folder).await;
    let https = server.node().https().unwrap();
    let mut waiting = Vec::new();
    for beginning in [&b""[..], &[0x16], &[0x16, 0x03, 0x01, 0x00, 0xff, 0x01]] {
        let mut stream = TcpStream::connect(https).await.unwrap();
        stream.write_all(beginning).await.unwrap();
        waiting.push(stream);
    }
    let silent = TlsClient::connect(https, &issuer, &[]).await.unwrap();
    let silent_turn = TlsClient::connect(https, &issuer, &["stun.turn"]).await.unwrap();
    // Served while all of them are still open: the connections were taken in this order.
    let mut client = TlsClient::connect(https, &issuer, &[]).await.unwrap();
    assert_eq!(client.is_healthy().await, "HTTP/1.1 200 OK");
    for stream in &waiting {
        let read = stream.try_read(&mut [0; 1]);
        assert!(read.is_err(), "still open: {read:?}");
    }
    for mut stream in waiting {
        let mut rest = Vec::new();
        let closed = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut rest)).await;
        assert!(closed.is_ok(), "the connection stays open");
    }
    assert!(silent.closes().await.is_empty());
    assert!(silent_turn.closes().await.is_empty());
    server.stop().await;
}

#[tokio::test]
async fn hundreds_of_connections_are_served_at_once() {
    let (issuer, folder) = (Issuer::new(), tempfile::tempdir().unwrap());
    let server = server(&issuer, &folder).await;
    let https = server.node().https().unwrap();
    let connections = (0..300).map(|_| TlsClient::connect(https, &issuer, &["http/1.1"]));
    let mut clients: Vec<TlsClient> = futures_util::future::join_all(connections)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    let answers = futures_util::future::join_all(clients.iter_mut().map(TlsClient::is_healthy)).await;
    assert!(answers.iter().all(|line| line == "HTTP/1.1 200 OK"), "{answers:?}");
    server.stop().await;
}
