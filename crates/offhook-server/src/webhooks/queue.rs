//! What is being sent, and what is sent next.

use std::collections::HashMap;

use offhook_core::id::AppKey;
use offhook_store::{DueEvent, EventNumber};

/// How many events are sent at once, to all receivers together.
const MAX_IN_FLIGHT: usize = 256;

/// A host as an application tells it.
type Receiver = (AppKey, String);

/// The events that are being sent, each with its receiver.
#[derive(Debug, Default)]
pub struct InFlight(HashMap<EventNumber, Receiver>);

impl InFlight {
    /// Whether one more may be sent.
    pub fn has_room(&self) -> bool {
        self.0.len() < MAX_IN_FLIGHT
    }

    /// Notes that an event was sent, with whatever success.
    pub fn remove(&mut self, number: EventNumber) {
        self.0.remove(&number);
    }

    /// Takes of what is due as much as there is room for. A receiver that has least under way goes first: those that do
    /// not answer, however many of their events are due, leave room for those that do.
    pub fn choose(&mut self, due: Vec<DueEvent>) -> Vec<DueEvent> {
        let mut under_way: HashMap<Receiver, usize> = HashMap::new();
        for receiver in self.0.values() {
            *under_way.entry(receiver.clone()).or_default() += 1;
        }
        let mut waiting: Vec<(usize, DueEvent)> = due
            .into_iter()
            .filter(|event| !self.0.contains_key(&event.number))
            .map(|event| {
                let before = under_way.entry((event.app, event.host.clone())).or_default();
                *before += 1;
                (*before, event)
            })
            .collect();
        waiting.sort_by_key(|(before, event)| (*before, event.due_at, event.number));
        waiting.truncate(MAX_IN_FLIGHT.saturating_sub(self.0.len()));
        for (_, event) in &waiting {
            self.0.insert(event.number, (event.app, event.host.clone()));
        }
        waiting.into_iter().map(|(_, event)| event).collect()
    }
}
