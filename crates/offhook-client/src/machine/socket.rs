//! The socket's life: opened, greeted, open, lost, and waited for.

use std::time::Instant;

use offhook_proto::PROTOCOL;
use offhook_proto::id::CallId;
use offhook_proto::peer::PeerMessage;
use offhook_proto::socket::{ClientMessage, MAX_KNOWN_CALLS};

use super::event::{Action, Answer, ConnectionState, Event, SocketId, VerbId};
use super::link::Stage;
use super::{Machine, REQUEST_TIMEOUT};
use crate::error::Error;

impl Machine {
    /// Opens the socket, and keeps one open from then on. Waits for a sign-in that is under way. Answered by
    /// [`Answer::Connected`]; if the first try fails, by its error, and no other is made. Where a socket was open and is looked for
    /// anew, that goes on, and is answered when it is found.
    pub fn handle_connect(&mut self, now: Instant) -> VerbId {
        let verb = self.new_verb();
        if self.link.open().is_some() {
            self.answer(verb, Ok(Answer::Connected));
        } else if self.session.is_some() {
            self.connecting.push(verb);
            self.want_socket(now);
        } else if self.http.is_authenticating() {
            self.connecting.push(verb);
        } else {
            self.answer(verb, Err(Error::NotAuthenticated));
        }
        verb
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

    /// A socket is gone, or could not be opened.
    pub fn handle_socket_closed(&mut self, socket: SocketId, why: &str, now: Instant) {
        if self.link.socket() == Some(socket) {
            self.lose_socket(Error::SocketConnectionFailed(why.to_owned()), now);
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
            for verb in std::mem::take(&mut self.connecting) {
                self.answer(verb, Err(Error::NotAuthenticated));
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
        let requests = self.requests.clear().into_iter().filter_map(|request| request.verb);
        for verb in std::mem::take(&mut self.connecting).into_iter().chain(requests) {
            self.answer(verb, Err(error.clone()));
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

    /// Sends a message to the other side's devices; lost if there is no socket, or too much is said, and sent again later.
    pub(super) fn send_to_peer(&mut self, call_id: CallId, message: &PeerMessage, now: Instant) {
        if let Some(socket) = self.link.open()
            && self.peer_pace.take(now)
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

    pub(super) fn lose_socket(&mut self, error: Error, now: Instant) {
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

    pub(super) fn tell_state(&mut self, before: ConnectionState) {
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
