//! The devices connected to this node: who sits where, and how many there may be.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use offhook_core::id::{DeviceId, PageId, UserKey};
use tokio::sync::watch;

use crate::address::ClientAddress;
use crate::tickets::Holder;

/// The most devices of one user that are connected to a node at once: nobody fills it alone.
const MAX_DEVICES: usize = 64;

/// The sockets of this node.
#[derive(Debug)]
pub struct Devices {
    max_sockets: u32,
    max_unauthenticated: u32,
    room: Mutex<Room>,
    /// How many sockets there are; changes whenever a seat is given back.
    open: watch::Sender<u32>,
}

#[derive(Debug, Default)]
struct Room {
    seats: HashMap<(UserKey, DeviceId), Occupant>,
    devices_of: HashMap<UserKey, usize>,
    unauthenticated: HashMap<ClientAddress, u32>,
    next_number: u64,
}

#[derive(Debug)]
struct Occupant {
    holder: Holder,
    page: PageId,
    number: u64,
}

/// An open socket that has not said who it is. Counts until it is dropped.
#[derive(Debug)]
pub struct Visit {
    devices: Arc<Devices>,
    address: Option<ClientAddress>,
}

/// The place of a device, held until it is dropped.
#[derive(Debug)]
pub struct Seat {
    devices: Arc<Devices>,
    key: (UserKey, DeviceId),
    number: u64,
}

/// Why a device gets no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeatRefusal {
    /// Another page holds it.
    InUse,
    /// The user has [`MAX_DEVICES`] already.
    TooMany,
}

impl Devices {
    /// Makes an empty room.
    pub fn new(max_sockets: u32, max_unauthenticated: u32) -> Self {
        Self {
            max_sockets,
            max_unauthenticated,
            room: Mutex::default(),
            open: watch::Sender::new(0),
        }
    }

    /// How many sockets there are.
    pub fn open_sockets(&self) -> u32 {
        *self.open.borrow()
    }

    /// Lets a socket in, unless there are too many, or too many of this address that have not said who they are.
    pub fn admit(self: &Arc<Self>, address: ClientAddress) -> Option<Visit> {
        let mut room = self.room();
        if *self.open.borrow() >= self.max_sockets {
            return None;
        }
        let unauthenticated = room.unauthenticated.entry(address).or_default();
        if *unauthenticated >= self.max_unauthenticated {
            return None;
        }
        *unauthenticated += 1;
        self.open.send_modify(|open| *open += 1);
        metrics::gauge!("offhook_sockets").increment(1);
        Some(Visit {
            devices: Arc::clone(self),
            address: Some(address),
        })
    }

    /// Gives a device its place. The same page coming back takes over from the socket it had, which is to be told
    /// ([`Seat::is_replaced`]); another page may not.
    ///
    /// # Errors
    /// [`SeatRefusal`] if another page holds the place, or the user has too many.
    pub fn take_seat(self: &Arc<Self>, holder: Holder, page: PageId) -> Result<Seat, SeatRefusal> {
        let key = (holder.user, holder.device);
        let mut room = self.room();
        if let Some(occupant) = room.seats.get(&key) {
            if occupant.page != page {
                return Err(SeatRefusal::InUse);
            }
        } else {
            let devices = room.devices_of.entry(holder.user).or_default();
            if *devices >= MAX_DEVICES {
                return Err(SeatRefusal::TooMany);
            }
            *devices += 1;
        }
        let number = room.next_number;
        room.next_number += 1;
        room.seats.insert(key, Occupant { holder, page, number });
        Ok(Seat {
            devices: Arc::clone(self),
            key,
            number,
        })
    }

    /// The same, but waits a little for a place to be given back: a page that is reloaded may come back before its old
    /// socket is known to be closed.
    ///
    /// # Errors
    /// [`SeatRefusal`] if another page still holds the place after `patience`, or the user has too many.
    pub async fn wait_for_seat(
        self: &Arc<Self>,
        holder: Holder,
        page: PageId,
        patience: std::time::Duration,
    ) -> Result<Seat, SeatRefusal> {
        let mut open = self.open.subscribe();
        let attempt = async {
            loop {
                match self.take_seat(holder, page) {
                    Err(SeatRefusal::InUse) => {}
                    taken => return taken,
                }
                if open.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
            }
        };
        tokio::time::timeout(patience, attempt)
            .await
            .unwrap_or(Err(SeatRefusal::InUse))
    }

    /// Who sits here.
    pub fn holders(&self) -> Vec<Holder> {
        self.room().seats.values().map(|occupant| occupant.holder).collect()
    }

    /// Waits until no socket is open.
    pub async fn all_gone(&self) {
        // The sender lives as long as `self`, so this cannot fail.
        _ = self.open.subscribe().wait_for(|open| *open == 0).await;
    }

    fn room(&self) -> MutexGuard<'_, Room> {
        self.room.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Visit {
    /// The socket has said who it is: it no longer counts against its address.
    pub fn is_authenticated(&mut self) {
        if let Some(address) = self.address.take() {
            let mut room = self.devices.room();
            if let Some(count) = room.unauthenticated.get_mut(&address) {
                *count = count.saturating_sub(1);
                if *count == 0 {
                    room.unauthenticated.remove(&address);
                }
            }
        }
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        self.is_authenticated();
        self.devices.open.send_modify(|open| *open = open.saturating_sub(1));
        metrics::gauge!("offhook_sockets").decrement(1);
    }
}

impl Seat {
    /// Whether the same page has come back on another socket.
    pub fn is_replaced(&self) -> bool {
        let room = self.devices.room();
        room.seats
            .get(&self.key)
            .is_none_or(|occupant| occupant.number != self.number)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut room = self.devices.room();
        if room
            .seats
            .get(&self.key)
            .is_some_and(|occupant| occupant.number == self.number)
        {
            room.seats.remove(&self.key);
            let user = self.key.0;
            if let Some(devices) = room.devices_of.get_mut(&user) {
                *devices = devices.saturating_sub(1);
                if *devices == 0 {
                    room.devices_of.remove(&user);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
