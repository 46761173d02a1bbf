//! What devices are told.

use offhook_core::call::{Call, Role};
use offhook_proto::call::CallSnapshot;
use offhook_proto::socket::ServerMessage;

use super::{Node, NodeEffect, SocketState, Surroundings};
use crate::network::SocketId;

impl Node {
    /// Tells the devices here of a call, as far as it is news to them.
    pub(super) fn tell(&mut self, call: &Call, around: &mut Surroundings<'_>) {
        let ids: Vec<SocketId> = self.sockets.keys().copied().collect();
        for id in ids {
            self.tell_one(id, call, around);
        }
    }

    pub(super) fn tell_one(&mut self, id: SocketId, call: &Call, around: &mut Surroundings<'_>) {
        let now = self.clock(around.now);
        let Some(socket) = self.sockets.get_mut(&id) else {
            return;
        };
        if call.view(socket.user, socket.device).is_none() {
            return;
        }
        if let SocketState::Greeting { news, .. } = &mut socket.state {
            news.push(call.clone());
            return;
        }
        let revisions = (call.caller.settings.revision, call.callee.settings.revision);
        let told = socket.told.get(&call.id).copied();
        if told.is_none_or(|(version, ..)| call.version > version) || self.faults.nobody_compares_versions {
            if let Some(call) = CallSnapshot::of(call, socket.user, socket.device, now) {
                around.effects.push(NodeEffect::Send(id, ServerMessage::Call { call }));
            }
            self.note_told(id, call);
            return;
        }
        for role in [Role::Caller, Role::Callee] {
            let is_news = match role {
                Role::Caller => told.is_some_and(|(_, caller, _)| revisions.0 > caller),
                Role::Callee => told.is_some_and(|(_, _, callee)| revisions.1 > callee),
            };
            if is_news {
                let media = call.party(role).settings.into();
                let message = ServerMessage::PartyMedia {
                    call_id: call.id,
                    role: role.into(),
                    media,
                };
                around.effects.push(NodeEffect::Send(id, message));
            }
        }
        self.note_told(id, call);
    }

    pub(super) fn note_told(&mut self, id: SocketId, call: &Call) {
        let Some(socket) = self.sockets.get_mut(&id) else {
            return;
        };
        let told = socket.told.entry(call.id).or_default();
        told.0 = told.0.max(call.version);
        told.1 = told.1.max(call.caller.settings.revision);
        told.2 = told.2.max(call.callee.settings.revision);
    }
}
