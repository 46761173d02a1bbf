//! Nobody is held up by somebody else.

use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};

use super::client::{Arrived, TurnClient, channel_data, udp_socket_for};
use super::stand::{Peer, Stand, loopback};

/// Somebody who sends without end.
struct Flood {
    is_over: Arc<AtomicBool>,
    sent: Arc<AtomicU64>,
    thread: JoinHandle<()>,
}

impl Flood {
    /// Sends `bytes` from `socket`, which is connected.
    fn start(socket: UdpSocket, bytes: Vec<u8>) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let sent = Arc::new(AtomicU64::new(0));
        let (over, count) = (Arc::clone(&is_over), Arc::clone(&sent));
        let thread = thread::spawn(move || {
            while !over.load(Ordering::Relaxed) {
                socket.send(&bytes).unwrap();
                count.fetch_add(1, Ordering::Relaxed);
            }
        });
        let flood = Self { is_over, sent, thread };
        flood.await_more(1000);
        flood
    }

    /// Waits until it has sent that many more.
    fn await_more(&self, packets: u64) {
        let goal = self.sent.load(Ordering::Relaxed) + packets;
        while self.sent.load(Ordering::Relaxed) < goal {
            thread::yield_now();
        }
    }

    fn end(self) -> u64 {
        self.is_over.store(true, Ordering::Relaxed);
        self.thread.join().unwrap();
        self.sent.load(Ordering::Relaxed)
    }
}

/// A client that a peer answers, packet for packet.
struct Pair {
    client: TurnClient,
    peer: Peer,
    relayed: SocketAddr,
}

impl Pair {
    fn new(stand: &Stand, mut client: TurnClient, ticket: &str) -> Self {
        let peer = Peer::at(loopback());
        let relayed = client.allocate(stand.credential(ticket)).unwrap();
        client.bind(0x4000, peer.address()).unwrap();
        Self { client, peer, relayed }
    }

    /// Each packet must arrive before the next is sent.
    fn ping_pong(&mut self, times: u32) {
        for index in 0..times {
            let data = index.to_be_bytes().to_vec();
            self.client.send(0x4000, &data);
            assert_eq!(self.peer.receive(), (self.relayed, data.clone()));
            self.peer.send(self.relayed, &data);
            assert_eq!(self.client.receive(), Arrived::OnChannel(0x4000, data));
        }
    }
}

#[test]
fn a_flood_at_one_relayed_address_leaves_another_clients_packets_flowing() {
    let stand = Stand::start();
    let mut victim = TurnClient::udp(stand.address());
    let flooded = victim.allocate(stand.credential("app.victim")).unwrap();
    victim.permit(loopback()).unwrap();
    let mut other = Pair::new(&stand, TurnClient::udp(stand.address()), "app.other");
    let flood = Flood::start(udp_socket_for(flooded), vec![9; 1200]);
    other.ping_pong(500);
    flood.await_more(1000);
    let sent = flood.end();
    assert!(sent > 2000, "the flood was there: {sent}");
    stand.stop();
}

#[test]
fn a_flood_at_the_udp_listener_leaves_connections_and_relayed_addresses_flowing() {
    let stand = Stand::start();
    let mut other = Pair::new(&stand, TurnClient::tcp(stand.address()), "app.other");
    let flood = Flood::start(udp_socket_for(stand.address()), channel_data(0x4000, &[9; 1200], false));
    other.ping_pong(500);
    flood.await_more(1000);
    flood.end();
    stand.stop();
}

#[test]
fn a_client_that_does_not_read_its_connection_holds_up_nobody() {
    let stand = Stand::start();
    let mut stuck = Pair::new(&stand, TurnClient::tcp(stand.address()), "app.stuck");
    let mut others = [
        Pair::new(&stand, TurnClient::udp(stand.address()), "app.udp"),
        Pair::new(&stand, TurnClient::tcp(stand.address()), "app.tcp"),
    ];
    // Far more than the connection's buffers and ours hold.
    for _ in 0..50 {
        for index in 0..400_u32 {
            stuck
                .peer
                .send(stuck.relayed, &[&index.to_be_bytes()[..], &[3; 1196]].concat());
        }
        others.iter_mut().for_each(|pair| pair.ping_pong(4));
    }
    // What it does read is whole and in order, with gaps where it did not keep up; and it can go on.
    let mut last = None;
    stuck.client.refresh(600).unwrap();
    for _ in 0..stuck.client.unread() {
        let Arrived::OnChannel(0x4000, data) = stuck.client.receive() else {
            panic!("something else arrived");
        };
        assert_eq!((data.len(), &data[4..]), (1200, &[3; 1196][..]));
        last = Some(data);
    }
    assert!(last.is_some());
    stuck.client.send(0x4000, b"back again");
    assert_eq!(stuck.peer.receive(), (stuck.relayed, b"back again".to_vec()));
    stand.stop();
}
