//! Many datagrams into sockets with few system calls.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::ops::Range;
use std::os::fd::AsRawFd as _;

use crate::receive::RecvBatch;
use crate::socket::Socket;
use crate::wire::{Control, Name};

/// The most datagrams that one message is cut into (`UDP_MAX_SEGMENTS` of the kernels that allow fewest).
const MOST_SEGMENTS: usize = 64;
/// The most bytes in one message: what an IP packet's 16-bit length leaves beside an IPv6 and a UDP header.
const MOST_BYTES: usize = 65_535 - 40 - 8;

/// A datagram to send, lying in a slot of a [`RecvBatch`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// The caller's number for the socket to send by.
    pub socket: u32,
    /// The slot that it lies in.
    pub slot: usize,
    /// Where in the slot's buffer it lies.
    pub range: Range<usize>,
    /// Whom it goes to.
    pub destination: SocketAddr,
    /// The local address to send from, where the socket is bound to all of them.
    pub source: Option<IpAddr>,
}

/// What became of the datagrams of one [`SendBatch::flush`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// Taken by the kernel.
    pub sent: usize,
    /// Refused each for itself: too long for the path, no route, forbidden by a firewall, no such slot or socket.
    pub refused: usize,
    /// Dropped because their socket's buffer was full.
    pub crowded: usize,
}

/// Datagrams waiting to be sent from the slots of a [`RecvBatch`], by any number of sockets.
///
/// Datagrams by one socket to one destination keep their order; others may overtake each other. Those that are next to
/// each other in that order and of one size (the last may be shorter) become one message that the kernel or the
/// network card cuts (`UDP_SEGMENT`). Where that is refused they go one by one.
///
/// Nothing is kept after [`flush`](Self::flush): a relay that queued what the network does not take would only be late.
pub struct SendBatch {
    waiting: Vec<Outgoing>,
    /// Socket, digest of the destination, index into `waiting`: sorted, what belongs together lies together.
    order: Vec<(u32, u32, u32)>,
    message: Messages,
}

impl SendBatch {
    /// Makes room for `capacity` datagrams; more make it grow.
    pub fn new(capacity: usize) -> Self {
        Self {
            waiting: Vec::with_capacity(capacity),
            order: Vec::with_capacity(capacity),
            message: Messages::new(capacity),
        }
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Puts a datagram behind those that wait. It is read at the next flush: its slot must not be cleared before.
    pub fn push(&mut self, outgoing: Outgoing) {
        let index = self.waiting.len() as u32;
        self.order.push((outgoing.socket, digest(outgoing.destination), index));
        self.waiting.push(outgoing);
    }

    /// Sends all that waits; `socket_of` finds a socket by the caller's number.
    ///
    /// One message's failure loses no other's; a full buffer loses the rest of that socket's.
    pub fn flush<'a>(&mut self, packets: &RecvBatch, mut socket_of: impl FnMut(u32) -> Option<&'a Socket>) -> Sent {
        let Self {
            waiting,
            order,
            message,
        } = self;
        let mut sent = Sent::default();
        order.sort_unstable();
        for group in order.chunk_by(|(one, ..), (other, ..)| one == other) {
            let Some(socket) = group.first().and_then(|(number, ..)| socket_of(*number)) else {
                sent.refused += group.len();
                continue;
            };
            let group = group.iter().filter_map(|(.., index)| waiting.get(*index as usize));
            message.gather(group, packets, socket.can_segment(), &mut sent);
            message.send(socket, &mut sent);
        }
        order.clear();
        waiting.clear();
        sent
    }
}

impl fmt::Debug for SendBatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendBatch")
            .field("waiting", &self.waiting)
            .finish_non_exhaustive()
    }
}

/// The messages of one socket, in the kernel's layout. Between flushes it holds nothing.
struct Messages {
    headers: Vec<libc::mmsghdr>,
    names: Vec<Name>,
    controls: Vec<Control>,
    /// Where the datagrams lie, those of one message behind each other.
    parts: Vec<libc::iovec>,
    /// What is beside that to know of each message.
    envelopes: Vec<Envelope>,
}

