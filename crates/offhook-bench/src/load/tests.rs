//! Loads over no server at all: what is sent is what arrives.

use super::*;

#[test]
fn a_window_keeps_sending_and_counts_each_packet_once() {
    for frame in [1, 8] {
        let (mut load, _) = straight(4);
        let tally = load.run(run(Pace::Window(256), frame)).unwrap();
        assert!(
            tally.sent > 256,
            "only {} were sent: the window never moved",
            tally.sent
        );
        assert_eq!(tally.received, tally.sent);
        assert_eq!(tally.latencies.len() as u64, tally.received);
    }
}

#[test]
fn a_paced_run_sends_no_more_than_its_rate() {
    let (mut load, _) = straight(4);
    let tally = load.run(run(Pace::Rate(5000.0), 1)).unwrap();
    assert!(tally.is_late || tally.sent == 250, "{} were sent", tally.sent);
    assert_eq!(tally.received, tally.sent);
}

#[test]
fn what_nobody_receives_is_lost() {
    let closed = bind_roomy().unwrap().local_address();
    let lane = Lane {
        sender: 0,
        destination: closed,
        channel: None,
    };
    let mut load = Load::new(vec![bind_roomy().unwrap()], vec![lane], vec![bind_roomy().unwrap()]).unwrap();
    let tally = load.run(run(Pace::Rate(5000.0), 1)).unwrap();
    assert!(tally.sent > 0);
    assert_eq!((tally.received, tally.loss()), (0, 1.0));
}

#[test]
fn packets_of_an_earlier_run_are_not_counted() {
    let (mut load, receiver) = straight(1);
    load.run = 7;
    load.send(8, 1);
    load.run = 8;
    let mut tally = Tally::default();
    load.take_arrivals(Duration::ZERO, &mut tally).unwrap();
    assert_eq!(tally.received, 0);
    load.send(3, 1);
    load.take_arrivals(Duration::ZERO, &mut tally).unwrap();
    assert_eq!(tally.received, 3, "packets of this run to {receiver} are");
}

#[test]
fn a_lane_with_a_channel_sends_channel_data() {
    let receiver = bind_roomy().unwrap();
    let lane = Lane {
        sender: 0,
        destination: receiver.local_address(),
        channel: Some(0x4001),
    };
    let mut load = Load::new(vec![bind_roomy().unwrap()], vec![lane], Vec::new()).unwrap();
    load.send(1, 1);
    let mut packets = RecvBatch::new(Layout {
        slots: 1,
        headroom: 0,
        size: 1500,
        tailroom: 0,
    });
    packets.receive(&receiver, 1).unwrap();
    let datagram = packets.datagram(0).unwrap();
    let packet = &datagram.buffer[datagram.range];
    assert_eq!(packet.len(), 4 + 1200);
    assert_eq!(packet[..4], [0x40, 0x01, 0x04, 0xb0]);
}

fn run(pace: Pace, frame: usize) -> Run {
    Run {
        pace,
        frame,
        length: Duration::from_millis(50),
        flood: 0.0,
    }
}

/// A load whose lanes lead from senders to one receiver.
fn straight(senders: u32) -> (Load, SocketAddr) {
    let receiver = bind_roomy().unwrap();
    let destination = receiver.local_address();
    let lanes = (0..senders).map(|sender| Lane {
        sender,
        destination,
        channel: None,
    });
    let sockets = (0..senders).map(|_| bind_roomy().unwrap());
    let load = Load::new(sockets.collect(), lanes.collect(), vec![receiver]).unwrap();
    (load, destination)
}
