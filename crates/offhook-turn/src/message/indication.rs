//! Send indications are read, and Data indications written, where they lie (RFC 8656 §11).

use std::net::{IpAddr, SocketAddr};
use std::ops::Range;

use super::{HEADER_LENGTH, MAGIC_COOKIE, Message, xor_address};
use crate::packet::Packet;

/// What a Send indication asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Send {
    /// Where to.
    pub peer: SocketAddr,
    /// Where the payload lies in the message.
    pub payload: Range<usize>,
    /// Whether it is to travel with the DF bit (RFC 8656 §18.7).
    pub dont_fragment: bool,
}

/// Reads a Send indication; none if it lacks the peer or the data, or has something that would have to be understood
/// (RFC 8656 §11.2, RFC 8489 §6.3.2).
pub fn read_send(message: &Message<'_>) -> Option<Send> {
    let (mut peer, mut payload, mut dont_fragment) = (None, None, false);
    for attribute in message.attributes() {
        match attribute.kind {
            0x0012 if peer.is_none() => {
                peer = Some(xor_address::read(attribute.value, &message.transaction_bytes())?);
            }
            0x0013 if payload.is_none() => payload = Some(attribute.at..attribute.at + attribute.value.len()),
            0x001A => dont_fragment = true,
            _ => {}
        }
    }
    if message.not_understood().next().is_some() {
        return None;
    }
    Some(Send {
        peer: peer?,
        payload: payload?,
        dont_fragment,
    })
}

/// Makes a Data indication of a payload (RFC 8656 §11.4).
pub fn write_data(payload: &mut Packet<'_>, peer: SocketAddr, transaction: [u8; 12]) -> Option<()> {
    let length = payload.range().len();
    let padding = length.next_multiple_of(4) - length;
    let data_length = u16::try_from(length).ok()?;
    match peer.ip() {
        IpAddr::V4(ip) => {
            let mut header = [0; HEADER_LENGTH + 12 + 4];
            write_header(&mut header, length + padding, transaction)?;
            write_peer(&mut header, 1, peer.port(), &xor_address::v4(ip), data_length)?;
            payload.wrap(&header, padding)
        }
        IpAddr::V6(ip) => {
            let mut header = [0; HEADER_LENGTH + 24 + 4];
            write_header(&mut header, length + padding, transaction)?;
            write_peer(
                &mut header,
                2,
                peer.port(),
                &xor_address::v6(ip, &transaction),
                data_length,
            )?;
            payload.wrap(&header, padding)
        }
    }
}

/// Type, length, cookie and transaction.
fn write_header<const LENGTH: usize>(
    header: &mut [u8; LENGTH],
    payload_length: usize,
    transaction: [u8; 12],
) -> Option<()> {
    let length = u16::try_from(LENGTH - HEADER_LENGTH + payload_length).ok()?;
    let [high, low] = length.to_be_bytes();
    let (front, _) = header.split_first_chunk_mut::<HEADER_LENGTH>()?;
    let (start, id) = front.split_first_chunk_mut::<8>()?;
    let [a, b, c, d] = MAGIC_COOKIE;
    *start = [0x00, 0x17, high, low, a, b, c, d];
    id.copy_from_slice(&transaction);
    Some(())
}

/// XOR-PEER-ADDRESS, and the head of DATA.
fn write_peer<const LENGTH: usize, const ADDRESS: usize>(
    header: &mut [u8; LENGTH],
    family: u8,
    port: u16,
    address: &[u8; ADDRESS],
    data_length: u16,
) -> Option<()> {
    let (_, attributes) = header.split_first_chunk_mut::<HEADER_LENGTH>()?;
    let (peer, rest) = attributes.split_first_chunk_mut::<8>()?;
    let [port_high, port_low] = xor_address::port(port);
    *peer = [0x00, 0x12, 0x00, 4 + ADDRESS as u8, 0, family, port_high, port_low];
    let (to, rest) = rest.split_first_chunk_mut::<ADDRESS>()?;
    *to = *address;
    let (data, _) = rest.split_first_chunk_mut::<4>()?;
    let [high, low] = data_length.to_be_bytes();
    *data = [0x00, 0x13, high, low];
    Some(())
}