/// Whose message it is and how it is made.
struct Envelope {
    destination: SocketAddr,
    source: Option<IpAddr>,
    name_size: usize,
    control_size: usize,
    /// Its datagrams in `parts`.
    parts: Range<usize>,
}

// SAFETY: the pointers in `headers` and `parts` are written and used within one `SendBatch::flush`; between two, both are
// empty, so none travels to another thread.
unsafe impl Send for Messages {}

impl Messages {
    fn new(capacity: usize) -> Self {
        Self {
            headers: Vec::with_capacity(capacity),
            names: Vec::with_capacity(capacity),
            controls: Vec::with_capacity(capacity),
            parts: Vec::with_capacity(capacity),
            envelopes: Vec::with_capacity(capacity),
        }
    }

    /// Makes messages of the datagrams of one socket, merging neighbours where that is allowed.
    fn gather<'a>(
        &mut self,
        group: impl Iterator<Item = &'a Outgoing>,
        packets: &RecvBatch,
        can_segment: bool,
        sent: &mut Sent,
    ) {
        // The message that is being made: how long its segments are, how long the last, how many bytes in all.
        let mut open: Option<Open> = None;
        for outgoing in group {
            let Some(part) = packets.part(outgoing.slot, &outgoing.range) else {
                sent.refused += 1;
                continue;
            };
            let size = part.iov_len;
            let joins = open
                .as_ref()
                .is_some_and(|open| can_segment && open.takes(outgoing, size));
            match (&mut open, self.envelopes.last_mut()) {
                (Some(open), Some(envelope)) if joins => {
                    self.parts.push(part);
                    envelope.parts.end += 1;
                    open.add(size);
                }
                _ => {
                    let at = self.parts.len();
                    self.parts.push(part);
                    self.envelopes.push(Envelope {
                        destination: outgoing.destination,
                        source: outgoing.source,
                        name_size: 0,
                        control_size: 0,
                        parts: at..at + 1,
                    });
                    open = Some(Open::new(outgoing, size));
                }
            }
        }
        for envelope in &mut self.envelopes {
            let (name, name_size) = Name::new(envelope.destination);
            let segment_size = match self.parts.get(envelope.parts.clone()) {
                Some([first, _, ..]) => u16::try_from(first.iov_len).ok(),
                _ => None,
            };
            let (control, control_size) = Control::new(envelope.source, segment_size);
            envelope.name_size = name_size;
            envelope.control_size = control_size;
            self.names.push(name);
            self.controls.push(control);
        }
    }

    /// Sends the messages and forgets them.
    fn send(&mut self, socket: &Socket, sent: &mut Sent) {
        self.address();
        let mut at = 0;
        let mut has_tried_again = false;
        while let Some(envelope) = self.envelopes.get(at) {
            let left = self.envelopes.len() - at;
            // SAFETY: the descriptor is open while `socket` lives. `headers` has one entry an envelope, so `left` entries lie
            // behind `at`; `address` has just made each point at its name, control and parts, which live in vectors that
            // have not changed since, and the parts at slots of a `RecvBatch` that `flush` borrows.
            let count = unsafe {
                libc::sendmmsg(
                    socket.as_raw_fd(),
                    self.headers.as_mut_ptr().add(at),
                    left as u32,
                    libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL,
                )
            };
            if let Ok(count @ 1..) = usize::try_from(count) {
                let taken = self.envelopes.iter().skip(at).take(count);
                sent.sent += taken.map(|envelope| envelope.parts.len()).sum::<usize>();
                at += count;
                has_tried_again = false;
                continue;
            }
            let error = io::Error::last_os_error();
            match error.raw_os_error() {
                Some(libc::EINTR) => {}
                // An error of an earlier datagram, told by ICMP: this message has not been tried.
                Some(libc::ECONNREFUSED) if !has_tried_again => has_tried_again = true,
                Some(libc::EAGAIN | libc::ENOBUFS) => {
                    let rest = self.envelopes.iter().skip(at);
                    sent.crowded += rest.map(|envelope| envelope.parts.len()).sum::<usize>();
                    break;
                }
                code => {
                    if envelope.parts.len() == 1 {
                        sent.refused += 1;
                    } else {
                        // EIO and EOPNOTSUPP: the device cannot. Others (EINVAL, EMSGSIZE: longer than this path
                        // takes) concern this destination only, or anybody could turn merging off for all.
                        if matches!(code, Some(libc::EIO | libc::EOPNOTSUPP)) {
                            socket.never_segment_again();
                        }
                        self.send_each(socket, envelope, sent);
                    }
                    at += 1;
                    has_tried_again = false;
                }
            }
        }
        self.clear();
    }

    /// Makes the headers, now that what they point at will not move.
    fn address(&mut self) {
        let (names, controls, parts) = (
            self.names.as_mut_ptr(),
            self.controls.as_mut_ptr(),
            self.parts.as_mut_ptr(),
        );
        for (index, envelope) in self.envelopes.iter().enumerate() {
            // SAFETY: all zeroes is a valid `mmsghdr`. `names` and `controls` have one entry an envelope, and `parts.start`
            // is the index of a part, so each offset stays inside its vector.
            let header = unsafe {
                let mut header: libc::mmsghdr = std::mem::zeroed();
                header.msg_hdr.msg_name = names.add(index).cast();
                header.msg_hdr.msg_iov = parts.add(envelope.parts.start);
                if envelope.control_size > 0 {
                    header.msg_hdr.msg_control = controls.add(index).cast();
                }
                header
            };
            self.headers.push(header);
            if let Some(header) = self.headers.last_mut() {
                header.msg_hdr.msg_namelen = envelope.name_size as u32;
                header.msg_hdr.msg_iovlen = envelope.parts.len();
                header.msg_hdr.msg_controllen = envelope.control_size;
            }
        }
    }

    /// Sends the datagrams of a message that was refused as one.
    fn send_each(&self, socket: &Socket, envelope: &Envelope, sent: &mut Sent) {
        for part in self.parts.get(envelope.parts.clone()).unwrap_or_default() {
            match socket.send_parts(std::slice::from_ref(part), envelope.destination, envelope.source) {
                Ok(()) => sent.sent += 1,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => sent.crowded += 1,
                Err(_) => sent.refused += 1,
            }
        }
    }

    fn clear(&mut self) {
        self.headers.clear();
        self.names.clear();
        self.controls.clear();
        self.parts.clear();
        self.envelopes.clear();
    }
}

