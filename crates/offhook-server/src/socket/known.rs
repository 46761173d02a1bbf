//! What one device has been told, so that each change is said once, however often its doorbell rings.

use std::sync::Arc;

use offhook_core::call::{Call, Role, SeenState};
use offhook_core::id::{CallId, DeviceId, UserKey};
use offhook_core::time::Timestamp;
use offhook_proto::call::CallSnapshot;
use offhook_proto::socket::ServerMessage;

/// From this many on, those that have ended are forgotten, the oldest first. A socket that waits holds them.
const MANY: usize = 8;

/// The calls that a device knows.
#[derive(Debug)]
pub struct Known {
    user: UserKey,
    device: DeviceId,
    /// Few, so that they are found soonest one after the other.
    calls: Vec<Arc<Call>>,
}

impl Known {
    /// A device that knows nothing yet.
    pub fn new(user: UserKey, device: DeviceId) -> Self {
        Self {
            user,
            device,
            calls: Vec::new(),
        }
    }

    /// Takes note of a call that is about to be told in full: in a welcome or a reply.
    pub fn note(&mut self, call: Arc<Call>) {
        if let Some(known) = self.calls.iter_mut().find(|known| known.id == call.id) {
            *known = call;
            return;
        }
        if self.calls.len() >= MANY {
            let ended = self.calls.iter().enumerate().filter(|(_, call)| call.is_ended());
            if let Some((oldest, _)) = ended.min_by_key(|(_, call)| call.updated_at) {
                self.calls.swap_remove(oldest);
            }
        }
        self.calls.push(call);
    }

    /// Says what is new in `call` for the device; nothing, where it knows as much or more.
    pub fn learn(&mut self, call: Arc<Call>, now: Timestamp) -> Option<ServerMessage> {
        let seen = call.view(self.user, self.device)?;
        let message = match self.call(call.id) {
            Some(told) if told.version > call.version => return None,
            Some(told) if told.version == call.version => self.media_news(told, &call, seen.role)?,
            Some(_) => self.snapshot(&call, now)?,
            None if matches!(seen.state, SeenState::AcceptedElsewhere | SeenState::Ended) => return None,
            None => self.snapshot(&call, now)?,
        };
        self.note(call);
        Some(message)
    }

    /// A call the device has been told of.
    pub fn call(&self, call_id: CallId) -> Option<&Arc<Call>> {
        self.calls.iter().find(|call| call.id == call_id)
    }

    /// The calls the device was told of that had not ended.
    pub fn live_calls(&self) -> Vec<CallId> {
        let live = self.calls.iter().filter(|call| !call.is_ended());
        live.map(|call| call.id).collect()
    }

    /// Whether the device takes part in a call that has not ended.
    pub fn has_live_call(&self) -> bool {
        self.calls
            .iter()
            .any(|call| !call.is_ended() && call.is_participant(self.user, self.device))
    }

    fn snapshot(&self, call: &Call, now: Timestamp) -> Option<ServerMessage> {
        CallSnapshot::of(call, self.user, self.device, now).map(|call| ServerMessage::Call { call })
    }

    /// Media settings do not raise the version: the other side's revision tells.
    fn media_news(&self, told: &Call, call: &Call, role: Role) -> Option<ServerMessage> {
        let (before, after) = (told.party(role.other()).settings, call.party(role.other()).settings);
        (after.revision > before.revision).then(|| ServerMessage::PartyMedia {
            call_id: call.id,
            role: role.other().into(),
            media: after.into(),
        })
    }
}

#[cfg(test)]
mod tests;
