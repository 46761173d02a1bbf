//! What the server says.

use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

use offhook_proto::call::CallSnapshot;
use offhook_proto::error::ErrorCode;
use offhook_proto::id::{CallId, DeviceId};
use offhook_proto::socket::{ClientMessage, ServerMessage};

use super::calls::own_media;
use super::event::{Answer, SocketId};
use super::items::ChangedItems;
use super::link::Stage;
use super::{Machine, sixteen};
use crate::error::Error;

/// What a server may ask for: how long it may be silent, and when to come back to it.
const SILENCE: RangeInclusive<Duration> = Duration::from_secs(5)..=Duration::from_secs(300);
const LATEST_RETURN: Duration = Duration::from_secs(60);
/// How often a new device id is drawn at once. Random ids do not collide: beyond this, something else is wrong.
const MAX_REDRAWS: u32 = 3;

impl Machine {
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

    fn handle_message(&mut self, socket: SocketId, message: ServerMessage, now: Instant) {
        match message {
            ServerMessage::Welcome {
                id,
                calls,
                unknown_calls,
                silence_ms,
                ice_configuration,
                ..
            } => {
                if let Stage::Greeting { hello, .. } = self.link.stage
                    && hello == id
                {
                    let silence = Duration::from_millis(u64::from(silence_ms)).clamp(*SILENCE.start(), *SILENCE.end());
                    self.handle_ice_configuration(ice_configuration);
                    self.handle_welcome(socket, silence, calls, &unknown_calls, now);
                }
            }
            ServerMessage::IceConfiguration { ice_configuration } => self.handle_ice_configuration(ice_configuration),
            ServerMessage::Reply { id, call } => {
                let call_id = call.call_id;
                self.apply(call, now);
                let verb = self.requests.finish(id).and_then(|request| request.verb);
                let seen = self.calls.entry(call_id).map(|entry| Box::new(entry.snapshot.clone()));
                if let Some(verb) = verb {
                    self.answer(
                        verb,
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
                if let Some(verb) = self.requests.finish(id).and_then(|request| request.verb) {
                    self.handle_renewed(Duration::from_millis(token_expires_in_ms), now);
                    self.answer(verb, Ok(Answer::Renewed));
                }
            }
            ServerMessage::CustomItems {
                id,
                custom_items,
                affected_keys,
            } => {
                let changed = ChangedItems {
                    custom_items,
                    affected_keys,
                };
                self.handle_items_changed(id, changed);
            }
            ServerMessage::Ping {} => {}
            ServerMessage::SessionClosed { code, message } => self.handle_session_closed(code, message, now),
            ServerMessage::Drain { reconnect_after_ms } => {
                if let Stage::Open { drain_at, .. } = &mut self.link.stage {
                    *drain_at = Some(now + Duration::from_millis(u64::from(reconnect_after_ms)).min(LATEST_RETURN));
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
        for verb in std::mem::take(&mut self.connecting) {
            self.answer(verb, Ok(Answer::Connected));
        }
        let told: Vec<_> = calls.iter().map(|call| call.call_id).collect();
        for call in calls {
            let (call_id, told) = (call.call_id, own_media(&call).revision);
            self.apply(call, now);
            self.say_own_media(call_id, told, now);
        }
        for call_id in unknown_calls {
            let ended = self.calls.end_locally(*call_id, None, None, now);
            self.events.extend(ended);
        }
        let untold: Vec<_> = self.calls.known().into_iter().filter(|id| !told.contains(id)).collect();
        for call_id in untold {
            // The hello had no room for it.
            _ = self.requests.add(None, |id| ClientMessage::Read { id, call_id }, now);
        }
        self.flush();
        self.name_tickets();
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
        if let (ClientMessage::Read { call_id, .. }, None) = (&request.message, request.verb)
            && code == ErrorCode::CALL_DOES_NOT_EXIST.code
        {
            let ended = self.calls.end_locally(*call_id, None, None, now);
            self.events.extend(ended);
        }
        if let Some(verb) = request.verb {
            self.answer(verb, Err(Error::Server { code, message }));
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
            self.handle_session_closed(code, message, now);
        } else if is(ErrorCode::PROTOCOL_NOT_SUPPORTED) || is(ErrorCode::ORIGIN_NOT_ALLOWED) {
            self.disconnect(&Error::Server { code, message });
        } else {
            self.lose_socket(Error::Server { code, message }, now);
        }
    }
}
