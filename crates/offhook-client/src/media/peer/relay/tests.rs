use std::net::SocketAddr;
use std::time::{Duration, Instant};

use turn_client_proto::types::attribute::{Lifetime, XorRelayedAddress};
use turn_client_proto::types::message::{ALLOCATE, CHANNEL_BIND};
use turn_client_proto::types::stun::attribute::{ErrorCode, MessageIntegrity, Nonce, Realm};
use turn_client_proto::types::stun::message::{
    IntegrityAlgorithm, LongTermKeyCredentials, Message, MessageClass, MessageWriteVec, Method,
};
use turn_client_proto::types::stun::prelude::*;

use super::{Garbled, Relay, RelayAccess, RelayEvent, Transport, message_length, padded};

const SEND: Method = Method::new(6);
const PEER: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 7)), 5000);

#[test]
fn messages_of_a_stream_say_how_long_they_are() {
    let stun = |first, low, cookie| [first, 0x03, 0x00, low, 0x21, 0x12, 0xa4, cookie];
    for (stream, expected) in [
        (&stun(0x01, 0x44, 0x42)[..], Ok(Some((88, 88)))),
        (&[0x01, 0x03, 0x00, 0x44, 0x21], Ok(Some((88, 88)))),
        (&[0x40, 0x00, 0x00, 0x05, 1], Ok(Some((9, 12)))),
        (&[0x4f, 0xff, 0xff, 0xff], Ok(Some((65_539, 65_540)))),
        (&[0x40, 0x00, 0x00], Ok(None)),
        (&[], Ok(None)),
        (&stun(0x01, 0x45, 0x42), Err(Garbled)),
        (&stun(0x01, 0x44, 0x43), Err(Garbled)),
        (&[0x01, 0x03, 0x00, 0x44, 0x22], Err(Garbled)),
        (&[0x50, 0x00, 0x00, 0x05], Err(Garbled)),
        (b"SIP/2.0 400 Bad Request", Err(Garbled)),
    ] {
        let found = message_length(stream).map(|length| length.map(|length| (length, padded(length))));
        assert_eq!(found, expected, "{stream:?}");
    }
}

#[test]
fn a_stream_of_junk_closes_its_relay_and_keeps_nothing() {
    for junk in [[0x80; 1000], [0x02; 1000]] {
        let mut bench = Bench::open(Transport::Stream);
        bench.relay.handle_data(&junk[..1], bench.now);
        for _ in 0..100 {
            bench.relay.handle_data(&junk, bench.now);
        }
        assert!(bench.relay.stream.is_empty());
        assert!(matches!(bench.relay.poll(bench.now), Some(RelayEvent::Closed)));
    }
}

#[test]
fn a_channel_that_is_refused_is_not_asked_for_with_every_packet_and_media_goes_all_the_same() {
    let mut bench = Bench::open(Transport::Udp);
    let mut asked = Vec::new();
    for _ in 0..100 {
        bench.relay.send(PEER, vec![0x80; 50], bench.now);
        asked.extend(bench.serve());
    }
    assert_eq!(asked.iter().filter(|method| **method == CHANNEL_BIND).count(), 1);
    assert_eq!(asked.iter().filter(|method| **method == SEND).count(), 100);
}

/// A relay, and a server that permits everything but channels.
struct Bench {
    relay: Relay,
    now: Instant,
}

impl Bench {
    /// There is an address, and a permission for [`PEER`].
    fn open(transport: Transport) -> Self {
        let access = RelayAccess {
            transport,
            local: SocketAddr::from(([10, 0, 0, 1], 4000)),
            server: SocketAddr::from(([10, 0, 0, 2], 3478)),
            username: "user".to_owned(),
            credential: "secret".to_owned(),
        };
        let now = Instant::now();
        let mut bench = Self {
            relay: Relay::new(&access, now),
            now,
        };
        bench.serve();
        assert!(bench.relay.address().is_some());
        bench.relay.send(PEER, vec![0; 20], bench.now);
        assert!(bench.serve().contains(&SEND));
        bench
    }

    /// Answers what the relay asks for; gives what that was.
    fn serve(&mut self) -> Vec<Method> {
        let mut asked = Vec::new();
        for _ in 0..5 {
            while let Some(event) = self.relay.poll(self.now) {
                let RelayEvent::Write(data) = event else {
                    continue;
                };
                let request = Message::from_bytes(&data).expect("a message");
                asked.push(request.method());
                if request.class() == MessageClass::Request {
                    self.relay.handle_data(&answer(&request), self.now);
                }
            }
            // The client sends its requests 50 ms apart.
            self.now += Duration::from_millis(50);
        }
        asked
    }
}

fn answer(request: &Message<'_>) -> Vec<u8> {
    let realm = Realm::new("realm").unwrap();
    if !request.has_attribute(MessageIntegrity::TYPE) {
        let mut error = Message::builder_error(request, MessageWriteVec::new());
        error.add_attribute(&ErrorCode::builder(401).build().unwrap()).unwrap();
        error.add_attribute(&realm).unwrap();
        error.add_attribute(&Nonce::new("nonce").unwrap()).unwrap();
        return error.finish();
    }
    let mut answer = if request.method() == CHANNEL_BIND {
        let mut error = Message::builder_error(request, MessageWriteVec::new());
        error.add_attribute(&ErrorCode::builder(403).build().unwrap()).unwrap();
        error
    } else {
        Message::builder_success(request, MessageWriteVec::new())
    };
    if request.method() == ALLOCATE {
        let address = XorRelayedAddress::new(SocketAddr::from(([10, 0, 0, 2], 6000)), request.transaction_id());
        answer.add_attribute(&address).unwrap();
        answer.add_attribute(&Lifetime::new(600)).unwrap();
    }
    let credentials = LongTermKeyCredentials::new("user".to_owned(), "secret".to_owned(), "realm".to_owned());
    answer
        .add_message_integrity(&credentials.into(), IntegrityAlgorithm::Sha1)
        .unwrap();
    answer.finish()
}
