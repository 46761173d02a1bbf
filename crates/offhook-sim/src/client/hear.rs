//! What a client makes of what it hears.

use offhook_core::id::CallId;
use offhook_proto::call::{CallRole, CallSnapshot, CallState};
use offhook_proto::socket::{ClientMessage, ServerMessage};

use super::{Client, ClientEffect, Effects, Known, Pending, Presence, Timer};
use crate::random::Random;
use crate::world::Millis;

impl Client {
    pub fn handle_message(&mut self, message: ServerMessage, random: &mut Random, now: Millis) -> Effects {
        self.heard_at = now;
        match message {
            ServerMessage::Welcome {
                calls, unknown_calls, ..
            } => self.handle_welcome(calls, &unknown_calls, random, now),
            ServerMessage::Reply { id, call } => {
                let mut effects = Vec::new();
                if let Some(pending) = self.pending.remove(&id) {
                    effects.push(ClientEffect::Answered(pending.message, Box::new(call.clone())));
                }
                effects.extend(self.see(call, random, now));
                effects
            }
            ServerMessage::Refused { id: Some(id), .. } => self.handle_refusal(id, now),
            ServerMessage::Call { call } => self.see(call, random, now),
            ServerMessage::PartyMedia { call_id, role, media } => {
                if let Some(known) = self.calls.get_mut(&call_id).filter(|known| known.role != role) {
                    let (current, version) = known.remote.unwrap_or((media, 0));
                    known.remote = Some((
                        if media.revision > current.revision {
                            media
                        } else {
                            current
                        },
                        version,
                    ));
                }
                Vec::new()
            }
            ServerMessage::CustomItems { id, custom_items, .. } => {
                if let Some(Pending { message, .. }) = self.pending.remove(&id)
                    && let ClientMessage::UpdateCustomItems { call_id, .. }
                    | ClientMessage::DeleteCustomItems { call_id, .. } = message
                    && let Some(known) = self.calls.get_mut(&call_id)
                {
                    known.custom_items = custom_items;
                }
                Vec::new()
            }
            ServerMessage::Refused { id: None, .. }
            | ServerMessage::IceConfiguration { .. }
            | ServerMessage::Signal { .. }
            | ServerMessage::Renewed { .. }
            | ServerMessage::Ping {}
            | ServerMessage::SessionClosed { .. }
            | ServerMessage::Drain { .. } => Vec::new(),
        }
    }

    fn handle_welcome(
        &mut self,
        calls: Vec<CallSnapshot>,
        unknown_calls: &[CallId],
        random: &mut Random,
        now: Millis,
    ) -> Effects {
        if let Presence::Greeting(socket) = self.presence {
            self.presence = Presence::Online(socket);
            self.reachable_since = Some(now);
        }
        let mut effects: Effects = calls.into_iter().flat_map(|call| self.see(call, random, now)).collect();
        for call_id in unknown_calls {
            if self.calls.get(call_id).is_some_and(|known| known.version > 0) {
                effects.push(ClientEffect::Forgotten(*call_id));
            }
        }
        for pending in self.pending.values_mut() {
            pending.sent_at = now;
            effects.push(ClientEffect::Send(pending.message.clone()));
        }
        effects
    }

    fn handle_refusal(&mut self, id: u32, now: Millis) -> Effects {
        let Some(Pending { message, .. }) = self.pending.remove(&id) else {
            return Vec::new();
        };
        let mut effects = match &message {
            ClientMessage::Dial { call_id, .. } => {
                if let Some(known) = self.calls.get_mut(call_id) {
                    known.state = CallState::Ended;
                    known.has_failed = true;
                }
                Vec::new()
            }
            // Somebody else was faster: what has become of it?
            ClientMessage::Accept { call_id, .. } | ClientMessage::End { call_id, .. } => {
                let call_id = *call_id;
                self.request(now, |id| ClientMessage::Read { id, call_id })
            }
            _ => Vec::new(),
        };
        effects.push(ClientEffect::Refused(message));
        effects
    }

    /// Takes in what the server says of a call, unless it is old news.
    fn see(&mut self, snapshot: CallSnapshot, random: &mut Random, now: Millis) -> Effects {
        let remote = |role: CallRole| match role {
            CallRole::Caller => snapshot.callee.media,
            CallRole::Callee => snapshot.caller.media,
        };
        let call_id = snapshot.call_id;
        let Some(known) = self.calls.get_mut(&call_id) else {
            if snapshot.state == CallState::Ringing && snapshot.role == CallRole::Callee {
                return self.ring(snapshot, random, now);
            }
            return Vec::new();
        };
        if snapshot.version <= known.version && self.does_compare_versions {
            return Vec::new();
        }
        let before = known.clone();
        let media = remote(known.role);
        known.remote = match known.remote {
            Some((current, version)) if current.revision > media.revision => Some((current, version)),
            Some(_) | None => Some((media, snapshot.version)),
        };
        known.version = snapshot.version;
        known.state = snapshot.state;
        known.end_result = snapshot.end_result;
        known.ended_by = snapshot.ended_by;
        known.custom_items.clone_from(&snapshot.custom_items);
        let mut effects = Vec::new();
        if before.state == CallState::Ringing && matches!(snapshot.state, CallState::Established | CallState::Connected)
        {
            effects.push(ClientEffect::Ready(call_id, known.role));
            if random.in_thousand(600) {
                effects.push(ClientEffect::Wait(
                    random.between(1_000..=60_000),
                    Timer::HangUp(call_id),
                ));
            }
        }
        effects.push(ClientEffect::Saw(Some(Box::new(before)), Box::new(snapshot)));
        effects
    }

    fn ring(&mut self, snapshot: CallSnapshot, random: &mut Random, now: Millis) -> Effects {
        let call_id = snapshot.call_id;
        let known = Known {
            role: CallRole::Callee,
            version: snapshot.version,
            state: CallState::Ringing,
            end_result: None,
            ended_by: None,
            has_failed: false,
            custom_items: snapshot.custom_items.clone(),
            own: snapshot.callee.media,
            remote: Some((snapshot.caller.media, snapshot.version)),
        };
        self.calls.insert(call_id, known);
        let mut effects = vec![ClientEffect::Saw(None, Box::new(snapshot))];
        effects.extend(self.request(now, |id| ClientMessage::Ringing { id, call_id }));
        match random.between(0..=99) {
            0..60 => effects.push(ClientEffect::Wait(random.between(100..=9_000), Timer::Accept(call_id))),
            60..72 => effects.push(ClientEffect::Wait(random.between(100..=9_000), Timer::HangUp(call_id))),
            _ => {}
        }
        effects
    }
}
