//! Which ticket is whose, what it is used for, and what it has carried. Time comes in as an argument.
//!
//! ```text
//!           named for a call                 the call ends, the session ends
//!   Ahead ────────────────────▶ Bound ───────────────────────────────────────▶ Revoked ──▶ forgotten
//!     │  past half its life       ▲                                               ▲
//!     └──────────▶ Superseded ────┘              not named in time                │
//!          └──────────────────────────────────────────────────────────────────────┘
//! ```
//!
//! A revoked ticket is kept until what it carried is on disk.

use std::collections::HashMap;
use std::collections::hash_map::Entry as Place;
use std::sync::Arc;
use std::time::Duration;

use offhook_core::call::{Call, Role};
use offhook_core::id::{AppKey, CallId, DeviceId, SessionId, UserKey};
use offhook_core::time::Timestamp;
use offhook_store::{RelayUsage, Relayed};

/// The most tickets of one device for one call. Each ICE restart may take another: of more, the oldest is revoked, whose connection
/// has been replaced this often.
const MAX_FOR_A_CALL: usize = 8;
/// An oldest ticket that is as young as this is not revoked, and the next is refused: what each carried is kept, so who changes
/// tickets without end must not fill the disk. Restarts are eight seconds apart.
const REPLACED_AFTER: Duration = Duration::from_secs(30);
/// The most tickets of one session that have been named for no call. A session has few devices; one that comes back as
/// ever another device gives up the ticket of the first.
const MAX_UNNAMED: usize = 32;

/// How long tickets last.
#[derive(Debug, Clone, Copy)]
pub struct Lifetimes {
    /// How long a ticket lets its device into the relay.
    pub credential: Duration,
    /// How long a ticket lasts that was used, superseded, or left by its device, and not named for a call.
    pub unnamed: Duration,
}

impl Default for Lifetimes {
    fn default() -> Self {
        Self {
            credential: Duration::from_secs(24 * 60 * 60),
            // A call rings for five minutes at most; what was made ready for it is named within that.
            unnamed: Duration::from_secs(6 * 60),
        }
    }
}

/// To whom a ticket was handed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holder {
    /// The application.
    pub app: AppKey,
    /// The user.
    pub user: UserKey,
    /// The session.
    pub session: SessionId,
    /// The device.
    pub device: DeviceId,
}

/// A ticket to hand out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handed {
    /// The ticket.
    pub ticket: Arc<str>,
    /// Until when it lets its device into the relay.
    pub expires_at: Timestamp,
    /// When the next one is to be handed out at the latest.
    pub replace_at: Timestamp,
}

/// What came of naming a ticket.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bound {
    /// It was the one ahead: another is to be handed out.
    pub was_ahead: bool,
    /// What is to be revoked for it.
    pub revoked: Vec<Arc<str>>,
}

/// The ticket is not this device's, or it may not be used for this call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotUsable;

/// The tickets that may still open something.
#[derive(Debug)]
pub struct Table {
    lifetimes: Lifetimes,
    entries: HashMap<Arc<str>, Entry>,
    devices: HashMap<(SessionId, DeviceId), Device>,
    /// The tickets of each session, oldest first.
    sessions: HashMap<SessionId, Vec<Arc<str>>>,
    /// The tickets named for each call.
    calls: HashMap<(AppKey, CallId), Vec<Arc<str>>>,
}