/// A message that may yet grow.
struct Open {
    destination: SocketAddr,
    source: Option<IpAddr>,
    segment_size: usize,
    last_size: usize,
    bytes: usize,
    segments: usize,
}

impl Open {
    fn new(first: &Outgoing, size: usize) -> Self {
        Self {
            destination: first.destination,
            source: first.source,
            segment_size: size,
            last_size: size,
            bytes: size,
            segments: 1,
        }
    }

    /// Whether a datagram of `size` can be the next segment.
    fn takes(&self, next: &Outgoing, size: usize) -> bool {
        (1..=self.segment_size).contains(&size)
            && self.last_size == self.segment_size
            && self.segments < MOST_SEGMENTS
            && self.bytes + size <= MOST_BYTES
            && self.destination == next.destination
            && self.source == next.source
    }

    fn add(&mut self, size: usize) {
        self.last_size = size;
        self.bytes += size;
        self.segments += 1;
    }
}

/// A number that is the same for the same destination, and seldom for two.
fn digest(destination: SocketAddr) -> u32 {
    let address = match destination.ip() {
        IpAddr::V4(address) => u64::from(address.to_bits()),
        IpAddr::V6(address) => {
            let bits = address.to_bits();
            (bits >> 64) as u64 ^ bits as u64
        }
    };
    // Fibonacci hashing: the odd number next to 2^64 divided by the golden ratio spreads neighbours.
    let mixed = (address << 16 ^ u64::from(destination.port())).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 32) as u32
}
