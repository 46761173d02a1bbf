//! Signing in and out, the session token's end, the call log.

use std::time::{Duration, Instant};

use offhook_proto::call::{CallEndResult, CallLogPage, CallRole, CallState};
use offhook_proto::ice::IceConfiguration;
use offhook_proto::session::{AuthenticateRequest, AuthenticateResponse, SignedInUser};
use offhook_proto::socket::ClientMessage;

use super::event::{Action, Answer, Event, VerbId};
use super::http::{self, CallLogQuery, HttpOutcome, Purpose};
use super::{Machine, sixteen};
use crate::error::Error;
use offhook_proto::id::DeviceId;

/// How long before a session token's end a new one is asked for; half its life, if that is shorter.
const ASK_BEFORE: Duration = Duration::from_secs(60);

/// Who is signed in.
pub(super) struct Session {
    pub(super) user: SignedInUser,
    pub(super) key: String,
    /// The server's last word, by the welcome or since.
    pub(super) ice_configuration: IceConfiguration,
    ask_at: Option<Instant>,
}

impl Session {
    fn new(answer: AuthenticateResponse, now: Instant) -> Self {
        let mut session = Self {
            user: answer.user,
            key: answer.session_key,
            ice_configuration: IceConfiguration::none(),
            ask_at: None,
        };
        if let Some(millis) = answer.token_expires_in_ms {
            session.handle_token_life(Duration::from_millis(millis), now);
        }
        session
    }

    /// When to ask for a new token.
    pub(super) const fn ask_at(&self) -> Option<Instant> {
        self.ask_at
    }

    fn handle_token_life(&mut self, life: Duration, now: Instant) {
        // A life beyond what the clock can show never ends.
        self.ask_at = now.checked_add(life - ASK_BEFORE.min(life / 2));
    }
}

impl Machine {
    /// Signs in with an access token or a session token; `None` and empty mean none. A session that is there stays until
    /// this one is. Answered by [`Answer::Authenticated`].
    pub fn handle_authenticate(&mut self, user_id: &str, token: Option<&str>, now: Instant) -> VerbId {
        let verb = self.new_verb();
        if user_id.is_empty() {
            self.answer(verb, Err(Error::InvalidParameter("the user id")));
            return verb;
        }
        let request = AuthenticateRequest {
            app_id: self.app_id.clone(),
            user_id: user_id.to_owned(),
            access_token: token.filter(|token| !token.is_empty()).map(str::to_owned),
        };
        match self.http.authenticate(verb, &request, now) {
            Ok(request) => self.actions.push_back(Action::Http(request)),
            Err(error) => self.answer(verb, Err(error)),
        }
        verb
    }

    /// Signs out: ends the calls that this device carries, deletes the session, closes the socket, forgets all of them, and
    /// gives up a sign-in that is under way. Harmless while signed out. Answered by [`Answer::Deauthenticated`] once the server has deleted the session.
    pub fn handle_deauthenticate(&mut self, now: Instant) -> VerbId {
        for sign_in in self.http.abandon_sign_ins() {
            self.answer(sign_in, Err(Error::NotAuthenticated));
        }
        let verb = self.new_verb();
        match self.leave(Error::NotAuthenticated, now) {
            Some(session) => self.delete_session(verb, session.key, now),
            None => self.answer(verb, Ok(Answer::Deauthenticated)),
        }
        self.settle_connecting(now);
        verb
    }

    /// Hands over a new session token. Answered by [`Answer::Renewed`].
    pub fn handle_session_token(&mut self, token: &str, now: Instant) -> VerbId {
        if token.is_empty() {
            let verb = self.new_verb();
            self.answer(verb, Err(Error::InvalidParameter("the session token")));
            return verb;
        }
        let access_token = token.to_owned();
        self.request(|id| ClientMessage::Renew { id, access_token }, now)
    }

    /// Reads a page of the call log. Answered by [`Answer::CallLog`].
    pub fn handle_call_log(&mut self, query: &CallLogQuery, now: Instant) -> VerbId {
        let verb = self.new_verb();
        match self.session.as_ref().map(|session| session.key.clone()) {
            Some(key) => {
                let request = self.http.call_log(verb, query, key, now);
                self.actions.push_back(Action::Http(request));
            }
            None => self.answer(verb, Err(Error::NotAuthenticated)),
        }
        verb
    }