#[derive(Debug)]
struct Entry {
    holder: Holder,
    /// Names it in the store.
    number: i64,
    handed: Handed,
    state: State,
    /// When it was first seen to be used.
    used_at: Option<Timestamp>,
    relayed: Relayed,
    /// Whether all that it carried is on disk.
    is_noted: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Handed out, and the one to use next.
    Ahead,
    /// Handed out, and followed by another: what was made with it may still be named.
    Superseded { since: Timestamp },
    /// Named for a call.
    Bound(Binding),
    /// Opens nothing any more.
    Revoked(Option<Binding>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Binding {
    call: CallId,
    role: Role,
}

/// A device that holds a ticket.
#[derive(Debug)]
struct Device {
    ahead: Option<Arc<str>>,
    sockets: u32,
    away_since: Option<Timestamp>,
}

impl Table {
    /// An empty one.
    pub fn new(lifetimes: Lifetimes) -> Self {
        Self {
            lifetimes,
            entries: HashMap::new(),
            devices: HashMap::new(),
            sessions: HashMap::new(),
            calls: HashMap::new(),
        }
    }

    /// A socket of the device is open.
    pub fn arrive(&mut self, holder: &Holder) {
        let device = self.device(holder);
        device.sockets += 1;
        device.away_since = None;
    }

    /// A socket of the device is gone.
    pub fn depart(&mut self, holder: &Holder, now: Timestamp) {
        let key = (holder.session, holder.device);
        if let Place::Occupied(mut place) = self.devices.entry(key) {
            let device = place.get_mut();
            device.sockets = device.sockets.saturating_sub(1);
            if device.sockets > 0 {
                return;
            }
            if device.ahead.is_some() {
                device.away_since = Some(now);
            } else {
                place.remove();
            }
        }
    }

    /// The ticket that the device is to use next, if it need not be replaced.
    pub fn ahead(&self, holder: &Holder, now: Timestamp) -> Option<&Handed> {
        let device = self.devices.get(&(holder.session, holder.device))?;
        let handed = &self.entries.get(device.ahead.as_ref()?)?.handed;
        (now < handed.replace_at).then_some(handed)
    }

    /// Takes a new ticket for the device to use next. Returns what is to be revoked for it.
    pub fn hand(&mut self, holder: Holder, ticket: Arc<str>, number: i64, now: Timestamp) -> Vec<Arc<str>> {
        let handed = Handed {
            ticket: Arc::clone(&ticket),
            expires_at: now + self.lifetimes.credential,
            replace_at: now + self.lifetimes.credential / 2,
        };
        let former = self.device(&holder).ahead.replace(Arc::clone(&ticket));
        if let Some(former) = former.and_then(|former| self.entries.get_mut(&former)) {
            former.state = State::Superseded { since: now };
        }
        let earlier = self.sessions.get(&holder.session).map_or(&[][..], Vec::as_slice);
        let unnamed = earlier.iter().filter(|ticket| self.is_unnamed(ticket));
        let unnamed: Vec<_> = unnamed.cloned().collect();
        let entry = Entry {
            holder,
            number,
            handed,
            state: State::Ahead,
            used_at: None,
            relayed: Relayed::default(),
            is_noted: true,
        };
        self.sessions
            .entry(holder.session)
            .or_default()
            .push(Arc::clone(&ticket));
        self.entries.insert(ticket, entry);
        let surplus = (unnamed.len() + 1).saturating_sub(MAX_UNNAMED);
        self.revoke(unnamed.into_iter().take(surplus))
    }

    /// Notes for which call a ticket is used.
    ///
    /// # Errors
    /// [`NotUsable`] if it was not handed to this device by this session, was named for another call, or has been revoked, or
    /// where the device has named too many for this call in a short time.
    pub fn bind(
        &mut self,
        ticket: &str,
        holder: &Holder,
        call: CallId,
        role: Role,
        now: Timestamp,
    ) -> Result<Bound, NotUsable> {
        let (ticket, entry) = self.entries.get_key_value(ticket).ok_or(NotUsable)?;
        if entry.holder != *holder {
            return Err(NotUsable);
        }
        let was_ahead = match entry.state {
            State::Bound(binding) if binding == (Binding { call, role }) => return Ok(Bound::default()),
            State::Bound(_) | State::Revoked(_) => return Err(NotUsable),
            State::Ahead => true,
            State::Superseded { .. } => false,
        };
        let ticket = Arc::clone(ticket);
        let surplus = self.surplus(holder, call, now)?;
        let revoked = self.revoke(surplus);
        let entry = self.entries.get_mut(&ticket).ok_or(NotUsable)?;
        entry.state = State::Bound(Binding { call, role });
        // What it carried before it was named is the call's, too.
        entry.is_noted = entry.relayed == Relayed::default();
        self.calls
            .entry((holder.app, call))
            .or_default()
            .push(Arc::clone(&ticket));
        if was_ahead {
            self.device(holder).ahead = None;
        }
        Ok(Bound { was_ahead, revoked })
    }

    /// The ticket that makes room for one more of the device for a call, if there has to be one.
    fn surplus(&self, holder: &Holder, call: CallId, now: Timestamp) -> Result<Option<Arc<str>>, NotUsable> {
        let of_call = self.calls.get(&(holder.app, call)).map_or(&[][..], Vec::as_slice);
        let of_device = of_call.iter().filter_map(|ticket| {
            let entry = self.entries.get(ticket)?;
            (entry.holder == *holder).then_some((ticket, entry))
        });
        let of_device: Vec<_> = of_device.collect();
        let Some((oldest, entry)) = of_device.first().filter(|_| of_device.len() >= MAX_FOR_A_CALL) else {
            return Ok(None);
        };
        let lived = self
            .lifetimes
            .credential
            .saturating_sub(entry.handed.expires_at.since(now));
        if lived < REPLACED_AFTER {
            return Err(NotUsable);
        }
        Ok(Some(Arc::clone(oldest)))
    }

    /// Looks at a call as it is now: all tickets of one that has ended are revoked, and those of devices that rang while
    /// another accepted. Returns them.
    pub fn follow(&mut self, call: &Call) -> Vec<Arc<str>> {
        let Some(tickets) = self.calls.get(&(call.app, call.id)) else {
            return Vec::new();
        };
        let has_a_part = |ticket: &Arc<str>| {
            let holder = self.entries.get(ticket).map(|entry| entry.holder);
            !call.is_ended() && holder.is_some_and(|holder| call.is_participant(holder.user, holder.device))
        };
        let over: Vec<_> = tickets.iter().filter(|ticket| !has_a_part(ticket)).cloned().collect();
        self.revoke(over)
    }

    /// Revokes every ticket of a session, which is over. Returns them.
    pub fn end_session(&mut self, session: SessionId) -> Vec<Arc<str>> {
        let tickets = self.sessions.get(&session).cloned().unwrap_or_default();
        self.revoke(tickets)
    }

    /// The sessions of a user that hold tickets.
    pub fn sessions_of(&self, user: UserKey) -> Vec<SessionId> {
        let is_users = |tickets: &Vec<Arc<str>>| {
            let first = tickets.first().and_then(|ticket| self.entries.get(ticket));
            first.is_some_and(|entry| entry.holder.user == user)
        };
        let sessions = self.sessions.iter().filter(|(_, tickets)| is_users(tickets));
        sessions.map(|(session, _)| *session).collect()
    }

    /// Revokes what was not named for a call in time. Returns it.
    pub fn sweep(&mut self, now: Timestamp) -> Vec<Arc<str>> {
        let is_over = |since: Option<Timestamp>| since.is_some_and(|since| since + self.lifetimes.unnamed <= now);
        let is_late = |entry: &Entry| match entry.state {
            State::Bound(_) | State::Revoked(_) => false,
            State::Superseded { since } => is_over(Some(since)) || is_over(entry.used_at),
            State::Ahead => {
                let device = self.devices.get(&(entry.holder.session, entry.holder.device));
                is_over(entry.used_at) || is_over(device.and_then(|device| device.away_since))
            }
        };
        let late = self.entries.iter().filter(|(_, entry)| is_late(entry));
        let late: Vec<_> = late.map(|(ticket, _)| Arc::clone(ticket)).collect();
        self.revoke(late)
    }

    /// Adds what a ticket has carried since the last time; that it is named at all says that it is used.
    pub fn add(&mut self, ticket: &str, carried: Relayed, now: Timestamp) {
        // A ticket that is not known was made by whoever else has the relay's secret.
        let Some(entry) = self.entries.get_mut(ticket) else {
            return;
        };
        entry.used_at.get_or_insert(now);
        let Relayed {
            to_peer_bytes,
            to_peer_packets,
            to_client_bytes,
            to_client_packets,
        } = &mut entry.relayed;
        *to_peer_bytes = to_peer_bytes.saturating_add(carried.to_peer_bytes);
        *to_peer_packets = to_peer_packets.saturating_add(carried.to_peer_packets);
        *to_client_bytes = to_client_bytes.saturating_add(carried.to_client_bytes);
        *to_client_packets = to_client_packets.saturating_add(carried.to_client_packets);
        entry.is_noted &= carried == Relayed::default();
    }

    /// What the tickets of calls have carried, where that is not on disk.
    pub fn unnoted(&self) -> Vec<RelayUsage> {
        self.entries
            .values()
            .filter(|entry| !entry.is_noted)
            .filter_map(|entry| {
                let (State::Bound(binding) | State::Revoked(Some(binding))) = entry.state else {
                    return None;
                };
                Some(RelayUsage {
                    app: entry.holder.app,
                    call_id: binding.call,
                    role: binding.role,
                    ticket_number: entry.number,
                    relayed: entry.relayed,
                })
            })
            .collect()
    }

    /// The tickets that have been revoked. What the relay says of them is said once the revocation has reached it.
    pub fn revoked(&self) -> Vec<Arc<str>> {
        let revoked = self
            .entries
            .iter()
            .filter(|(_, entry)| matches!(entry.state, State::Revoked(_)));
        revoked.map(|(ticket, _)| Arc::clone(ticket)).collect()
    }

    /// All that was [`unnoted`](Self::unnoted) is on disk, and nothing more is to come of `revoked`.
    pub fn settle(&mut self, noted: &[RelayUsage], revoked: &[Arc<str>]) {
        let noted: HashMap<i64, Relayed> = noted.iter().map(|usage| (usage.ticket_number, usage.relayed)).collect();
        for entry in self.entries.values_mut() {
            // More may have come meanwhile.
            entry.is_noted |= noted.get(&entry.number) == Some(&entry.relayed);
        }
        for ticket in revoked {
            let is_done = self.entries.get(ticket).is_some_and(|entry| match entry.state {
                State::Revoked(None) => true,
                State::Revoked(Some(_)) => entry.is_noted,
                State::Ahead | State::Superseded { .. } | State::Bound(_) => false,
            });
            if is_done {
                self.entries.remove(ticket);
            }
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    fn device(&mut self, holder: &Holder) -> &mut Device {
        let key = (holder.session, holder.device);
        self.devices.entry(key).or_insert(Device {
            ahead: None,
            sockets: 0,
            away_since: None,
        })
    }

    fn is_unnamed(&self, ticket: &Arc<str>) -> bool {
        let state = self.entries.get(ticket).map(|entry| entry.state);
        matches!(state, Some(State::Ahead | State::Superseded { .. }))
    }

    fn revoke(&mut self, tickets: impl IntoIterator<Item = Arc<str>>) -> Vec<Arc<str>> {
        let mut revoked = Vec::new();
        for ticket in tickets {
            let Some(entry) = self.entries.get_mut(&ticket) else {
                continue;
            };
            let holder = entry.holder;
            entry.state = match entry.state {
                State::Revoked(_) => continue,
                State::Ahead | State::Superseded { .. } => State::Revoked(None),
                State::Bound(binding) => {
                    remove(&mut self.calls, (holder.app, binding.call), &ticket);
                    State::Revoked(Some(binding))
                }
            };
            remove(&mut self.sessions, holder.session, &ticket);
            if let Place::Occupied(mut place) = self.devices.entry((holder.session, holder.device)) {
                let device = place.get_mut();
                device.ahead = device.ahead.take().filter(|ahead| *ahead != ticket);
                if device.ahead.is_none() && device.sockets == 0 {
                    place.remove();
                }
            }
            revoked.push(ticket);
        }
        revoked
    }
}

fn remove<K: std::hash::Hash + Eq>(index: &mut HashMap<K, Vec<Arc<str>>>, key: K, ticket: &Arc<str>) {
    if let Place::Occupied(mut place) = index.entry(key) {
        place.get_mut().retain(|other| other != ticket);
        if place.get().is_empty() {
            place.remove();
        }
    }
}

#[cfg(test)]
mod tests;
