use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use offhook_proto::call::CallRole;
use offhook_proto::socket::MediaPath;

use super::{MAX_CANDIDATES, Output, Peer};
use crate::machine::Signal;
use crate::media::{Codec, Frame};

/// How long a datagram, or a signal, is under way.
const TRAVEL: Duration = Duration::from_millis(20);

/// Two peers, a network that can be cut, and a clock that is turned by hand.
struct World {
    now: Instant,
    sides: [Side; 2],
    under_way: VecDeque<(Instant, usize, Arrival)>,
    is_cut: bool,
    deafened: Vec<SocketAddr>,
    /// Changes the first description that this side is told.
    tamper: Option<(usize, Tamper)>,
}

type Tamper = fn(&str) -> String;

struct Side {
    peer: Peer,
    ports: u16,
    bound: Vec<SocketAddr>,
    seen: Vec<Output>,
    signals: Vec<Signal>,
}

enum Arrival {
    Signal(Signal),
    Datagram(SocketAddr, SocketAddr, Vec<u8>),
}

impl World {
    fn new(is_video: bool) -> Self {
        let now = Instant::now();
        let side = |role| Side {
            peer: Peer::new(role, is_video, now),
            ports: 4000,
            bound: Vec::new(),
            seen: Vec::new(),
            signals: Vec::new(),
        };
        Self {
            now,
            sides: [side(CallRole::Caller), side(CallRole::Callee)],
            under_way: VecDeque::new(),
            is_cut: false,
            deafened: Vec::new(),
            tamper: None,
        }
    }

    /// Lets time pass.
    fn run(&mut self, time: Duration) {
        let end = self.now + time;
        loop {
            self.carry_out();
            let timeouts = self.sides.iter().filter_map(|side| side.peer.poll_timeout());
            let next = timeouts.chain(self.under_way.front().map(|(at, ..)| *at)).min();
            let Some(next) = next.filter(|next| *next <= end) else {
                self.now = end;
                return;
            };
            self.now = self.now.max(next);
            match self.under_way.front() {
                Some((at, ..)) if *at <= self.now => {
                    let (_, to, arrival) = self.under_way.pop_front().unwrap();
                    self.deliver(to, arrival);
                }
                _ => {
                    for side in &mut self.sides {
                        if side.peer.poll_timeout().is_some_and(|at| at <= self.now) {
                            side.peer.handle_timeout(self.now);
                        }
                    }
                }
            }
        }
    }

    fn deliver(&mut self, to: usize, mut arrival: Arrival) {
        if let Arrival::Signal(Signal::Offer { sdp, .. } | Signal::Answer { sdp, .. }) = &mut arrival
            && let Some((_, tamper)) = self.tamper.take_if(|(side, _)| *side == to)
        {
            *sdp = tamper(sdp);
        }
        let side = &mut self.sides[to];
        match arrival {
            Arrival::Signal(signal) => side.peer.handle_signal(signal, self.now),
            Arrival::Datagram(local, source, data) => {
                if side.bound.contains(&local) && !self.is_cut {
                    side.peer.handle_datagram(local, source, &data, self.now);
                }
            }
        }
    }

    fn carry_out(&mut self) {
        for me in 0..2 {
            while let Some(output) = self.sides[me].peer.poll_output() {
                let side = &mut self.sides[me];
                match output {
                    Output::Gather => {
                        side.ports += 1;
                        let address = SocketAddr::from(([10, 0, 0, u8::try_from(me).unwrap() + 1], side.ports));
                        side.bound = vec![address];
                        side.peer.handle_bound(vec![address], self.now);
                    }
                    Output::Signal(signal) => {
                        side.signals.push(signal.clone());
                        self.under_way
                            .push_back((self.now + TRAVEL, 1 - me, Arrival::Signal(signal)));
                    }
                    Output::Datagram {
                        local,
                        destination,
                        data,
                    } => {
                        if !self.deafened.contains(&destination) {
                            let arrival = Arrival::Datagram(destination, local, data);
                            self.under_way.push_back((self.now + TRAVEL, 1 - me, arrival));
                        }
                    }
                    seen => side.seen.push(seen),
                }
            }
        }
    }

