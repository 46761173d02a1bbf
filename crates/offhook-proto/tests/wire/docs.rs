//! `docs/protocol.md` and `docs/errors.md` say what the types say.

use std::collections::BTreeSet;

use offhook_proto::call::{CallEndResult, CallLogPage, CallRole, CallState};
use offhook_proto::error::ErrorCode;
use offhook_proto::ice::IceTransportPolicy;
use offhook_proto::peer::PeerMessage;
use offhook_proto::push::{PushMessage, PushTokenDeletion, PushTokenRequest, PushTokenType, WebPushKey};
use offhook_proto::session::{AuthenticateRequest, AuthenticateResponse, ErrorBody};
use offhook_proto::socket::{ClientMessage, MediaPath, MediaState, ServerMessage};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

const PROTOCOL: &str = include_str!("../../../../docs/protocol.md");
const ERRORS: &str = include_str!("../../../../docs/errors.md");

/// Names every variant. The match has no other arm: a new variant does not compile until it is listed, and then wants
/// its example.
macro_rules! variants {
    ($type:ident: $($variant:ident),*) => {{
        fn name(message: &$type) -> &'static str {
            match message { $($type::$variant { .. } => stringify!($variant)),* }
        }
        (vec![$(stringify!($variant)),*], name as fn(&$type) -> &'static str)
    }};
}

#[test]
fn every_client_message_is_documented_by_an_example_that_the_types_read() {
    let (all, name) = variants!(
        ClientMessage: Hello, Dial, Ringing, Accept, End, Report, SetMedia, Read, Signal, UpdateCustomItems,
        DeleteCustomItems, Quality, UseTicket, Renew
    );
    check_examples("client", &all, name);
}

#[test]
fn every_server_message_is_documented_by_an_example_that_the_types_read() {
    let (all, name) = variants!(
        ServerMessage: Welcome, IceConfiguration, Reply, Refused, Call, PartyMedia, Signal, CustomItems, Renewed, Ping, SessionClosed, Drain
    );
    check_examples("server", &all, name);
}

#[test]
fn every_peer_message_is_documented_by_an_example_that_the_types_read() {
    let (all, name) = variants!(PeerMessage: Offer, Answer, Candidates, Restart, Ack, Need);
    check_examples("peer", &all, name);
}

#[test]
fn every_push_message_is_documented_by_an_example_that_the_types_read() {
    let (all, name) = variants!(PushMessage: Ring, Stop, Missed);
    check_examples("push", &all, name);
}

#[test]
fn every_http_body_is_documented_by_an_example_that_the_types_read() {
    check_body::<AuthenticateRequest>("AuthenticateRequest");
    check_body::<AuthenticateResponse>("AuthenticateResponse");
    check_body::<CallLogPage>("CallLogPage");
    check_body::<PushTokenRequest>("PushTokenRequest");
    check_body::<PushTokenDeletion>("PushTokenDeletion");
    check_body::<WebPushKey>("WebPushKey");
    check_body::<ErrorBody>("ErrorBody");
}

#[test]
fn no_example_escapes_the_check() {
    let checked = [
        "client",
        "server",
        "peer",
        "push",
        "PushTokenRequest",
        "PushTokenDeletion",
        "WebPushKey",
        "AuthenticateRequest",
        "AuthenticateResponse",
        "CallLogPage",
        "ErrorBody",
    ];
    for line in PROTOCOL.lines() {
        if let Some(tag) = line.strip_prefix("```").filter(|tag| !tag.is_empty()) {
            let tag = tag
                .strip_prefix("json ")
                .unwrap_or_else(|| panic!("an example without a type: {tag}"));
            assert!(checked.contains(&tag), "an example of an unknown type: {tag}");
        }
    }
}

#[test]
fn what_signals_carry_in_examples_are_peer_messages() {
    let bodies: Vec<String> = examples("client")
        .into_iter()
        .chain(examples("server"))
        .filter_map(|example| Some(example.get("body")?.as_str()?.to_owned()))
        .collect();
    assert_eq!(bodies.len(), 2, "one for each direction");
    for body in bodies {
        serde_json::from_str::<PeerMessage>(&body).unwrap_or_else(|error| panic!("{body}: {error}"));
    }
}

#[test]
fn every_end_result_is_in_the_table() {
    let (all, _) = variants!(
        CallEndResult: NoAnswer, Canceled, Declined, OtherDeviceAccepted, Completed, TimedOut, ConnectionLost, NotConnected
    );
    let rows = rows_after(PROTOCOL, "### How a call ends");
    let documented: BTreeSet<_> = rows.iter().map(|row| row[0].trim_matches('`').to_owned()).collect();
    assert_eq!(documented, all.into_iter().map(snake_case).collect());
}

