//! A UDP socket that never blocks.

use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::sync::atomic::{AtomicBool, Ordering};

use socket2::{Domain, Protocol, Type};

use crate::wire::{Control, Name};

/// How much the kernel keeps for a socket, in bytes; `None` leaves the system's default.
///
/// The kernel doubles the number and counts its own overhead against it; without privilege it stays below
/// `net.core.rmem_max` and `net.core.wmem_max`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Buffers {
    /// For datagrams that the program has not read.
    pub receive: Option<usize>,
    /// For datagrams that the network has not taken.
    pub send: Option<usize>,
}

/// A bound UDP socket: non-blocking, of one family (an IPv6 socket carries no IPv4), able to say which local address a
/// datagram came to where it is bound to all of them.
#[derive(Debug)]
pub struct Socket {
    inner: UdpSocket,
    local: SocketAddr,
    /// Cleared for good when the kernel or the device says that it cannot.
    can_segment: AtomicBool,
}

impl Socket {
    /// Binds a socket to `address`; port 0 takes a free one.
    ///
    /// # Errors
    ///
    /// As the system calls: above all `AddrInUse`, `AddrNotAvailable` and `EMFILE`.
    pub fn bind(address: SocketAddr, buffers: Buffers) -> io::Result<Self> {
        let socket = socket2::Socket::new(
            Domain::for_address(address),
            Type::DGRAM.nonblocking().cloexec(),
            Some(Protocol::UDP),
        )?;
        if address.is_ipv6() {
            socket.set_only_v6(true)?;
        }
        if let Some(size) = buffers.receive {
            socket.set_recv_buffer_size(size)?;
        }
        if let Some(size) = buffers.send {
            socket.set_send_buffer_size(size)?;
        }
        socket.bind(&address.into())?;
        let inner = UdpSocket::from(socket);
        if address.ip().is_unspecified() {
            match address {
                SocketAddr::V4(_) => set_option(&inner, libc::IPPROTO_IP, libc::IP_PKTINFO, 1)?,
                SocketAddr::V6(_) => set_option(&inner, libc::IPPROTO_IPV6, libc::IPV6_RECVPKTINFO, 1)?,
            }
        }
        // Kernels before 4.18 do not know the option; in a message they would ignore it and send one huge datagram.
        let can_segment = set_option(&inner, libc::SOL_UDP, libc::UDP_SEGMENT, 0).is_ok();
        Ok(Self {
            local: inner.local_addr()?,
            inner,
            can_segment: AtomicBool::new(can_segment),
        })
    }

    /// The address that the socket is bound to, with its real port.
    pub fn local_address(&self) -> SocketAddr {
        self.local
    }

    /// Sends one datagram, for what has no slot in a [`RecvBatch`](crate::RecvBatch); `source` is the local address to
    /// send from where the socket is bound to all of them.
    ///
    /// # Errors
    ///
    /// `WouldBlock` when the kernel takes no more at the moment; else as `sendmsg`.
    pub fn send_to(&self, bytes: &[u8], destination: SocketAddr, source: Option<IpAddr>) -> io::Result<()> {
        let part = libc::iovec {
            iov_base: bytes.as_ptr().cast_mut().cast(),
            iov_len: bytes.len(),
        };
        self.send_parts(&[part], destination, source)
    }

    /// Sends one datagram of these parts, which the caller keeps alive.
    pub(crate) fn send_parts(
        &self,
        parts: &[libc::iovec],
        destination: SocketAddr,
        source: Option<IpAddr>,
    ) -> io::Result<()> {
        let (mut name, name_size) = Name::new(destination);
        let (mut control, control_size) = Control::new(source, None);
        // SAFETY: all zeroes is a valid `msghdr`: null pointers with lengths of nought.
        let mut header: libc::msghdr = unsafe { std::mem::zeroed() };
        header.msg_name = (&raw mut name).cast();
        header.msg_namelen = name_size as u32;
        header.msg_iov = parts.as_ptr().cast_mut();
        header.msg_iovlen = parts.len();
        if control_size > 0 {
            header.msg_control = (&raw mut control).cast();
            header.msg_controllen = control_size;
        }
        // An error of an earlier datagram, told by ICMP, stands in for this one: then this one has not been tried.
        for is_last in [false, true] {
            // SAFETY: the descriptor is open while `self` lives; `header` names arrays that outlive the call with their
            // true lengths, and `sendmsg` only reads them.
            let sent = unsafe { libc::sendmsg(self.as_raw_fd(), &raw const header, libc::MSG_NOSIGNAL) };
            if sent >= 0 {
                return Ok(());
            }
            let error = io::Error::last_os_error();
            if is_last
                || !matches!(
                    error.kind(),
                    io::ErrorKind::ConnectionRefused | io::ErrorKind::Interrupted
                )
            {
                return Err(error);
            }
        }
        Ok(())
    }

    pub(crate) fn can_segment(&self) -> bool {
        self.can_segment.load(Ordering::Relaxed)
    }

    /// Sends every datagram by itself from here on.
    pub fn never_segment_again(&self) {
        self.can_segment.store(false, Ordering::Relaxed);
    }
}

impl AsRawFd for Socket {
    fn as_raw_fd(&self) -> RawFd {
        self.inner.as_raw_fd()
    }
}

impl AsFd for Socket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.inner.as_fd()
    }
}

/// Sets an option that is a number.
pub(crate) fn set_option(socket: &UdpSocket, level: i32, option: i32, value: i32) -> io::Result<()> {
    // SAFETY: the descriptor is open, and the kernel reads `size_of::<i32>()` bytes of `value`, which outlives the call.
    let result = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            level,
            option,
            (&raw const value).cast(),
            size_of::<i32>() as u32,
        )
    };
    if result == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}
