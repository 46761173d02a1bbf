//! Many datagrams out of a socket with one system call.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::ops::Range;
use std::os::fd::AsRawFd as _;
use std::ptr::NonNull;

use crate::socket::Socket;
use crate::wire::{Control, Name};

/// How the buffers of a [`RecvBatch`] are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// How many datagrams there is room for.
    pub slots: usize,
    /// Bytes before each datagram, for headers that are put on.
    pub headroom: usize,
    /// The longest datagram, in bytes; longer ones are received but not shown.
    pub size: usize,
    /// Bytes behind each datagram, for padding.
    pub tailroom: usize,
}

/// What one [`RecvBatch::receive`] brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// The slots that it filled.
    pub slots: Range<usize>,
    /// Whether the socket had no more: an event loop that tells only of changes will tell of the next datagram.
    pub is_drained: bool,
}

/// One datagram, in its slot.
#[derive(Debug)]
pub struct Datagram<'a> {
    /// Who sent it.
    pub remote: SocketAddr,
    /// The address it came to: the socket's own, or, where that is unspecified, the one in the datagram's IP header.
    pub local: SocketAddr,
    /// The whole slot: headroom, datagram, tailroom.
    pub buffer: &'a mut [u8],
    /// Where in `buffer` the datagram lies.
    pub range: Range<usize>,
}

/// Numbered slots that datagrams are received into, from one socket or from several in turn, worked on in place, and
/// sent from by [`SendBatch`](crate::SendBatch).
///
/// Slots fill from the first to the last; [`clear`](Self::clear) empties all of them. Nothing is allocated after `new`.
///
/// ```no_run
/// # use offhook_udp::*;
/// # fn example(socket: &Socket) -> std::io::Result<()> {
/// let mut packets = RecvBatch::new(Layout { slots: 64, headroom: 64, size: 2048, tailroom: 4 });
/// let mut outgoing = SendBatch::new(64);
/// let received = packets.receive(socket, 64)?;
/// for slot in received.slots {
///     let Some(datagram) = packets.datagram(slot) else { continue };
///     let (destination, range) = (datagram.remote, datagram.range);
///     outgoing.push(Outgoing { socket: 0, slot, range, destination, source: None });
/// }
/// outgoing.flush(&packets, |_| Some(socket));
/// packets.clear();
/// # Ok(())
/// # }
/// ```
pub struct RecvBatch {
    layout: Layout,
    /// How many slots hold something.
    filled: usize,
    /// The port and, unless unspecified, the address of the socket that filled each slot.
    bound: Vec<SocketAddr>,
    // What follows is reached through raw pointers only, because the headers hold pointers into the other arrays
    // for as long as the batch lives: a reference to a whole array would invalidate them.
    bytes: Array<u8>,
    headers: Array<libc::mmsghdr>,
    names: Array<Name>,
    controls: Array<Control>,
    _parts: Array<libc::iovec>,
}

// SAFETY: the pointers in `headers` and `_parts` lead only into arrays that the batch itself owns and that move nowhere
// when it does; nothing in it is tied to a thread.
unsafe impl Send for RecvBatch {}

impl RecvBatch {
    /// Allocates the slots and what the kernel needs to fill them.
    pub fn new(layout: Layout) -> Self {
        let Layout {
            slots, headroom, size, ..
        } = layout;
        let stride = stride(&layout);
        let bytes = Array::new(vec![0_u8; slots * stride]);
        let names = Array::new(vec![Name::default(); slots]);
        let controls = Array::new(vec![Control::EMPTY; slots]);
        let parts = (0..slots).map(|slot| libc::iovec {
            iov_base: bytes.at(slot * stride + headroom).cast(),
            iov_len: size,
        });
        let parts = Array::new(parts.collect());
        let headers = (0..slots).map(|slot| {
            // SAFETY: all zeroes is a valid `mmsghdr`: null pointers with lengths of nought.
            let mut header: libc::mmsghdr = unsafe { std::mem::zeroed() };
            header.msg_hdr.msg_name = names.at(slot).cast();
            header.msg_hdr.msg_iov = parts.at(slot);
            header.msg_hdr.msg_iovlen = 1;
            header.msg_hdr.msg_control = controls.at(slot).cast();
            reset(&mut header);
            header
        });
        let headers = Array::new(headers.collect());
        Self {
            layout,
            filled: 0,
            bound: Vec::with_capacity(slots),
            bytes,
            headers,
            names,
            controls,
            _parts: parts,
        }
    }

    /// How many slots are empty.
    pub fn free(&self) -> usize {
        self.layout.slots - self.filled
    }

    /// Receives at most `most` datagrams, and no more than there are free slots; none is not an error.
    ///
    /// # Errors
    ///
    /// As `recvmmsg`, but not `WouldBlock`. An error reported here concerns an earlier datagram or the socket; nothing
    /// that was received is lost by it.
    pub fn receive(&mut self, socket: &Socket, most: usize) -> io::Result<Received> {
        let first = self.filled;
        let wanted = most.min(self.free());
        if wanted == 0 {
            return Ok(Received {
                slots: first..first,
                is_drained: false,
            });
        }
        let count = loop {
            // SAFETY: the descriptor is open while `socket` lives. `headers` holds at least `first + wanted` headers, each
            // with pointers into arrays of this batch and their true lengths; no reference into these arrays exists
            // while `self` is borrowed mutably here.
            let count = unsafe {
                libc::recvmmsg(
                    socket.as_raw_fd(),
                    self.headers.at(first),
                    wanted as u32,
                    libc::MSG_DONTWAIT,
                    std::ptr::null_mut(),
                )
            };
            if let Ok(count) = usize::try_from(count) {
                break count.min(wanted);
            }
            let error = io::Error::last_os_error();
            match error.kind() {
                io::ErrorKind::Interrupted => {}
                io::ErrorKind::WouldBlock => break 0,
                _ => return Err(error),
            }
        };
        self.filled += count;
        self.bound.resize(self.filled, socket.local_address());
        Ok(Received {
            slots: first..self.filled,
            is_drained: count < wanted,
        })
    }

