//! The socket's life: wanted or not, opening, greeting, open, lost and waiting.

use std::time::{Duration, Instant};

use offhook_proto::PROTOCOL;
use offhook_proto::call::CallSnapshot;
use offhook_proto::error::ErrorCode;
use offhook_proto::id::{CallId, DeviceId};
use offhook_proto::peer::PeerMessage;
use offhook_proto::socket::{ClientMessage, MAX_KNOWN_CALLS, ServerMessage};

use super::event::{Action, Answer, ConnectionState, Event, SocketId, Ticket};
use super::reconnect::Reconnect;
use super::{Machine, REQUEST_TIMEOUT, sixteen};
use crate::error::Error;

/// How often a new device id is drawn at once. Random ids do not collide: beyond this, something else is wrong.
const MAX_REDRAWS: u32 = 3;

/// The socket and the wish to have one.
#[derive(Default)]
pub(super) struct Link {
    is_wanted: bool,
    /// Whether it has been open since it was wanted: only then is it tried again.
    was_open: bool,
    /// How often the device id was found in use since the last welcome.
    redraws: u32,
    last_id: u32,
    stage: Stage,
    reconnect: Reconnect,
}

#[derive(Default)]
enum Stage {
    /// There is none, and none is tried.
    #[default]
    Closed,
    /// The driver opens one.
    Opening { socket: SocketId, until: Instant },
    /// It is open; the hello is not answered yet.
    Greeting {
        socket: SocketId,
        hello: u32,
        until: Instant,
    },
    /// It is open for calls.
    Open {
        socket: SocketId,
        heard_at: Instant,
        silence: Duration,
        /// When to move to a new one, since the server is about to stop.
        drain_at: Option<Instant>,
    },
    /// The next one is tried later.
    Waiting { until: Instant },
}

impl Link {
    pub(super) const fn is_wanted(&self) -> bool {
        self.is_wanted
    }

    pub(super) const fn state(&self) -> ConnectionState {
        match (&self.stage, self.is_wanted, self.was_open) {
            (Stage::Open { .. }, _, _) => ConnectionState::Connected,
            (_, false, _) => ConnectionState::Disconnected,
            (_, true, false) => ConnectionState::Connecting,
            (_, true, true) => ConnectionState::Reconnecting,
        }
    }

    /// Whether it is tried again when it is lost.
    pub(super) const fn was_open(&self) -> bool {
        self.was_open
    }

    /// The socket, if it is open for calls.
    pub(super) const fn open(&self) -> Option<SocketId> {
        match self.stage {
            Stage::Open { socket, .. } => Some(socket),
            Stage::Closed | Stage::Opening { .. } | Stage::Greeting { .. } | Stage::Waiting { .. } => None,
        }
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        match self.stage {
            Stage::Closed => None,
            Stage::Opening { until, .. } | Stage::Greeting { until, .. } | Stage::Waiting { until } => Some(until),
            Stage::Open {
                heard_at,
                silence,
                drain_at,
                ..
            } => {
                let silent_at = heard_at + silence;
                Some(drain_at.map_or(silent_at, |at| at.min(silent_at)))
            }
        }
    }

    /// The socket that the driver has, open or not.
    const fn socket(&self) -> Option<SocketId> {
        match self.stage {
            Stage::Opening { socket, .. } | Stage::Greeting { socket, .. } | Stage::Open { socket, .. } => Some(socket),
            Stage::Closed | Stage::Waiting { .. } => None,
        }
    }
}

impl Machine {
    /// Opens the socket, and keeps one open from then on. Waits for a sign-in that is under way. Answered by
    /// [`Answer::Connected`]; if the first try fails, by its error, and no other is made.
    pub fn handle_connect(&mut self, now: Instant) -> Ticket {
        let ticket = self.ticket();
        if self.link.open().is_some() {
            self.answer(ticket, Ok(Answer::Connected));
        } else if self.session.is_some() {
            self.connecting.push(ticket);
            self.want_socket(now);
        } else if self.http.is_authenticating() {
            self.connecting.push(ticket);
        } else {
            self.answer(ticket, Err(Error::NotAuthenticated));
        }
        ticket
    }

