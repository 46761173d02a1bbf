//! Numbers that stand for peers, to spare the longer header (RFC 8656 §12).

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use crate::time::Time;

/// How long a channel lasts (RFC 8656 §12).
pub const LIFETIME: Duration = Duration::from_secs(600);

/// How many an allocation may have, as many as permissions.
pub const MAX: usize = 32;

/// The channels of an allocation. They are few, and looked through one by one.
#[derive(Debug, Default)]
pub struct Channels(Vec<Channel>);

#[derive(Debug, Clone, Copy)]
struct Channel {
    ip: IpAddr,
    port: u16,
    number: u16,
    ends_at: Time,
}

/// Why a channel cannot be bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conflict {
    /// The number stands for another peer, or the peer has another number.
    Bound,
    /// There are too many.
    Full,
}

impl Channels {
    /// The peer that a number stands for.
    pub fn peer(&self, number: u16, now: Time) -> Option<SocketAddr> {
        let mut channels = self.0.iter();
        let channel = channels.find(|channel| channel.number == number && now < channel.ends_at)?;
        Some(SocketAddr::new(channel.ip, channel.port))
    }

    /// The number of a peer.
    pub fn number(&self, peer: SocketAddr, now: Time) -> Option<u16> {
        let mut channels = self.0.iter();
        let channel = channels.find(|channel| channel.is_for(peer) && now < channel.ends_at)?;
        Some(channel.number)
    }

    /// Whether a number could be bound to a peer, or refreshed.
    pub fn check(&self, number: u16, peer: SocketAddr, now: Time) -> Result<(), Conflict> {
        let live = || self.0.iter().filter(|channel| now < channel.ends_at);
        if live().any(|channel| (channel.number == number) != channel.is_for(peer)) {
            return Err(Conflict::Bound);
        }
        if live().count() >= MAX && self.number(peer, now).is_none() {
            return Err(Conflict::Full);
        }
        Ok(())
    }

    /// Binds or refreshes what was checked.
    pub fn bind(&mut self, number: u16, peer: SocketAddr, now: Time) {
        self.0
            .retain(|channel| now < channel.ends_at && channel.number != number && !channel.is_for(peer));
        if self.0.len() < MAX {
            self.0.push(Channel {
                ip: peer.ip(),
                port: peer.port(),
                number,
                ends_at: now.after(LIFETIME),
            });
        }
    }
}

impl Channel {
    fn is_for(&self, peer: SocketAddr) -> bool {
        self.port == peer.port() && self.ip == peer.ip()
    }
}
