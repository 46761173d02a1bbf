//! How a device is welcomed.

use std::collections::BTreeSet;

use offhook_core::call::Input;
use offhook_core::id::CallId;
use offhook_proto::PROTOCOL;
use offhook_proto::call::CallSnapshot;
use offhook_proto::ice::IceConfiguration;
use offhook_proto::socket::ServerMessage;

use super::{Node, NodeEffect, SocketState, Surroundings};
use crate::network::SocketId;

impl Node {
    /// Reads what a device that said hello needs to know, and notes that it is there.
    pub(super) fn read(&mut self, id: SocketId, around: &mut Surroundings<'_>) -> Option<ServerMessage> {
        let now = self.clock(around.now);
        let socket = self.sockets.get(&id)?;
        let (user, device) = (socket.user, socket.device);
        let known: BTreeSet<CallId> = socket.known.iter().copied().collect();
        let mut of_interest = known.clone();
        for call in around.store.live_calls_of(user) {
            let input = if known.contains(&call.id) {
                Input::Appear { user, device }
            } else {
                Input::Leave { user, device }
            };
            if let Ok((call, true)) = around.store.apply(call.id, input, now, false) {
                around.effects.push(NodeEffect::Ring(call));
            }
            of_interest.insert(call.id);
        }
        let mut calls = Vec::new();
        let mut unknown_calls = Vec::new();
        for call_id in of_interest {
            let call = around.store.call(call_id).cloned();
            let seen = call.and_then(|call| Some((CallSnapshot::of(&call, user, device, now)?, call)));
            match seen {
                Some((snapshot, call)) => {
                    self.note_told(id, &call);
                    calls.push(snapshot);
                }
                None if known.contains(&call_id) => unknown_calls.push(call_id),
                None => {}
            }
        }
        let id = self.sockets.get(&id)?.hello;
        Some(ServerMessage::Welcome {
            id,
            protocol: PROTOCOL,
            calls,
            unknown_calls,
            silence_ms: 15_000,
            ice_configuration: IceConfiguration::none(),
        })
    }

    pub(super) fn welcome(&mut self, id: SocketId, around: &mut Surroundings<'_>) {
        let Some(socket) = self.sockets.get_mut(&id) else {
            return;
        };
        let state = std::mem::replace(&mut socket.state, SocketState::Open);
        let SocketState::Greeting { news, read_early } = state else {
            return;
        };
        let news = if read_early.is_some() { Vec::new() } else { news };
        if let Some(welcome) = read_early.map(|early| *early).or_else(|| self.read(id, around)) {
            around.effects.push(NodeEffect::Send(id, welcome));
        }
        for call in news {
            self.tell_one(id, &call, around);
        }
    }
}
