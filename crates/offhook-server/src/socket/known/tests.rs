use std::collections::BTreeMap;
use std::time::Duration;

use offhook_core::call::{DialFacts, DialRequest, Input, MediaSettings, Profile, decide};
use offhook_core::id::AppKey;
use offhook_proto::call::{CallEndResult, CallState};

use super::*;

const ALICE: UserKey = UserKey::from_bytes([1; 16]);
const BOB: UserKey = UserKey::from_bytes([2; 16]);
const LAPTOP: DeviceId = DeviceId::from_bytes([3; 16]);
const PHONE: DeviceId = DeviceId::from_bytes([4; 16]);
const TABLET: DeviceId = DeviceId::from_bytes([5; 16]);
const NOW: Timestamp = Timestamp::from_millis(1_000_000);

#[test]
fn the_same_change_is_said_once() {
    let mut bob = Known::new(BOB, PHONE);
    let call = Arc::new(ring());
    assert!(matches!(
        bob.learn(Arc::clone(&call), NOW),
        Some(ServerMessage::Call { .. })
    ));
    assert_eq!(bob.learn(call, NOW), None);
}

#[test]
fn old_news_is_not_told() {
    let mut bob = Known::new(BOB, PHONE);
    let old = ring();
    let new = step(&old, Input::Acknowledge { user: BOB });
    assert!(bob.learn(Arc::new(new), NOW).is_some());
    assert_eq!(bob.learn(Arc::new(old), NOW), None);
}

#[test]
fn a_device_that_lost_the_race_is_told_so_and_one_that_never_rang_is_not() {
    let ringing = ring();
    let accepted = step(
        &ringing,
        Input::Accept {
            user: BOB,
            device: PHONE,
            settings: settings(0),
        },
    );
    let mut tablet = Known::new(BOB, TABLET);
    tablet.learn(Arc::new(ringing), NOW);
    let Some(ServerMessage::Call { call }) = tablet.learn(Arc::new(accepted.clone()), NOW) else {
        panic!("told")
    };
    assert_eq!(
        (call.state, call.end_result),
        (CallState::Ended, Some(CallEndResult::OtherDeviceAccepted))
    );
    assert_eq!(Known::new(BOB, TABLET).learn(Arc::new(accepted), NOW), None);
}

#[test]
fn a_mute_is_told_to_the_other_side_alone() {
    let accepted = step(
        &ring(),
        Input::Accept {
            user: BOB,
            device: PHONE,
            settings: settings(0),
        },
    );
    let muted = step(
        &accepted,
        Input::Configure {
            user: BOB,
            device: PHONE,
            settings: settings(1),
        },
    );
    let (mut alice, mut bob) = (Known::new(ALICE, LAPTOP), Known::new(BOB, PHONE));
    alice.note(Arc::new(accepted.clone()));
    bob.note(Arc::new(accepted));
    assert!(
        matches!(alice.learn(Arc::new(muted.clone()), NOW), Some(ServerMessage::PartyMedia { media, .. }) if media.revision == 1)
    );
    assert_eq!(bob.learn(Arc::new(muted), NOW), None);
}

#[test]
fn ended_calls_are_forgotten_when_there_are_many() {
    let mut bob = Known::new(BOB, PHONE);
    for number in 0..200u8 {
        let mut call = ring();
        call.id = CallId::from_bytes([number; 16]);
        bob.learn(Arc::new(call.clone()), NOW);
        bob.learn(
            Arc::new(step(
                &call,
                Input::End {
                    user: BOB,
                    device: PHONE,
                },
            )),
            NOW,
        );
    }
    assert_eq!(bob.calls.len(), MANY);
    let last = CallId::from_bytes([199; 16]);
    assert!(bob.call(last).is_some(), "the latest are known still");
}

fn ring() -> Call {
    let profile = |user_id: &str| Profile {
        user_id: user_id.to_owned(),
        nickname: String::new(),
        profile_url: String::new(),
        metadata: BTreeMap::new(),
    };
    let request = DialRequest {
        call_id: CallId::from_bytes([9; 16]),
        device: LAPTOP,
        is_video: true,
        settings: settings(0),
        custom_items: BTreeMap::new(),
        chat_channel_url: None,
        ringing_timeout: None,
        connection_timeout: None,
    };
    let facts = DialFacts {
        app: AppKey(1),
        caller: (ALICE, profile("alice")),
        is_caller_read_only: false,
        callee: Some((BOB, profile("bob"))),
        has_callee_signed_in: true,
        recent_dials: 0,
        recent_dials_to_callee: 0,
        live_calls: 0,
        calls_ringing_callee: 0,
        max_ringing: Duration::from_secs(300),
        max_connecting: Duration::from_secs(300),
    };
    Call::dial(request, facts, NOW).unwrap()
}

fn settings(revision: u32) -> MediaSettings {
    MediaSettings {
        is_audio_enabled: revision == 0,
        is_video_enabled: true,
        is_on_hold: false,
        is_recording: false,
        revision,
    }
}

fn step(call: &Call, input: Input) -> Call {
    decide(call, input, NOW).unwrap().call
}