    /// The network is back: a wait for the next try ends.
    pub fn handle_online(&mut self, now: Instant) {
        if let Stage::Waiting { .. } = self.link.stage {
            self.open_socket(now);
        }
    }

    /// The driver has opened a socket.
    pub fn handle_socket_opened(&mut self, socket: SocketId) {
        let Stage::Opening {
            socket: expected,
            until,
        } = self.link.stage
        else {
            return;
        };
        let Some(session_key) = self.session.as_ref().map(|session| session.key.clone()) else {
            return;
        };
        if expected != socket {
            return;
        }
        let hello = self.requests.next_id();
        self.link.stage = Stage::Greeting { socket, hello, until };
        let known_calls = self.calls_for_hello();
        let message = ClientMessage::Hello {
            id: hello,
            protocol: PROTOCOL,
            session_key,
            device_id: self.device,
            page_id: self.page,
            known_calls,
        };
        self.send_on(socket, &message);
    }

    /// A frame without meaning of its own has come (a ping by protocol frame): the server is there.
    pub fn handle_socket_alive(&mut self, socket: SocketId, now: Instant) {
        if let Stage::Open {
            socket: open, heard_at, ..
        } = &mut self.link.stage
            && *open == socket
        {
            *heard_at = now;
        }
    }

    /// A text frame has come.
    pub fn handle_socket_frame(&mut self, socket: SocketId, text: &str, now: Instant) {
        if self.link.socket() != Some(socket) {
            return;
        }
        self.handle_socket_alive(socket, now);
        // A newer server may say things that this client does not know.
        if let Ok(message) = serde_json::from_str::<ServerMessage>(text) {
            self.handle_message(socket, message, now);
        }
    }

    /// A socket is gone, or could not be opened.
    pub fn handle_socket_closed(&mut self, socket: SocketId, why: &str, now: Instant) {
        if self.link.socket() == Some(socket) {
            self.lose_socket(Error::SocketConnectionFailed(why.to_owned()), now);
        }
    }

    fn handle_message(&mut self, socket: SocketId, message: ServerMessage, now: Instant) {
        match message {
            ServerMessage::Welcome {
                id,
                calls,
                unknown_calls,
                silence_ms,
                ..
            } => {
                if let Stage::Greeting { hello, .. } = self.link.stage
                    && hello == id
                {
                    let silence = Duration::from_millis(u64::from(silence_ms));
                    self.handle_welcome(socket, silence, calls, &unknown_calls, now);
                }
            }
            ServerMessage::Reply { id, call } => {
                let call_id = call.call_id;
                self.apply(call, now);
                let ticket = self.requests.finish(id).and_then(|request| request.ticket);
                let seen = self.calls.entry(call_id).map(|entry| Box::new(entry.snapshot.clone()));
                if let Some(ticket) = ticket {
                    self.answer(
                        ticket,
                        seen.map(Answer::Call)
                            .ok_or(Error::Internal("too many calls are going on")),
                    );
                }
            }
            ServerMessage::Refused { id, code, message } => self.handle_refused(id, code, message, now),
            ServerMessage::Call { call } => self.apply(call, now),
            ServerMessage::PartyMedia { call_id, role, media } => {
                let event = self.calls.apply_media(call_id, role, media);
                self.events.extend(event);
            }
            ServerMessage::Signal {
                call_id,
                from_device,
                body,
            } => self.handle_signal_from(call_id, from_device, &body, now),
            ServerMessage::Renewed {
                id,
                token_expires_in_ms,
            } => {
                if let Some(ticket) = self.requests.finish(id).and_then(|request| request.ticket) {
                    self.handle_renewed(Duration::from_millis(token_expires_in_ms), now);
                    self.answer(ticket, Ok(Answer::Renewed));
                }
            }
            ServerMessage::Ping {} => {}
            ServerMessage::SessionClosed { code, message } => self.handle_session_closed(code, message),
            ServerMessage::Drain { reconnect_after_ms } => {
                if let Stage::Open { drain_at, .. } = &mut self.link.stage {
                    *drain_at = Some(now + Duration::from_millis(u64::from(reconnect_after_ms)));
                }
            }
        }
    }

