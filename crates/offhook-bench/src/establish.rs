//! Takes many clients through their requests at the same time.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::os::fd::AsRawFd as _;
use std::time::{Duration, Instant};

use anyhow::bail;
use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token};
use offhook_udp::{Layout, RecvBatch, Socket};

use crate::client::Client;

/// A request without an answer is sent again after so long (RFC 8489 §6.2.1 begins with as much).
const RETRANSMIT: Duration = Duration::from_millis(500);
/// A server that answers nothing for so long is not there.
const GIVE_UP: Duration = Duration::from_secs(15);

/// Runs all clients to their end, `at_once` of them at a time; each speaks by the socket with its number.
pub fn establish(clients: &mut [Client], sockets: &[Socket], server: SocketAddr, at_once: usize) -> anyhow::Result<()> {
    let mut poll = Poll::new()?;
    for (number, socket) in sockets.iter().enumerate() {
        let fd = socket.as_raw_fd();
        poll.registry()
            .register(&mut SourceFd(&fd), Token(number), Interest::READABLE)?;
    }
    let mut events = Events::with_capacity(256);
    let mut answers = RecvBatch::new(Layout {
        slots: 8,
        headroom: 0,
        size: 1500,
        tailroom: 0,
    });
    let mut waiting = (0..clients.len()).filter(|number| clients.get(*number).is_some_and(|client| !client.is_done()));
    let mut waiting = waiting.by_ref().collect::<Vec<_>>().into_iter();
    let mut active = BTreeSet::new();
    let mut last_answer = Instant::now();
    let mut last_sent = Instant::now();
    loop {
        while active.len() < at_once
            && let Some(number) = waiting.next()
        {
            active.insert(number);
            ask(clients, sockets, number, server)?;
        }
        if active.is_empty() {
            return Ok(());
        }
        poll.poll(&mut events, Some(RETRANSMIT))?;
        for event in &events {
            let Token(number) = event.token();
            let (Some(socket), Some(client)) = (sockets.get(number), clients.get_mut(number)) else {
                continue;
            };
            loop {
                answers.clear();
                let received = answers.receive(socket, 8)?;
                for slot in received.slots {
                    let Some(datagram) = answers.datagram(slot) else {
                        continue;
                    };
                    let Some(bytes) = datagram.buffer.get(datagram.range) else {
                        continue;
                    };
                    last_answer = Instant::now();
                    if client.handle(bytes)? {
                        socket.send_to(client.request(), server, None)?;
                        last_sent = Instant::now();
                    }
                }
                if received.is_drained {
                    break;
                }
            }
            if client.is_done() {
                active.remove(&number);
            }
        }
        if last_answer.elapsed() > GIVE_UP {
            bail!("{server} answers nothing");
        }
        if last_sent.elapsed() >= RETRANSMIT && last_answer.elapsed() >= RETRANSMIT {
            last_sent = Instant::now();
            for number in active.clone() {
                ask(clients, sockets, number, server)?;
            }
        }
    }
}

fn ask(clients: &[Client], sockets: &[Socket], number: usize, server: SocketAddr) -> anyhow::Result<()> {
    if let (Some(client), Some(socket)) = (clients.get(number), sockets.get(number)) {
        // A server that is starting refuses, and is asked again.
        let _ = socket.send_to(client.request(), server, None);
    }
    Ok(())
}
