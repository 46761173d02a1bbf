//! A node: carries out what clients ask for, rings doorbells and answers them, polls, sweeps.

mod carry_out;
mod tell;
mod welcome;

use std::collections::BTreeMap;

use offhook_core::call::{Call, Input};
use offhook_core::id::{CallId, DeviceId, UserKey};
use offhook_core::time::Timestamp;
use offhook_proto::call::CallSnapshot;
use offhook_proto::error::ErrorCode;
use offhook_proto::socket::{ClientMessage, ServerMessage};

use crate::Faults;
use crate::network::SocketId;
use crate::random::Random;
use crate::store::{Connection, Store};
use crate::world::{EPOCH, Millis};
use carry_out::Outcome;

/// A socket on which nothing was heard for this long is dead.
const SILENCE: Millis = 30_000;

/// One start of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Instance(pub u64);

pub(crate) struct Node {
    pub instance: Instance,
    /// How far its clock is ahead of the true time, plus half a second.
    skew: Millis,
    sockets: BTreeMap<SocketId, Socket>,
    cursor: u64,
    faults: Faults,
}

struct Socket {
    user: UserKey,
    device: DeviceId,
    hello: u32,
    known: Vec<CallId>,
    heard_at: Millis,
    state: SocketState,
    /// What the device was told last of each call: version and both revisions.
    told: BTreeMap<CallId, (u32, u32, u32)>,
}

enum SocketState {
    /// It is listened for, but not welcome yet: news wait.
    Greeting {
        news: Vec<Call>,
        read_early: Option<Box<ServerMessage>>,
    },
    Open,
}

pub(crate) enum NodeInput {
    Message(SocketId, (UserKey, DeviceId), Box<ClientMessage>),
    Pong(SocketId),
    Closed(SocketId),
    Doorbell(Box<Call>),
    Read(SocketId),
    Poll,
    Sweep,
    Beat,
}

pub(crate) enum NodeEffect {
    Send(SocketId, ServerMessage),
    Ring(Call),
    ReadSoon(SocketId),
}

/// What one input meets.
pub(crate) struct Surroundings<'a> {
    pub store: &'a mut Store,
    pub random: &'a mut Random,
    pub now: Millis,
    pub effects: Vec<NodeEffect>,
}

impl Node {
    pub fn start(instance: Instance, skew: Millis, store: &mut Store, now: Millis, faults: Faults) -> Self {
        let node = Self {
            instance,
            skew,
            sockets: BTreeMap::new(),
            cursor: store.last_change(),
            faults,
        };
        store.start(instance, node.clock(now));
        node
    }

    fn clock(&self, now: Millis) -> Timestamp {
        Timestamp::from_millis(EPOCH + now + self.skew)
    }

    /// Whether a device is on this node and welcome.
    pub fn has(&self, socket: SocketId) -> bool {
        self.sockets
            .get(&socket)
            .is_some_and(|socket| matches!(socket.state, SocketState::Open))
    }

    pub fn listens_for(&self, call: &Call) -> bool {
        self.sockets.values().any(|socket| call.role_of(socket.user).is_some())
    }

    pub fn handle(&mut self, input: NodeInput, around: &mut Surroundings<'_>) {
        match input {
            NodeInput::Message(id, from, message) => self.handle_message(id, from, *message, around),
            NodeInput::Pong(id) => {
                if let Some(socket) = self.sockets.get_mut(&id) {
                    socket.heard_at = around.now;
                }
            }
            NodeInput::Closed(id) => self.close(id, around),
            NodeInput::Doorbell(call) => self.tell(&call, around),
            NodeInput::Read(id) => self.welcome(id, around),
            NodeInput::Poll => {
                let changed = around.store.changed_since(self.cursor);
                self.cursor = around.store.last_change();
                for call in changed {
                    self.tell(&call, around);
                }
            }
            NodeInput::Sweep => self.sweep(around),
            NodeInput::Beat => {
                around.store.beat(self.instance, self.clock(around.now));
                let pings = self
                    .sockets
                    .keys()
                    .map(|id| NodeEffect::Send(*id, ServerMessage::Ping {}));
                around.effects.extend(pings);
            }
        }
    }

