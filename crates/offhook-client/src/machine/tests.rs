//! Transcripts: what a machine is told, and what it does. Times are made up.

mod calls;
mod peers;
mod session;
mod socket;

use offhook_proto::call::{CallParty, CallRole, CallSnapshot, CallState, PartyMedia};
use offhook_proto::session::AuthenticateResponse;
use offhook_proto::socket::{ClientMessage, ServerMessage};
use serde_json::json;

use super::*;

/// A machine with its driver's side at hand.
struct Bench {
    machine: Machine,
    now: Instant,
    socket: Option<SocketId>,
}

impl Bench {
    fn new() -> Self {
        let mut last = 0;
        let dice = move || {
            last += 1;
            last
        };
        Self {
            machine: Machine::new("first-app", Box::new(dice)).unwrap(),
            now: Instant::now(),
            socket: None,
        }
    }

    /// Signed in as alice.
    fn signed_in() -> Self {
        let mut bench = Self::new();
        let verb = bench.machine.handle_authenticate("alice", Some("token"), bench.now);
        bench.answer_sign_in("alice", None);
        assert!(matches!(bench.answer_to(verb), Ok(Answer::Authenticated(user)) if user.user_id == "alice"));
        bench
    }

    /// Signed in, and the socket is open for calls.
    fn connected() -> Self {
        let mut bench = Self::signed_in();
        let verb = bench.machine.handle_connect(bench.now);
        bench.welcome(vec![], vec![]);
        assert_eq!(bench.answer_to(verb), Ok(Answer::Connected));
        bench.events();
        bench
    }

    /// Connected, with a call to bob in `state`, at version 1.
    fn calling(state: CallState) -> (Self, CallId) {
        let mut bench = Self::connected();
        let (_, call_id) = bench.machine.handle_dial(DialParams::video("bob"), bench.now);
        let id = bench.requests()[0].id().unwrap();
        bench.say(ServerMessage::Reply {
            id,
            call: snapshot(call_id, 1, CallRole::Caller, CallState::Ringing),
        });
        if state != CallState::Ringing {
            bench.say_call(snapshot(call_id, 2, CallRole::Caller, state));
        }
        bench.sent();
        bench.events();
        (bench, call_id)
    }

    fn answer_sign_in(&mut self, user_id: &str, token_expires_in_ms: Option<u64>) {
        let request = self.http();
        assert_eq!(
            (request.method, request.path.as_str()),
            (Method::Post, "/client/v1/authenticate")
        );
        let mut body = json!({
            "user": {"user_id": user_id, "nickname": "", "profile_url": "", "metadata": {}, "is_active": true},
            "session_key": format!("key of {user_id}"),
            "session_expires_in_ms": 1000,
        });
        if let Some(millis) = token_expires_in_ms {
            body["token_expires_in_ms"] = json!(millis);
        }
        serde_json::from_value::<AuthenticateResponse>(body.clone()).unwrap();
        self.answer_http(request.verb, 200, &body.to_string());
    }

    fn answer_http(&mut self, verb: VerbId, status: u16, body: &str) {
        let outcome = HttpOutcome::Answer {
            status,
            body: body.as_bytes().to_vec(),
        };
        self.machine.handle_http(verb, outcome, self.now);
    }

    /// Opens the socket that is asked for; gives the hello.
    fn open(&mut self) -> ClientMessage {
        let Some(Action::OpenSocket(id)) = self.action() else {
            panic!("no socket is asked for");
        };
        self.socket = Some(id);
        self.machine.handle_socket_opened(id);
        let mut sent = self.sent();
        assert_eq!(sent.len(), 1, "the hello alone");
        sent.remove(0)
    }

    /// Opens the socket and answers its hello; gives the hello.
    fn welcome(&mut self, calls: Vec<CallSnapshot>, unknown_calls: Vec<CallId>) -> ClientMessage {
        let hello = self.open();
        self.say(ServerMessage::Welcome {
            id: hello.id().unwrap(),
            protocol: 1,
            calls,
            unknown_calls,
            silence_ms: 30_000,
            ice_configuration: IceConfiguration::none(),
        });
        hello
    }

