//! The truth, as a map. A method is a transaction.

use std::collections::BTreeMap;
use std::time::Duration;

use offhook_core::call::{
    Call, Decision, DialFacts, DialRefusal, DialRequest, EndResult, Happening, Input, Profile, Refusal, Stage, decide,
};
use offhook_core::id::{AppKey, CallId, DeviceId, UserKey};
use offhook_core::time::Timestamp;
use offhook_core::usage::Usage;

use crate::Faults;
use crate::network::SocketId;
use crate::node::Instance;

/// A node whose last sign of life is older than this is dead.
const DEAD_AFTER: Duration = Duration::from_secs(15);
/// Nobody served, if no other node's last sign of life is younger than this when a node starts.
const OUTAGE_AFTER: Duration = Duration::from_secs(10);

pub(crate) struct Store {
    calls: BTreeMap<CallId, Stored>,
    last_change: u64,
    connections: BTreeMap<DeviceId, Connection>,
    heartbeats: BTreeMap<Instance, Timestamp>,
    users: u8,
    /// What was committed since somebody looked.
    pub news: Vec<Commit>,
    faults: Faults,
}

struct Stored {
    call: Call,
    changed: u64,
}

/// Which socket a device is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Connection {
    pub user: UserKey,
    pub instance: Instance,
    pub socket: SocketId,
}

pub(crate) struct Commit {
    pub call: Call,
    pub happened: Vec<Happening>,
    pub usage: Option<Usage>,
}

pub(crate) fn user_key(user: u8) -> UserKey {
    UserKey::from_bytes([user; 16])
}

pub(crate) fn user_id(user: u8) -> String {
    format!("user {user}")
}

impl Store {
    pub fn new(users: u8, faults: Faults) -> Self {
        Self {
            calls: BTreeMap::new(),
            last_change: 0,
            connections: BTreeMap::new(),
            heartbeats: BTreeMap::new(),
            users,
            news: Vec::new(),
            faults,
        }
    }

    pub fn call(&self, id: CallId) -> Option<&Call> {
        self.calls.get(&id).map(|stored| &stored.call)
    }

    pub fn calls(&self) -> impl Iterator<Item = &Call> {
        self.calls.values().map(|stored| &stored.call)
    }

    pub fn live_calls_of(&self, user: UserKey) -> Vec<Call> {
        self.calls()
            .filter(|call| !call.is_ended() && call.role_of(user).is_some())
            .cloned()
            .collect()
    }

    pub fn dial(
        &mut self,
        (user, device): (UserKey, DeviceId),
        callee: &str,
        request: DialRequest,
        now: Timestamp,
    ) -> Result<(Call, bool), DialRefusal> {
        if let Some(call) = self.call(request.call_id) {
            // Ids are random: another device's call of this id does not exist.
            debug_assert!(call.is_dialed_by(user, device));
            return Ok((call.clone(), false));
        }
        let facts = self.dial_facts(user, callee, now);
        let call = Call::dial(request, facts, now)?;
        self.commit(call.clone(), Vec::new(), None);
        Ok((call, true))
    }

    fn dial_facts(&self, user: UserKey, callee: &str, now: Timestamp) -> DialFacts {
        let profile = |user: u8| Profile {
            user_id: user_id(user),
            nickname: String::new(),
            profile_url: String::new(),
            metadata: BTreeMap::new(),
        };
        let known = |matches: &dyn Fn(u8) -> bool| (0..self.users).find(|user| matches(*user));
        let callee = known(&|known| user_id(known) == callee).map(|callee| (user_key(callee), profile(callee)));
        let caller = known(&|known| user_key(known) == user).unwrap_or_default();
        let dialed: Vec<&Call> = self.calls().filter(|call| call.caller.user == user).collect();
        let recent: Vec<&&Call> = dialed
            .iter()
            .filter(|call| call.dialed_at + Duration::from_secs(60) > now)
            .collect();
        let is_to_callee = |call: &&&&Call| callee.as_ref().is_some_and(|(callee, _)| *callee == call.callee.user);
        let rings_callee = |call: &&Call| {
            matches!(call.stage, Stage::Ringing { .. })
                && callee.as_ref().is_some_and(|(callee, _)| *callee == call.callee.user)
        };
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        DialFacts {
            app: AppKey(1),
            caller: (user, profile(caller)),
            is_caller_read_only: false,
            has_callee_signed_in: true,
            recent_dials: count(recent.len()),
            recent_dials_to_callee: count(recent.iter().filter(is_to_callee).count()),
            live_calls: count(dialed.iter().filter(|call| !call.is_ended()).count()),
            calls_ringing_callee: count(self.calls().filter(rings_callee).count()),
            max_ringing: Duration::from_secs(300),
            max_connecting: Duration::from_secs(300),
            callee,
        }
    }

    /// Decides and commits. `is_lost` is a planted mistake: the answer goes out, the commit does not happen.
    pub fn apply(&mut self, id: CallId, input: Input, now: Timestamp, is_lost: bool) -> Result<(Call, bool), Refusal> {
        let call = self.call(id).ok_or(Refusal::NoSuchCall)?;
        let mut decision = match self.take_over(call, &input) {
            Some(decision) => decision,
            None => decide(call, input, now)?,
        };
        if self.faults.silence_is_billed {
            bill_silence(&mut decision, now);
        }
        if self.faults.items_raise_no_version {
            hush_items(&mut decision);
        }
        let is_change = decision.is_change();
        if is_change && !is_lost {
            self.commit(decision.call.clone(), decision.happened, decision.usage);
        }
        Ok((decision.call, is_change))
    }