    fn handle_welcome(
        &mut self,
        socket: SocketId,
        silence: Duration,
        calls: Vec<CallSnapshot>,
        unknown_calls: &[CallId],
        now: Instant,
    ) {
        let before = self.link.state();
        self.link.was_open = true;
        self.link.redraws = 0;
        self.link.reconnect.reset();
        self.link.stage = Stage::Open {
            socket,
            heard_at: now,
            silence,
            drain_at: None,
        };
        self.tell_state(before);
        for ticket in std::mem::take(&mut self.connecting) {
            self.answer(ticket, Ok(Answer::Connected));
        }
        let told: Vec<_> = calls.iter().map(|call| call.call_id).collect();
        for call in calls {
            self.apply(call, now);
        }
        for call_id in unknown_calls {
            let ended = self.calls.end_locally(*call_id, None, None);
            self.events.extend(ended);
        }
        let untold: Vec<_> = self.calls.known().into_iter().filter(|id| !told.contains(id)).collect();
        for call_id in untold {
            // The hello had no room for it.
            _ = self.requests.add(None, |id| ClientMessage::Read { id, call_id }, now);
        }
        self.flush();
        self.catch_up_with_peers(now);
    }

    fn handle_refused(&mut self, id: Option<u32>, code: u32, message: String, now: Instant) {
        if let Stage::Greeting { hello, .. } = self.link.stage {
            match id {
                Some(id) if id == hello => self.handle_hello_refused(code, message, now),
                Some(_) => {}
                // The hello did not arrive, or not in time: that says nothing about the session.
                None => self.lose_socket(Error::Server { code, message }, now),
            }
            return;
        }
        let Some(request) = id.and_then(|id| self.requests.finish(id)) else {
            return;
        };
        if let (ClientMessage::Read { call_id, .. }, None) = (&request.message, request.ticket)
            && code == ErrorCode::CALL_DOES_NOT_EXIST.code
        {
            let ended = self.calls.end_locally(*call_id, None, None);
            self.events.extend(ended);
        }
        if let Some(ticket) = request.ticket {
            self.answer(ticket, Err(Error::Server { code, message }));
        }
    }

    fn handle_hello_refused(&mut self, code: u32, message: String, now: Instant) {
        let is = |known: ErrorCode| known.code == code;
        if is(ErrorCode::DEVICE_IN_USE) && self.link.redraws < MAX_REDRAWS {
            self.link.redraws += 1;
            self.device = DeviceId::from_bytes(sixteen(&mut self.dice));
            self.reopen(now);
        } else if is(ErrorCode::INVALID_SESSION_KEY)
            || is(ErrorCode::SESSION_EXPIRED)
            || is(ErrorCode::USER_DEACTIVATED)
            || is(ErrorCode::APPLICATION_NOT_FOUND)
        {
            self.handle_session_closed(code, message);
        } else if is(ErrorCode::PROTOCOL_NOT_SUPPORTED) || is(ErrorCode::ORIGIN_NOT_ALLOWED) {
            self.disconnect(&Error::Server { code, message });
        } else {
            self.lose_socket(Error::Server { code, message }, now);
        }
    }

    /// Starts to have a socket, if there is none.
    pub(super) fn want_socket(&mut self, now: Instant) {
        let before = self.link.state();
        self.link.is_wanted = true;
        if let Stage::Closed | Stage::Waiting { .. } = self.link.stage {
            self.open_socket(now);
        }
        self.tell_state(before);
    }

    /// A sign-in has come to an end: whoever waited for it to connect goes on, or cannot.
    pub(super) fn settle_connecting(&mut self, now: Instant) {
        if self.connecting.is_empty() || self.http.is_authenticating() {
            return;
        }
        if self.session.is_some() {
            self.want_socket(now);
        } else {
            for ticket in std::mem::take(&mut self.connecting) {
                self.answer(ticket, Err(Error::NotAuthenticated));
            }
        }
    }

    /// Has a socket for another session, as much wanted as the last one.
    pub(super) fn restore_wish(&mut self, was_open: bool) {
        self.link.was_open = was_open;
    }

    /// Replaces the socket at once.
    pub(super) fn reopen(&mut self, now: Instant) {
        let before = self.link.state();
        self.close_socket();
        self.link.is_wanted = true;
        self.open_socket(now);
        self.tell_state(before);
    }

