//! The relay's thread: waits for sockets, gives each its turn, and carries out what the machine says.

use std::io;
use std::net::SocketAddr;
use std::ops::Range;
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use mio::net::TcpStream;
use mio::{Events, Poll};
use offhook_turn::{FiveTuple, Output, Packet, Server, Step, Ticket, Time, Transport, Usage};

use super::acceptor::Acceptor;
use super::accounts::Accounts;
use super::clock::RelayClock;
use super::commands::{Adopted, Command};
use super::connection::{Connection, Read};
use super::connections::Connections;
use super::datagrams::Datagrams;
use super::load::LoadMeter;
use super::ready::{Ready, Source};
use crate::address::ClientAddress;

/// Sockets that one wait tells of; what is left is told of by the next.
const EVENTS: usize = 1024;
/// How often metrics are shown and deadlines of connections looked at.
const TICK: Duration = Duration::from_secs(1);
/// Connections that one turn takes.
const ACCEPT_SHARE: usize = 32;
/// Messages that a connection may bring in one turn.
const CONNECTION_SHARE: usize = 64;

/// The thread's state.
pub struct Worker {
    poll: Poll,
    server: Server,
    datagrams: Datagrams,
    acceptors: Vec<Acceptor>,
    connections: Connections,
    commands: Receiver<Command>,
    ready: Ready,
    accounts: Accounts,
    /// Tickets of allocations that ended in this turn.
    released: Vec<Ticket>,
    /// A message of a stream, after the machine has rewritten it.
    message: Vec<u8>,
    clock: RelayClock,
    /// The time of this turn.
    now: Time,
    next_tick: Time,
    is_stopped: bool,
}

impl Worker {
    /// Puts the parts together.
    pub fn new(
        poll: Poll,
        server: Server,
        datagrams: Datagrams,
        acceptors: Vec<Acceptor>,
        commands: Receiver<Command>,
        are_tickets_logged: bool,
    ) -> Self {
        let clock = RelayClock::start();
        let now = clock.now();
        Self {
            poll,
            server,
            datagrams,
            acceptors,
            connections: Connections::default(),
            commands,
            ready: Ready::default(),
            accounts: Accounts::new(are_tickets_logged),
            released: Vec::new(),
            message: Vec::new(),
            clock,
            now,
            next_tick: now.after(TICK),
            is_stopped: false,
        }
    }

    /// Where it says how much it has to do.
    pub fn load(&self) -> Arc<LoadMeter> {
        self.accounts.load()
    }

    /// Works until it is told to stop.
    pub fn run(mut self) {
        let mut events = Events::with_capacity(EVENTS);
        while !self.is_stopped {
            if let Err(error) = self.poll.poll(&mut events, Some(self.patience())) {
                if error.kind() != io::ErrorKind::Interrupted {
                    tracing::error!(error = %error, "the relay cannot wait for its sockets, and stops");
                    break;
                }
                continue;
            }
            self.now = self.clock.now();
            for event in &events {
                self.note(Source::of(event.token()));
            }
            self.take_turns();
            self.keep_time();
        }
        self.connections.cut_all();
        self.close_broken();
        self.settle();
        self.accounts.book(self.server.take_usage());
        self.accounts.close();
    }

    /// How long there is nothing to do unless a socket has something.
    fn patience(&self) -> Duration {
        if !self.ready.is_empty() {
            return Duration::ZERO;
        }
        let next = self
            .server
            .poll_timeout()
            .map_or(self.next_tick, |at| at.min(self.next_tick));
        // The clock has whole milliseconds: without the one more, the last would be spent asking again and again.
        next.since(self.clock.now()) + Duration::from_millis(1)
    }

    fn note(&mut self, source: Source) {
        match source {
            Source::Commands => self.obey(),
            Source::Listener(_) | Source::Relay(_) => self.datagrams.wait(source, &mut self.ready),
            Source::Acceptor(number) => {
                if let Some(acceptor) = self.acceptors.get_mut(number as usize) {
                    self.ready.push(source, &mut acceptor.is_waiting);
                }
            }
            Source::Connection(number) => {
                self.connections.wait(number, &mut self.ready);
                // The event may say that it takes bytes again.
                self.connections.make_dirty(number);
            }
        }
    }

    fn obey(&mut self) {
        while let Ok(command) = self.commands.try_recv() {
            match command {
                Command::Revoke(ticket) => {
                    self.server.handle_revoke(&ticket, self.now);
                    self.carry_out();
                }
                Command::TakeUsage(reply) => {
                    self.accounts.book(self.server.take_usage());
                    // Whoever asked may have gone.
                    drop(reply.send(self.accounts.take()));
                }
                Command::Adopt(adopted) => self.adopt(adopted),
                Command::Stop => self.is_stopped = true,
            }
        }
    }

