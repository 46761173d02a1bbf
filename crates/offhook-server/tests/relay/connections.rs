//! Connections over TCP: taken over, cut, bounded.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use super::client::{Arrived, TurnClient, channel_data};
use super::stand::{Peer, Stand, loopback};

#[test]
fn a_connection_that_says_nothing_is_closed() {
    let stand = Stand::start();
    assert!(TurnClient::tcp(stand.address()).is_closed());
    stand.stop();
}

#[test]
fn a_connection_that_speaks_something_else_is_closed_and_the_next_is_served() {
    let stand = Stand::start();
    for words in [
        &b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"[..],
        &[0x16, 3, 1, 2, 0],
        &[0xFF; 64],
    ] {
        let mut client = TurnClient::tcp(stand.address());
        client.write(words);
        assert!(client.is_closed());
    }
    let mut client = TurnClient::tcp(stand.address());
    assert_eq!(client.binding(), client.address());
    stand.stop();
}

#[test]
fn an_allocation_ends_with_its_connection() {
    let stand = Stand::start();
    let mut client = TurnClient::tcp(stand.address());
    let relayed = client.allocate(stand.credential("app.call")).unwrap();
    assert!(std::net::UdpSocket::bind(relayed).is_err(), "the port is the relay's");
    drop(client);
    // The end of a connection is noticed in a later turn than it happens in.
    while std::net::UdpSocket::bind(relayed).is_err() {
        std::thread::yield_now();
    }
    stand.stop();
}

#[test]
fn messages_may_come_in_pieces_and_several_at_once() {
    let stand = Stand::start();
    let peer = Peer::at(loopback());
    let mut client = TurnClient::tcp(stand.address());
    let relayed = client.allocate(stand.credential("app.call")).unwrap();
    client.bind(0x4000, peer.address()).unwrap();
    let three = [b"one".as_slice(), b"three", b"seventeen"].map(|data| channel_data(0x4000, data, true));
    client.write(&three.concat());
    for data in ["one", "three", "seventeen"] {
        assert_eq!(peer.receive(), (relayed, data.as_bytes().to_vec()));
    }
    for byte in three.concat() {
        client.write(&[byte]);
    }
    for data in ["one", "three", "seventeen"] {
        assert_eq!(peer.receive(), (relayed, data.as_bytes().to_vec()));
    }
    peer.send(relayed, b"back");
    assert_eq!(client.receive(), Arrived::OnChannel(0x4000, b"back".to_vec()));
    stand.stop();
}

#[test]
fn a_connection_that_was_accepted_elsewhere_is_taken_over_with_what_was_read() {
    let stand = Stand::start();
    let elsewhere = TcpListener::bind(loopback()).unwrap();
    let mut client = TcpStream::connect(elsewhere.local_addr().unwrap()).unwrap();
    let (mut accepted, remote) = elsewhere.accept().unwrap();

    // A Binding request without attributes.
    let request = [&[0, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42][..], &[5; 12]].concat();
    client.write_all(&request).unwrap();
    let mut first = [0; 7];
    accepted.read_exact(&mut first).unwrap();
    let local = accepted.local_addr().unwrap();
    stand.handle().adopt(accepted, None, first.to_vec(), local, remote);
    let mut answer = [0; 32];
    client.read_exact(&mut answer).unwrap();
    assert_eq!(answer[..2], [1, 1], "a success");
    assert_eq!(answer[8..20], [5; 12]);
    stand.stop();
}
