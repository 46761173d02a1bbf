//! Real sockets on loopback, in both families.

use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::os::fd::AsRawFd as _;
use std::time::Duration;

use crate::socket::set_option;
use crate::{Buffers, Layout, Outgoing, RecvBatch, SendBatch, Sent, Socket};

const LAYOUT: Layout = Layout {
    slots: 128,
    headroom: 16,
    size: 1500,
    tailroom: 4,
};
const LOOPBACKS: [&str; 2] = ["127.0.0.1:0", "[::1]:0"];

#[test]
fn what_arrives_lies_between_headroom_and_tailroom() {
    for loopback in LOOPBACKS {
        let (socket, peer) = (bind(loopback), peer(loopback));
        peer.send_to(b"hello", socket.local_address()).unwrap();
        let mut packets = RecvBatch::new(LAYOUT);
        let slots = receive(&mut packets, &socket, 1);
        let datagram = packets.datagram(slots[0]).unwrap();
        assert_eq!(datagram.remote, peer.local_addr().unwrap());
        assert_eq!(datagram.local, socket.local_address());
        assert_eq!(datagram.range, 16..21);
        assert_eq!(&datagram.buffer[datagram.range.clone()], b"hello");
        assert!(datagram.buffer.len() >= 21 + 4);
    }
}

#[test]
fn a_batch_takes_what_waits_and_says_whether_there_is_more() {
    let (socket, peer) = (bind("127.0.0.1:0"), peer("127.0.0.1:0"));
    for number in 0..5_u8 {
        peer.send_to(&[number], socket.local_address()).unwrap();
    }
    let mut packets = RecvBatch::new(LAYOUT);
    let first = packets.receive(&socket, 2).unwrap();
    assert_eq!((first.slots, first.is_drained), (0..2, false));
    let second = packets.receive(&socket, 100).unwrap();
    assert_eq!((second.slots, second.is_drained), (2..5, true));
    let none = packets.receive(&socket, 100).unwrap();
    assert_eq!((none.slots, none.is_drained), (5..5, true));
    for slot in 0..5 {
        let datagram = packets.datagram(slot).unwrap();
        assert_eq!(datagram.buffer[datagram.range], [slot as u8]);
    }
    assert!(packets.datagram(5).is_none());
}

#[test]
fn a_full_batch_receives_again_after_it_is_cleared() {
    let (socket, peer) = (bind("127.0.0.1:0"), peer("127.0.0.1:0"));
    let mut packets = RecvBatch::new(Layout { slots: 2, ..LAYOUT });
    for round in 0..3_u8 {
        for number in 0..2 {
            peer.send_to(&[round, number], socket.local_address()).unwrap();
        }
        receive(&mut packets, &socket, 2);
        assert_eq!(packets.free(), 0);
        assert_eq!(packets.receive(&socket, 1).unwrap().slots, 2..2);
        let datagram = packets.datagram(1).unwrap();
        assert_eq!(datagram.buffer[datagram.range], [round, 1]);
        packets.clear();
        assert!(packets.datagram(1).is_none(), "a cleared slot shows nothing");
    }
}

#[test]
fn a_datagram_longer_than_a_slot_is_not_shown_and_harms_no_other() {
    let (socket, peer) = (bind("127.0.0.1:0"), peer("127.0.0.1:0"));
    peer.send_to(&[1; 2000], socket.local_address()).unwrap();
    peer.send_to(&[2; 1500], socket.local_address()).unwrap();
    let mut packets = RecvBatch::new(LAYOUT);
    receive(&mut packets, &socket, 2);
    assert!(packets.datagram(0).is_none());
    assert_eq!(packets.datagram(1).unwrap().range, 16..1516);
}

#[test]
fn a_socket_on_all_addresses_says_which_one_was_meant_and_answers_from_it() {
    for (any, meant, from) in [("0.0.0.0:0", "127.0.0.5", "127.0.0.1:0"), ("[::]:0", "::1", "[::1]:0")] {
        let meant: IpAddr = meant.parse().unwrap();
        let (socket, peer) = (bind(any), peer(from));
        let address = SocketAddr::new(meant, socket.local_address().port());
        peer.send_to(b"hello", address).unwrap();
        let mut packets = RecvBatch::new(LAYOUT);
        receive(&mut packets, &socket, 1);
        assert_eq!(packets.datagram(0).unwrap().local, address);

        send_back(&mut packets, &socket, Some(meant));
        assert_eq!(read(&peer), (b"hello".to_vec(), address));
        socket
            .send_to(b"again", peer.local_addr().unwrap(), Some(meant))
            .unwrap();
        assert_eq!(read(&peer), (b"again".to_vec(), address));
    }
}