    /// Has no socket any more, and wants none.
    pub(super) fn disconnect(&mut self, error: &Error) {
        let before = self.link.state();
        self.close_socket();
        self.link.is_wanted = false;
        self.link.was_open = false;
        self.link.reconnect.reset();
        let requests = self.requests.clear().into_iter().filter_map(|request| request.ticket);
        for ticket in std::mem::take(&mut self.connecting).into_iter().chain(requests) {
            self.answer(ticket, Err(error.clone()));
        }
        self.tell_state(before);
    }

    pub(super) fn expire_link(&mut self, now: Instant) {
        if self.link.deadline().is_none_or(|deadline| deadline > now) {
            return;
        }
        match self.link.stage {
            Stage::Closed => {}
            Stage::Waiting { .. } => self.open_socket(now),
            Stage::Opening { .. } | Stage::Greeting { .. } => {
                self.lose_socket(Error::SocketConnectionFailed("it took too long".to_owned()), now);
            }
            Stage::Open {
                drain_at,
                heard_at,
                silence,
                ..
            } => {
                if drain_at.is_some_and(|at| at <= now) {
                    self.reopen(now);
                } else if heard_at + silence <= now {
                    self.lose_socket(Error::SocketConnectionFailed("the server fell silent".to_owned()), now);
                }
            }
        }
    }

    /// Sends every request that has not gone out on this socket.
    pub(super) fn flush(&mut self) {
        if let Some(socket) = self.link.open() {
            for message in self.requests.unsent() {
                self.send_on(socket, &message);
            }
        }
    }

    /// Sends a message to the other side's devices; lost if there is no socket, and sent again after the next welcome.
    pub(super) fn send_to_peer(&mut self, call_id: CallId, message: &PeerMessage) {
        if let Some(socket) = self.link.open()
            && let Ok(body) = serde_json::to_string(message)
        {
            self.send_on(socket, &ClientMessage::Signal { call_id, body });
        }
    }

    pub(super) fn send_on(&mut self, socket: SocketId, message: &ClientMessage) {
        if let Ok(text) = serde_json::to_string(message) {
            self.actions.push_back(Action::Send(socket, text));
        }
    }

    fn open_socket(&mut self, now: Instant) {
        self.link.last_id = self.link.last_id.wrapping_add(1);
        let socket = SocketId(self.link.last_id);
        self.link.stage = Stage::Opening {
            socket,
            until: now + REQUEST_TIMEOUT,
        };
        self.actions.push_back(Action::OpenSocket(socket));
    }

    fn close_socket(&mut self) {
        if let Some(socket) = self.link.socket() {
            self.actions.push_back(Action::CloseSocket(socket));
        }
        self.requests.lose();
        self.link.stage = Stage::Closed;
    }

    fn lose_socket(&mut self, error: Error, now: Instant) {
        if !self.link.was_open {
            self.disconnect(&error);
            return;
        }
        let before = self.link.state();
        let drain_at = match self.link.stage {
            Stage::Open { drain_at, .. } => drain_at,
            Stage::Closed | Stage::Opening { .. } | Stage::Greeting { .. } | Stage::Waiting { .. } => None,
        };
        self.close_socket();
        let dice = (self.dice)();
        let wait = self.link.reconnect.next_wait(dice);
        // A server that stops gives each socket its own time to come back.
        let until = drain_at.unwrap_or(now + wait);
        self.link.stage = Stage::Waiting { until };
        self.tell_state(before);
    }

    fn tell_state(&mut self, before: ConnectionState) {
        let state = self.link.state();
        if state != before {
            self.tell(Event::ConnectionStateChanged(state));
        }
    }

    /// The calls for the hello: carried ones and dials under way first, for to leave one out is to leave it.
    fn calls_for_hello(&self) -> Vec<CallId> {
        let dialled = self.requests.iter().filter_map(|request| match &request.message {
            ClientMessage::Dial { call_id, .. } => Some(*call_id),
            _ => None,
        });
        let mut known: Vec<_> = dialled.filter(|id| self.calls.entry(*id).is_none()).collect();
        known.extend(self.calls.known());
        known.truncate(MAX_KNOWN_CALLS);
        known
    }
}