#[test]
fn the_table_of_errors_is_the_table_of_the_code() {
    let documented: Vec<_> = rows_after(ERRORS, "## Codes of the server")
        .into_iter()
        .map(|row| {
            (
                row[0].clone(),
                row[1].clone(),
                row[2].trim_matches('`').to_owned(),
                row[3].clone(),
            )
        })
        .collect();
    let coded: Vec<_> = ErrorCode::ALL
        .iter()
        .map(|error| {
            (
                error.code.to_string(),
                error.http.to_string(),
                error.name.to_owned(),
                error.message.to_owned(),
            )
        })
        .collect();
    assert_eq!(documented, coded);
}

#[test]
fn codes_are_in_order_and_none_is_given_twice() {
    let codes: Vec<_> = ErrorCode::ALL.iter().map(|error| error.code).collect();
    assert!(codes.is_sorted_by(|before, after| before < after), "{codes:?}");
}

#[test]
fn words_of_roles_states_and_media_are_the_documented_ones() {
    let word = |value: Value| value.as_str().map(str::to_owned).unwrap();
    let words = [
        word(serde_json::to_value(CallRole::Caller).unwrap()),
        word(serde_json::to_value(CallRole::Callee).unwrap()),
        word(serde_json::to_value(CallState::Established).unwrap()),
        word(serde_json::to_value(CallState::Ended).unwrap()),
        word(serde_json::to_value(MediaState::Connected).unwrap()),
        word(serde_json::to_value(MediaState::Lost).unwrap()),
        word(serde_json::to_value(MediaPath::Direct).unwrap()),
        word(serde_json::to_value(MediaPath::Relayed).unwrap()),
        word(serde_json::to_value(PushTokenType::FcmVoip).unwrap()),
        word(serde_json::to_value(PushTokenType::ApnsVoip).unwrap()),
        word(serde_json::to_value(PushTokenType::WebPush).unwrap()),
        word(serde_json::to_value(IceTransportPolicy::All).unwrap()),
        word(serde_json::to_value(IceTransportPolicy::Relay).unwrap()),
    ];
    assert_eq!(
        words,
        [
            "dc_caller",
            "dc_callee",
            "established",
            "ended",
            "connected",
            "lost",
            "direct",
            "relayed",
            "fcm_voip",
            "apns_voip",
            "web_push",
            "all",
            "relay"
        ]
    );
    for word in words {
        assert!(
            PROTOCOL.contains(&format!("`{word}`")) || PROTOCOL.contains(&format!("\"{word}\"")),
            "{word}"
        );
    }
}

fn check_examples<T: DeserializeOwned + Serialize>(tag: &str, all: &[&'static str], name: fn(&T) -> &'static str) {
    let seen: BTreeSet<_> = examples(tag)
        .into_iter()
        .map(|example| name(&read_back(tag, example)))
        .collect();
    assert_eq!(
        seen,
        all.iter().copied().collect(),
        "messages with an example, and messages there are"
    );
}

fn check_body<T: DeserializeOwned + Serialize>(tag: &str) {
    let examples = examples(tag);
    assert!(!examples.is_empty(), "{tag} has no example");
    for example in examples {
        read_back::<T>(tag, example);
    }
}

fn read_back<T: DeserializeOwned + Serialize>(tag: &str, example: Value) -> T {
    let message: T = serde_json::from_value(example.clone()).unwrap_or_else(|error| panic!("{tag} {example}: {error}"));
    let written = serde_json::to_value(&message).unwrap();
    assert_eq!(
        written, example,
        "an example says all that the type says, and nothing else"
    );
    message
}

fn examples(tag: &str) -> Vec<Value> {
    let fence = format!("\n```json {tag}\n");
    let examples: Vec<_> = PROTOCOL
        .split(&fence)
        .skip(1)
        .map(|rest| {
            let text = rest.split("\n```").next().unwrap();
            serde_json::from_str(text).unwrap_or_else(|error| panic!("{tag}: {error}: {text}"))
        })
        .collect();
    assert!(!examples.is_empty(), "no example of {tag}");
    examples
}

/// The rows of the first table after a heading, head left out.
fn rows_after(document: &str, heading: &str) -> Vec<Vec<String>> {
    let (_, rest) = document
        .split_once(&format!("{heading}\n"))
        .unwrap_or_else(|| panic!("no {heading}"));
    rest.lines()
        .skip_while(|line| !line.starts_with('|'))
        .take_while(|line| line.starts_with('|'))
        .skip(2)
        .map(|line| {
            line.trim_matches('|')
                .split('|')
                .map(|cell| cell.trim().to_owned())
                .collect()
        })
        .collect()
}

fn snake_case(name: &str) -> String {
    let mut word = String::new();
    for character in name.chars() {
        if character.is_uppercase() && !word.is_empty() {
            word.push('_');
        }
        word.extend(character.to_lowercase());
    }
    word
}
