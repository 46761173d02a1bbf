use std::io::{Read as _, Write as _};
use std::net::TcpStream as Stream;

use offhook_turn::Secret;

use super::super::commands;
use super::super::surroundings::{Surroundings, describe};
use super::*;

/// A worker that takes a turn when it is told to.
fn worker() -> Worker {
    let config = RelayConfig::ephemeral();
    let poll = Poll::new().unwrap();
    let mut datagrams = Datagrams::new();
    let acceptors = listen(&config, poll.registry(), &mut datagrams).unwrap();
    let (_, receiver) = commands::channel(poll.registry()).unwrap();
    let around = Surroundings::default();
    let turn = describe(&config, Secret::new("north"), &datagrams.addresses(), &around);
    let server = Server::new(turn, [7; 32]);
    Worker::new(poll, server, datagrams, acceptors, receiver, false)
}

fn connect(worker: &Worker, from: SocketAddr) -> Stream {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    socket.set_reuse_address(true).unwrap();
    socket.bind(&from.into()).unwrap();
    socket.connect(&worker.acceptors[0].local.into()).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    socket.into()
}

/// A Binding request without attributes.
fn binding() -> Vec<u8> {
    [&[0, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42][..], &[5; 12]].concat()
}

/// The answer to it is this long.
const ANSWER_BYTES: usize = 32;

#[test]
fn a_connection_with_the_ends_of_one_that_was_reset_is_served_though_both_are_told_of_at_once() {
    let mut worker = worker();
    let first = connect(&worker, "127.0.0.1:0".parse().unwrap());
    let ends = first.local_addr().unwrap();
    worker.note(Source::Acceptor(0));
    worker.take_turns();
    assert_eq!(worker.connections.len(), 1);

    socket2::SockRef::from(&first).set_linger(Some(Duration::ZERO)).unwrap();
    drop(first);
    let mut second = connect(&worker, ends);
    worker.note(Source::Acceptor(0));
    worker.note(Source::Connection(0));
    worker.take_turns();
    assert_eq!(worker.connections.len(), 1);
    second.write_all(&binding()).unwrap();
    worker.note(Source::Connection(0));
    worker.note(Source::Connection(1));
    worker.take_turns();
    second.read_exact(&mut [0; ANSWER_BYTES]).unwrap();
}

#[test]
fn a_connection_has_its_share_of_a_turn_however_many_messages_came_at_once() {
    let mut worker = worker();
    let mut client = connect(&worker, "127.0.0.1:0".parse().unwrap());
    worker.note(Source::Acceptor(0));
    worker.take_turns();
    client.write_all(&binding().repeat(CONNECTION_SHARE + 1)).unwrap();
    worker.note(Source::Connection(0));
    worker.take_turns();
    client.read_exact(&mut [0; ANSWER_BYTES * CONNECTION_SHARE]).unwrap();
    client.set_nonblocking(true).unwrap();
    let more = client.read(&mut [0; ANSWER_BYTES]);
    assert_eq!(more.unwrap_err().kind(), io::ErrorKind::WouldBlock);
    client.set_nonblocking(false).unwrap();
    // What is left waits for the next turn without being told of again.
    worker.take_turns();
    client.read_exact(&mut [0; ANSWER_BYTES]).unwrap();
}