    fn handle_message(
        &mut self,
        id: SocketId,
        (user, device): (UserKey, DeviceId),
        message: ClientMessage,
        around: &mut Surroundings<'_>,
    ) {
        if let ClientMessage::Hello {
            id: hello,
            known_calls: known,
            ..
        } = message
        {
            self.sockets.retain(|_, other| other.device != device);
            let connection = Connection {
                user,
                instance: self.instance,
                socket: id,
            };
            around.store.connect(device, connection);
            let state = SocketState::Greeting {
                news: Vec::new(),
                read_early: None,
            };
            let heard_at = around.now;
            self.sockets.insert(
                id,
                Socket {
                    user,
                    device,
                    hello,
                    known,
                    heard_at,
                    state,
                    told: BTreeMap::new(),
                },
            );
            if self.faults.read_before_subscribing {
                let welcome = self.read(id, around);
                if let Some(Socket {
                    state: SocketState::Greeting { read_early, .. },
                    ..
                }) = self.sockets.get_mut(&id)
                {
                    *read_early = welcome.map(Box::new);
                }
            }
            around.effects.push(NodeEffect::ReadSoon(id));
            return;
        }
        let connection = Connection {
            user,
            instance: self.instance,
            socket: id,
        };
        if !self.has(id) || around.store.connection(device) != Some(connection) {
            // The device is elsewhere by now: this socket has nothing more to say.
            return;
        }
        if let Some(socket) = self.sockets.get_mut(&id) {
            socket.heard_at = around.now;
        }
        let Some(request) = message.id() else { return };
        let answer = match self.carry_out(user, device, message, around) {
            Ok(Outcome::Items(call)) => {
                let custom_items = call.custom_items.clone();
                let affected_keys = Vec::new();
                let answer = ServerMessage::CustomItems {
                    id: request,
                    custom_items,
                    affected_keys,
                };
                around.effects.push(NodeEffect::Send(id, answer));
                // Right behind: what is older and under way takes nothing back.
                self.tell_one(id, &call, around);
                return;
            }
            Ok(Outcome::Call(call)) => CallSnapshot::of(&call, user, device, self.clock(around.now))
                .map(|snapshot| {
                    self.note_told(id, &call);
                    ServerMessage::Reply {
                        id: request,
                        call: snapshot,
                    }
                })
                .ok_or(ErrorCode::CALL_DOES_NOT_EXIST),
            Err(code) => Err(code),
        };
        let answer = answer.unwrap_or_else(|code| ServerMessage::Refused {
            id: Some(request),
            code: code.code,
            message: code.message.to_owned(),
        });
        around.effects.push(NodeEffect::Send(id, answer));
    }

    fn sweep(&mut self, around: &mut Surroundings<'_>) {
        let silent: Vec<SocketId> = (self.sockets.iter())
            .filter(|(_, socket)| socket.heard_at + SILENCE < around.now)
            .map(|(id, _)| *id)
            .collect();
        for id in silent {
            self.close(id, around);
        }
        if self.faults.nobody_sweeps {
            return;
        }
        let now = self.clock(around.now);
        let mut changed = around.store.sweep_nodes(now);
        for call_id in around.store.due(now) {
            if let Ok((call, true)) = around.store.apply(call_id, Input::Expire, now, false) {
                changed.push(call);
            }
        }
        around.effects.extend(changed.into_iter().map(NodeEffect::Ring));
    }

    fn close(&mut self, id: SocketId, around: &mut Surroundings<'_>) {
        let Some(socket) = self.sockets.remove(&id) else { return };
        let gone = Connection {
            user: socket.user,
            instance: self.instance,
            socket: id,
        };
        let last_seen = self.clock(socket.heard_at);
        let changed = around
            .store
            .disconnect(socket.device, gone, last_seen, self.clock(around.now));
        around.effects.extend(changed.into_iter().map(NodeEffect::Ring));
    }
}
