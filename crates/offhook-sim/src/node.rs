//! A node: carries out what clients ask for, rings doorbells and answers them, polls, sweeps.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use offhook_core::call::{Call, DialRequest, Input, MediaReport, Role};
use offhook_core::id::{CallId, DeviceId, UserKey};
use offhook_core::time::Timestamp;
use offhook_proto::PROTOCOL;
use offhook_proto::call::CallSnapshot;
use offhook_proto::error::ErrorCode;
use offhook_proto::socket::{ClientMessage, MediaState, ServerMessage};

use crate::Faults;
use crate::network::SocketId;
use crate::random::Random;
use crate::store::{Connection, Store};
use crate::world::{EPOCH, Millis};

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
        read_early: Option<ServerMessage>,
    },
    Open,
}

pub(crate) enum NodeInput {
    Message(SocketId, (UserKey, DeviceId), ClientMessage),
    Pong(SocketId),
    Closed(SocketId),
    Doorbell(Call),
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
            NodeInput::Message(id, from, message) => self.handle_message(id, from, message, around),
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
                    *read_early = welcome;
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
            Ok(call) => CallSnapshot::of(&call, user, device, self.clock(around.now))
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

    fn carry_out(
        &self,
        user: UserKey,
        device: DeviceId,
        message: ClientMessage,
        around: &mut Surroundings<'_>,
    ) -> Result<Call, ErrorCode> {
        let now = self.clock(around.now);
        let (call_id, input) = match message {
            ClientMessage::Dial { .. } => return dial((user, device), message, now, around),
            ClientMessage::Read { call_id, .. } => {
                return around
                    .store
                    .call(call_id)
                    .cloned()
                    .ok_or(ErrorCode::CALL_DOES_NOT_EXIST);
            }
            ClientMessage::Ringing { call_id, .. } => (call_id, Input::Acknowledge { user }),
            ClientMessage::Accept { call_id, media, .. } => (
                call_id,
                Input::Accept {
                    user,
                    device,
                    settings: media.into(),
                },
            ),
            ClientMessage::End { call_id, .. } => (call_id, Input::End { user, device }),
            ClientMessage::Report { call_id, media, .. } => {
                let media = match media {
                    MediaState::Connected => MediaReport::Connected,
                    MediaState::Lost => MediaReport::Lost,
                };
                (call_id, Input::Report { user, device, media })
            }
            ClientMessage::SetMedia { call_id, media, .. } => (
                call_id,
                Input::Configure {
                    user,
                    device,
                    settings: media.into(),
                },
            ),
            ClientMessage::Hello { .. } | ClientMessage::Signal { .. } | ClientMessage::Renew { .. } => {
                return Err(ErrorCode::CALL_INTERNAL_ERROR);
            }
        };
        let is_lost = self.faults.commits_get_lost && around.random.in_thousand(20);
        let applied = around.store.apply(call_id, input, now, is_lost);
        let (call, is_change) = applied.map_err(|refusal| match refusal {
            offhook_core::call::Refusal::NoSuchCall => ErrorCode::CALL_DOES_NOT_EXIST,
            offhook_core::call::Refusal::InvalidStatus => ErrorCode::INVALID_CALL_STATUS,
        })?;
        if is_change {
            around.effects.push(NodeEffect::Ring(call.clone()));
        }
        Ok(call)
    }

    /// Reads what a device that said hello needs to know, and notes that it is there.
    fn read(&mut self, id: SocketId, around: &mut Surroundings<'_>) -> Option<ServerMessage> {
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
        })
    }

    fn welcome(&mut self, id: SocketId, around: &mut Surroundings<'_>) {
        let Some(socket) = self.sockets.get_mut(&id) else {
            return;
        };
        let state = std::mem::replace(&mut socket.state, SocketState::Open);
        let SocketState::Greeting { news, read_early } = state else {
            return;
        };
        let news = if read_early.is_some() { Vec::new() } else { news };
        if let Some(welcome) = read_early.or_else(|| self.read(id, around)) {
            around.effects.push(NodeEffect::Send(id, welcome));
        }
        for call in news {
            self.tell_one(id, &call, around);
        }
    }

    /// Tells the devices here of a call, as far as it is news to them.
    fn tell(&mut self, call: &Call, around: &mut Surroundings<'_>) {
        let ids: Vec<SocketId> = self.sockets.keys().copied().collect();
        for id in ids {
            self.tell_one(id, call, around);
        }
    }

    fn tell_one(&mut self, id: SocketId, call: &Call, around: &mut Surroundings<'_>) {
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

    fn note_told(&mut self, id: SocketId, call: &Call) {
        let Some(socket) = self.sockets.get_mut(&id) else {
            return;
        };
        let told = socket.told.entry(call.id).or_default();
        told.0 = told.0.max(call.version);
        told.1 = told.1.max(call.caller.settings.revision);
        told.2 = told.2.max(call.callee.settings.revision);
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

fn dial(
    from: (UserKey, DeviceId),
    message: ClientMessage,
    now: Timestamp,
    around: &mut Surroundings<'_>,
) -> Result<Call, ErrorCode> {
    let ClientMessage::Dial {
        call_id,
        user_id,
        is_video_call,
        media,
        custom_items,
        ringing_timeout_s,
        connection_timeout_s,
        ..
    } = message
    else {
        return Err(ErrorCode::CALL_INTERNAL_ERROR);
    };
    let seconds = |seconds: u32| Duration::from_secs(seconds.into());
    let request = DialRequest {
        call_id,
        device: from.1,
        is_video: is_video_call,
        settings: media.into(),
        custom_items,
        ringing_timeout: ringing_timeout_s.map(seconds),
        connection_timeout: connection_timeout_s.map(seconds),
    };
    let dialed = around.store.dial(from, &user_id, request, now);
    let (call, is_new) = dialed.map_err(|_| ErrorCode::RATE_LIMIT_EXCEEDED)?;
    if is_new {
        around.effects.push(NodeEffect::Ring(call.clone()));
    }
    Ok(call)
}