    fn send(&mut self, from: usize, frame: &Frame) {
        let now = self.now;
        self.sides[from].peer.handle_frame(frame, now);
        self.carry_out();
    }

    /// What a side has told since this was asked.
    fn seen(&mut self, side: usize) -> Vec<Output> {
        std::mem::take(&mut self.sides[side].seen)
    }

    fn frames(&mut self, side: usize) -> Vec<Frame> {
        let seen = self.seen(side).into_iter();
        seen.filter_map(|output| match output {
            Output::Frame(frame) => Some(frame),
            _ => None,
        })
        .collect()
    }

    /// How many signals of a kind a side has sent.
    fn count(&self, side: usize, is_meant: impl Fn(&Signal) -> bool) -> usize {
        self.sides[side]
            .signals
            .iter()
            .filter(|signal| is_meant(signal))
            .count()
    }

    fn is_up(&self) -> bool {
        self.sides.iter().all(|side| side.peer.is_up)
    }
}

fn sound(ms: u64, byte: u8) -> Frame {
    Frame {
        codec: Codec::Opus,
        time: Duration::from_millis(ms),
        is_keyframe: true,
        data: vec![0xfc, byte].into(),
    }
}

/// A key frame of VP8 of 16 by 16, longer than a datagram.
fn picture(ms: u64) -> Frame {
    let mut data = vec![0x10, 0, 0, 0x9d, 0x01, 0x2a, 16, 0, 16, 0];
    data.resize(4000, 7);
    Frame {
        codec: Codec::Vp8,
        time: Duration::from_millis(ms),
        is_keyframe: true,
        data: data.into(),
    }
}

#[test]
fn two_peers_connect_once_and_sound_keeps_its_bytes_and_its_pace() {
    let mut world = World::new(false);
    world.run(Duration::from_secs(2));
    assert!(world.is_up());
    for side in [0, 1] {
        let connected: Vec<_> = world
            .seen(side)
            .into_iter()
            .filter(|seen| matches!(seen, Output::Connected(_)))
            .collect();
        assert_eq!(connected.first(), Some(&Output::Connected(None)));
    }
    for n in 0..50_u8 {
        world.send(0, &sound(u64::from(n) * 20, n));
        world.run(Duration::from_millis(20));
    }
    world.run(Duration::from_secs(1));
    let frames = world.frames(1);
    let bytes: Vec<_> = frames.iter().filter_map(|frame| frame.data.last().copied()).collect();
    assert_eq!(bytes, (0..50).collect::<Vec<_>>());
    for pair in frames.windows(2) {
        assert_eq!(pair[1].time - pair[0].time, Duration::from_millis(20));
    }
    assert_eq!(world.count(0, |signal| matches!(signal, Signal::Offer { .. })), 1);
}

#[test]
fn what_is_to_be_sent_is_named_without_its_addresses_and_its_bytes() {
    let address = SocketAddr::from(([192, 0, 2, 7], 4000));
    let outputs = [
        Output::Datagram {
            local: address,
            destination: address,
            data: b"secret".to_vec(),
        },
        Output::RelayData {
            relay: 3,
            data: b"secret".to_vec(),
        },
        Output::Frame(sound(20, 1)),
    ];
    assert_eq!(
        format!("{outputs:?}"),
        "[Datagram { bytes: 6 }, RelayData { relay: 3, bytes: 6 }, \
         Frame(Frame { codec: Opus, time: 20ms, is_keyframe: true, bytes: 2 })]"
    );
}

