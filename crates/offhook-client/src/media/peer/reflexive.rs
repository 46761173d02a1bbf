//! The addresses of this side's sockets as a server sees them (RFC 8445 §5.1.1.2): asked of it by STUN (RFC 8489).

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use turn_client_proto::types::stun::attribute::XorMappedAddress;
use turn_client_proto::types::stun::message::{BINDING, Message, MessageClass, MessageWriteVec, TransactionId};
use turn_client_proto::types::stun::prelude::*;

/// When a request that was not answered is sent again; doubled each time.
const FIRST_RESEND: Duration = Duration::from_millis(500);
const MAX_SENDS: u32 = 5;

/// The requests that are not answered yet.
#[derive(Default)]
pub(super) struct Reflexive(Vec<Request>);

struct Request {
    local: SocketAddr,
    server: SocketAddr,
    transaction: TransactionId,
    message: Vec<u8>,
    sends: u32,
    at: Instant,
}

impl Reflexive {
    /// Asks each server about each socket of its family.
    pub(super) fn ask(&mut self, locals: &[SocketAddr], servers: &[SocketAddr], now: Instant) {
        let pairs = locals
            .iter()
            .flat_map(|local| servers.iter().map(move |server| (*local, *server)));
        let same_family = pairs.filter(|(local, server)| local.is_ipv4() == server.is_ipv4());
        let requests = same_family.map(|(local, server)| {
            let request = Message::builder_request(BINDING, MessageWriteVec::new());
            Request {
                local,
                server,
                transaction: request.transaction_id(),
                message: request.finish(),
                sends: 0,
                at: now,
            }
        });
        self.0.extend(requests);
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.0.iter().map(|request| request.at).min()
    }

    /// What to send now: from, to, what.
    pub(super) fn due(&mut self, now: Instant) -> Vec<(SocketAddr, SocketAddr, Vec<u8>)> {
        self.0.retain(|request| request.at > now || request.sends < MAX_SENDS);
        let due = self.0.iter_mut().filter(|request| request.at <= now);
        due.map(|request| {
            request.at = now + FIRST_RESEND * 2_u32.pow(request.sends);
            request.sends += 1;
            (request.local, request.server, request.message.clone())
        })
        .collect()
    }

    /// If this is the answer to a request: the socket, and its address as the server sees it.
    pub(super) fn handle(&mut self, source: SocketAddr, data: &[u8]) -> Option<(SocketAddr, SocketAddr)> {
        if !self.0.iter().any(|request| request.server == source) {
            return None;
        }
        let message = Message::from_bytes(data).ok()?;
        let transaction = message.transaction_id();
        let position = self
            .0
            .iter()
            .position(|request| request.server == source && request.transaction == transaction)?;
        let request = self.0.swap_remove(position);
        if message.class() != MessageClass::Success {
            return None;
        }
        let address = message.attribute::<XorMappedAddress>().ok()?.addr(transaction);
        // Where nothing translates addresses, the socket's own says the same.
        (address != request.local).then_some((request.local, address))
    }
}
