//! What comes from the network may be anything.

use std::collections::BTreeMap;

use offhook_proto::call::{CallEndResult, CallParty, CallRole, CallSnapshot, CallState, PartyMedia};
use offhook_proto::ice::{IceConfiguration, IceServer, IceTransportPolicy};
use offhook_proto::id::{CallId, DeviceId, PageId};
use offhook_proto::peer::{PeerCandidate, PeerMessage};
use offhook_proto::socket::{ClientMessage, MediaPath, MediaState, QualitySample, ServerMessage};
use offhook_proto::webhook::CallWebhook;
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(1), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_client_message_is_read_as_it_was_written(message in client_message()) {
        prop_assert_eq!(&round_trip(&message)?, &message);
    }

    #[test]
    fn a_server_message_is_read_as_it_was_written(message in server_message()) {
        prop_assert_eq!(&round_trip(&message)?, &message);
    }

    #[test]
    fn a_peer_message_is_read_as_it_was_written(message in peer_message()) {
        prop_assert_eq!(&round_trip(&message)?, &message);
    }

    #[test]
    fn unknown_fields_are_ignored(message in client_message(), key in "[a-z]{3,9}_new", value in any::<i64>()) {
        let mut written = serde_json::to_value(&message).unwrap();
        written.as_object_mut().unwrap().insert(key, json!({"deep": [value]}));
        prop_assert_eq!(serde_json::from_value::<ClientMessage>(written).unwrap(), message);
    }

    #[test]
    fn a_message_cut_short_is_refused(message in client_message(), cut in any::<prop::sample::Index>()) {
        let text = serde_json::to_string(&message).unwrap();
        let bytes = &text.as_bytes()[..cut.index(text.len())];
        prop_assert!(serde_json::from_slice::<ClientMessage>(bytes).is_err());
    }

    #[test]
    fn a_message_without_a_required_field_is_refused(message in client_message(), which in any::<prop::sample::Index>()) {
        let mut written = serde_json::to_value(&message).unwrap();
        let fields = written.as_object_mut().unwrap();
        let optional = ["custom_items", "ringing_timeout_s", "connection_timeout_s", "chat_channel_url", "path", "keys", "webhook"];
        let required: Vec<_> = fields.keys().filter(|key| !optional.contains(&key.as_str())).cloned().collect();
        fields.remove(&required[which.index(required.len())]);
        prop_assert!(serde_json::from_value::<ClientMessage>(written).is_err());
    }

    #[test]
    fn any_bytes_are_read_or_refused_without_harm(bytes in vec(any::<u8>(), 0..200)) {
        _ = serde_json::from_slice::<ClientMessage>(&bytes);
        _ = serde_json::from_slice::<ServerMessage>(&bytes);
        _ = serde_json::from_slice::<PeerMessage>(&bytes);
    }

    #[test]
    fn what_a_message_carries_is_not_in_its_debug_output(message in client_message()) {
        let words = [
            "hello", "dial", "ringing", "accept", "end", "report", "set_media", "read", "signal",
            "update_custom_items", "delete_custom_items", "quality", "use_ticket", "renew",
        ];
        let shown = format!("{message:?}");
        prop_assert!(words.contains(&shown.as_str()), "{}", shown);
    }
}

