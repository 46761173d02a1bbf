//! The clients' connections over TCP and TLS: how many there may be, and how long each may do nothing.

use std::collections::HashMap;
use std::time::Duration;

use mio::{Interest, Registry};
use offhook_turn::{FiveTuple, Time};

use super::connection::Connection;
use super::ready::{Ready, Source};
use crate::address::ClientAddress;

/// Connections at once. Far more clients speak UDP; each of these is a file and a few kilobytes.
const MOST: usize = 4096;
/// Connections of one address: an office behind one, but not the whole table.
const MOST_OF_AN_ADDRESS: u32 = 256;
/// How long the first whole message may take.
const FIRST_MESSAGE_DEADLINE: Duration = Duration::from_secs(5);
/// How long one without an allocation may be silent.
const STRANGER_DEADLINE: Duration = Duration::from_secs(30);
/// How long one may take nothing although something waits.
const STUCK_DEADLINE: Duration = Duration::from_secs(10);

/// Every connection.
#[derive(Default)]
pub struct Connections {
    places: Vec<Option<Connection>>,
    free: Vec<u32>,
    by_client: HashMap<FiveTuple, u32>,
    by_address: HashMap<ClientAddress, u32>,
    /// Those that are to be written to at the end of the turn.
    dirty: Vec<u32>,
    /// Those that are to be closed at the end of the turn.
    broken: Vec<u32>,
    dropped: u64,
}

impl Connections {
    /// Whether there is room for one more of this address.
    pub fn has_room(&self, address: ClientAddress) -> bool {
        let of_address = self.by_address.get(&address).copied().unwrap_or(0);
        self.by_client.len() < MOST && of_address < MOST_OF_AN_ADDRESS
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.by_client.len()
    }

    /// Takes a connection in, and lets it wait for its turn: something may have been read already.
    pub fn insert(&mut self, registry: &Registry, mut connection: Connection, ready: &mut Ready) {
        if !self.has_room(connection.address) {
            tracing::debug!("a connection too many was closed");
            return connection.close();
        }
        let number = self.free.pop().unwrap_or(self.places.len() as u32);
        let both = Interest::READABLE | Interest::WRITABLE;
        let token = Source::Connection(number).token();
        if let Err(error) = registry.register(connection.stream(), token, both) {
            tracing::warn!(error = %error, "a connection could not be waited for");
            self.free.push(number);
            return;
        }
        self.by_client.insert(connection.client, number);
        *self.by_address.entry(connection.address).or_default() += 1;
        ready.push(Source::Connection(number), &mut connection.is_waiting);
        if self.places.len() <= number as usize {
            self.places.resize_with(number as usize + 1, || None);
        }
        if let Some(place) = self.places.get_mut(number as usize) {
            *place = Some(connection);
        }
    }

    /// Lets a connection wait for its turn.
    pub fn wait(&mut self, number: u32, ready: &mut Ready) {
        if let Some(connection) = self.connection(number) {
            ready.push(Source::Connection(number), &mut connection.is_waiting);
        }
    }

    /// A connection by its place.
    pub fn connection(&mut self, number: u32) -> Option<&mut Connection> {
        self.places.get_mut(number as usize)?.as_mut()
    }

    /// Lets data wait to be written to a client; what the client does not keep up with is dropped.
    pub fn send_data(&mut self, client: &FiveTuple, bytes: &[u8]) {
        let Some(&number) = self.by_client.get(client) else {
            return;
        };
        let Some(connection) = self.connection(number) else {
            return;
        };
        if connection.push_data(bytes).is_err() {
            self.dropped += 1;
            return;
        }
        self.make_dirty(number);
    }

    /// Lets an answer wait to be written to a client; one that reads no answers is cut.
    pub fn send_answer(&mut self, client: &FiveTuple, bytes: &[u8]) {
        let Some(&number) = self.by_client.get(client) else {
            return;
        };
        let Some(connection) = self.connection(number) else {
            return;
        };
        if connection.push_answer(bytes).is_err() {
            self.broken.push(number);
            return;
        }
        self.make_dirty(number);
    }

    /// Has a connection written to at the end of the turn.
    pub fn make_dirty(&mut self, number: u32) {
        if let Some(connection) = self.connection(number)
            && !connection.is_dirty
        {
            connection.is_dirty = true;
            self.dirty.push(number);
        }
    }

    /// Has a connection closed at the end of the turn.
    pub fn cut(&mut self, number: u32) {
        self.broken.push(number);
    }

    /// Has the connection of a client closed at the end of the turn; says whether there is one.
    pub fn cut_client(&mut self, client: &FiveTuple) -> bool {
        let number = self.by_client.get(client).copied();
        self.broken.extend(number);
        number.is_some()
    }

    /// Ends a turn: writes what waits.
    pub fn flush(&mut self, now: Time) {
        while let Some(number) = self.dirty.pop() {
            let Some(connection) = self.connection(number) else {
                continue;
            };
            connection.is_dirty = false;
            if let Err(error) = connection.flush(now) {
                tracing::trace!(error = %error, "a connection broke");
                self.broken.push(number);
            }
        }
    }

    /// Closes one of those that are to be closed; says whose it was.
    pub fn close_next(&mut self) -> Option<FiveTuple> {
        loop {
            let number = self.broken.pop()?;
            // One may be broken in two ways.
            let Some(connection) = self.places.get_mut(number as usize).and_then(Option::take) else {
                continue;
            };
            let client = connection.client;
            self.by_client.remove(&client);
            if let Some(count) = self.by_address.get_mut(&connection.address) {
                *count -= 1;
                if *count == 0 {
                    self.by_address.remove(&connection.address);
                }
            }
            self.free.push(number);
            connection.close();
            return Some(client);
        }
    }

    /// Has everything closed whose time is up.
    pub fn expire(&mut self, now: Time, has_allocation: impl Fn(&FiveTuple) -> bool) {
        let places = (0..).zip(self.places.iter());
        let over = places.filter_map(|(number, place)| {
            let connection = place.as_ref()?;
            let is_stuck = connection
                .stuck_since
                .is_some_and(|since| now.since(since) >= STUCK_DEADLINE);
            let silence = now.since(connection.heard_at);
            let is_silent = match connection.has_spoken {
                false => silence >= FIRST_MESSAGE_DEADLINE,
                true => silence >= STRANGER_DEADLINE && !has_allocation(&connection.client),
            };
            (is_stuck || is_silent).then_some(number)
        });
        self.broken.extend(over);
    }

    /// Takes how many packets were dropped because clients did not keep up.
    pub fn take_dropped(&mut self) -> u64 {
        std::mem::take(&mut self.dropped)
    }

    /// Has everything closed.
    pub fn cut_all(&mut self) {
        self.broken.extend(self.by_client.values());
    }
}

#[cfg(test)]
mod tests;
