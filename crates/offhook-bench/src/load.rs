//! Traffic: sends stamped packets along lanes, takes them where they arrive, and counts.

use std::net::{Ipv4Addr, SocketAddr};
use std::os::fd::AsRawFd as _;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token};
use offhook_udp::{Buffers, Layout, Outgoing, RecvBatch, SendBatch, Socket};

/// What an application's packet carries, in bytes: about what WebRTC sends for video.
const PAYLOAD_SIZE: usize = 1200;
/// ChannelData's header: channel and length (RFC 8656 §12.4).
const CHANNEL_HEADER_SIZE: usize = 4;
/// The stamp at a packet's end: the run it belongs to, then when it was sent, in nanoseconds since the load was made.
const STAMP_SIZE: usize = 16;
/// How many packets are sent with one look at the clock.
const BURST: usize = 64;
/// A window that brings nothing for so long is lost; a load that waited for it would measure nothing.
const PATIENCE: Duration = Duration::from_millis(200);
/// What is under way at a run's end may arrive for so long.
const DRAIN: Duration = Duration::from_millis(50);

/// One way for packets.
#[derive(Clone, Copy, Debug)]
pub struct Lane {
    /// The sender, by its number.
    pub sender: u32,
    /// Where it sends.
    pub destination: SocketAddr,
    /// The channel, where it speaks to a TURN server.
    pub channel: Option<u16>,
}

/// How fast packets are sent.
#[derive(Clone, Copy, Debug)]
pub enum Pace {
    /// As fast as they arrive, with so many under way: the server always has work.
    Window(usize),
    /// So many a second, whatever arrives.
    Rate(f64),
}

/// What one run is to be.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    /// How fast.
    pub pace: Pace,
    /// How many packets follow each other on one lane, back to back.
    pub frame: usize,
    /// How long.
    pub length: Duration,
    /// Beside the packets, so many requests a second from one stranger; 0 for none.
    pub flood: f64,
}

/// What a run brought.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Packets sent.
    pub sent: u64,
    /// Packets of this run that arrived.
    pub received: u64,
    /// Time from sending to arrival, in nanoseconds, of each packet that arrived.
    pub latencies: Vec<u32>,
    /// From the first packet to the end of the drain.
    pub elapsed: Duration,
    /// Whether a paced run could not keep its pace: then the load was too slow, and its loss says nothing.
    pub is_late: bool,
}

impl Tally {
    /// The part of the packets that did not arrive, 0 to 1.
    pub fn loss(&self) -> f64 {
        1.0 - self.received as f64 / self.sent.max(1) as f64
    }
}

/// A stranger who asks a server for allocations without credentials.
pub struct Flood {
    /// Where it sends from.
    pub socket: Socket,
    /// The server.
    pub server: SocketAddr,
    /// What it sends, again and again.
    pub request: Vec<u8>,
}

/// Sockets and lanes, kept between runs.
pub struct Load {
    /// Who disturbs, in runs that say so.
    pub flood: Option<Flood>,
    senders: Vec<Socket>,
    lanes: Vec<Lane>,
    receivers: Vec<Socket>,
    poll: Poll,
    events: Events,
    inbox: RecvBatch,
    outbox: RecvBatch,
    outgoing: SendBatch,
    epoch: Instant,
    run: u64,
    next_lane: usize,
}

impl Load {
    /// A load over these sockets.
    pub fn new(senders: Vec<Socket>, lanes: Vec<Lane>, receivers: Vec<Socket>) -> anyhow::Result<Self> {
        let poll = Poll::new()?;
        for (number, socket) in receivers.iter().enumerate() {
            let fd = socket.as_raw_fd();
            poll.registry()
                .register(&mut SourceFd(&fd), Token(number), Interest::READABLE)?;
        }
        let size = CHANNEL_HEADER_SIZE + PAYLOAD_SIZE;
        let layout = Layout {
            slots: BURST,
            headroom: 0,
            size,
            tailroom: 0,
        };
        let mut outbox = RecvBatch::new(layout);
        let nobody = SocketAddr::from((Ipv4Addr::LOCALHOST, 1));
        for _ in 0..BURST {
            outbox
                .insert(&vec![0x5a; size], nobody, nobody)
                .context("filling the outbox")?;
        }
        Ok(Self {
            flood: None,
            senders,
            lanes,
            receivers,
            poll,
            events: Events::with_capacity(1024),
            inbox: RecvBatch::new(layout),
            outbox,
            outgoing: SendBatch::new(BURST),
            epoch: Instant::now(),
            run: 0,
            next_lane: 0,
        })
    }

    /// Sends and receives for as long as the run says, and a little longer.
    pub fn run(&mut self, run: Run) -> anyhow::Result<Tally> {
        self.run += 1;
        let mut tally = Tally::default();
        // What arrived since the last run is of no run.
        self.take_arrivals(Duration::ZERO, &mut Tally::default())?;
        let start = Instant::now();
        match run.pace {
            Pace::Window(window) => self.saturate(run, window, start, &mut tally)?,
            Pace::Rate(rate) => self.keep_pace(run, rate, start, &mut tally)?,
        }
        let drained = Instant::now() + DRAIN;
        while tally.received < tally.sent {
            let left = drained.saturating_duration_since(Instant::now());
            self.take_arrivals(left, &mut tally)?;
            if left.is_zero() {
                break;
            }
        }
        tally.elapsed = start.elapsed();
        Ok(tally)
    }

