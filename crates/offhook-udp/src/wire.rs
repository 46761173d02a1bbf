//! Socket addresses and control messages as the kernel lays them out, read and written byte by byte.
//!
//! The layouts are part of Linux's stable ABI (`struct sockaddr_in`, `sockaddr_in6`, `cmsghdr`, `in_pktinfo`,
//! `in6_pktinfo`), so plain slices do, without a cast.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

/// A socket address in the kernel's layout, large enough for both families.
#[repr(C, align(4))]
#[derive(Clone, Copy, Debug, Default)]
pub struct Name {
    bytes: [u8; Name::SIZE],
}

impl Name {
    /// The size of a `sockaddr_in6`, the larger of the two.
    pub const SIZE: usize = 28;
    const IPV4_SIZE: usize = 16;

    /// Writes `address` down and says how many bytes of it count.
    pub fn new(address: SocketAddr) -> (Self, usize) {
        let mut writer = Writer::<{ Self::SIZE }>::default();
        match address {
            SocketAddr::V4(address) => {
                writer.put((libc::AF_INET as u16).to_ne_bytes());
                writer.put(address.port().to_be_bytes());
                writer.put(address.ip().octets());
                (Self { bytes: writer.bytes }, Self::IPV4_SIZE)
            }
            SocketAddr::V6(address) => {
                writer.put((libc::AF_INET6 as u16).to_ne_bytes());
                writer.put(address.port().to_be_bytes());
                writer.put(address.flowinfo().to_ne_bytes());
                writer.put(address.ip().octets());
                writer.put(address.scope_id().to_ne_bytes());
                (Self { bytes: writer.bytes }, Self::SIZE)
            }
        }
    }

    /// Reads what the kernel wrote; nothing if it is of another family.
    pub fn address(&self) -> Option<SocketAddr> {
        let mut reader = Reader(&self.bytes);
        let family = i32::from(u16::from_ne_bytes(reader.take()?));
        let port = u16::from_be_bytes(reader.take()?);
        match family {
            libc::AF_INET => {
                let address = Ipv4Addr::from(reader.take::<4>()?);
                Some(SocketAddrV4::new(address, port).into())
            }
            libc::AF_INET6 => {
                let flow = u32::from_ne_bytes(reader.take()?);
                let address = Ipv6Addr::from(reader.take::<16>()?);
                let scope = u32::from_ne_bytes(reader.take()?);
                Some(SocketAddrV6::new(address, port, flow, scope).into())
            }
            _ => None,
        }
    }
}

/// Room for the control messages of one message: packet information and the size of segments.
#[repr(C, align(8))]
#[derive(Clone, Copy, Debug)]
pub struct Control {
    bytes: [u8; Control::SIZE],
}

impl Control {
    /// A message with an `in6_pktinfo` (40 bytes) and one with a `u16` (24 bytes).
    pub const SIZE: usize = 64;
    /// The length, the level and the type that stand before each message.
    const HEADER_SIZE: usize = size_of::<libc::cmsghdr>();

    /// No messages.
    pub const EMPTY: Self = Self { bytes: [0; Self::SIZE] };

    /// Writes the messages that ask to send from `source` and to cut the payload into `segment_size`, and says how many
    /// bytes of it count.
    pub fn new(source: Option<IpAddr>, segment_size: Option<u16>) -> (Self, usize) {
        let mut writer = Writer::<{ Self::SIZE }>::default();
        match source {
            None => {}
            Some(IpAddr::V4(source)) => {
                // struct in_pktinfo { int ipi_ifindex; struct in_addr ipi_spec_dst; struct in_addr ipi_addr; }
                Self::put_header(&mut writer, libc::IPPROTO_IP, libc::IP_PKTINFO, 12);
                writer.put(0_u32.to_ne_bytes());
                writer.put(source.octets());
                writer.put([0; 4]);
            }
            Some(IpAddr::V6(source)) => {
                // struct in6_pktinfo { struct in6_addr ipi6_addr; int ipi6_ifindex; }
                Self::put_header(&mut writer, libc::IPPROTO_IPV6, libc::IPV6_PKTINFO, 20);
                writer.put(source.octets());
                writer.put(0_u32.to_ne_bytes());
            }
        }
        writer.align(size_of::<usize>());
        if let Some(size) = segment_size {
            Self::put_header(&mut writer, libc::SOL_UDP, libc::UDP_SEGMENT, 2);
            writer.put(size.to_ne_bytes());
            writer.align(size_of::<usize>());
        }
        (Self { bytes: writer.bytes }, writer.at)
    }

    fn put_header(writer: &mut Writer<{ Self::SIZE }>, level: i32, kind: i32, size: usize) {
        writer.put((Self::HEADER_SIZE + size).to_ne_bytes());
        writer.put(level.to_ne_bytes());
        writer.put(kind.to_ne_bytes());
    }

    /// Reads the local address that a datagram came to out of the first `size` bytes.
    pub fn local_address(&self, size: usize) -> Option<IpAddr> {
        let mut rest = self.bytes.get(..size)?;
        loop {
            let mut reader = Reader(rest);
            let message_size = usize::from_ne_bytes(reader.take()?);
            let level = i32::from_ne_bytes(reader.take()?);
            let kind = i32::from_ne_bytes(reader.take()?);
            match (level, kind) {
                (libc::IPPROTO_IP, libc::IP_PKTINFO) => {
                    let _interface = reader.take::<4>()?;
                    // The local address; `ipi_addr` behind it would be the group of a multicast datagram.
                    return Some(IpAddr::from(reader.take::<4>()?));
                }
                (libc::IPPROTO_IPV6, libc::IPV6_PKTINFO) => return Some(IpAddr::from(reader.take::<16>()?)),
                _ => rest = rest.get(message_size.max(Self::HEADER_SIZE).next_multiple_of(size_of::<usize>())..)?,
            }
        }
    }
}

/// Bytes written one behind another; what does not fit is left out.
struct Writer<const SIZE: usize> {
    bytes: [u8; SIZE],
    at: usize,
}

impl<const SIZE: usize> Default for Writer<SIZE> {
    fn default() -> Self {
        Self {
            bytes: [0; SIZE],
            at: 0,
        }
    }
}

impl<const SIZE: usize> Writer<SIZE> {
    fn put<const N: usize>(&mut self, value: [u8; N]) {
        if let Some(place) = self.bytes.get_mut(self.at..self.at + N) {
            place.copy_from_slice(&value);
            self.at += N;
        }
    }

    fn align(&mut self, to: usize) {
        self.at = self.at.next_multiple_of(to).min(SIZE);
    }
}

/// Bytes read one behind another.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (value, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*value)
    }
}

#[cfg(test)]
mod tests;