    fn adopt(&mut self, adopted: Adopted) {
        let Adopted {
            stream,
            tls,
            first_bytes,
            local,
            remote,
        } = adopted;
        if let Err(error) = stream.set_nonblocking(true) {
            tracing::debug!(error = %error, "a connection was gone as it came");
            return;
        }
        let transport = if tls.is_some() { Transport::Tls } else { Transport::Tcp };
        let client = FiveTuple {
            transport,
            local,
            remote,
        };
        self.take_in(TcpStream::from_std(stream), tls, client, first_bytes);
    }

    fn take_in(
        &mut self,
        stream: TcpStream,
        tls: Option<Box<rustls::ServerConnection>>,
        client: FiveTuple,
        first_bytes: Vec<u8>,
    ) {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(error = %error, "a connection was gone as it came");
            return;
        }
        // The system gives the same ends out again only when the earlier connection is over. Its end may not have been read
        // yet, and must not be taken for the end of this one.
        if self.connections.cut_client(&client) {
            self.close_broken();
        }
        let connection = Connection::new(stream, tls, client, self.now, first_bytes);
        self.connections
            .insert(self.poll.registry(), connection, &mut self.ready);
    }

    /// Gives every socket that waits one turn.
    fn take_turns(&mut self) {
        for _ in 0..self.ready.len() {
            let Some(source) = self.ready.pop() else { break };
            match source {
                Source::Commands => {}
                Source::Listener(_) => self.listener_turn(source),
                Source::Relay(number) => self.relay_turn(source, number),
                Source::Acceptor(number) => self.acceptor_turn(number),
                Source::Connection(number) => self.connection_turn(number),
            }
        }
        self.datagrams.finish();
        self.connections.flush(self.now);
        self.close_broken();
    }

    fn listener_turn(&mut self, source: Source) {
        let brought = self.datagrams.receive(source);
        for slot in brought.slots {
            let Some(datagram) = self.datagrams.packet(slot) else {
                continue;
            };
            let client = FiveTuple {
                transport: Transport::Udp,
                local: datagram.local,
                remote: datagram.remote,
            };
            let mut packet = Packet::new(datagram.buffer, datagram.range);
            let step = self.server.handle_client(client, &mut packet, self.now);
            let range = packet.range();
            self.forward(step, slot, range);
            self.carry_out();
        }
        if !brought.is_drained {
            self.datagrams.wait(source, &mut self.ready);
        }
    }

    fn relay_turn(&mut self, source: Source, number: u32) {
        let brought = self.datagrams.receive(source);
        let Some(relay) = self.datagrams.relay_id(number) else {
            return;
        };
        for slot in brought.slots {
            let Some(datagram) = self.datagrams.packet(slot) else {
                continue;
            };
            let peer = datagram.remote;
            let mut packet = Packet::new(datagram.buffer, datagram.range);
            let step = self.server.handle_peer(relay, peer, &mut packet, self.now);
            let range = packet.range();
            self.forward(step, slot, range);
            self.carry_out();
        }
        if !brought.is_drained {
            self.datagrams.wait(source, &mut self.ready);
        }
    }

    /// Forwards the packet in a slot.
    fn forward(&mut self, step: Step, slot: usize, range: Range<usize>) {
        match step {
            Step::Done => {}
            Step::ToPeer { relay, peer } => self.datagrams.forward_to_peer(slot, range, relay, peer),
            Step::ToClient { client } => match client.transport {
                Transport::Udp => self.datagrams.forward_to_client(slot, range, &client),
                Transport::Tcp | Transport::Tls => {
                    if let Some(bytes) = self.datagrams.packet(slot).and_then(|found| found.buffer.get(range)) {
                        self.connections.send_data(&client, bytes);
                    }
                }
            },
        }
    }

    fn acceptor_turn(&mut self, number: u32) {
        let Some(acceptor) = self.acceptors.get_mut(number as usize) else {
            return;
        };
        acceptor.is_waiting.taken();
        let local = acceptor.local;
        for _ in 0..ACCEPT_SHARE {
            let Some(acceptor) = self.acceptors.get(number as usize) else {
                return;
            };
            match acceptor.listener.accept() {
                Ok((stream, remote)) => self.accept(stream, local, remote),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
                Err(error) => {
                    // Usually, too many files are open. The next tick tries again.
                    tracing::warn!(error = %error, "a connection could not be taken");
                    return;
                }
            }
        }
        self.note(Source::Acceptor(number));
    }

    fn accept(&mut self, stream: TcpStream, listening: SocketAddr, remote: SocketAddr) {
        if !self.connections.has_room(ClientAddress::from(remote.ip())) {
            tracing::debug!("a connection too many was closed");
            return;
        }
        let local = stream.local_addr().unwrap_or(listening);
        let client = FiveTuple {
            transport: Transport::Tcp,
            local,
            remote,
        };
        self.take_in(stream, None, client, Vec::new());
    }

    fn connection_turn(&mut self, number: u32) {
        let mut messages = 0;
        if let Some(connection) = self.connections.connection(number) {
            connection.is_waiting.taken();
        }
        // Its buffer may hold hundreds of small ones: the rest waits there for the next turn.
        while messages < CONNECTION_SHARE {
            let Some(connection) = self.connections.connection(number) else {
                return;
            };
            let client = connection.client;
            match connection.poll_packet() {
                Ok(Some(mut packet)) => {
                    let step = self.server.handle_client(client, &mut packet, self.now);
                    self.message.clear();
                    if step != Step::Done {
                        self.message.extend_from_slice(packet.bytes());
                    }
                    connection.heard_at = self.now;
                    connection.has_spoken = true;
                    self.forward_message(step);
                    self.carry_out();
                    messages += 1;
                }
                Ok(None) => match connection.read() {
                    Ok(Read::Some) => {}
                    Ok(Read::Nothing) => return,
                    Ok(Read::End) => return self.connections.cut(number),
                    Err(error) => {
                        tracing::trace!(error = %error, "a connection broke");
                        return self.connections.cut(number);
                    }
                },
                Err(error) => {
                    tracing::debug!(error = %error, "a connection was cut");
                    return self.connections.cut(number);
                }
            }
        }
        self.connections.wait(number, &mut self.ready);
    }

    /// Forwards what a stream's message has become.
    fn forward_message(&mut self, step: Step) {
        match step {
            Step::Done => {}
            Step::ToPeer { relay, peer } => self.datagrams.send_to_peer(relay, peer, &self.message),
            Step::ToClient { client } => match client.transport {
                Transport::Udp => self.datagrams.send_to_client(&client, &self.message),
                Transport::Tcp | Transport::Tls => self.connections.send_data(&client, &self.message),
            },
        }
    }

    /// Does what else the machine wants done.
    fn carry_out(&mut self) {
        while let Some(output) = self.server.poll_output() {
            match output {
                Output::Send { to, bytes } => match to.transport {
                    Transport::Udp => self.datagrams.send_to_client(&to, &bytes),
                    Transport::Tcp | Transport::Tls => self.connections.send_answer(&to, &bytes),
                },
                Output::Open {
                    relay,
                    address,
                    dont_fragment,
                } => {
                    let opened = self.datagrams.open(self.poll.registry(), relay, address, dont_fragment);
                    self.server.handle_opened(relay, opened, self.now);
                }
                Output::Close { relay } => self.datagrams.close(relay),
                Output::Allocated { ticket } => self.accounts.allocated(ticket),
                Output::Released { ticket } => self.released.push(ticket),
            }
        }
    }

    /// Closes the connections that are over; their allocations go with them.
    fn close_broken(&mut self) {
        while let Some(client) = self.connections.close_next() {
            self.server.handle_stream_closed(client, self.now);
            self.carry_out();
        }
    }

    fn keep_time(&mut self) {
        if self.server.poll_timeout().is_some_and(|at| at <= self.now) {
            self.server.handle_timeout(self.now);
            self.carry_out();
        }
        if self.next_tick <= self.now {
            self.next_tick = self.now.after(TICK);
            self.tick();
        }
        self.settle();
    }

    fn tick(&mut self) {
        self.server.handle_system_time(RelayClock::system(), self.now);
        let server = &self.server;
        self.connections
            .expire(self.now, |client| server.has_allocation(client));
        self.close_broken();
        for number in 0..self.acceptors.len() as u32 {
            self.note(Source::Acceptor(number));
        }
        self.accounts.book(self.server.take_usage());
        let dropped = self.connections.take_dropped();
        self.accounts
            .show(self.datagrams.take_sent(), dropped, self.connections.len());
    }

    /// Closes the books on the allocations that ended.
    fn settle(&mut self) {
        for ticket in self.released.drain(..) {
            // Of this ticket only: a turn in which a call ends must not cost as much as all calls together.
            let usage = self.server.take_usage_of(&ticket);
            if usage != Usage::default() {
                self.accounts.book(vec![(ticket.clone(), usage)]);
            }
            self.accounts.released(&ticket);
        }
    }
}

#[cfg(test)]
mod tests;
