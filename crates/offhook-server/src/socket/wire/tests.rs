use super::*;

const CALL: &str = "00000000-0000-4000-8000-000000000001";

/// What is read of `text` that is a signal, its body as it is written; what is refused stands for itself.
fn signal_of(text: &str) -> Result<(CallId, String, bool), Option<u32>> {
    match read(text) {
        Incoming::Signal(signal, bytes) => {
            assert_eq!(bytes, text.len());
            Ok((signal.call_id, signal.body, signal.is_too_long))
        }
        Incoming::Nonsense(id, _) => Err(id),
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn a_signal_is_read_alike_wherever_it_says_what_it_is() {
    let body = r#""{\"seq\":1} ü""#;
    let first = format!(r#"{{"type":"signal","call_id":"{CALL}","body":{body}}}"#);
    assert!(read_signal(&first).is_some(), "as SDKs write it");
    let read = signal_of(&first).unwrap();
    assert_eq!(read, (CALL.parse().unwrap(), body.to_owned(), false));
    let last = format!(r#"{{"body":{body},"call_id":"{CALL}","type":"signal"}}"#);
    let spaced = format!(r#" {{ "type": "signal", "body":{body},"call_id":"{CALL}" }}"#);
    for other in [last, spaced] {
        assert_eq!(signal_of(&other).unwrap(), read, "{other}");
    }
}

#[test]
fn what_is_read_as_it_stands_is_what_the_whole_message_says() {
    let whole = format!(r#"{{"type":"signal","call_id":"{CALL}","body":"{{\"seq\":1}} \\ \u00fc \n"}}"#);
    let plain = whole.replace(r"\u00fc", "ü");
    let mut read = 0;
    for original in [whole, plain] {
        for (at, letter) in original.char_indices() {
            for other in [
                "",
                "\"",
                "\\",
                "{",
                "}",
                "[",
                ":",
                ",",
                " ",
                "u",
                "d",
                "8",
                "\n",
                "\u{0}",
                "\",\"type\":\"end",
            ] {
                let text = [&original[..at], other, &original[at + letter.len_utf8()..]].concat();
                let Some(raw) = read_signal(&text) else { continue };
                read += 1;
                let Ok(ClientMessage::Signal { call_id, body }) = serde_json::from_str(&text) else {
                    panic!("{text} is no signal")
                };
                assert_eq!(raw.call_id, call_id, "{text}");
                assert_eq!(serde_json::from_str::<String>(&raw.body).unwrap(), body, "{text}");
            }
        }
    }
    assert!(read > 100, "{read}");
}

#[test]
fn a_signal_is_written_as_its_type_is() {
    let (call_id, from_device) = (CALL.parse().unwrap(), DeviceId::from_bytes([7; 16]));
    for body in [
        "",
        "plain",
        "{\"seq\":1,\"sdp\":\"v=0\\r\\n\"}\n",
        "ü \u{1f600} \u{7} \\",
    ] {
        let message = ServerMessage::Signal {
            call_id,
            from_device,
            body: body.to_owned(),
        };
        let raw = RawSignal {
            call_id,
            body: serde_json::to_string(body).unwrap(),
            is_too_long: false,
        };
        assert_eq!(Ok(signal(&raw, from_device)), text(&message), "{body}");
    }
}

#[test]
fn a_body_is_as_long_as_what_its_escapes_stand_for() {
    let written = |body: &str| format!(r#"{{"type":"signal","call_id":"{CALL}","body":"{body}"}}"#);
    let is_too_long = |body: &str| signal_of(&written(body)).unwrap().2;
    for letter in ["x", r"\n", r"\u0041"] {
        assert!(!is_too_long(&letter.repeat(MAX_SIGNAL_BYTES)), "{letter}");
        assert!(is_too_long(&letter.repeat(MAX_SIGNAL_BYTES + 1)), "{letter}");
    }
}

#[test]
fn what_only_begins_like_a_signal_is_none() {
    for rest in [
        "".to_owned(),
        "}".to_owned(),
        format!(r#""call_id":"{CALL}"}}"#),
        format!(r#""call_id":"{CALL}","body":7}}"#),
        format!(r#""call_id":"{CALL}","body":{{"a":"b"}}}}"#),
        format!(r#""call_id":"{CALL}","body":"\x"}}"#),
        format!("\"call_id\":\"{CALL}\",\"body\":\"\n\"}}"),
        r#""call_id":"nobody","body":""}"#.to_owned(),
        format!(r#""call_id":"{CALL}","body":"\ud800"}}"#),
        format!(r#""call_id":"{CALL}","body":""}} and more"#),
    ] {
        let text = format!(r#"{{"type":"signal",{rest}"#);
        assert_eq!(signal_of(&text), Err(None), "{rest}");
    }
}

#[test]
fn a_signal_that_says_twice_what_it_is_is_none() {
    let twice = format!(r#"{{"type":"signal","call_id":"{CALL}","body":"","type":"end","id":3}}"#);
    assert_eq!(signal_of(&twice), Err(Some(3)));
}