    /// Planted: the last to accept wins.
    fn take_over(&self, call: &Call, input: &Input) -> Option<Decision> {
        let (true, Input::Accept { user, device, .. }, Stage::Talking(talk)) =
            (self.faults.any_accept_wins, input, &call.stage)
        else {
            return None;
        };
        if *user != call.callee.user || talk.accepted.device == *device {
            return None;
        }
        let mut talk = talk.clone();
        talk.accepted.device = *device;
        let call = Call {
            stage: Stage::Talking(talk),
            version: call.version + 1,
            ..call.clone()
        };
        Some(Decision {
            call,
            happened: vec![Happening::Accepted],
            usage: None,
        })
    }

    fn commit(&mut self, call: Call, happened: Vec<Happening>, usage: Option<Usage>) {
        self.last_change += 1;
        let changed = self.last_change;
        self.calls.insert(
            call.id,
            Stored {
                call: call.clone(),
                changed,
            },
        );
        self.news.push(Commit { call, happened, usage });
    }

    pub fn last_change(&self) -> u64 {
        self.last_change
    }

    pub fn changed_since(&self, cursor: u64) -> Vec<Call> {
        if cursor == self.last_change {
            return Vec::new();
        }
        let changed = self.calls.values().filter(|stored| stored.changed > cursor);
        changed.map(|stored| stored.call.clone()).collect()
    }

    pub fn due(&self, now: Timestamp) -> Vec<CallId> {
        let is_due = |call: &&Call| call.deadline().is_some_and(|deadline| deadline <= now);
        self.calls().filter(is_due).map(|call| call.id).collect()
    }

    pub fn connection(&self, device: DeviceId) -> Option<Connection> {
        self.connections.get(&device).copied()
    }

    pub fn connect(&mut self, device: DeviceId, connection: Connection) {
        self.connections.insert(device, connection);
    }

    /// Notes that a socket is gone. Returns the calls to change, all in this transaction.
    pub fn disconnect(
        &mut self,
        device: DeviceId,
        gone: Connection,
        last_seen: Timestamp,
        now: Timestamp,
    ) -> Vec<Call> {
        let is_current = self.connection(device) == Some(gone);
        if is_current {
            self.connections.remove(&device);
        } else if !self.faults.late_vanish_counts {
            return Vec::new();
        }
        let user = gone.user;
        let vanish = Input::Vanish {
            user,
            device,
            last_seen,
        };
        self.apply_to_all(self.live_calls_of(user), &vanish, now)
    }

    fn apply_to_all(&mut self, calls: Vec<Call>, input: &Input, now: Timestamp) -> Vec<Call> {
        let change = |call: Call| match self.apply(call.id, input.clone(), now, false) {
            Ok((call, true)) => Some(call),
            Ok((_, false)) | Err(_) => None,
        };
        calls.into_iter().filter_map(change).collect()
    }

    pub fn beat(&mut self, instance: Instance, now: Timestamp) {
        self.heartbeats.insert(instance, now);
    }

    /// A node starts. After an outage nobody is blamed for it.
    pub fn start(&mut self, instance: Instance, now: Timestamp) {
        let last_served = self.heartbeats.values().max().copied();
        self.beat(instance, now);
        let Some(last_seen) = last_served.filter(|last| *last + OUTAGE_AFTER < now) else {
            return;
        };
        self.connections.clear();
        let live = self.calls().filter(|call| !call.is_ended()).cloned().collect();
        self.apply_to_all(live, &Input::Resume { last_seen }, now);
    }

    /// Takes away the devices of nodes that gave no sign of life. Returns the calls that this changed.
    pub fn sweep_nodes(&mut self, now: Timestamp) -> Vec<Call> {
        let last_sign = |connection: &Connection| self.heartbeats.get(&connection.instance).copied();
        let is_dead = |last: &Timestamp| *last + DEAD_AFTER < now;
        let gone: Vec<(DeviceId, Connection, Timestamp)> = (self.connections.iter())
            .filter_map(|(device, connection)| Some((*device, *connection, last_sign(connection).filter(is_dead)?)))
            .collect();
        let mut changed = Vec::new();
        for (device, connection, last_seen) in gone {
            changed.extend(self.disconnect(device, connection, last_seen, now));
        }
        changed
    }
}

fn bill_silence(decision: &mut Decision, now: Timestamp) {
    let is_lost = decision.happened.contains(&Happening::Ended(EndResult::ConnectionLost));
    if let (true, Some(usage), Stage::Ended(ending)) = (is_lost, &mut decision.usage, &mut decision.call.stage) {
        usage.ended_at = now;
        ending.at = now;
    }
}

/// Planted: custom items change under the version that was.
fn hush_items(decision: &mut Decision) {
    if matches!(decision.happened[..], [Happening::ItemsChanged(..)]) {
        decision.call.version -= 1;
    }
}
