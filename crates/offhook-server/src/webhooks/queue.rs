//! What is being sent, and what is sent next.

use std::collections::HashMap;

use offhook_store::{DueEvent, EventNumber};

/// How many events are sent at once, to all receivers together.
const MAX_IN_FLIGHT: usize = 512;
/// How many a lane begins with.
const AT_FIRST: u32 = 3;
/// How many a lane has at once whose receiver answers quickly. With the sixteen lanes of a receiver, that is a quarter of all.
pub const MAX_PER_LANE: u32 = 8;
/// For how many lanes at most it is remembered how quickly they are answered.
const MAX_REMEMBERED: usize = 4096;

/// How a receiver answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// It took it at once.
    Quick,
    /// It took it.
    Slow,
    /// It did not take it.
    Failed,
}

/// What shares places: some callers' events for one receiver of an application.
#[derive(Debug)]
struct Lane {
    under_way: u32,
    allowed: u32,
}

/// The events that are being sent, each with its lane.
#[derive(Debug, Default)]
pub struct InFlight {
    events: HashMap<EventNumber, DueEvent>,
    lanes: HashMap<String, Lane>,
}

impl InFlight {
    /// Whether one more may be sent.
    pub fn has_room(&self) -> bool {
        self.events.len() < MAX_IN_FLIGHT
    }

    /// Notes that an event was sent: who answers quickly is sent more at once, who does not less.
    pub fn remove(&mut self, number: EventNumber, pace: Pace) {
        if let Some(lane) = self.take(number) {
            lane.allowed = match pace {
                Pace::Quick => (lane.allowed + 1).min(MAX_PER_LANE),
                Pace::Slow => lane.allowed.clamp(1, AT_FIRST),
                Pace::Failed => (lane.allowed / 2).max(1),
            };
        }
    }

    /// Notes that an event was not sent after all.
    pub fn forget(&mut self, number: EventNumber) {
        self.take(number);
    }

    /// Takes of what is due as much as there is room for. A receiver that has least under way goes first: those that do
    /// not answer, however many of their events are due, leave room for those that do.
    pub fn choose(&mut self, due: Vec<DueEvent>) -> Vec<EventNumber> {
        if self.lanes.len() > MAX_REMEMBERED {
            self.lanes.retain(|_, lane| lane.under_way > 0);
        }
        let mut of_receiver: HashMap<String, u32> = HashMap::new();
        for event in self.events.values() {
            *of_receiver.entry(event.receiver().to_owned()).or_default() += 1;
        }
        let mut waiting: Vec<(u32, DueEvent)> = Vec::new();
        for event in due {
            if self.events.contains_key(&event.number) || !self.enter(&event.lane) {
                continue;
            }
            let before = of_receiver.entry(event.receiver().to_owned()).or_default();
            *before += 1;
            waiting.push((*before, event));
        }
        waiting.sort_by_key(|(before, event)| (*before, event.due_at, event.number));
        let room = MAX_IN_FLIGHT.saturating_sub(self.events.len());
        for (_, event) in waiting.split_off(room.min(waiting.len())) {
            self.leave(&event.lane);
        }
        let chosen = waiting.iter().map(|(_, event)| event.number).collect();
        self.events
            .extend(waiting.into_iter().map(|(_, event)| (event.number, event)));
        chosen
    }

    /// Whether there is a place in a lane, which then is taken.
    fn enter(&mut self, name: &str) -> bool {
        let lane = match self.lanes.get_mut(name) {
            Some(lane) => lane,
            None => self.lanes.entry(name.to_owned()).or_insert(Lane {
                under_way: 0,
                allowed: AT_FIRST,
            }),
        };
        let has_place = lane.under_way < lane.allowed;
        lane.under_way += u32::from(has_place);
        has_place
    }

    fn take(&mut self, number: EventNumber) -> Option<&mut Lane> {
        let event = self.events.remove(&number)?;
        self.leave(&event.lane)
    }

    fn leave(&mut self, name: &str) -> Option<&mut Lane> {
        let lane = self.lanes.get_mut(name)?;
        lane.under_way = lane.under_way.saturating_sub(1);
        Some(lane)
    }
}

#[cfg(test)]
mod tests;
