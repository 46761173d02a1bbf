//! Who looks on.

mod items;

use std::collections::BTreeMap;

use offhook_core::call::{Call, EndResult, Happening, Link, Role, Stage};
use offhook_core::id::{CallId, DeviceId};
use offhook_core::time::Timestamp;
use offhook_proto::call::{CallRole, CallSnapshot, CallState};
use offhook_proto::socket::ClientMessage;

use super::{Invariant, Tally};
use crate::client::{Client, Known, Presence};
use crate::media::Media;
use crate::store::{Commit, Store};
use crate::world::{EPOCH, Millis};

/// How long after a dial every device of the callee that can be reached must ring.
const RING_LIMIT: Millis = 2_000;
/// How long after its welcome a device must count as being there.
const PRESENCE_LIMIT: Millis = 2_000;
/// How far a node's clock may be ahead of the true time.
const SKEW: Millis = 500;
/// How long after a page is closed its node may believe it is there (see `node::SILENCE`), and what was under way arrives.
const BILLING_SLACK: Millis = 36_000;
/// How long everything must have been well for the end of a call to be a mistake.
const WELL_FOR: Millis = 15_000;
/// The same, where one device cannot be reached: what it said last may have been that its media stopped, which counts
/// for a minute.
const HALF_WELL_FOR: Millis = 75_000;

/// How well a call is: its media flows, and its devices are there.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Wellness {
    /// Since when both are.
    pub both_since: Option<Millis>,
    /// Since when one at least is.
    pub one_since: Option<Millis>,
}

#[derive(Default)]
pub(crate) struct Witness {
    dialed: BTreeMap<CallId, Millis>,
    winners: BTreeMap<CallId, DeviceId>,
    told_winners: BTreeMap<CallId, DeviceId>,
    endings: BTreeMap<CallId, u32>,
    billed: BTreeMap<CallId, u32>,
    acknowledged: Vec<(CallId, u32)>,
    acknowledged_count: u64,
    path_changes: u32,
    items_changed: BTreeMap<CallId, Millis>,
    item_changes: u32,
    holds: u32,
    pub broken: Option<(Invariant, String)>,
}

impl Witness {
    fn expect(&mut self, holds: bool, invariant: Invariant, what: impl FnOnce() -> String) {
        if !holds && self.broken.is_none() {
            self.broken = Some((invariant, what()));
        }
    }

    /// Looks at a commit.
    pub fn committed(&mut self, commit: &Commit, media: Option<&Media>, wellness: Wellness, now: Millis) {
        let Commit { call, happened, usage } = commit;
        let id = call.id;
        self.dialed.entry(id).or_insert(now);
        if let Some(device) = call.callee_device() {
            let winner = *self.winners.entry(id).or_insert(device);
            self.expect(winner == device, Invariant::OneWinner, || {
                format!("{id} went from {winner} to {device}")
            });
        }
        let path_changes = happened.iter().filter(|one| matches!(one, Happening::PathChanged(..)));
        self.path_changes += u32::try_from(path_changes.count()).unwrap_or(u32::MAX);
        self.note_items_and_holds(id, happened, now);
        let ended = happened.iter().any(|one| matches!(one, Happening::Ended(_)));
        if ended {
            *self.endings.entry(id).or_default() += 1;
        }
        if let Some(usage) = usage {
            *self.billed.entry(id).or_default() += 1;
            let millis = usage.ended_at.as_millis();
            let is_within = call
                .ending()
                .is_some_and(|ending| usage.ended_at <= ending.at && Some(usage.connected_at) == ending.connected_at)
                && usage.connected_at <= usage.ended_at
                && millis <= EPOCH + now + 2 * SKEW;
            self.expect(is_within, Invariant::Billing, || {
                format!("{id} is billed outside of its time: {usage:?}")
            });
            let last_alive = media.and_then(|media| media.closed_at).unwrap_or(now);
            let is_alive = millis <= EPOCH + last_alive + 2 * SKEW + BILLING_SLACK || usage.call_duration().is_zero();
            self.expect(is_alive, Invariant::Billing, || {
                format!(
                    "{id} is billed until {millis}, everybody was gone at {}",
                    EPOCH + last_alive
                )
            });
            let first_up = media.and_then(|media| media.first_up_at).unwrap_or(now);
            let is_late = usage.connected_at.as_millis() + 2 * SKEW >= EPOCH + first_up;
            self.expect(is_late, Invariant::Billing, || {
                format!("{id} is billed before its media flowed")
            });
        }
        let result = call.ending().filter(|_| ended).map(|ending| ending.result);
        let well_for = |since: Option<Millis>| since.map_or(0, |since| now.saturating_sub(since));
        let is_mistake = match result {
            Some(EndResult::ConnectionLost) => {
                well_for(wellness.both_since) >= WELL_FOR || well_for(wellness.one_since) >= HALF_WELL_FOR
            }
            Some(EndResult::TimedOut) => well_for(wellness.both_since) >= WELL_FOR,
            Some(_) | None => false,
        };
        self.expect(!is_mistake, Invariant::LivingCallGoesOn, || {
            format!("{id} was well: {call:?}")
        });
    }