#[test]
fn a_type_given_twice_or_not_known_or_missing_is_refused() {
    let id = "0b6f2c1e-7d43-4a5e-9a52-0d5b7c3f8e11";
    let read = format!(r#"{{"type":"read","id":1,"call_id":"{id}"}}"#);
    assert!(
        serde_json::from_str::<ClientMessage>(&read).is_ok(),
        "the twin that is fine"
    );
    let table = [
        format!(r#"{{"type":"read","type":"read","id":1,"call_id":"{id}"}}"#),
        format!(r#"{{"type":"read","id":1,"call_id":"{id}","type":"end"}}"#),
        format!(r#"{{"type":"erase","id":1,"call_id":"{id}"}}"#),
        format!(r#"{{"type":"Read","id":1,"call_id":"{id}"}}"#),
        format!(r#"{{"type":null,"id":1,"call_id":"{id}"}}"#),
        format!(r#"{{"id":1,"call_id":"{id}"}}"#),
    ];
    for text in table {
        assert!(serde_json::from_str::<ClientMessage>(&text).is_err(), "{text}");
    }
}

#[test]
fn a_field_given_twice_or_of_another_type_is_refused() {
    let id = "0b6f2c1e-7d43-4a5e-9a52-0d5b7c3f8e11";
    let table = [
        format!(r#"{{"type":"read","id":1,"id":2,"call_id":"{id}"}}"#),
        format!(r#"{{"type":"read","id":"1","call_id":"{id}"}}"#),
        format!(r#"{{"type":"read","id":-1,"call_id":"{id}"}}"#),
        format!(r#"{{"type":"read","id":4294967296,"call_id":"{id}"}}"#),
        format!(r#"{{"type":"read","id":1.5,"call_id":"{id}"}}"#),
        format!(r#"{{"type":"read","id":null,"call_id":"{id}"}}"#),
        r#"{"type":"read","id":1,"call_id":null}"#.to_owned(),
        r#"{"type":"read","id":1,"call_id":["0b6f2c1e-7d43-4a5e-9a52-0d5b7c3f8e11"]}"#.to_owned(),
        r#"{"type":"read","id":1,"call_id":"0B6F2C1E-7D43-4A5E-9A52-0D5B7C3F8E11"}"#.to_owned(),
        r#"{"type":"read","id":1,"call_id":"0b6f2c1e7d434a5e9a520d5b7c3f8e11"}"#.to_owned(),
        "[]".to_owned(),
        "null".to_owned(),
        String::new(),
    ];
    for text in table {
        assert!(serde_json::from_str::<ClientMessage>(&text).is_err(), "{text}");
    }
}

#[test]
fn nesting_without_end_is_refused_and_does_no_harm() {
    let deep = format!(r#"{{"type":"read","x":{}"#, "[".repeat(60_000));
    assert!(serde_json::from_str::<ClientMessage>(&deep).is_err());
}

fn round_trip<T: Serialize + DeserializeOwned>(message: &T) -> Result<T, TestCaseError> {
    let text = serde_json::to_string(message).map_err(|error| TestCaseError::fail(error.to_string()))?;
    prop_assert!(
        !nulls(&serde_json::from_str(&text).unwrap()),
        "an optional field is left out: {}",
        text
    );
    serde_json::from_str(&text).map_err(|error| TestCaseError::fail(format!("{error}: {text}")))
}

fn nulls(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.iter().any(nulls),
        Value::Object(fields) => fields.values().any(nulls),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

fn text() -> impl Strategy<Value = String> {
    // Every Unicode character, control characters and line breaks included.
    vec(any::<char>(), 0..12).prop_map(String::from_iter)
}

fn items() -> impl Strategy<Value = BTreeMap<String, String>> {
    btree_map(text(), text(), 0..3)
}

fn call_id() -> impl Strategy<Value = CallId> {
    any::<[u8; 16]>().prop_map(CallId::from_bytes)
}

fn device() -> impl Strategy<Value = DeviceId> {
    any::<[u8; 16]>().prop_map(DeviceId::from_bytes)
}

fn media() -> impl Strategy<Value = PartyMedia> {
    any::<([bool; 4], u32)>().prop_map(|([audio_enabled, video_enabled, is_on_hold, is_recording], revision)| {
        PartyMedia {
            audio_enabled,
            video_enabled,
            is_on_hold,
            is_recording,
            revision,
        }
    })
}

fn role() -> impl Strategy<Value = CallRole> {
    prop_oneof![Just(CallRole::Caller), Just(CallRole::Callee)]
}

fn webhook() -> impl Strategy<Value = CallWebhook> {
    (text(), vec(text(), 0..3), items()).prop_map(|(url, enabled_events, headers)| CallWebhook {
        url,
        enabled_events,
        headers,
    })
}

fn sample() -> impl Strategy<Value = QualitySample> {
    (any::<u32>(), any::<[Option<u32>; 7]>()).prop_map(|(ago_ms, numbers)| {
        let [
            mos_hundredths,
            lost_per_mille,
            round_trip_ms,
            jitter_ms,
            sent_bps,
            received_bps,
            freezes,
        ] = numbers;
        QualitySample {
            ago_ms,
            mos_hundredths,
            lost_per_mille,
            round_trip_ms,
            jitter_ms,
            sent_bps,
            received_bps,
            freezes,
        }
    })
}

fn client_message() -> impl Strategy<Value = ClientMessage> {
    let hello = (
        any::<(u32, u32)>(),
        text(),
        device(),
        any::<[u8; 16]>(),
        vec(call_id(), 0..4),
    )
        .prop_map(
            |((id, protocol), session_key, device_id, page, known_calls)| ClientMessage::Hello {
                id,
                protocol,
                session_key,
                device_id,
                page_id: PageId::from_bytes(page),
                known_calls,
            },
        );
    let rest = (
        option::of(any::<u32>()),
        option::of(any::<u32>()),
        option::of(text()),
        option::of(webhook()),
    );
    let dial = (any::<(u32, bool)>(), call_id(), text(), media(), items(), rest).prop_map(
        |((id, is_video_call), call_id, user_id, media, custom_items, rest)| {
            let (ringing_timeout_s, connection_timeout_s, chat_channel_url, webhook) = rest;
            ClientMessage::Dial {
                id,
                call_id,
                user_id,
                is_video_call,
                media,
                custom_items,
                chat_channel_url,
                ringing_timeout_s,
                connection_timeout_s,
                webhook,
            }
        },
    );
    let request = || (any::<u32>(), call_id());
    let state = prop_oneof![Just(MediaState::Connected), Just(MediaState::Lost)];
    let path = option::of(prop_oneof![Just(MediaPath::Direct), Just(MediaPath::Relayed)]);
    prop_oneof![
        hello,
        dial,
        request().prop_map(|(id, call_id)| ClientMessage::Ringing { id, call_id }),
        (request(), media()).prop_map(|((id, call_id), media)| ClientMessage::Accept { id, call_id, media }),
        request().prop_map(|(id, call_id)| ClientMessage::End { id, call_id }),
        (request(), state, path).prop_map(|((id, call_id), media, path)| ClientMessage::Report {
            id,
            call_id,
            media,
            path
        }),
        (request(), media()).prop_map(|((id, call_id), media)| ClientMessage::SetMedia { id, call_id, media }),
        request().prop_map(|(id, call_id)| ClientMessage::Read { id, call_id }),
        (call_id(), text()).prop_map(|(call_id, body)| ClientMessage::Signal { call_id, body }),
        (request(), items()).prop_map(|((id, call_id), custom_items)| ClientMessage::UpdateCustomItems {
            id,
            call_id,
            custom_items
        }),
        (request(), option::of(vec(text(), 0..3))).prop_map(|((id, call_id), keys)| ClientMessage::DeleteCustomItems {
            id,
            call_id,
            keys
        }),
        (call_id(), vec(sample(), 0..3)).prop_map(|(call_id, samples)| ClientMessage::Quality { call_id, samples }),
        (call_id(), text()).prop_map(|(call_id, ticket)| ClientMessage::UseTicket { call_id, ticket }),
        (any::<u32>(), text()).prop_map(|(id, access_token)| ClientMessage::Renew { id, access_token }),
    ]
}

fn server_message() -> impl Strategy<Value = ServerMessage> {
    let numbers = any::<(u32, u32, u32)>();
    let calls = (vec(snapshot(), 0..3), vec(call_id(), 0..3));
    let welcome = (numbers, calls, ice_configuration()).prop_map(
        |((id, protocol, silence_ms), (calls, unknown_calls), ice_configuration)| ServerMessage::Welcome {
            id,
            protocol,
            calls,
            unknown_calls,
            silence_ms,
            ice_configuration,
        },
    );
    prop_oneof![
        welcome,
        ice_configuration().prop_map(|ice_configuration| ServerMessage::IceConfiguration { ice_configuration }),
        (any::<u32>(), snapshot()).prop_map(|(id, call)| ServerMessage::Reply { id, call }),
        (option::of(any::<u32>()), any::<u32>(), text()).prop_map(|(id, code, message)| ServerMessage::Refused {
            id,
            code,
            message
        }),
        snapshot().prop_map(|call| ServerMessage::Call { call }),
        (call_id(), role(), media()).prop_map(|(call_id, role, media)| ServerMessage::PartyMedia {
            call_id,
            role,
            media
        }),
        (call_id(), device(), text()).prop_map(|(call_id, from_device, body)| ServerMessage::Signal {
            call_id,
            from_device,
            body,
        }),
        (any::<u32>(), items(), vec(text(), 0..3)).prop_map(|(id, custom_items, affected_keys)| {
            ServerMessage::CustomItems {
                id,
                custom_items,
                affected_keys,
            }
        }),
        any::<(u32, u64)>().prop_map(|(id, token_expires_in_ms)| ServerMessage::Renewed {
            id,
            token_expires_in_ms
        }),
        Just(ServerMessage::Ping {}),
        (any::<u32>(), text()).prop_map(|(code, message)| ServerMessage::SessionClosed { code, message }),
        any::<u32>().prop_map(|reconnect_after_ms| ServerMessage::Drain { reconnect_after_ms }),
    ]
}

fn ice_configuration() -> impl Strategy<Value = IceConfiguration> {
    // A server alone shows no credential when printed, and proptest prints; its parts are printed instead.
    let server = (vec(text(), 0..3), option::of(text()), option::of(text()));
    let policy = prop_oneof![Just(IceTransportPolicy::All), Just(IceTransportPolicy::Relay)];
    (option::of(text()), vec(server, 0..3), policy, option::of(any::<u64>())).prop_map(
        |(ticket, servers, ice_transport_policy, expires_in_ms)| IceConfiguration {
            ticket,
            ice_servers: servers
                .into_iter()
                .map(|(urls, username, credential)| IceServer {
                    urls,
                    username,
                    credential,
                })
                .collect(),
            ice_transport_policy,
            expires_in_ms,
        },
    )
}

fn snapshot() -> impl Strategy<Value = CallSnapshot> {
    let state = prop_oneof![
        Just(CallState::Ringing),
        Just(CallState::Established),
        Just(CallState::Connected),
        Just(CallState::Ended),
    ];
    let result = prop_oneof![
        Just(CallEndResult::NoAnswer),
        Just(CallEndResult::OtherDeviceAccepted),
        Just(CallEndResult::ConnectionLost),
    ];
    let ending = (option::of(any::<u64>()), option::of(result), option::of(role()));
    let facts = any::<(u32, bool, bool, u64, Option<u64>, u64)>();
    (call_id(), state, facts, (role(), party(), party()), items(), ending).prop_map(
        |(call_id, state, facts, (role, caller, callee), custom_items, (ended_at, end_result, ended_by))| {
            let (version, is_video_call, is_dial_received, started_at, rings_for_ms, duration_ms) = facts;
            CallSnapshot {
                call_id,
                version,
                state,
                is_video_call,
                role,
                caller,
                callee,
                custom_items,
                is_dial_received,
                started_at,
                rings_for_ms,
                duration_ms,
                ended_at,
                end_result,
                ended_by,
            }
        },
    )
}

fn party() -> impl Strategy<Value = CallParty> {
    (text(), text(), text(), items(), media()).prop_map(|(user_id, nickname, profile_url, metadata, media)| CallParty {
        user_id,
        nickname,
        profile_url,
        metadata,
        media,
    })
}

fn peer_message() -> impl Strategy<Value = PeerMessage> {
    let numbers = any::<(u32, u32)>();
    // A candidate alone has no Debug, which proptest asks for; its parts have.
    let parts = vec((text(), option::of(text()), option::of(any::<u16>())), 0..3);
    prop_oneof![
        (numbers, any::<u32>(), text()).prop_map(|((seq, generation), connection, sdp)| PeerMessage::Offer {
            seq,
            generation,
            connection,
            sdp,
        }),
        (numbers, text()).prop_map(|((seq, generation), sdp)| PeerMessage::Answer { seq, generation, sdp }),
        (numbers, parts).prop_map(|((seq, generation), parts)| PeerMessage::Candidates {
            seq,
            generation,
            candidates: parts
                .into_iter()
                .map(|(candidate, sdp_mid, sdp_m_line_index)| PeerCandidate {
                    candidate,
                    sdp_mid,
                    sdp_m_line_index,
                })
                .collect(),
        }),
        numbers.prop_map(|(seq, connection)| PeerMessage::Restart { seq, connection }),
        any::<u32>().prop_map(|seq| PeerMessage::Ack { seq }),
        any::<u32>().prop_map(|seq| PeerMessage::Need { seq }),
    ]
}
