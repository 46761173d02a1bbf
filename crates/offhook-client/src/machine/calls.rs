//! The calls that this device knows.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use offhook_proto::call::{CallEndResult, CallRole, CallSnapshot, CallState, PartyMedia};
use offhook_proto::id::CallId;

use super::event::Event;
use super::peer_link::PeerLink;

/// How many ended calls are remembered, so that late news of them rings nobody.
const MAX_ENDED: usize = 64;
/// How many live calls are kept; a server never has that many for one device.
const MAX_LIVE: usize = 256;

/// The calls that this device carries or is rung by, and the ones that ended last.
#[derive(Default)]
pub(super) struct Calls {
    entries: BTreeMap<CallId, Entry>,
    ended: VecDeque<CallId>,
}

/// One call.
pub(super) struct Entry {
    /// As this device saw it last.
    pub(super) snapshot: CallSnapshot,
    /// When that was.
    pub(super) seen_at: Instant,
    /// What it says to the other side.
    pub(super) peer: PeerLink,
    /// The ticket of the relay that its peer connection was made with.
    pub(super) relay_ticket: Option<String>,
}

impl Entry {
    /// Whether this device takes part, rather than being one of several that ring.
    pub(super) fn is_carried(&self) -> bool {
        self.is_live() && (self.snapshot.role == CallRole::Caller || self.snapshot.state != CallState::Ringing)
    }

    /// Whether it has not ended.
    pub(super) fn is_live(&self) -> bool {
        self.snapshot.state != CallState::Ended
    }

    /// Whether it rings: at the caller's, or here.
    pub(super) fn is_ringing(&self) -> bool {
        self.snapshot.state == CallState::Ringing
    }

    /// Whether both sides have a device.
    pub(super) fn is_accepted(&self) -> bool {
        self.is_live() && !self.is_ringing()
    }

    /// How long it has lasted since it was accepted.
    pub(super) fn duration(&self, now: Instant) -> Duration {
        let told = Duration::from_millis(self.snapshot.duration_ms);
        let since = now.saturating_duration_since(self.seen_at);
        if self.is_accepted() { told + since } else { told }
    }

    /// What this device sends.
    pub(super) fn own_media(&mut self) -> &mut PartyMedia {
        match self.snapshot.role {
            CallRole::Caller => &mut self.snapshot.caller.media,
            CallRole::Callee => &mut self.snapshot.callee.media,
        }
    }
}

/// What the device that is told a call sends, as far as the server knows.
pub(super) fn own_media(call: &CallSnapshot) -> &PartyMedia {
    match call.role {
        CallRole::Caller => &call.caller.media,
        CallRole::Callee => &call.callee.media,
    }
}

/// What a snapshot told that was not known.
pub(super) struct News {
    /// To tell the application, in order.
    pub(super) events: Vec<Event>,
    /// Whether both sides have a device since this snapshot.
    pub(super) was_accepted: bool,
}

impl Calls {
    pub(super) fn entry(&self, id: CallId) -> Option<&Entry> {
        self.entries.get(&id)
    }

    pub(super) fn live_mut(&mut self, id: CallId) -> Option<&mut Entry> {
        self.entries.get_mut(&id).filter(|entry| entry.is_live())
    }

