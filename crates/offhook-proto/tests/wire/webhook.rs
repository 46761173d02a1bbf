//! `docs/webhooks.md` shows what is posted.

use std::time::Duration;

use offhook_core::call::{Call, DialFacts, DialRequest, Input, MediaSettings, Profile, decide};
use offhook_core::id::{AppKey, CallId, DeviceId, UserKey};
use offhook_core::time::Timestamp;
use offhook_core::webhook::EventCategory;
use offhook_proto::webhook::{CallWebhook, DialQuestion, WebhookEvent};
use serde_json::Value;

const WEBHOOKS: &str = include_str!("../../../../docs/webhooks.md");
const DIALED: Timestamp = Timestamp::from_millis(1_700_000_000_000);

#[test]
fn the_examples_of_the_docs_are_what_is_posted() {
    let dialed = dial();
    assert_eq!(posted(EventCategory::Dial, 1, &dialed), example("dial"));

    let (user, device) = (dialed.callee.user, DeviceId::from_bytes([3; 16]));
    let settings = dialed.callee.settings;
    let accept = Input::Accept { user, device, settings };
    let accepted = decide(&dialed, accept, DIALED + Duration::from_secs(10)).unwrap().call;
    let mut like_dial = example("dial");
    like_dial.as_object_mut().unwrap().remove("sendbird_call");
    like_dial["category"] = "direct_call:accept".into();
    for (name, value) in [
        ("occurred_at", 1_700_000_010_000_u64),
        ("occured_at", 1_700_000_010_000),
        ("sequence", 2),
    ] {
        like_dial[name] = value.into();
    }
    like_dial["message_id"] = "01010101-0101-0101-0101-010101010101-2".into();
    like_dial["direct_call"]["state"] = "established".into();
    assert_eq!(posted(EventCategory::Accept, 2, &accepted), like_dial);

    let end = Input::End { user, device };
    let ended = decide(&accepted, end, DIALED + Duration::from_secs(60)).unwrap().call;
    assert_eq!(posted(EventCategory::End, 3, &ended), example("end"));
}

#[test]
fn the_question_of_the_docs_is_what_is_asked() {
    let call = dial();
    let question = DialQuestion {
        application_id: "MINE".parse().unwrap(),
        call_id: call.id,
        caller_id: "anna".to_owned(),
        callee_id: "ben".to_owned(),
        is_video_call: true,
        custom_items: call.custom_items,
    };
    assert_eq!(serde_json::to_value(question).unwrap(), example("question"));
}

#[test]
fn two_webhooks_of_one_event_are_told_one_message_id() {
    let (first, second) = (
        posted(EventCategory::Dial, 1, &dial()),
        posted(EventCategory::Dial, 2, &dial()),
    );
    assert_eq!(first["message_id"], second["message_id"]);
    assert_ne!(
        first["message_id"],
        posted(EventCategory::End, 1, &dial())["message_id"]
    );
}

#[test]
fn what_is_printed_of_a_webhook_shows_no_secret() {
    let webhook = CallWebhook {
        url: "https://a.example/SECRET".to_owned(),
        enabled_events: vec!["*".to_owned()],
        headers: [("x-key".to_owned(), "SECRET".to_owned())].into(),
    };
    assert!(!format!("{webhook:?}").contains("SECRET"));
}

fn posted(category: EventCategory, sequence: u32, call: &Call) -> Value {
    let event = WebhookEvent::of(category, call.updated_at, sequence, "MINE".parse().unwrap(), call);
    serde_json::to_value(event).unwrap()
}

fn example(name: &str) -> Value {
    let begin = format!("```json {name}\n");
    let (_, rest) = WEBHOOKS.split_once(&begin).unwrap();
    serde_json::from_str(rest.split_once("```").unwrap().0).unwrap()
}

fn dial() -> Call {
    let profile = |user_id: &str, nickname: &str| Profile {
        user_id: user_id.to_owned(),
        nickname: nickname.to_owned(),
        profile_url: String::new(),
        metadata: Default::default(),
    };
    let request = DialRequest {
        call_id: CallId::from_bytes([1; 16]),
        device: DeviceId::from_bytes([2; 16]),
        is_video: true,
        settings: MediaSettings {
            is_audio_enabled: true,
            is_video_enabled: true,
            is_on_hold: false,
            is_recording: false,
            revision: 0,
        },
        custom_items: [("ticket".to_owned(), "7".to_owned())].into(),
        chat_channel_url: Some("sendbird_group_channel_7".to_owned()),
        ringing_timeout: None,
        connection_timeout: None,
    };
    let facts = DialFacts {
        app: AppKey(1),
        caller: (UserKey::from_bytes([1; 16]), profile("anna", "Anna")),
        is_caller_read_only: false,
        callee: Some((UserKey::from_bytes([2; 16]), profile("ben", "Ben"))),
        has_callee_signed_in: true,
        recent_dials: 0,
        recent_dials_to_callee: 0,
        live_calls: 0,
        calls_ringing_callee: 0,
        max_ringing: Duration::from_secs(300),
        max_connecting: Duration::from_secs(300),
    };
    Call::dial(request, facts, DIALED).unwrap()
}
