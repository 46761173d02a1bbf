//! What a strange server says to a client, a frame a line: nothing of it harms the client, and what it keeps is bounded.
#![no_main]

use std::time::{Duration, Instant};

use libfuzzer_sys::fuzz_target;
use offhook_client::machine::{Action, HttpOutcome, Machine};

const SIGNED_IN: &str = r#"{"user":{"user_id":"alice","nickname":"","profile_url":"","metadata":{},"is_active":true},
    "session_key":"key","session_expires_in_ms":1000,"token_expires_in_ms":100000}"#;
const WELCOME: &str =
    r#"{"type":"welcome","id":1,"protocol":1,"calls":[],"unknown_calls":[],"silence_ms":30000}"#;

fuzz_target!(|text: &str| {
    let mut last = 0;
    let dice = move || {
        last += 1;
        last
    };
    let mut now = Instant::now();
    let mut machine = Machine::new("first-app", Box::new(dice)).expect("an application id");
    let ticket = machine.handle_authenticate("alice", None, now);
    let outcome = HttpOutcome::Answer {
        status: 200,
        body: SIGNED_IN.into(),
    };
    machine.handle_http(ticket, outcome, now);
    machine.handle_connect(now);
    let mut socket = None;
    for line in [WELCOME].into_iter().chain(text.lines()) {
        while let Some(action) = machine.poll_action() {
            if let Action::OpenSocket(id) = action {
                socket = Some(id);
                machine.handle_socket_opened(id);
            }
        }
        if let Some(socket) = socket {
            machine.handle_socket_frame(socket, line, now);
        }
        while machine.poll_event(now).is_some() {}
        while machine.poll_answer().is_some() {}
        now += Duration::from_millis(100);
        if machine.poll_timeout().is_some_and(|at| at <= now) {
            machine.handle_timeout(now);
        }
        assert!(machine.known_calls().count() <= 64 + 256);
    }
});