    /// A request of [`Action::Http`] has come to an end.
    pub fn handle_http(&mut self, verb: VerbId, outcome: HttpOutcome, now: Instant) {
        match self.http.finish(verb) {
            Some(Purpose::Authenticate) => {
                let answer = http::read::<AuthenticateResponse>(outcome).map(|answer| self.sign_in(answer, now));
                self.answer(verb, answer);
                self.settle_connecting(now);
            }
            Some(Purpose::Abandoned) => {
                if let Ok(answer) = http::read::<AuthenticateResponse>(outcome) {
                    let verb = self.new_verb();
                    self.delete_session(verb, answer.session_key, now);
                }
            }
            Some(Purpose::SignOut) => {
                let answer = http::success(outcome).map(|_| Answer::Deauthenticated);
                self.answer(verb, answer);
            }
            Some(Purpose::CallLog) => {
                let answer = http::read::<CallLogPage>(outcome).map(Answer::CallLog);
                self.answer(verb, answer);
            }
            None => {}
        }
    }

    pub(super) fn expire_http(&mut self, now: Instant) {
        for verb in self.http.expired(now) {
            self.answer(verb, Err(Error::NoResponse));
            self.settle_connecting(now);
        }
    }

    pub(super) fn ask_for_token(&mut self, now: Instant) {
        if let Some(session) = &mut self.session
            && session.ask_at.is_some_and(|at| at <= now)
        {
            session.ask_at = None;
            self.tell(Event::SessionTokenRequired);
        }
    }

    pub(super) fn handle_renewed(&mut self, life: Duration, now: Instant) {
        if let Some(session) = &mut self.session {
            session.handle_token_life(life, now);
            self.tell(Event::SessionTokenRefreshed);
        }
    }

    pub(super) fn handle_ice_configuration(&mut self, ice_configuration: IceConfiguration) {
        if let Some(session) = &mut self.session {
            session.ice_configuration = ice_configuration;
        }
    }

    /// The server closed the session.
    pub(super) fn handle_session_closed(&mut self, code: u32, message: String, now: Instant) {
        let error = Error::Server {
            code,
            message: message.clone(),
        };
        if self.leave(error, now).is_some() {
            self.tell(Event::SessionClosed { code, message });
        }
    }

    fn sign_in(&mut self, answer: AuthenticateResponse, now: Instant) -> Answer {
        let user = answer.user.clone();
        let (was_wanted, was_open) = (self.link.is_wanted(), self.link.was_open());
        let connecting = std::mem::take(&mut self.connecting);
        let former = if self
            .session
            .as_ref()
            .is_some_and(|session| session.user.user_id != user.user_id)
        {
            let former = self.leave(Error::NotAuthenticated, now);
            // Devices belong to users.
            self.device = DeviceId::from_bytes(sixteen(&mut self.dice));
            former
        } else {
            None
        };
        self.session = Some(Session::new(answer, now));
        if let Some(former) = former {
            let verb = self.new_verb();
            self.delete_session(verb, former.key, now);
        }
        self.connecting = connecting;
        if was_wanted {
            self.restore_wish(was_open);
            // The open socket, if any, speaks for the former key.
            self.reopen(now);
        }
        Answer::Authenticated(user)
    }

    fn delete_session(&mut self, verb: VerbId, key: String, now: Instant) {
        let request = self.http.sign_out(verb, key, now);
        self.actions.push_back(Action::Http(request));
    }

    /// Ends and forgets everything that hangs on the session.
    fn leave(&mut self, error: Error, now: Instant) -> Option<Session> {
        let session = self.session.take()?;
        let carried: Vec<_> = self.calls.live().map(|(id, entry)| (id, entry.is_carried())).collect();
        for (call_id, is_carried) in carried {
            if is_carried {
                self.send_end(call_id);
            }
            let (result, by) = match self.calls.entry(call_id) {
                Some(entry) if is_carried => (
                    Some(match entry.snapshot.state {
                        CallState::Ringing => CallEndResult::Canceled,
                        CallState::Established => CallEndResult::NotConnected,
                        CallState::Connected | CallState::Ended => CallEndResult::Completed,
                    }),
                    Some(entry.snapshot.role),
                ),
                Some(_) | None => (None, None::<CallRole>),
            };
            let ended = self.calls.end_locally(call_id, result, by, now);
            self.events.extend(ended);
        }
        self.disconnect(&error);
        self.calls.clear();
        Some(session)
    }
}
