use super::*;

const CALL: &str = "00000000-0000-4000-8000-000000000001";

/// What is read of `text` that is a signal, with the body as it is written; what is refused stands for itself.
fn signal_of(text: &str) -> Result<(CallId, String, usize), Option<u32>> {
    match read(text) {
        Incoming::Signal(signal, bytes) => {
            assert_eq!(bytes, text.len());
            Ok((signal.call_id, signal.body.get().to_owned(), signal.body_bytes))
        }
        Incoming::Nonsense(id, _) => Err(id),
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn a_signal_is_read_alike_wherever_it_says_what_it_is() {
    let body = r#""{\"seq\":1} ü""#;
    let first = signal_of(&format!(r#"{{"type":"signal","call_id":"{CALL}","body":{body}}}"#));
    let (call_id, raw, bytes) = first.unwrap();
    assert_eq!((call_id.to_string().as_str(), raw.as_str()), (CALL, body));
    // Nobody counts what the escapes stand for.
    assert_eq!(bytes, body.len() - 2);
    let last = format!(r#"{{"body":{body},"call_id":"{CALL}","type":"signal"}}"#);
    let spaced = format!(r#" {{ "type": "signal", "body":{body},"call_id":"{CALL}" }}"#);
    for other in [last, spaced] {
        let (other_id, other_raw, other_bytes) = signal_of(&other).unwrap();
        assert_eq!((other_id, other_raw.as_str()), (call_id, body));
        assert_eq!(other_bytes, "{\"seq\":1} ü".len());
    }
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
        let raw = to_raw_value(body).unwrap();
        assert_eq!(signal(call_id, from_device, &raw), text(&message), "{body}");
    }
}

#[test]
fn a_body_whose_length_its_escapes_hide_is_measured() {
    let written = |body: &str| format!(r#"{{"type":"signal","call_id":"{CALL}","body":"{body}"}}"#);
    let twice = MAX_SIGNAL_BYTES / 2 + 1;
    assert_eq!(signal_of(&written(&r"\n".repeat(twice))).unwrap().2, twice);
    assert_eq!(signal_of(&written(&r"\u0041".repeat(3))).unwrap().1, r#""AAA""#);
    assert_eq!(
        signal_of(&written(&"x".repeat(MAX_SIGNAL_BYTES + 1))).unwrap().2,
        MAX_SIGNAL_BYTES + 1
    );
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
