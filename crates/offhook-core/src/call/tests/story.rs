//! The driver: knows the API, so that the tests need not.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::call::{
    Call, Decision, DialFacts, DialRequest, Happening, Input, MediaReport, MediaSettings, Path, Profile, Refusal, Role,
    SettingsChange, decide,
};
use crate::custom_items::ItemsChange;
use crate::id::{AppKey, CallId, DeviceId, UserKey};
use crate::time::{Timestamp, millis};

pub const ALICE: UserKey = UserKey::from_bytes([1; 16]);
pub const BOB: UserKey = UserKey::from_bytes([2; 16]);
pub const MALLORY: UserKey = UserKey::from_bytes([3; 16]);

/// Alice dials on this one.
pub const LAPTOP: DeviceId = DeviceId::from_bytes([11; 16]);
/// Alice's, too.
pub const TABLET: DeviceId = DeviceId::from_bytes([12; 16]);
/// Bob's.
pub const PHONE: DeviceId = DeviceId::from_bytes([21; 16]);
/// Bob's, too.
pub const WATCH: DeviceId = DeviceId::from_bytes([22; 16]);
/// Of somebody who has no part in the call.
pub const RADIO: DeviceId = DeviceId::from_bytes([31; 16]);

const DIALED_AT: u64 = 1_800_000_000_000;

/// A time in a story, in seconds from the dial.
pub fn second(seconds: u64) -> Timestamp {
    Timestamp::from_millis(DIALED_AT + seconds * 1000)
}

pub fn settings(revision: u32) -> MediaSettings {
    MediaSettings {
        is_audio_enabled: revision.is_multiple_of(2),
        is_video_enabled: true,
        is_on_hold: false,
        is_recording: false,
        revision,
    }
}

pub fn profile(user_id: &str) -> Profile {
    Profile {
        user_id: user_id.to_owned(),
        nickname: String::new(),
        profile_url: String::new(),
        metadata: BTreeMap::new(),
    }
}

pub fn request() -> DialRequest {
    DialRequest {
        call_id: CallId::from_bytes([7; 16]),
        device: LAPTOP,
        is_video: true,
        settings: settings(0),
        custom_items: BTreeMap::new(),
        chat_channel_url: None,
        ringing_timeout: None,
        connection_timeout: Some(Duration::from_secs(30)),
    }
}

pub fn facts() -> DialFacts {
    DialFacts {
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
    }
}

/// A call that rings for 60 s and may take 30 s to connect.
pub fn ringing() -> Call {
    Call::dial(request(), facts(), second(0)).unwrap()
}

pub fn device(name: &str) -> (UserKey, DeviceId) {
    match name {
        "laptop" => (ALICE, LAPTOP),
        "tablet" => (ALICE, TABLET),
        "phone" => (BOB, PHONE),
        "watch" => (BOB, WATCH),
        "radio" => (MALLORY, RADIO),
        _ => panic!("no device is called {name}"),
    }
}

fn input(words: &str) -> Input {
    let words: Vec<&str> = words.split_whitespace().collect();
    let seconds = |text: &str| second(text.parse().unwrap());
    if let ["time", "passes"] = words[..] {
        return Input::Expire;
    }
    if let ["service", "resumes", "from", last_seen] = words[..] {
        return Input::Resume {
            last_seen: seconds(last_seen),
        };
    }
    if let ["application", "stops", "it"] = words[..] {
        return Input::Stop;
    }
    let by_application = words[0] == "application";
    let (user, device) = device(if by_application { "laptop" } else { words[0] });
    let by = (!by_application).then_some(user);
    let connects = |path| Input::Report {
        user,
        device,
        media: MediaReport::Connected { path },
    };
    match words[1..] {
        ["shows", "the", "ring"] => Input::Acknowledge { user },
        ["accepts"] => Input::Accept {
            user,
            device,
            settings: settings(0),
        },
        ["ends"] => Input::End { user, device },
        ["leaves"] => Input::Leave { user, device },
        ["is", "expelled"] => Input::Expel { user },
        ["connects"] => connects(None),
        ["connects", "directly"] => connects(Some(Path::Direct)),
        ["connects", "over", "a", "relay"] => connects(Some(Path::Relayed)),
        ["loses", "media"] => Input::Report {
            user,
            device,
            media: MediaReport::Lost,
        },
        ["configures", revision] => Input::Configure {
            user,
            device,
            settings: settings(revision.parse().unwrap()),
        },
        ["holds,", revision] => Input::Configure {
            user,
            device,
            settings: MediaSettings {
                is_on_hold: true,
                ..settings(revision.parse().unwrap())
            },
        },
        ["sets", ref items @ ..] => Input::ChangeItems {
            user: by,
            change: ItemsChange::Set(self::items(items)),
        },
        ["takes", "away", ref keys @ ..] => Input::ChangeItems {
            user: by,
            change: ItemsChange::Remove(keys.iter().map(|key| (*key).to_owned()).collect()),
        },
        ["clears", "the", "items"] => Input::ChangeItems {
            user: by,
            change: ItemsChange::Clear,
        },
        ["appears"] => Input::Appear { user, device },
        ["vanishes,", "last", "seen", last_seen] => Input::Vanish {
            user,
            device,
            last_seen: seconds(last_seen),
        },
        _ => panic!("nothing is called {words:?}"),
    }
}

