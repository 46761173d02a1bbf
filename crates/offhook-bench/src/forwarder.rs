//! Bare forwarders: what the kernel alone costs. They look at nothing in a datagram and keep no state.
//!
//! A forwarder is a process of its own, told its flows on standard input (`CLIENT PEER` a line, an empty line at the end) and
//! telling addresses on standard output (the listener's, then one a flow).

use std::io::{BufRead, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::os::fd::AsRawFd as _;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use clap::ValueEnum;
use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token};
use offhook_udp::{Buffers, Layout, Outgoing, RecvBatch, SendBatch, Socket};

/// How many datagrams are received and sent at once.
const SLOTS: usize = 64;
/// The listener takes what all flows send.
pub const LISTENER_BUFFERS: Buffers = Buffers {
    receive: Some(4 << 20),
    send: Some(4 << 20),
};

/// Which sockets a forwarder has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Model {
    /// A listener that clients send to and a socket a flow that peers send to, as TURN has them.
    SocketAFlow,
    /// One socket; what comes from a flow's client goes to its peer.
    OneSocket,
}

/// A forwarder's sockets and the ways between them.
struct Forwarder {
    /// The listener, then one a flow where the model has them.
    sockets: Vec<Socket>,
    flows: Vec<(SocketAddr, SocketAddr)>,
    /// The flow of the client with this port, 0 for none, else the flow's number and one. All clients have one address.
    flow_of_port: Vec<u32>,
    model: Model,
    waste: Duration,
}

/// Runs a forwarder until the process is ended. It spins for `waste` over each packet, to see the figures move.
pub fn run(
    model: Model,
    is_merging: bool,
    waste: Duration,
    input: impl BufRead,
    mut output: impl Write,
) -> anyhow::Result<()> {
    let mut forwarder = Forwarder::new(model, is_merging)?;
    forwarder.waste = waste;
    writeln!(output, "{}", forwarder.listener()?.local_address())?;
    output.flush()?;
    for line in input.lines() {
        let line = line?;
        let Some((client, peer)) = line.split_once(' ') else {
            break;
        };
        let address = forwarder.add(client.parse()?, peer.parse()?, is_merging)?;
        writeln!(output, "{address}")?;
        output.flush()?;
    }
    forwarder.forward()
}

impl Forwarder {
    fn new(model: Model, is_merging: bool) -> anyhow::Result<Self> {
        let listener = bind(LISTENER_BUFFERS, is_merging)?;
        Ok(Self {
            sockets: vec![listener],
            flows: Vec::new(),
            flow_of_port: vec![0; 1 << 16],
            model,
            waste: Duration::ZERO,
        })
    }

    fn listener(&self) -> anyhow::Result<&Socket> {
        self.sockets.first().context("no listener")
    }

    fn add(&mut self, client: SocketAddr, peer: SocketAddr, is_merging: bool) -> anyhow::Result<SocketAddr> {
        self.flows.push((client, peer));
        if let Some(flow) = self.flow_of_port.get_mut(usize::from(client.port())) {
            *flow = self.flows.len() as u32;
        }
        match self.model {
            Model::OneSocket => Ok(self.listener()?.local_address()),
            Model::SocketAFlow => {
                let socket = bind(Buffers::default(), is_merging)?;
                let address = socket.local_address();
                self.sockets.push(socket);
                Ok(address)
            }
        }
    }

    fn forward(&self) -> anyhow::Result<()> {
        let mut poll = Poll::new()?;
        for (number, socket) in self.sockets.iter().enumerate() {
            let fd = socket.as_raw_fd();
            poll.registry()
                .register(&mut SourceFd(&fd), Token(number), Interest::READABLE)?;
        }
        let mut events = Events::with_capacity(256);
        let mut packets = RecvBatch::new(Layout {
            slots: SLOTS,
            headroom: 0,
            size: 1500,
            tailroom: 0,
        });
        let mut outgoing = SendBatch::new(SLOTS);
        loop {
            poll.poll(&mut events, None)?;
            for event in &events {
                let Token(number) = event.token();
                let Some(socket) = self.sockets.get(number) else {
                    continue;
                };
                loop {
                    if packets.free() == 0 {
                        self.flush(&mut packets, &mut outgoing);
                    }
                    let received = packets.receive(socket, SLOTS)?;
                    for slot in received.slots {
                        self.route(number, slot, &mut packets, &mut outgoing);
                    }
                    if received.is_drained {
                        break;
                    }
                }
            }
            self.flush(&mut packets, &mut outgoing);
        }
    }

    fn route(&self, number: usize, slot: usize, packets: &mut RecvBatch, outgoing: &mut SendBatch) {
        if !self.waste.is_zero() {
            let start = Instant::now();
            while start.elapsed() < self.waste {
                std::hint::spin_loop();
            }
        }
        let Some(datagram) = packets.datagram(slot) else { return };
        let way = if number > 0 {
            self.flows.get(number - 1).map(|(client, _)| (0, *client))
        } else {
            let flow = self.flow_of_port.get(usize::from(datagram.remote.port()));
            flow.and_then(|flow| {
                let (_, peer) = self.flows.get((*flow).checked_sub(1)? as usize)?;
                let socket = match self.model {
                    Model::SocketAFlow => *flow,
                    Model::OneSocket => 0,
                };
                Some((socket, *peer))
            })
        };
        if let Some((socket, destination)) = way {
            outgoing.push(Outgoing {
                socket,
                slot,
                range: datagram.range,
                destination,
                source: None,
            });
        }
    }

    fn flush(&self, packets: &mut RecvBatch, outgoing: &mut SendBatch) {
        outgoing.flush(packets, |number| self.sockets.get(number as usize));
        packets.clear();
    }
}

fn bind(buffers: Buffers, is_merging: bool) -> anyhow::Result<Socket> {
    let socket = Socket::bind((Ipv4Addr::LOCALHOST, 0).into(), buffers)?;
    if !is_merging {
        socket.never_segment_again();
    }
    Ok(socket)
}