    /// Looks at what a client is told.
    pub fn saw(&mut self, client: &Client, before: Option<&Known>, snapshot: &CallSnapshot) {
        let id = snapshot.call_id;
        let is_won = matches!(snapshot.state, CallState::Established | CallState::Connected);
        if snapshot.role == CallRole::Callee && is_won {
            let told = *self.told_winners.entry(id).or_insert(client.device);
            let device = client.device;
            self.expect(told == device, Invariant::OneWinner, || {
                format!("{told} and {device} were told they won {id}")
            });
        }
        let Some(before) = before else { return };
        let is_forward = rank(before.state) <= rank(snapshot.state)
            && (before.state != CallState::Ended
                || before.has_failed
                || (before.end_result, before.ended_by) == (snapshot.end_result, snapshot.ended_by));
        self.expect(is_forward, Invariant::Forward, || {
            format!("{before:?} became {snapshot:?}")
        });
    }

    /// Looks at an answer: is what it says so?
    pub fn answered(&mut self, device: DeviceId, request: &ClientMessage, snapshot: &CallSnapshot, store: &Store) {
        let id = snapshot.call_id;
        let is_so = store.call(id).is_some_and(|call| {
            call.version >= snapshot.version
                && match request {
                    ClientMessage::Accept { .. } => call.callee_device() == Some(device),
                    ClientMessage::End { .. } => call.is_ended(),
                    ClientMessage::SetMedia { media, .. } => {
                        let party = call.party(if snapshot.role == CallRole::Caller {
                            Role::Caller
                        } else {
                            Role::Callee
                        });
                        call.is_ended() || party.settings.revision >= media.revision
                    }
                    _ => true,
                }
        });
        self.acknowledged.push((id, snapshot.version));
        self.expect(is_so, Invariant::AcknowledgedStep, || {
            format!("{request:?} of {id} was answered and is not so")
        });
    }

    pub fn forgotten(&mut self, id: CallId) {
        self.expect(false, Invariant::AcknowledgedStep, || {
            format!("{id} is not known any more")
        });
    }

    /// Looks whether the devices of accepted calls that are there count as there.
    pub fn check_presence(
        &mut self,
        store: &Store,
        clients: &[Client],
        now: Millis,
        is_connected: impl Fn(&Client) -> bool,
    ) {
        for call in store.calls() {
            let Stage::Talking(talk) = &call.stage else { continue };
            for (role, device) in [(Role::Caller, call.caller_device), (Role::Callee, talk.accepted.device)] {
                let is_here = clients.iter().any(|client| {
                    client.device == device
                        && client.calls.contains_key(&call.id)
                        && client
                            .reachable_since
                            .is_some_and(|since| since + PRESENCE_LIMIT <= now)
                        && is_connected(client)
                });
                let counts_as_here = talk.leg(role).link == Link::Present;
                self.expect(counts_as_here || !is_here, Invariant::Presence, || {
                    format!("{device} is here, but not in {call:?}")
                });
            }
        }
    }