/// Custom items, written as `key=value`.
pub fn items(words: &[&str]) -> BTreeMap<String, String> {
    let item = |word: &&str| {
        word.split_once('=')
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
    };
    words.iter().map(|word| item(word).unwrap()).collect()
}

fn words(decided: &Result<Decision, Refusal>) -> String {
    let decision = match decided {
        Ok(decision) => decision,
        Err(refusal) => return format!("refused: {refusal:?}"),
    };
    let words: Vec<String> = decision.happened.iter().map(|one| happening(one, decision)).collect();
    if words.is_empty() {
        "nothing".to_owned()
    } else {
        words.join(", ")
    }
}

fn happening(happening: &Happening, decision: &Decision) -> String {
    let side = |role: &Role| match role {
        Role::Caller => "caller",
        Role::Callee => "callee",
    };
    match happening {
        Happening::DialReceived => "dial received".to_owned(),
        Happening::Accepted => "accepted".to_owned(),
        Happening::MediaConnected(role, None) => format!("{} has media", side(role)),
        Happening::MediaConnected(role, Some(path)) => format!("{} has media {}", side(role), path.as_str()),
        Happening::PathChanged(role, path) => format!("{} is {} now", side(role), path.as_str()),
        Happening::MediaLost(role) => format!("{} lost media", side(role)),
        Happening::Connected(evidence) => format!("connected by {evidence:?}"),
        Happening::Configured(role, change) => {
            let SettingsChange {
                is_audio_enabled,
                is_video_enabled,
                is_on_hold,
                is_recording,
            } = *change;
            let told = [
                ("audio", is_audio_enabled),
                ("video", is_video_enabled),
                ("hold", is_on_hold),
                ("recording", is_recording),
            ];
            let told = told.into_iter().filter_map(|(what, now)| Some((what, now?)));
            let told: String = told
                .map(|(what, is_on)| format!(" {what} {}", if is_on { "on" } else { "off" }))
                .collect();
            format!("{} configured{told}", side(role))
        }
        Happening::ItemsChanged(role, keys) => {
            let by = role.as_ref().map_or("application", side);
            format!("{by} changed {}", keys.join(" "))
        }
        Happening::Appeared(role) => format!("{} appeared", side(role)),
        Happening::Vanished(role) => format!("{} vanished", side(role)),
        Happening::Resumed => "resumed".to_owned(),
        Happening::Ended(result) => {
            let ending = decision.call.ending().unwrap();
            assert_eq!(ending.result, *result);
            let by = ending.by.as_ref().map_or("nobody", side);
            let at = millis(ending.at.since(second(0))) / 1000;
            let billed = decision.usage.as_ref().map_or(String::new(), |usage| {
                format!(", {} s billed", usage.call_duration().as_secs())
            });
            format!("{} by {by} at {at}{billed}", result.as_str())
        }
    }
}

/// Plays a story on a call that was dialled at second 0, and returns what is left of the call.
#[track_caller]
pub fn check(story: &[(u64, &str, &str)]) -> Call {
    let mut call = ringing();
    for (at, what, expected) in story {
        let decided = decide(&call, input(what), second(*at));
        assert_eq!(words(&decided), *expected, "at {at}: {what}");
        if let Ok(decision) = decided {
            let is_quiet = |one: &Happening| matches!(one, Happening::Configured(..) | Happening::PathChanged(..));
            let is_news = !decision.happened.iter().all(is_quiet);
            assert_eq!(
                decision.call.version,
                call.version + u32::from(is_news),
                "at {at}: {what}"
            );
            call = decision.call;
        }
    }
    call
}