    pub(super) fn live(&self) -> impl Iterator<Item = (CallId, &Entry)> {
        self.entries
            .iter()
            .filter(|(_, entry)| entry.is_live())
            .map(|(id, entry)| (*id, entry))
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = (CallId, &Entry)> {
        self.entries.iter().map(|(id, entry)| (*id, entry))
    }

    pub(super) fn entries_mut(&mut self) -> impl Iterator<Item = (CallId, &mut Entry)> {
        self.entries.iter_mut().map(|(id, entry)| (*id, entry))
    }

    /// The live calls, carried ones first.
    pub(super) fn known(&self) -> Vec<CallId> {
        let carried = self.live().filter(|(_, entry)| entry.is_carried());
        let rung = self.live().filter(|(_, entry)| !entry.is_carried());
        carried.chain(rung).map(|(id, _)| id).collect()
    }

    /// Takes a snapshot: a higher version replaces what is known; of each party's media the highest revision counts.
    pub(super) fn apply(&mut self, snapshot: CallSnapshot, now: Instant) -> News {
        let mut news = News {
            events: Vec::new(),
            was_accepted: false,
        };
        let id = snapshot.call_id;
        let Some(entry) = self.entries.get_mut(&id) else {
            if self.live().count() < MAX_LIVE {
                self.discover(snapshot, now, &mut news);
            }
            return news;
        };
        let known = entry.snapshot.clone();
        let is_newer = snapshot.version > known.version;
        let mut merged = if is_newer { snapshot.clone() } else { known.clone() };
        merged.caller.media = newer_media(known.caller.media, snapshot.caller.media, is_newer);
        merged.callee.media = newer_media(known.callee.media, snapshot.callee.media, is_newer);
        if is_newer || known.version == snapshot.version {
            entry.seen_at = now;
            merged.duration_ms = snapshot.duration_ms;
            merged.rings_for_ms = snapshot.rings_for_ms;
        }
        entry.snapshot = merged;
        tell_changes(Some(&known), &entry.snapshot, &mut news);
        if !entry.is_live() && known.state != CallState::Ended {
            self.remember_ended(id);
        }
        news
    }

    fn discover(&mut self, snapshot: CallSnapshot, now: Instant, news: &mut News) {
        let id = snapshot.call_id;
        tell_changes(None, &snapshot, news);
        let has_ended = snapshot.state == CallState::Ended;
        let entry = Entry {
            snapshot,
            seen_at: now,
            peer: PeerLink::default(),
            relay_ticket: None,
        };
        self.entries.insert(id, entry);
        if has_ended {
            self.remember_ended(id);
        }
    }

    /// Takes what a party sends now.
    pub(super) fn apply_media(&mut self, id: CallId, role: CallRole, media: PartyMedia) -> Option<Event> {
        let entry = self.live_mut(id)?;
        let is_other_side = role != entry.snapshot.role;
        let held = match role {
            CallRole::Caller => &mut entry.snapshot.caller.media,
            CallRole::Callee => &mut entry.snapshot.callee.media,
        };
        if media.revision <= held.revision {
            return None;
        }
        *held = media;
        is_other_side.then(|| Event::PartyMedia(entry.snapshot.clone()))
    }

    /// Ends a call that the server will not tell about any more; nothing, if it has ended.
    pub(super) fn end_locally(
        &mut self,
        id: CallId,
        result: Option<CallEndResult>,
        by: Option<CallRole>,
        now: Instant,
    ) -> Option<Event> {
        let entry = self.live_mut(id)?;
        entry.snapshot.duration_ms = u64::try_from(entry.duration(now).as_millis()).unwrap_or(u64::MAX);
        entry.snapshot.state = CallState::Ended;
        entry.snapshot.end_result = result;
        entry.snapshot.ended_by = by;
        entry.snapshot.rings_for_ms = None;
        let event = Event::Ended(entry.snapshot.clone());
        self.remember_ended(id);
        Some(event)
    }

    fn remember_ended(&mut self, id: CallId) {
        self.ended.push_back(id);
        if self.ended.len() > MAX_ENDED
            && let Some(oldest) = self.ended.pop_front()
        {
            self.entries.remove(&oldest);
        }
    }

    pub(super) fn clear(&mut self) {
        self.entries.clear();
        self.ended.clear();
    }
}

/// Dial and accept both count as revision 0, so at equal counts the newer call knows better.
fn newer_media(known: PartyMedia, told: PartyMedia, is_newer: bool) -> PartyMedia {
    if told.revision > known.revision || (told.revision == known.revision && is_newer) {
        told
    } else {
        known
    }
}

/// Every step between what was known and what is known now, though several may have been missed.
fn tell_changes(known: Option<&CallSnapshot>, call: &CallSnapshot, news: &mut News) {
    let events = &mut news.events;
    let was = known.map(|known| known.state);
    let is_carried = call.role == CallRole::Caller || call.end_result != Some(CallEndResult::OtherDeviceAccepted);
    if known.is_none() && call.role == CallRole::Callee && call.state == CallState::Ringing {
        events.push(Event::Ringing(call.clone()));
    }
    if call.role == CallRole::Caller && call.is_dial_received && known.is_none_or(|known| !known.is_dial_received) {
        events.push(Event::DialReceived(call.clone()));
    }
    let was_ringing = matches!(was, Some(CallState::Ringing) | None);
    if was_ringing && matches!(call.state, CallState::Established | CallState::Connected) {
        news.was_accepted = true;
        events.push(Event::Established(call.clone()));
    }
    if was != Some(CallState::Connected) && call.state == CallState::Connected {
        events.push(Event::Connected(call.clone()));
    }
    if let Some(known) = known
        && call.state != CallState::Ended
        && is_carried
    {
        let (before, after) = match call.role {
            CallRole::Caller => (known.callee.media, call.callee.media),
            CallRole::Callee => (known.caller.media, call.caller.media),
        };
        let does = |media: PartyMedia| PartyMedia { revision: 0, ..media };
        let is_switched = does(before) != does(after);
        if is_switched {
            events.push(Event::PartyMedia(call.clone()));
        }
    }
    if known.is_some_and(|known| known.custom_items != call.custom_items) {
        events.push(Event::ItemsChanged(call.clone()));
    }
    // A call that this device was rung for and never told of ends unheard; one that it dialled does not.
    let was_told = known.is_some() || call.role == CallRole::Caller;
    if was_told && was != Some(CallState::Ended) && call.state == CallState::Ended {
        events.push(Event::Ended(call.clone()));
    }
}