    /// Looks whether everybody rings who should.
    pub fn check_rings(
        &mut self,
        store: &Store,
        clients: &[Client],
        now: Millis,
        is_connected: impl Fn(&Client) -> bool,
    ) {
        for call in store.calls() {
            let is_ringing =
                matches!(call.stage, Stage::Ringing { until, .. } if until.as_millis() > EPOCH + now + 2 * SKEW);
            let is_due = self
                .dialed
                .get(&call.id)
                .is_some_and(|dialed| dialed + RING_LIMIT <= now);
            if !is_ringing || !is_due {
                continue;
            }
            for client in clients.iter().filter(|client| client.user_key() == call.callee.user) {
                let is_reachable = client.reachable_since.is_some_and(|since| since + RING_LIMIT <= now);
                let rings = client.calls.contains_key(&call.id);
                self.expect(
                    rings || !is_reachable || !is_connected(client),
                    Invariant::EveryDeviceRings,
                    || format!("{} does not ring for {}", client.device, call.id),
                );
            }
        }
    }

    pub fn check_all_ended(&mut self, store: &Store) {
        for call in store.calls() {
            let id = call.id;
            self.expect(call.is_ended(), Invariant::EveryCallEnds, || {
                format!("{id} has not ended: {call:?}")
            });
        }
    }

    /// Asks everybody at the end.
    pub fn check_end(&mut self, store: &Store, clients: &[Client]) {
        self.check_all_ended(store);
        for call in store.calls() {
            let id = call.id;
            let endings = self.endings.get(&id).copied().unwrap_or_default();
            self.expect(endings == 1, Invariant::OneRecord, || {
                format!("{id} ended {endings} times")
            });
            let has_connected = call.ending().is_some_and(|ending| ending.connected_at.is_some());
            let billed = self.billed.get(&id).copied().unwrap_or_default();
            self.expect(billed == u32::from(has_connected), Invariant::Billing, || {
                format!("{id} was billed {billed} times")
            });
        }
        self.acknowledged_count = u64::try_from(self.acknowledged.len()).unwrap_or(u64::MAX);
        for (id, version) in std::mem::take(&mut self.acknowledged) {
            let is_kept = store.call(id).is_some_and(|call| call.version >= version);
            self.expect(is_kept, Invariant::AcknowledgedStep, || {
                format!("version {version} of {id} is lost")
            });
        }
        for client in clients.iter().filter(|client| client.presence != Presence::Closed) {
            for (id, known) in &client.calls {
                let agrees = agrees(client, known, store.call(*id));
                self.expect(agrees, Invariant::Agreement, || {
                    format!(
                        "{} knows {known:?} of {id}, the record is {:?}",
                        client.device,
                        store.call(*id)
                    )
                });
            }
        }
    }

    pub fn tally(&self, store: &Store) -> Tally {
        let mut tally = Tally {
            billed: self.billed.values().sum(),
            acknowledged: self.acknowledged_count,
            path_changes: self.path_changes,
            item_changes: self.item_changes,
            holds: self.holds,
            ..Tally::default()
        };
        for ending in store.calls().filter_map(Call::ending) {
            *tally.results.entry(ending.result.as_str()).or_default() += 1;
        }
        tally
    }
}

fn agrees(client: &Client, known: &Known, call: Option<&Call>) -> bool {
    let now = Timestamp::from_millis(EPOCH);
    let snapshot = call.and_then(|call| CallSnapshot::of(call, client.user_key(), client.device, now));
    let Some(snapshot) = snapshot else {
        return known.has_failed;
    };
    let remote = match known.role {
        CallRole::Caller => snapshot.callee.media,
        CallRole::Callee => snapshot.caller.media,
    };
    (known.state, known.end_result, known.ended_by) == (snapshot.state, snapshot.end_result, snapshot.ended_by)
        && known
            .remote
            .is_some_and(|(media, _)| media == remote || snapshot.ended_at.is_none())
}

const fn rank(state: CallState) -> u8 {
    match state {
        CallState::Ringing => 0,
        CallState::Established => 1,
        CallState::Connected => 2,
        CallState::Ended => 3,
    }
}