    /// Puts a datagram that came another way into the next free slot and says into which; nothing if no slot is free or
    /// `bytes` are longer than the layout's `size`.
    pub fn insert(&mut self, bytes: &[u8], remote: SocketAddr, local: SocketAddr) -> Option<usize> {
        if self.free() == 0 || bytes.len() > self.layout.size {
            return None;
        }
        let slot = self.filled;
        let (name, _) = Name::new(remote);
        // SAFETY: `slot` is below the number of slots, the kernel is done with it since the last `clear`, and no other
        // reference into `headers` or `names` exists.
        let header = unsafe {
            *self.names.at(slot) = name;
            &mut *self.headers.at(slot)
        };
        header.msg_len = bytes.len() as u32;
        header.msg_hdr.msg_controllen = 0;
        self.bound.push(local);
        self.filled += 1;
        let datagram = self.datagram(slot)?;
        datagram.buffer.get_mut(datagram.range)?.copy_from_slice(bytes);
        Some(slot)
    }

    /// The datagram in a slot; nothing if the slot is empty, or if the datagram was longer than the layout's `size`.
    pub fn datagram(&mut self, slot: usize) -> Option<Datagram<'_>> {
        let bound = *self.bound.get(slot)?;
        // SAFETY: `slot` is below `bound.len()`, which is at most the number of slots. The kernel is done writing, and
        // the only references into the arrays are those of an earlier `Datagram`, which has ended: `self` is
        // borrowed mutably for as long as one lives.
        let (header, name, control, buffer) = unsafe {
            let stride = stride(&self.layout);
            (
                &*self.headers.at(slot),
                &*self.names.at(slot),
                &*self.controls.at(slot),
                std::slice::from_raw_parts_mut(self.bytes.at(slot * stride), stride),
            )
        };
        if header.msg_hdr.msg_flags & libc::MSG_TRUNC != 0 {
            return None;
        }
        let length = usize::try_from(header.msg_len).ok()?.min(self.layout.size);
        let mut local = bound;
        if let Some(address) = control.local_address(header.msg_hdr.msg_controllen) {
            local.set_ip(address);
        }
        Some(Datagram {
            remote: name.address()?,
            local,
            buffer,
            range: self.layout.headroom..self.layout.headroom + length,
        })
    }

    /// Empties all slots.
    pub fn clear(&mut self) {
        for slot in 0..self.filled {
            // SAFETY: `slot` is below the number of slots, and no other reference into `headers` exists.
            reset(unsafe { &mut *self.headers.at(slot) });
        }
        self.filled = 0;
        self.bound.clear();
    }

    /// The bytes at `range` of a slot that holds something, for sending; nothing if the range leaves the slot.
    pub(crate) fn part(&self, slot: usize, range: &Range<usize>) -> Option<libc::iovec> {
        let is_inside = range.start <= range.end && range.end <= stride(&self.layout);
        (slot < self.filled && is_inside).then(|| libc::iovec {
            iov_base: self.bytes.at(slot * stride(&self.layout) + range.start).cast(),
            iov_len: range.end - range.start,
        })
    }
}

impl fmt::Debug for RecvBatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecvBatch")
            .field("layout", &self.layout)
            .field("filled", &self.filled)
            .finish_non_exhaustive()
    }
}

/// From the start of one slot to the next: a whole number of cache lines.
fn stride(layout: &Layout) -> usize {
    (layout.headroom + layout.size + layout.tailroom).next_multiple_of(64)
}

/// Gives the kernel back the whole room for name and control messages, which it cuts to what it used.
fn reset(header: &mut libc::mmsghdr) {
    header.msg_len = 0;
    header.msg_hdr.msg_namelen = Name::SIZE as u32;
    header.msg_hdr.msg_controllen = Control::SIZE;
    header.msg_hdr.msg_flags = 0;
}

/// A boxed slice of which only raw pointers are given out.
struct Array<T> {
    start: NonNull<T>,
    length: usize,
}

impl<T> Array<T> {
    fn new(items: Vec<T>) -> Self {
        let items = NonNull::from(Box::leak(items.into_boxed_slice()));
        Self {
            start: items.cast(),
            length: items.len(),
        }
    }

    /// The address of an item; the end of the array for any index behind it.
    fn at(&self, index: usize) -> *mut T {
        // SAFETY: the offset is at most `length`, so the result is inside the allocation or at its end.
        unsafe { self.start.as_ptr().add(index.min(self.length)) }
    }
}

impl<T> Drop for Array<T> {
    fn drop(&mut self) {
        let items = NonNull::slice_from_raw_parts(self.start, self.length);
        // SAFETY: these are the pointer and length of the box that `new` leaked, and they are used for the last time.
        drop(unsafe { Box::from_raw(items.as_ptr()) });
    }
}