#[test]
fn many_of_one_size_to_one_destination_arrive_apart_and_in_order() {
    for loopback in LOOPBACKS {
        let (socket, peer) = (bind(loopback), peer(loopback));
        let texts: Vec<Vec<u8>> = (0..100_u8).map(|number| vec![number; 1200]).collect();
        let mut packets = fill(&texts, loopback);
        let mut batch = SendBatch::new(LAYOUT.slots);
        for slot in 0..texts.len() {
            push(&mut batch, &mut packets, slot, peer.local_addr().unwrap());
        }
        let sent = batch.flush(&packets, |_| Some(&socket));
        assert_eq!(
            sent,
            Sent {
                sent: 100,
                ..Sent::default()
            }
        );
        for text in &texts {
            assert_eq!(read(&peer), (text.clone(), socket.local_address()));
        }
    }
}

#[test]
fn neighbours_of_one_size_make_the_trip_as_one() {
    for loopback in LOOPBACKS {
        let (socket, peer) = (bind(loopback), peer(loopback));
        // A receiver that asks for it sees the message before it is cut.
        set_option(&peer, libc::SOL_UDP, libc::UDP_GRO, 1).unwrap();
        let mut packets = fill(&[vec![1; 100], vec![2; 100], vec![3; 40], vec![4; 40]], loopback);
        let mut batch = SendBatch::new(4);
        for slot in 0..4 {
            push(&mut batch, &mut packets, slot, peer.local_addr().unwrap());
        }
        assert_eq!(batch.flush(&packets, |_| Some(&socket)).sent, 4);
        assert_eq!(read(&peer).0, [vec![1; 100], vec![2; 100], vec![3; 40]].concat());
        assert_eq!(read(&peer).0, vec![4; 40]);
    }
}

#[test]
fn sizes_and_destinations_that_differ_stay_what_they_are() {
    let (socket, alice, bob) = (bind("127.0.0.1:0"), peer("127.0.0.1:0"), peer("127.0.0.1:0"));
    let sizes = [1200, 1200, 700, 1200, 0, 0, 1, 1200, 1300, 1300, 1299, 2];
    let texts: Vec<Vec<u8>> = (1..).zip(sizes).map(|(number, size)| vec![number; size]).collect();
    let mut packets = fill(&texts, "127.0.0.1:0");
    let mut batch = SendBatch::new(4);
    for slot in 0..texts.len() {
        push(&mut batch, &mut packets, slot, alice.local_addr().unwrap());
        push(&mut batch, &mut packets, slot, bob.local_addr().unwrap());
    }
    let sent = batch.flush(&packets, |_| Some(&socket));
    assert_eq!(sent.sent, 2 * texts.len());
    for peer in [&alice, &bob] {
        for text in &texts {
            assert_eq!(&read(peer).0, text);
        }
    }
}

#[test]
fn each_datagram_leaves_by_the_socket_that_was_named() {
    let (one, other, peer) = (bind("127.0.0.1:0"), bind("127.0.0.1:0"), peer("127.0.0.1:0"));
    let mut packets = fill(&[b"one".to_vec(), b"other".to_vec(), b"none".to_vec()], "127.0.0.1:0");
    let mut batch = SendBatch::new(4);
    for (slot, socket) in [(0, 7), (1, 9), (2, 11)] {
        let range = packets.datagram(slot).unwrap().range;
        batch.push(Outgoing {
            socket,
            slot,
            range,
            destination: peer.local_addr().unwrap(),
            source: None,
        });
    }
    let sent = batch.flush(&packets, |number| match number {
        7 => Some(&one),
        9 => Some(&other),
        _ => None,
    });
    assert_eq!((sent.sent, sent.refused), (2, 1));
    let mut seen = [read(&peer), read(&peer)];
    seen.sort();
    assert_eq!(
        seen,
        [
            (b"one".to_vec(), one.local_address()),
            (b"other".to_vec(), other.local_address())
        ]
    );
}

#[test]
fn one_refused_datagram_loses_no_other() {
    let (socket, peer) = (bind("127.0.0.1:0"), peer("127.0.0.1:0"));
    let mut packets = fill(&[b"first".to_vec(), b"lost".to_vec(), b"last".to_vec()], "127.0.0.1:0");
    let mut batch = SendBatch::new(4);
    push(&mut batch, &mut packets, 0, peer.local_addr().unwrap());
    // An IPv4 socket has no way to an IPv6 address.
    push(&mut batch, &mut packets, 1, "[::1]:9".parse().unwrap());
    push(&mut batch, &mut packets, 2, peer.local_addr().unwrap());
    let sent = batch.flush(&packets, |_| Some(&socket));
    assert_eq!((sent.sent, sent.refused, sent.crowded), (2, 1, 0));
    assert_eq!(read(&peer).0, b"first");
    assert_eq!(read(&peer).0, b"last");
}

