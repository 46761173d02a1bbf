//! A device of a user as a machine: no socket, no clock, no randomness of its own.
//!
//! ```text
//!   verbs ──▶ handle_dial, handle_accept …      ──▶ poll_action  (requests, frames, sockets for the driver)
//!  driver ──▶ handle_http, handle_socket_frame …──▶ poll_answer  (what verbs came to)
//!    time ──▶ handle_timeout ◀── poll_timeout   ──▶ poll_event   (what happened, for the application)
//! ```
//!
//! After every `handle_*`, drain `poll_action` and `poll_answer`; `poll_event` may wait until the application listens.
//! Times are [`Instant`]s that only go forward; tests make them up.

mod calls;
mod event;
mod http;
mod items;
mod link;
mod messages;
mod pace;
mod peer_link;
mod reconnect;
mod requests;
mod session;
mod socket;
mod verbs;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use offhook_proto::call::CallSnapshot;
use offhook_proto::ice::IceConfiguration;
use offhook_proto::id::{CallId, DeviceId, PageId};
use offhook_proto::session::SignedInUser;

use crate::error::Error;
use calls::Calls;
use http::HttpRequests;
use link::Link;
use pace::Pace;
use requests::Requests;
use session::Session;

pub use event::{Action, Answer, ConnectionState, Event, SocketId, VerbId};
pub use http::{CallLogQuery, HttpOutcome, HttpRequest, Method};
pub use items::ChangedItems;
pub use peer_link::Signal;
pub use verbs::DialParams;

/// How long a request may take, on the socket and over HTTP, and how long a socket may take to be open for calls.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// Uniform 64-bit numbers. Ids of calls come from here, so they must not be guessable.
pub type Dice = Box<dyn FnMut() -> u64 + Send>;

/// One device of one user: session, socket, calls.
pub struct Machine {
    app_id: String,
    device: DeviceId,
    page: PageId,
    dice: Dice,
    session: Option<Session>,
    link: Link,
    requests: Requests,
    calls: Calls,
    /// What all calls together say to their other sides.
    peer_pace: Pace,
    http: HttpRequests,
    last_verb: u64,
    /// Those who wait for the socket to be open for calls.
    connecting: Vec<VerbId>,
    actions: VecDeque<Action>,
    events: VecDeque<Event>,
    answers: VecDeque<(VerbId, Result<Answer, Error>)>,
}

impl Machine {
    /// A device of an application, signed out.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`], if the id cannot be one.
    pub fn new(app_id: &str, mut dice: Dice) -> Result<Self, Error> {
        if app_id.is_empty() {
            return Err(Error::InvalidParameter("the application id"));
        }
        Ok(Self {
            app_id: app_id.to_owned(),
            device: DeviceId::from_bytes(sixteen(&mut dice)),
            page: PageId::from_bytes(sixteen(&mut dice)),
            dice,
            session: None,
            link: Link::default(),
            requests: Requests::default(),
            calls: Calls::default(),
            peer_pace: Pace::default(),
            http: HttpRequests::default(),
            last_verb: 0,
            connecting: Vec::new(),
            actions: VecDeque::new(),
            events: VecDeque::new(),
            answers: VecDeque::new(),
        })
    }

    /// The id of this device; another one after the server found it in use.
    pub const fn device(&self) -> DeviceId {
        self.device
    }

    /// Who is signed in.
    pub fn user(&self) -> Option<&SignedInUser> {
        self.session.as_ref().map(|session| &session.user)
    }

    /// What to make the next peer connection with: the server's last word, kept while the socket is away; no server at all
    /// before the first socket of a session is open.
    pub fn ice_configuration(&self) -> &IceConfiguration {
        static NONE: IceConfiguration = IceConfiguration::none();
        self.session
            .as_ref()
            .map_or(&NONE, |session| &session.ice_configuration)
    }

    /// How the socket is.
    pub const fn connection_state(&self) -> ConnectionState {
        self.link.state()
    }

    /// A call as this device saw it last. Ended calls are known for a while.
    pub fn call(&self, call_id: CallId) -> Option<&CallSnapshot> {
        self.calls.entry(call_id).map(|entry| &entry.snapshot)
    }

    /// How long a call that is known has lasted since it was accepted.
    pub fn call_duration(&self, call_id: CallId, now: Instant) -> Option<Duration> {
        self.calls.entry(call_id).map(|entry| entry.duration(now))
    }

    /// The calls that have not ended, ringing ones too.
    pub fn ongoing_calls(&self) -> impl Iterator<Item = &CallSnapshot> {
        self.calls.live().map(|(_, entry)| &entry.snapshot)
    }

    /// Every call that is known, ended ones for a while too.
    pub fn known_calls(&self) -> impl Iterator<Item = &CallSnapshot> {
        self.calls.entries().map(|(_, entry)| &entry.snapshot)
    }

    /// What the driver is to do next.
    pub fn poll_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// What a verb came to. Every verb is answered once.
    pub fn poll_answer(&mut self) -> Option<(VerbId, Result<Answer, Error>)> {
        self.answers.pop_front()
    }

    /// What happened. Handing out [`Event::Ringing`] tells the caller that the ring was shown.
    pub fn poll_event(&mut self, now: Instant) -> Option<Event> {
        let event = self.events.pop_front()?;
        if let Event::Ringing(call) = &event {
            self.acknowledge_ring(call.call_id, now);
        }
        Some(event)
    }

    /// Whether [`Self::poll_event`] has something. A driver reads no more frames then, so that a slow application holds
    /// back the server and not its own memory.
    pub fn has_event(&self) -> bool {
        !self.events.is_empty()
    }

    /// When [`Self::handle_timeout`] has something to do.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let peers = self.calls.live().filter_map(|(_, entry)| entry.peer.due_at());
        [
            self.link.deadline(),
            self.requests.deadline(),
            self.http.deadline(),
            self.session.as_ref().and_then(Session::ask_at),
        ]
        .into_iter()
        .flatten()
        .chain(peers)
        .min()
    }

    /// Time has passed.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.expire_http(now);
        self.expire_requests(now);
        self.expire_link(now);
        self.ask_for_token(now);
        self.say_what_is_due_to_peers(now);
    }

    fn new_verb(&mut self) -> VerbId {
        self.last_verb += 1;
        VerbId(self.last_verb)
    }

    fn answer(&mut self, verb: VerbId, answer: Result<Answer, Error>) {
        self.answers.push_back((verb, answer));
    }

    fn tell(&mut self, event: Event) {
        self.events.push_back(event);
    }
}

/// 128 random bits.
fn sixteen(dice: &mut Dice) -> [u8; 16] {
    (u128::from(dice()) << 64 | u128::from(dice())).to_be_bytes()
}

#[cfg(test)]
mod tests;