#[test]
fn servers_that_are_found_late_are_asked_all_the_same() {
    let now = Instant::now();
    let mut peer = Peer::new(CallRole::Caller, false, now);
    let [local, v4, v6] = ["10.0.0.1:4000", "192.0.2.7:3478", "[2001:db8::1]:3478"].map(|text| text.parse().unwrap());
    let asked = |peer: &mut Peer| -> Vec<SocketAddr> {
        std::iter::from_fn(|| peer.poll_output())
            .filter_map(|output| match output {
                Output::Datagram { destination, .. } => Some(destination),
                _ => None,
            })
            .collect()
    };
    peer.handle_bound(vec![local], now);
    assert_eq!(asked(&mut peer), []);
    peer.handle_stun_servers(&[v4, v6], now);
    assert_eq!(asked(&mut peer), [v4]);
    peer.handle_timeout(now + Duration::from_millis(500));
    assert_eq!(asked(&mut peer), [v4]);
}

#[test]
fn pictures_go_whole_and_a_key_frame_is_asked_for() {
    let mut world = World::new(true);
    world.run(Duration::from_secs(2));
    world.seen(1);
    world.send(1, &picture(0));
    world.run(Duration::from_millis(500));
    let frames = world.frames(0);
    let frame = frames.first().expect("a picture");
    assert_eq!(
        (frame.codec, frame.is_keyframe, frame.data.len()),
        (Codec::Vp8, true, 4000)
    );
    let now = world.now;
    world.sides[0].peer.handle_request_keyframe(now);
    world.run(Duration::from_millis(500));
    assert!(world.seen(1).contains(&Output::KeyframeWanted));
}

#[test]
fn h264_goes_as_vp8_does() {
    let mut world = World::new(true);
    world.run(Duration::from_secs(2));
    world.seen(1);
    let unit = |kind: u8, length| [vec![0, 0, 0, 1, kind], vec![0x55; length]].concat();
    let data = [unit(0x67, 12), unit(0x68, 6), unit(0x65, 3000)].concat();
    let frame = Frame {
        codec: Codec::H264,
        data: data.into(),
        ..picture(0)
    };
    world.send(0, &frame);
    world.run(Duration::from_millis(500));
    let frames = world.frames(1);
    let received = frames.first().expect("a picture");
    assert_eq!((received.codec, received.is_keyframe), (Codec::H264, true));
    assert!(received.data.ends_with(&unit(0x65, 3000)));
}

#[test]
fn an_audio_call_has_no_pictures() {
    let mut world = World::new(false);
    world.run(Duration::from_secs(2));
    world.send(0, &picture(0));
    world.run(Duration::from_secs(1));
    assert_eq!(world.frames(1), []);
}

#[test]
fn the_path_is_told_once_media_goes_by_it() {
    let mut world = World::new(false);
    world.run(Duration::from_secs(2));
    world.seen(0);
    world.send(0, &sound(0, 1));
    world.run(Duration::from_secs(1));
    assert!(world.seen(0).contains(&Output::Connected(Some(MediaPath::Direct))));
}

#[test]
fn an_outage_is_told_to_both_sides_and_ends_in_another_connection() {
    for first in [0, 1] {
        let mut world = World::new(false);
        world.run(Duration::from_secs(2));
        world.seen(0);
        world.seen(1);
        world.is_cut = true;
        world.run(Duration::from_secs(40));
        assert!(world.seen(first).contains(&Output::Lost));
        world.is_cut = false;
        world.run(Duration::from_secs(20));
        assert!(world.is_up(), "{:?}", world.sides.each_ref().map(|side| &side.peer));
        let connections = world.sides.each_ref().map(|side| side.peer.connection);
        assert_eq!(connections[0], connections[1]);
        assert!(connections[0] > 0);
        world.seen(0);
        world.seen(1);
        world.send(first, &sound(0, 9));
        world.run(Duration::from_secs(1));
        assert_eq!(world.frames(1 - first).len(), 1);
    }
}

