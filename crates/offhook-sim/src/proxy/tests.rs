use std::net::SocketAddr;
use std::time::Instant;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UdpSocket};

use super::*;

const DELAY: Duration = Duration::from_millis(40);
const HERE: Ipv4Addr = Ipv4Addr::LOCALHOST;

#[tokio::test]
async fn each_client_gets_the_answers_to_its_own_datagrams_two_delays_later() {
    let target = UdpSocket::bind((HERE, 0)).await.unwrap();
    let way = forward(Transport::Udp, target.local_addr().unwrap()).await;
    let echo = async {
        let mut buffer = [0; 64];
        for _ in 0..2 {
            let (length, from) = target.recv_from(&mut buffer).await.unwrap();
            target.send_to(&buffer[..length], from).await.unwrap();
        }
    };
    let ask = async |words: &'static str| {
        let client = UdpSocket::bind((HERE, 0)).await.unwrap();
        let asked = Instant::now();
        client.send_to(words.as_bytes(), way).await.unwrap();
        let mut buffer = [0; 64];
        let (length, from) = client.recv_from(&mut buffer).await.unwrap();
        assert_eq!(&buffer[..length], words.as_bytes());
        assert_eq!(from, SocketAddr::V4(way));
        assert!(asked.elapsed() >= 2 * DELAY);
    };
    tokio::join!(echo, ask("alice"), ask("bob"));
}

#[tokio::test]
async fn more_clients_than_it_remembers_are_served_all_the_same() {
    let target = UdpSocket::bind((HERE, 0)).await.unwrap();
    let way = forward_after(Duration::ZERO, Transport::Udp, target.local_addr().unwrap()).await;
    let mut buffer = [0; 64];
    for number in 0..200_u8 {
        let client = UdpSocket::bind((HERE, 0)).await.unwrap();
        client.send_to(&[number], way).await.unwrap();
        let (_, from) = target.recv_from(&mut buffer).await.unwrap();
        target.send_to(&[number], from).await.unwrap();
        assert_eq!(client.recv(&mut buffer).await.unwrap(), 1);
        assert_eq!(buffer[0], number);
    }
}

#[tokio::test]
async fn a_stream_arrives_whole_and_in_order_with_its_end_and_is_late() {
    let listener = TcpListener::bind((HERE, 0)).await.unwrap();
    let way = forward(Transport::Tcp, listener.local_addr().unwrap()).await;
    let sent: Vec<u8> = (0..8_000_000_u32).map(|number| number.to_le_bytes()[1]).collect();
    let server = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut received = Vec::new();
        stream.read_to_end(&mut received).await.unwrap();
        stream.write_all(b"thanks").await.unwrap();
        received
    };
    let client = async {
        let mut stream = TcpStream::connect(way).await.unwrap();
        let started = Instant::now();
        stream.write_all(&sent).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        assert_eq!(answer, b"thanks");
        assert!(started.elapsed() >= 2 * DELAY);
    };
    let (received, ()) = tokio::join!(server, client);
    assert!(received == sent);
}

async fn forward(transport: Transport, target: SocketAddr) -> SocketAddrV4 {
    forward_after(DELAY, transport, target).await
}

/// Carries to `target` until the test is over.
async fn forward_after(delay: Duration, transport: Transport, target: SocketAddr) -> SocketAddrV4 {
    let SocketAddr::V4(target) = target else {
        panic!("{target} is not IPv4")
    };
    let conditions = Conditions {
        delay,
        ..Conditions::default()
    };
    let forward = Forward::listen(transport, HERE, target, conditions).await.unwrap();
    let address = forward.address;
    tokio::spawn(forward.carry());
    address
}
