//! How many of a listener's connections one address may have.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use ipnet::IpNet;

use crate::address::ClientAddress;

/// The connections of each address.
#[derive(Clone)]
pub struct Shares {
    most: u32,
    unlimited: Arc<[IpNet]>,
    taken: Arc<Mutex<HashMap<ClientAddress, u32>>>,
}

/// A connection's part of its address's share, given back when this is dropped.
pub struct Share {
    address: ClientAddress,
    taken: Arc<Mutex<HashMap<ClientAddress, u32>>>,
}

impl Shares {
    /// Each address may have `most`, those in `unlimited` any number.
    pub fn new(most: u32, unlimited: Vec<IpNet>) -> Self {
        Self {
            most,
            unlimited: unlimited.into(),
            taken: Arc::default(),
        }
    }

    /// Counts a connection; nothing if its address has its share already.
    pub fn take(&self, peer: IpAddr) -> Option<Share> {
        let address = ClientAddress::from(peer);
        let peer = peer.to_canonical();
        let is_limited = !self.unlimited.iter().any(|network| network.contains(&peer));
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let count = taken.get(&address).copied().unwrap_or(0);
        if is_limited && count >= self.most {
            return None;
        }
        taken.insert(address, count.saturating_add(1));
        Some(Share {
            address,
            taken: Arc::clone(&self.taken),
        })
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Entry::Occupied(mut place) = taken.entry(self.address) {
            *place.get_mut() = place.get().saturating_sub(1);
            if *place.get() == 0 {
                place.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests;