#[test]
fn a_socket_that_hears_nothing_any_more_is_replaced() {
    let mut world = World::new(false);
    world.run(Duration::from_secs(2));
    world.deafened = world.sides[1].bound.clone();
    world.run(Duration::from_secs(40));
    assert!(world.is_up());
    assert!(world.sides[1].peer.connection > 0);
}

#[test]
fn what_an_unkind_peer_says_changes_nothing_and_is_never_a_panic() {
    let mut world = World::new(true);
    world.run(Duration::from_secs(2));
    let candidate = |text: &str| offhook_proto::peer::PeerCandidate {
        candidate: text.to_owned(),
        sdp_mid: None,
        sdp_m_line_index: None,
    };
    let signals = [
        Signal::Answer {
            generation: 0,
            sdp: "v=0\r\n".to_owned(),
        },
        Signal::Answer {
            generation: 9,
            sdp: String::new(),
        },
        Signal::Candidates {
            generation: 0,
            candidates: vec![candidate("candidate:1 1 udp x 10.0.0.9 1 typ host"); 500],
        },
        Signal::Candidates {
            generation: 0,
            candidates: vec![candidate("candidate:1 1 udp 1 10.0.0.9 1 typ host"); 500],
        },
        Signal::Candidates {
            generation: 7,
            candidates: vec![candidate("")],
        },
    ];
    let now = world.now;
    for signal in signals {
        for side in [0, 1] {
            world.sides[side].peer.handle_signal(signal.clone(), now);
        }
    }
    for length in 0..64_usize {
        for first in [0, 1, 2, 20, 63, 64, 79, 128, 191, 200, 255] {
            let local = world.sides[0].bound[0];
            let data: Vec<_> = std::iter::repeat_n(first, length).collect();
            world.sides[0]
                .peer
                .handle_datagram(local, SocketAddr::from(([10, 0, 0, 2], 4001)), &data, now);
        }
    }
    world.run(Duration::from_secs(2));
    assert!(world.is_up());
    world.seen(1);
    world.send(0, &sound(0, 3));
    world.run(Duration::from_secs(1));
    assert_eq!(world.frames(1).len(), 1);
}

#[test]
fn however_many_candidates_a_peer_offers_few_are_kept() {
    let mut world = World::new(false);
    world.run(Duration::from_secs(2));
    let offer = world.sides[0].signals.iter().find_map(|signal| match signal {
        Signal::Offer { sdp, .. } => Some(sdp.clone()),
        _ => None,
    });
    let offer = offer.unwrap();
    let mut was_replaced = false;
    for generation in 1..20_u32 {
        let candidates = (0..30).map(|n| format!("a=candidate:1 1 udp 7 10.1.{generation}.{n} 9 typ host\r\n"));
        let sdp = candidates.fold(offer.clone(), |sdp, line| sdp + &line);
        let now = world.now;
        let connection = 0;
        world.sides[1].peer.handle_signal(
            Signal::Offer {
                generation,
                connection,
                sdp,
            },
            now,
        );
        world.run(Duration::from_millis(1100));
        let peer = &world.sides[1].peer;
        assert!(peer.rtc.is_none() || peer.peer_candidate_count <= MAX_CANDIDATES);
        was_replaced |= peer.rtc.is_none() || peer.connection > 0;
    }
    assert!(was_replaced, "it costs the peer its connection");
}

#[test]
fn wherever_checks_come_from_few_addresses_are_kept() {
    let mut world = World::new(false);
    let mut check = None;
    while check.is_none() {
        world.run(Duration::from_millis(1));
        check = world.under_way.iter().find_map(|(_, to, arrival)| match arrival {
            Arrival::Datagram(local, _, data) if *to == 1 && data[..2] == [0, 1] => Some((*local, data.clone())),
            _ => None,
        });
    }
    let (local, data) = check.unwrap();
    world.run(Duration::from_secs(1));
    for port in 10_000..11_000 {
        let now = world.now;
        let source = SocketAddr::from(([10, 9, 9, 9], port));
        world.sides[1].peer.handle_datagram(local, source, &data, now);
    }
    assert_eq!(world.sides[1].peer.sources.len(), MAX_CANDIDATES);
    world.run(Duration::from_secs(5));
    assert!(world.is_up());
}