#[test]
fn a_peer_whose_port_is_closed_loses_no_other() {
    let (socket, peer) = (bind("127.0.0.1:0"), peer("127.0.0.1:0"));
    let closed = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut packets = fill(&[b"nobody".to_vec(), b"somebody".to_vec()], "127.0.0.1:0");
    let mut batch = SendBatch::new(4);
    for _ in 0..3 {
        push(&mut batch, &mut packets, 0, closed);
        push(&mut batch, &mut packets, 1, peer.local_addr().unwrap());
        batch.flush(&packets, |_| Some(&socket));
        assert_eq!(read(&peer).0, b"somebody");
    }
    peer.send_to(b"hello", socket.local_address()).unwrap();
    receive(&mut RecvBatch::new(LAYOUT), &socket, 1);
}

#[test]
fn a_merged_message_that_is_refused_goes_one_by_one() {
    // A source that the machine does not have is refused for the message as for each of its parts.
    let (socket, peer) = (bind("0.0.0.0:0"), peer("127.0.0.1:0"));
    let mut packets = fill(&[vec![1; 100], vec![2; 100], vec![3; 100]], "127.0.0.1:0");
    let mut batch = SendBatch::new(4);
    for slot in 0..2 {
        let range = packets.datagram(slot).unwrap().range;
        batch.push(Outgoing {
            socket: 0,
            slot,
            range,
            destination: peer.local_addr().unwrap(),
            source: Some("192.0.2.77".parse().unwrap()),
        });
    }
    push(&mut batch, &mut packets, 2, peer.local_addr().unwrap());
    let sent = batch.flush(&packets, |_| Some(&socket));
    assert_eq!((sent.sent, sent.refused), (1, 2));
    assert_eq!(read(&peer).0, vec![3; 100]);
    assert!(
        socket.can_segment(),
        "a refusal that concerns one destination turns nothing off"
    );
}

#[test]
fn a_socket_that_cannot_segment_still_sends_everything() {
    let (socket, peer) = (bind("127.0.0.1:0"), peer("127.0.0.1:0"));
    socket.never_segment_again();
    let texts: Vec<Vec<u8>> = (0..20_u8).map(|number| vec![number; 1200]).collect();
    let mut packets = fill(&texts, "127.0.0.1:0");
    let mut batch = SendBatch::new(LAYOUT.slots);
    for slot in 0..texts.len() {
        push(&mut batch, &mut packets, slot, peer.local_addr().unwrap());
    }
    assert_eq!(batch.flush(&packets, |_| Some(&socket)).sent, 20);
    for text in &texts {
        assert_eq!(&read(&peer).0, text);
    }
}

#[test]
fn a_slot_or_range_that_does_not_exist_is_refused() {
    let (socket, peer) = (bind("127.0.0.1:0"), peer("127.0.0.1:0"));
    let packets = fill(&[b"here".to_vec()], "127.0.0.1:0");
    let mut batch = SendBatch::new(4);
    let backwards = std::ops::Range { start: 9, end: 3 };
    for (slot, range) in [
        (1, 0..4),
        (usize::MAX, 0..4),
        (0, 0..1_000_000),
        (0, backwards),
        (0, 16..20),
    ] {
        batch.push(Outgoing {
            socket: 0,
            slot,
            range,
            destination: peer.local_addr().unwrap(),
            source: None,
        });
    }
    let sent = batch.flush(&packets, |_| Some(&socket));
    assert_eq!((sent.sent, sent.refused), (1, 4));
    assert_eq!(read(&peer).0, b"here");
    assert!(batch.is_empty());
}

#[test]
fn a_datagram_that_came_another_way_is_sent_like_one_that_was_received() {
    let (socket, peer) = (bind("127.0.0.1:0"), peer("127.0.0.1:0"));
    let mut packets = RecvBatch::new(Layout { slots: 2, ..LAYOUT });
    peer.send_to(b"received", socket.local_address()).unwrap();
    receive(&mut packets, &socket, 1);
    let (remote, local) = (peer.local_addr().unwrap(), "192.0.2.1:443".parse().unwrap());
    assert_eq!(packets.insert(&[0; 1501], remote, local), None, "longer than a slot");
    let slot = packets.insert(b"inserted", remote, local).unwrap();
    assert_eq!(packets.insert(b"no more", remote, local), None, "no slot is free");
    let datagram = packets.datagram(slot).unwrap();
    assert_eq!((datagram.remote, datagram.local), (remote, local));
    assert_eq!(&datagram.buffer[datagram.range], b"inserted");

    let mut batch = SendBatch::new(2);
    push(&mut batch, &mut packets, 0, remote);
    push(&mut batch, &mut packets, slot, remote);
    batch.flush(&packets, |_| Some(&socket));
    assert_eq!(read(&peer).0, b"received");
    assert_eq!(read(&peer).0, b"inserted");
}

