//! Who speaks slowly, or does not listen.

use std::time::Duration;

use offhook_proto::socket::MAX_SIGNAL_BYTES;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::server::{Server, raw};

/// Far above the deadlines of the server.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_connection_that_never_finishes_a_head_is_closed() {
    let server = Server::start().await;
    for beginning in ["", "GET /healthz HTTP/1.1\r\nHost: "] {
        let mut stream = TcpStream::connect(server.address()).await.unwrap();
        stream.write_all(beginning.as_bytes()).await.unwrap();
        let mut rest = Vec::new();
        let closed = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut rest)).await;
        assert!(closed.is_ok(), "{beginning:?}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_request_that_is_never_finished_does_not_hold_up_a_stop() {
    let server = Server::start().await;
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    let half = "POST /client/v1/authenticate HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{";
    stream.write_all(half.as_bytes()).await.unwrap();
    // Answered after the half was written, so the server has taken that connection, too.
    server.session_key("alice").await;
    let stopped = tokio::time::timeout(Duration::from_secs(20), server.stop()).await;
    assert!(stopped.is_ok(), "the request's own deadline is later");
    drop(stream);
}

#[tokio::test]
async fn an_address_that_opens_very_many_connections_leaves_room_for_others() {
    let server = Server::start().await;
    let open = async |from: [u8; 4]| {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind((from, 0).into()).unwrap();
        socket.connect(server.address().parse().unwrap()).await.unwrap()
    };
    let answer_to = async |mut stream: TcpStream| {
        let request = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        let mut answer = Vec::new();
        // One that is closed without a word may say so by a reset.
        _ = stream.write_all(request).await;
        _ = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer))
            .await
            .unwrap();
        answer.starts_with(b"HTTP/1.1 200")
    };
    let mut silent = Vec::new();
    for _ in 0..512 {
        silent.push(open([127, 0, 0, 1]).await);
    }
    assert!(!answer_to(open([127, 0, 0, 1]).await).await);
    assert!(answer_to(open([127, 0, 0, 2]).await).await);
    server.stop().await;
}

#[tokio::test]
async fn a_device_that_reads_nothing_is_cut_and_holds_up_nobody_who_calls_it() {
    let server = Server::start().await;
    let mut bob = server.raw().await;
    bob.hello(&server.session_key("bob").await, 0xb0, 1, &[]).await;
    // More than the system keeps for a connection: each caller says as much as it may at once.
    let body = "x".repeat(MAX_SIGNAL_BYTES);
    for number in 1..=8 {
        let mut caller = server.raw().await;
        let key = server.session_key(&format!("caller-{number}")).await;
        caller.hello(&key, number, number, &[]).await;
        let call_id = raw::uuid(0xc0 + number);
        caller.ask(&raw::dial(2, &call_id, "bob")).await;
        for _ in 0..20 {
            caller
                .say(&json!({"type": "signal", "call_id": call_id, "body": body}))
                .await;
        }
        let read = caller.ask(&json!({"type": "read", "id": 3, "call_id": call_id})).await;
        assert_eq!(read["call"]["call_id"], call_id.as_str(), "{read}");
    }
    // Longer than anybody's patience with a device: what it reads now does not save it.
    tokio::time::sleep(Duration::from_secs(12)).await;
    bob.closes().await;
    server.stop().await;
}