#[test]
fn however_often_it_is_asked_the_caller_offers_once_a_second_at_most() {
    let mut world = World::new(false);
    world.run(Duration::from_secs(2));
    for connection in [2, 3, u32::MAX] {
        let now = world.now;
        world.sides[0].peer.handle_signal(Signal::Restart { connection }, now);
    }
    world.run(Duration::from_secs(2));
    assert!(world.is_up());
    assert_eq!(
        world.sides[0].peer.connection, 0,
        "neither the present one nor the next"
    );
    for _ in 0..100 {
        for ahead in [0, 1, 0, 1, 2] {
            let peer = &mut world.sides[0].peer;
            let connection = peer.connection + ahead;
            peer.handle_signal(Signal::Restart { connection }, world.now);
        }
        world.run(Duration::from_millis(100));
    }
    let offers = world.count(0, |signal| matches!(signal, Signal::Offer { .. }));
    assert!((9..=12).contains(&offers), "{offers}");
    world.run(Duration::from_secs(20));
    assert!(world.is_up());
}

#[test]
fn however_much_it_is_offered_the_callee_answers_once_a_second_at_most_and_the_last_offer_in_the_end() {
    for step in [0, 1, 7] {
        let mut world = World::new(false);
        world.run(Duration::from_secs(2));
        let sdp = world.sides[0].signals.iter().find_map(|signal| match signal {
            Signal::Offer { sdp, .. } => Some(sdp.clone()),
            _ => None,
        });
        let sdp = sdp.expect("an offer");
        world.sides[1].signals.clear();
        let ports = world.sides[1].ports;
        // Nobody is there who would make an end of it.
        world.is_cut = true;
        for number in 1..=100 {
            let offer = Signal::Offer {
                generation: number,
                connection: number * step,
                sdp: sdp.clone(),
            };
            let now = world.now;
            world.sides[1].peer.handle_signal(offer, now);
            world.run(Duration::from_millis(20));
        }
        world.run(Duration::from_millis(1100));
        let answers = world.count(1, |signal| matches!(signal, Signal::Answer { .. }));
        assert!((2..=4).contains(&answers), "{answers} answers at {step}");
        assert!(world.sides[1].ports - ports <= 4, "sockets at {step}");
        assert!(world.sides[1].signals.iter().any(
            |signal| matches!(signal, Signal::Answer { generation, .. } if *generation == world.sides[1].peer.generation)
        ));
    }
}

#[test]
fn a_description_that_cannot_be_read_is_followed_by_one_that_can() {
    let unkind: [Tamper; 3] = [nonsense, pictures_by_the_number_of_sound, pictures_as_sound];
    for side in [0, 1] {
        for tamper in unkind {
            let mut world = World::new(true);
            world.tamper = Some((side, tamper));
            world.run(Duration::from_secs(20));
            assert!(world.is_up());
            assert!(world.tamper.is_none());
        }
    }
}

fn nonsense(_: &str) -> String {
    "nonsense".to_owned()
}

/// One payload type of two codecs, at which the engine panics.
fn pictures_by_the_number_of_sound(sdp: &str) -> String {
    sdp.replace("SAVPF 96 ", "SAVPF 111 ")
        .replace(":96 ", ":111 ")
        .replace("apt=96", "apt=111")
}

/// A codec of pictures in the section of sound, at which the engine panics, too.
fn pictures_as_sound(sdp: &str) -> String {
    sdp.replace("SAVPF 111", "SAVPF 111 127")
        .replacen("a=rtpmap:111", "a=rtpmap:127 H264/90000\r\na=rtpmap:111", 1)
}