#[test]
fn what_is_put_into_headroom_and_tailroom_is_sent() {
    let (socket, peer) = (bind("127.0.0.1:0"), peer("127.0.0.1:0"));
    let mut packets = fill(&[b"body".to_vec()], "127.0.0.1:0");
    let datagram = packets.datagram(0).unwrap();
    let range = datagram.range.start - 2..datagram.range.end + 1;
    datagram.buffer[range.start] = b'[';
    datagram.buffer[range.start + 1] = b'<';
    datagram.buffer[range.end - 1] = b'>';
    let mut batch = SendBatch::new(1);
    batch.push(Outgoing {
        socket: 0,
        slot: 0,
        range,
        destination: peer.local_addr().unwrap(),
        source: None,
    });
    batch.flush(&packets, |_| Some(&socket));
    assert_eq!(read(&peer).0, b"[<body>");
}

#[test]
fn batches_may_move_to_another_thread_between_uses() {
    let (socket, peer) = (bind("127.0.0.1:0"), peer("127.0.0.1:0"));
    let mut packets = fill(&[b"hello".to_vec()], "127.0.0.1:0");
    let mut batch = SendBatch::new(1);
    push(&mut batch, &mut packets, 0, peer.local_addr().unwrap());
    std::thread::spawn(move || batch.flush(&packets, |_| Some(&socket)))
        .join()
        .unwrap();
    assert_eq!(read(&peer).0, b"hello");
}

fn bind(address: &str) -> Socket {
    Socket::bind(
        address.parse().unwrap(),
        Buffers {
            receive: Some(1 << 20),
            send: None,
        },
    )
    .unwrap()
}

/// A plain socket of the standard library; a datagram that never comes fails the test instead of hanging it.
fn peer(address: &str) -> UdpSocket {
    let peer = Socket::bind(
        address.parse().unwrap(),
        Buffers {
            receive: Some(1 << 20),
            send: None,
        },
    )
    .unwrap();
    let peer = UdpSocket::from(std::os::fd::AsFd::as_fd(&peer).try_clone_to_owned().unwrap());
    peer.set_nonblocking(false).unwrap();
    peer.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    peer
}

fn read(peer: &UdpSocket) -> (Vec<u8>, SocketAddr) {
    let mut buffer = vec![0; 70_000];
    let (size, from) = peer.recv_from(&mut buffer).unwrap();
    buffer.truncate(size);
    (buffer, from)
}

/// Receives exactly `count` datagrams, which loopback has delivered before `send_to` returned.
fn receive(packets: &mut RecvBatch, socket: &Socket, count: usize) -> Vec<usize> {
    assert!(socket.as_raw_fd() >= 0);
    let received = packets.receive(socket, count).unwrap();
    assert_eq!(received.slots.len(), count);
    received.slots.collect()
}

/// A batch whose slots hold `texts`.
fn fill(texts: &[Vec<u8>], loopback: &str) -> RecvBatch {
    let (socket, peer) = (bind(loopback), peer(loopback));
    let mut packets = RecvBatch::new(LAYOUT);
    for text in texts {
        peer.send_to(text, socket.local_address()).unwrap();
        receive(&mut packets, &socket, 1);
    }
    packets
}

fn push(batch: &mut SendBatch, packets: &mut RecvBatch, slot: usize, destination: SocketAddr) {
    let range = packets.datagram(slot).unwrap().range;
    batch.push(Outgoing {
        socket: 0,
        slot,
        range,
        destination,
        source: None,
    });
}

fn send_back(packets: &mut RecvBatch, socket: &Socket, source: Option<IpAddr>) {
    let datagram = packets.datagram(0).unwrap();
    let (range, destination) = (datagram.range, datagram.remote);
    let mut batch = SendBatch::new(1);
    batch.push(Outgoing {
        socket: 0,
        slot: 0,
        range,
        destination,
        source,
    });
    assert_eq!(batch.flush(packets, |_| Some(socket)).sent, 1);
}
