//! What the heap has to do with it, by a counting allocator: nothing while packets are relayed, little for an allocation.
//!
//! One test in a program of its own, since the count is of the whole program.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    dead_code,
    reason = "a test fails by panic, and uses a part of the world only"
)]

#[path = "server/world.rs"]
mod world;

use std::alloc::System;
use std::net::SocketAddr;

use offhook_turn::{HEADROOM, Packet, Server, Step, TAILROOM, Transport};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use turn_types::attribute::Lifetime;
use turn_types::message::REFRESH;
use world::{Client, World, at, channel_data, config};

#[global_allocator]
static HEAP: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// What an allocation with a permission and a channel may take, beside the kernel's socket.
const MAX_BYTES: isize = 2048;

#[test]
fn relaying_takes_nothing_from_the_heap_and_an_allocation_less_than_two_kibibytes() {
    // First what takes its time and is not counted one by one, while the harness begins.
    strangers_take_nothing_that_stays();
    relaying_takes_nothing_from_the_heap();
    an_allocation_takes_less_than_two_kibibytes();
}

fn relaying_takes_nothing_from_the_heap() {
    for transport in [Transport::Udp, Transport::Tcp] {
        let mut world = World::new(config());
        let mut alice = Client::over(transport, "app.alice", "192.0.2.1:4000");
        let mut bob = Client::over(transport, "app.bob", "192.0.2.2:4000");
        let (of_alice, of_bob) = (world.allocate(&mut alice), world.allocate(&mut bob));
        let (known, unknown) = (at("8.8.8.8:9"), at("9.9.9.9:9"));
        assert_eq!(world.bind(&mut alice, 0x4000, known), None);
        assert_eq!(world.bind(&mut alice, 0x4001, of_bob), None);
        assert_eq!(world.permit(&mut bob, of_alice), None);
        let relay = *world
            .sockets
            .iter()
            .find(|(_, bound)| bound.port() == of_alice.port())
            .unwrap()
            .0;
        let (now, server) = (world.now, &mut world.server);
        let messages = [
            channel_data(0x4000, &[7; 1200]),
            channel_data(0x4001, &[7; 1201]),
            alice.send_indication(known, &[7; 1200], &[]),
            alice.send_indication(of_bob, &[7; 1201], &[]),
        ];
        for message in &messages {
            assert_no_heap(server, message, |server, packet| {
                server.handle_client(alice.at, packet, now)
            });
        }
        for peer in [known, SocketAddr::new(known.ip(), 10)] {
            assert_no_heap(server, &[7; 1201], |server, packet| {
                server.handle_peer(relay, peer, packet, now)
            });
        }
        let refused = with_room(&[7; 1200]);
        let (steps, taken) = counted(&refused, |packet| server.handle_peer(relay, unknown, packet, now));
        assert_eq!((steps, taken), (Step::Done, 0), "what is dropped takes nothing either");
    }
}

fn assert_no_heap(server: &mut Server, message: &[u8], mut hand_in: impl FnMut(&mut Server, &mut Packet<'_>) -> Step) {
    let buffer = with_room(message);
    let (step, taken) = counted(&buffer, |packet| hand_in(server, packet));
    assert_ne!(step, Step::Done, "it was relayed");
    assert_eq!(
        taken,
        0,
        "allocations for {} bytes that begin with {:02x}",
        message.len(),
        message[0]
    );
}

/// Hands a packet in, and counts how often the heap was asked.
fn counted(buffer: &[u8], hand_in: impl FnOnce(&mut Packet<'_>) -> Step) -> (Step, usize) {
    let mut buffer = buffer.to_vec();
    let end = buffer.len() - TAILROOM;
    let mut packet = Packet::new(&mut buffer, HEADROOM..end);
    let region = Region::new(HEAP);
    let step = hand_in(&mut packet);
    let change = region.change();
    (step, change.allocations + change.reallocations)
}

fn with_room(bytes: &[u8]) -> Vec<u8> {
    [&[0; HEADROOM][..], bytes, &[0; TAILROOM]].concat()
}

/// What strangers ask leaves nothing behind, however many they are.
fn strangers_take_nothing_that_stays() {
    const STRANGERS: u32 = 20_000;
    let mut world = World::new(config());
    let mut client = Client::new("app.call", "192.0.2.1:4000");
    let request = client.request(turn_types::message::ALLOCATE, &[]);
    let mut ask_from = |number: u32| {
        client.at.remote = SocketAddr::new(std::net::Ipv4Addr::from_bits(0x0B00_0000 + number).into(), 4000);
        world.ask_raw(client.at, &request).is_some()
    };
    let _warm = ask_from(0);
    let region = Region::new(HEAP);
    let answered = (1..=STRANGERS).filter(|number| ask_from(*number)).count();
    let change = region.change();
    assert!(answered > 19_000, "{answered}");
    let stayed = change.bytes_allocated as isize - change.bytes_deallocated as isize;
    // The harness, whose heap this is too, may have begun in between.
    assert!(stayed < MAX_BYTES, "{stayed}");
}

fn an_allocation_takes_less_than_two_kibibytes() {
    // As many as the configuration allows if nothing is said, and as there are ports in the range.
    const COUNT: u16 = 16_384;
    let mut config = config();
    config.ports = 49_152..=65_535;
    config.quotas.allocations_per_application = COUNT.into();
    let mut world = World::new(config);
    let mut clients: Vec<Client> = (0..COUNT)
        .map(|number| {
            Client::new(
                &format!("0123456789abcdef.{number:032x}"),
                &format!("11.0.{}.{}:4000", number >> 8, number & 255),
            )
        })
        .collect();
    // Set up without the shell's own books.
    for client in &mut clients {
        let request = client.request(REFRESH, &[&Lifetime::new(600)]);
        let reply = world.ask_raw(client.at, &request).unwrap();
        client.learn(&reply);
    }
    let peer = at("8.8.8.8:9");
    let transport = turn_types::attribute::RequestedTransport::new(17);
    let number = turn_types::attribute::ChannelNumber::new(0x4000);
    let requests: Vec<_> = clients
        .iter_mut()
        .map(|client| {
            let allocate = client.request(turn_types::message::ALLOCATE, &[&transport]);
            let bind = client.with_peer(turn_types::message::CHANNEL_BIND, peer, &[&number]);
            (client.at, allocate, bind)
        })
        .collect();
    let (server, now) = (&mut world.server, world.now);
    let region = Region::new(HEAP);
    for (from, allocate, bind) in &requests {
        for request in [allocate, bind] {
            let mut buffer = with_room(request);
            let end = buffer.len() - TAILROOM;
            server.handle_client(*from, &mut Packet::new(&mut buffer, HEADROOM..end), now);
            while let Some(output) = server.poll_output() {
                if let offhook_turn::Output::Open { relay, address, .. } = output {
                    server.handle_opened(relay, Ok(address), now);
                }
            }
        }
    }
    let change = region.change();
    assert_eq!(server.allocation_count(), usize::from(COUNT));
    let bytes = (change.bytes_allocated as isize - change.bytes_deallocated as isize) / COUNT as isize;
    println!("{bytes} bytes an allocation");
    assert!(bytes <= MAX_BYTES, "{bytes} bytes an allocation");
    assert!(bytes > 400, "{bytes}: the count is at work");
}