    fn say(&mut self, message: ServerMessage) {
        let text = serde_json::to_string(&message).unwrap();
        self.machine.handle_socket_frame(self.socket.unwrap(), &text, self.now);
    }

    fn say_call(&mut self, call: CallSnapshot) {
        self.say(ServerMessage::Call { call });
    }

    fn lose_socket(&mut self) {
        self.machine
            .handle_socket_closed(self.socket.unwrap(), "gone", self.now);
    }

    /// Time passes, and every deadline is met at its own time.
    fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(at) = self.machine.poll_timeout().filter(|at| *at <= end) {
            self.now = self.now.max(at);
            self.machine.handle_timeout(self.now);
        }
        self.now = end;
    }

    fn action(&mut self) -> Option<Action> {
        std::iter::from_fn(|| self.machine.poll_action()).find(|action| !matches!(action, Action::CloseSocket(_)))
    }

    fn http(&mut self) -> HttpRequest {
        match self.action() {
            Some(Action::Http(request)) => request,
            other => panic!("no request is made, but {other:?}"),
        }
    }

    /// The messages that have been sent since the last look.
    fn sent(&mut self) -> Vec<ClientMessage> {
        std::iter::from_fn(|| self.machine.poll_action())
            .map(|action| match action {
                Action::Send(id, text) if Some(id) == self.socket => serde_json::from_str(&text).unwrap(),
                other => panic!("not a message: {other:?}"),
            })
            .collect()
    }

    /// The same, without peer messages.
    fn requests(&mut self) -> Vec<ClientMessage> {
        let mut sent = self.sent();
        sent.retain(|message| message.id().is_some());
        sent
    }

    fn answer_to(&mut self, verb: VerbId) -> Result<Answer, Error> {
        let answers: Vec<_> = std::iter::from_fn(|| self.machine.poll_answer()).collect();
        let mut answers = answers.into_iter().filter(|(answered, _)| *answered == verb);
        let answer = answers.next().expect("no answer").1;
        assert!(answers.next().is_none(), "answered twice");
        answer
    }

    fn has_answers(&mut self) -> bool {
        self.machine.poll_answer().is_some()
    }

    fn events(&mut self) -> Vec<Event> {
        std::iter::from_fn(|| self.machine.poll_event(self.now)).collect()
    }

    /// The events by name.
    fn told(&mut self) -> Vec<&'static str> {
        let name = |event: &Event| match event {
            Event::Ringing(_) => "ringing",
            Event::DialReceived(_) => "dial received",
            Event::Established(_) => "established",
            Event::Connected(_) => "connected",
            Event::PartyMedia(_) => "party media",
            Event::ItemsChanged(_) => "items changed",
            Event::Ended(_) => "ended",
            Event::Peer { .. } => "peer",
            Event::ConnectionStateChanged(_) => "state",
            Event::SessionTokenRequired => "token required",
            Event::SessionTokenRefreshed => "token refreshed",
            Event::SessionClosed { .. } => "session closed",
        };
        self.events().iter().map(name).collect()
    }
}

fn snapshot(call_id: CallId, version: u32, role: CallRole, state: CallState) -> CallSnapshot {
    let party = |user_id: &str| CallParty {
        user_id: user_id.to_owned(),
        nickname: String::new(),
        profile_url: String::new(),
        metadata: std::collections::BTreeMap::new(),
        media: PartyMedia {
            audio_enabled: true,
            video_enabled: true,
            is_on_hold: false,
            is_recording: false,
            revision: 0,
        },
    };
    CallSnapshot {
        call_id,
        version,
        state,
        is_video_call: true,
        role,
        caller: party("alice"),
        callee: party("bob"),
        custom_items: std::collections::BTreeMap::new(),
        is_dial_received: false,
        started_at: 0,
        rings_for_ms: None,
        duration_ms: 0,
        ended_at: None,
        end_result: None,
        ended_by: None,
    }
}

fn incoming(version: u32, state: CallState) -> CallSnapshot {
    snapshot(CallId::from_bytes([7; 16]), version, CallRole::Callee, state)
}

fn names(messages: &[ClientMessage]) -> Vec<String> {
    messages.iter().map(|message| format!("{message:?}")).collect()
}