    fn saturate(&mut self, run: Run, window: usize, start: Instant, tally: &mut Tally) -> anyhow::Result<()> {
        let mut last_arrival = start;
        let mut given_up = 0;
        loop {
            let now = Instant::now();
            if now.duration_since(start) >= run.length {
                return Ok(());
            }
            let under_way = (tally.sent - tally.received).saturating_sub(given_up) as usize;
            let may_send = under_way + BURST <= window;
            if may_send {
                tally.sent += self.send(BURST, run.frame) as u64;
            }
            let before = tally.received;
            let wait = if may_send {
                Duration::ZERO
            } else {
                Duration::from_millis(5)
            };
            self.take_arrivals(wait, tally)?;
            if tally.received > before {
                last_arrival = now;
            } else if !may_send && now.duration_since(last_arrival) > PATIENCE {
                given_up = tally.sent - tally.received;
                last_arrival = now;
            }
        }
    }

    fn keep_pace(&mut self, run: Run, rate: f64, start: Instant, tally: &mut Tally) -> anyhow::Result<()> {
        let wanted = (rate * run.length.as_secs_f64()) as u64;
        let mut flooded = 0;
        while tally.sent < wanted {
            let elapsed = start.elapsed();
            if elapsed > run.length.mul_f64(1.05) {
                tally.is_late = true;
                return Ok(());
            }
            let flood_due = (elapsed.as_secs_f64() * run.flood) as u64;
            // Few at once: the packets that are measured must not wait behind them here.
            for _ in 0..flood_due.saturating_sub(flooded).min(8) {
                if let Some(Flood {
                    socket,
                    server,
                    request,
                }) = &self.flood
                {
                    let _ = socket.send_to(request, *server, None);
                }
                flooded += 1;
            }
            let due = ((elapsed.as_secs_f64() * rate) as u64).min(wanted);
            let behind = due.saturating_sub(tally.sent) as usize;
            if behind >= run.frame {
                let count = behind.min(BURST) / run.frame * run.frame;
                tally.sent += self.send(count, run.frame) as u64;
            } else if due == wanted {
                return Ok(());
            }
            self.take_arrivals(Duration::ZERO, tally)?;
        }
        Ok(())
    }

    /// Sends `count` packets, at most [`BURST`], `frame` of them on each lane.
    fn send(&mut self, count: usize, frame: usize) -> usize {
        let sent_at = self.epoch.elapsed().as_nanos() as u64;
        for slot in 0..count {
            if slot % frame == 0 {
                self.next_lane = (self.next_lane + 1) % self.lanes.len().max(1);
            }
            let (Some(lane), Some(datagram)) = (self.lanes.get(self.next_lane), self.outbox.datagram(slot)) else {
                continue;
            };
            let mut range = datagram.range;
            match lane.channel {
                Some(channel) => {
                    if let Some(header) = datagram.buffer.first_chunk_mut::<CHANNEL_HEADER_SIZE>() {
                        let [a, b] = channel.to_be_bytes();
                        let [c, d] = (PAYLOAD_SIZE as u16).to_be_bytes();
                        *header = [a, b, c, d];
                    }
                }
                None => range.start += CHANNEL_HEADER_SIZE,
            }
            if let Some(stamp) = datagram.buffer.get_mut(range.end - STAMP_SIZE..range.end) {
                let (run, time) = stamp.split_at_mut(8);
                run.copy_from_slice(&self.run.to_be_bytes());
                time.copy_from_slice(&sent_at.to_be_bytes());
            }
            self.outgoing.push(Outgoing {
                socket: lane.sender,
                slot,
                range,
                destination: lane.destination,
                source: None,
            });
        }
        let senders = &self.senders;
        // A packet that the kernel refuses counts as sent: it is lost like any other.
        self.outgoing.flush(&self.outbox, |number| senders.get(number as usize));
        count
    }

    fn take_arrivals(&mut self, wait: Duration, tally: &mut Tally) -> anyhow::Result<()> {
        if let Err(error) = self.poll.poll(&mut self.events, Some(wait))
            && error.kind() != std::io::ErrorKind::Interrupted
        {
            return Err(error).context("waiting for packets");
        }
        for event in &self.events {
            let Some(socket) = self.receivers.get(event.token().0) else {
                continue;
            };
            loop {
                self.inbox.clear();
                let received = self.inbox.receive(socket, BURST)?;
                let now = self.epoch.elapsed().as_nanos() as u64;
                for slot in received.slots {
                    let Some(datagram) = self.inbox.datagram(slot) else {
                        continue;
                    };
                    let Some(packet) = datagram.buffer.get(datagram.range) else {
                        continue;
                    };
                    let Some((run, sent_at)) = stamp(packet) else { continue };
                    if run == self.run {
                        tally.received += 1;
                        tally
                            .latencies
                            .push(now.saturating_sub(sent_at).try_into().unwrap_or(u32::MAX));
                    }
                }
                if received.is_drained {
                    break;
                }
            }
        }
        Ok(())
    }
}

/// Reads a packet's run and time.
fn stamp(packet: &[u8]) -> Option<(u64, u64)> {
    let (_, stamp) = packet.split_last_chunk::<STAMP_SIZE>()?;
    let (run, time) = stamp.split_first_chunk::<8>()?;
    Some((u64::from_be_bytes(*run), u64::from_be_bytes(time.try_into().ok()?)))
}

/// Binds a socket that is read seldom and must lose nothing meanwhile.
pub fn bind_roomy() -> anyhow::Result<Socket> {
    let buffers = Buffers {
        receive: Some(4 << 20),
        send: Some(4 << 20),
    };
    Socket::bind((Ipv4Addr::LOCALHOST, 0).into(), buffers).context("binding a socket of the load")
}

#[cfg(test)]
mod tests;
