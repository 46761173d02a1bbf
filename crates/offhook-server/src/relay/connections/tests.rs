use std::io::Read as _;
use std::net::TcpStream as Stream;

use mio::net::TcpStream;
use mio::{Poll, Token};
use offhook_turn::Transport;

use super::*;

/// A table, and the clients at the other ends.
struct World {
    connections: Connections,
    poll: Poll,
    ready: Ready,
    listener: std::net::TcpListener,
}

impl World {
    fn new() -> Self {
        Self {
            connections: Connections::default(),
            poll: Poll::new().unwrap(),
            ready: Ready::default(),
            listener: std::net::TcpListener::bind("127.0.0.1:0").unwrap(),
        }
    }

    /// Takes a connection in as if it came from `remote`; gives the client's end.
    fn insert(&mut self, remote: &str, now: Time) -> (FiveTuple, Stream) {
        let theirs = Stream::connect(self.listener.local_addr().unwrap()).unwrap();
        let (ours, _) = self.listener.accept().unwrap();
        ours.set_nonblocking(true).unwrap();
        let client = FiveTuple {
            transport: Transport::Tcp,
            local: ours.local_addr().unwrap(),
            remote: remote.parse().unwrap(),
        };
        let connection = Connection::new(TcpStream::from_std(ours), None, client, now, Vec::new());
        self.connections
            .insert(self.poll.registry(), connection, &mut self.ready);
        (client, theirs)
    }

    fn of(&mut self, client: &FiveTuple) -> &mut Connection {
        let number = self.connections.by_client[client];
        self.connections.connection(number).unwrap()
    }

    /// Whose connections are closed at a time, if `members` have allocations.
    fn closed_at(&mut self, now: Time, members: &[FiveTuple]) -> Vec<FiveTuple> {
        self.connections.expire(now, |client| members.contains(client));
        std::iter::from_fn(|| self.connections.close_next()).collect()
    }
}

fn at(seconds: u64) -> Time {
    Time::from_secs(seconds)
}

#[test]
fn the_first_message_has_five_seconds_and_a_stranger_is_silent_for_thirty() {
    let mut world = World::new();
    let (mute, _mute) = world.insert("192.0.2.1:1", at(100));
    let (stranger, _stranger) = world.insert("192.0.2.2:1", at(100));
    let (member, _member) = world.insert("192.0.2.3:1", at(100));
    for client in [stranger, member] {
        let connection = world.of(&client);
        connection.has_spoken = true;
        connection.heard_at = at(101);
    }
    assert_eq!(world.closed_at(at(104), &[member]), []);
    assert_eq!(world.closed_at(at(105), &[member]), [mute]);
    assert_eq!(world.closed_at(at(130), &[member]), []);
    assert_eq!(world.closed_at(at(131), &[member]), [stranger]);
    assert_eq!(world.closed_at(at(100_000), &[member]), []);
    assert_eq!(world.closed_at(at(100_000), &[]), [member]);
}

#[test]
fn a_client_that_does_not_read_loses_data_and_is_cut_after_ten_seconds_without_progress() {
    let mut world = World::new();
    let (stuck, mut theirs) = world.insert("192.0.2.1:1", at(100));
    let fill = |world: &mut World, now| {
        while world.connections.take_dropped() == 0 {
            world.connections.send_data(&stuck, &[7; 1200]);
            world.connections.flush(now);
        }
    };
    world.of(&stuck).has_spoken = true;
    fill(&mut world, at(100));
    assert_eq!(world.closed_at(at(109), &[stuck]), []);

    // It reads a lot: there is progress, and its ten seconds begin anew.
    theirs.read_exact(&mut vec![0; 2 << 20]).unwrap();
    // As at the event that says that it can be written to.
    let number = world.connections.by_client[&stuck];
    world.connections.make_dirty(number);
    world.connections.flush(at(109));
    fill(&mut world, at(109));
    assert_eq!(world.closed_at(at(118), &[stuck]), []);
    assert_eq!(world.closed_at(at(119), &[stuck]), [stuck]);
}

#[test]
fn an_answer_has_room_where_data_has_none_and_a_client_that_reads_no_answers_is_cut() {
    let mut world = World::new();
    let (stuck, _theirs) = world.insert("192.0.2.1:1", at(100));
    while world.connections.take_dropped() == 0 {
        world.connections.send_data(&stuck, &[7; 1200]);
        world.connections.flush(at(100));
    }
    world.connections.send_answer(&stuck, &[1; 100]);
    assert_eq!(world.connections.close_next(), None);
    for _ in 0..100 {
        world.connections.send_answer(&stuck, &[1; 100]);
    }
    assert_eq!(world.connections.close_next(), Some(stuck));
    assert_eq!(world.connections.close_next(), None);
    // Nothing is left to send to.
    world.connections.send_data(&stuck, &[7; 100]);
    world.connections.flush(at(100));
}

#[test]
fn an_address_has_its_share_and_gets_it_back() {
    let mut world = World::new();
    let mut ends = Vec::new();
    for port in 1..=256 {
        ends.push(world.insert(&format!("[2001:db8:1:2::{port}]:{port}"), at(100)));
    }
    assert_eq!(world.connections.len(), 256);
    ends.push(world.insert("[2001:db8:1:2:ffff::1]:1", at(100)));
    assert_eq!(world.connections.len(), 256, "a /64 is one customer");
    ends.push(world.insert("[2001:db8:1:3::1]:1", at(100)));
    assert_eq!(world.connections.len(), 257);

    let number = world.connections.by_client[&ends[7].0];
    world.connections.cut(number);
    world.connections.cut(number);
    assert_eq!(world.connections.close_next(), Some(ends[7].0));
    assert_eq!(world.connections.close_next(), None);
    ends.push(world.insert("[2001:db8:1:2::9999]:1", at(100)));
    assert_eq!(world.connections.len(), 257);
    world.connections.cut_all();
    while world.connections.close_next().is_some() {}
    assert_eq!((world.connections.len(), world.connections.by_address.len()), (0, 0));
}

#[test]
fn every_source_is_read_back_from_its_token() {
    for source in [
        Source::Commands,
        Source::Listener(0),
        Source::Acceptor(7),
        Source::Relay(u32::MAX),
        Source::Connection(3),
    ] {
        assert_eq!(Source::of(source.token()), source);
    }
    assert_ne!(Source::Relay(1).token(), Token(1));
}
