//! Addresses as XOR-PEER-ADDRESS has them (RFC 8489 §14.2), without a copy and without the heap.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::MAGIC_COOKIE;

/// Reads a value.
pub fn read(value: &[u8], transaction: &[u8; 12]) -> Option<SocketAddr> {
    let (&[_, family, high, low], address) = value.split_first_chunk::<4>()?;
    let [cookie_high, cookie_low, ..] = MAGIC_COOKIE;
    let port = u16::from_be_bytes([high ^ cookie_high, low ^ cookie_low]);
    let ip: IpAddr = match family {
        1 => {
            Ipv4Addr::from_bits(u32::from_be_bytes(address.try_into().ok()?) ^ u32::from_be_bytes(MAGIC_COOKIE)).into()
        }
        2 => Ipv6Addr::from_bits(u128::from_be_bytes(address.try_into().ok()?) ^ mask(transaction)).into(),
        _ => return None,
    };
    Some(SocketAddr::new(ip, port))
}

/// The port, xored.
pub const fn port(port: u16) -> [u8; 2] {
    let [high, low, ..] = MAGIC_COOKIE;
    (port ^ u16::from_be_bytes([high, low])).to_be_bytes()
}

/// An IPv4 address, xored.
pub fn v4(ip: Ipv4Addr) -> [u8; 4] {
    (ip.to_bits() ^ u32::from_be_bytes(MAGIC_COOKIE)).to_be_bytes()
}

/// An IPv6 address, xored.
pub fn v6(ip: Ipv6Addr, transaction: &[u8; 12]) -> [u8; 16] {
    (ip.to_bits() ^ mask(transaction)).to_be_bytes()
}

fn mask(transaction: &[u8; 12]) -> u128 {
    let cookie = u128::from(u32::from_be_bytes(MAGIC_COOKIE));
    transaction
        .iter()
        .fold(cookie, |mask, byte| mask << 8 | u128::from(*byte))
}
