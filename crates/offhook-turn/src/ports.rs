//! The ports of one family's relayed addresses.

use std::ops::RangeInclusive;

use crate::output::RelayId;
use crate::random::Random;

/// How often a port is guessed before the free ones are looked for one by one.
const GUESSES: usize = 32;

/// Which ports are free, and whose the others are.
#[derive(Debug)]
pub struct Ports {
    first: u16,
    uses: Vec<Use>,
}

/// What a port is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    Free,
    /// Held for an allocation to come (RFC 8656 §7.2, EVEN-PORT with the R bit).
    Reserved,
    Taken(RelayId),
}

/// Which port is wanted (RFC 8656 §18.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// Any.
    Any,
    /// An even one.
    Even,
    /// An even one, and the next higher is to be reserved.
    EvenAndNext,
}

impl Ports {
    /// Takes the range.
    pub fn new(range: &RangeInclusive<u16>) -> Self {
        Self {
            first: *range.start(),
            uses: range.clone().map(|_| Use::Free).collect(),
        }
    }

    /// Takes a port at random, so that nobody can guess it (RFC 8656 §7.2).
    pub fn take(&mut self, wanted: Wanted, relay: RelayId, random: &mut Random) -> Option<u16> {
        let count = self.uses.len();
        if count == 0 {
            return None;
        }
        let place = (0..GUESSES)
            .map(|_| (random.unpredictable() % count as u64) as usize)
            .find(|place| self.suits(*place, wanted))
            .or_else(|| {
                let start = (random.unpredictable() % count as u64) as usize;
                (start..count).chain(0..start).find(|place| self.suits(*place, wanted))
            })?;
        *self.uses.get_mut(place)? = Use::Taken(relay);
        if wanted == Wanted::EvenAndNext
            && let Some(next) = self.uses.get_mut(place + 1)
        {
            *next = Use::Reserved;
        }
        Some(self.port(place))
    }

    /// Takes a port that was reserved.
    pub fn claim(&mut self, port: u16, relay: RelayId) -> bool {
        let place = self.place(port).and_then(|place| self.uses.get_mut(place));
        place.is_some_and(|place| {
            let is_reserved = *place == Use::Reserved;
            if is_reserved {
                *place = Use::Taken(relay);
            }
            is_reserved
        })
    }

    /// Gives a port back.
    pub fn free(&mut self, port: u16) {
        if let Some(place) = self.place(port).and_then(|place| self.uses.get_mut(place)) {
            *place = Use::Free;
        }
    }

    /// Whose a port is.
    pub fn owner(&self, port: u16) -> Option<RelayId> {
        match self.uses.get(self.place(port)?)? {
            Use::Taken(relay) => Some(*relay),
            Use::Free | Use::Reserved => None,
        }
    }

    /// Whether a port is one of ours, free or not.
    pub fn contains(&self, port: u16) -> bool {
        self.place(port).is_some_and(|place| place < self.uses.len())
    }

    fn suits(&self, place: usize, wanted: Wanted) -> bool {
        let is_free = |place: usize| self.uses.get(place) == Some(&Use::Free);
        let is_even = self.port(place).is_multiple_of(2);
        is_free(place)
            && match wanted {
                Wanted::Any => true,
                Wanted::Even => is_even,
                Wanted::EvenAndNext => is_even && is_free(place + 1),
            }
    }

    fn place(&self, port: u16) -> Option<usize> {
        port.checked_sub(self.first).map(usize::from)
    }

    /// The port at a place, which is within the range.
    const fn port(&self, place: usize) -> u16 {
        self.first.saturating_add(place as u16)
    }
}
