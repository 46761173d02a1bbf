use super::*;

const CALL: &str = "00000000-0000-4000-8000-000000000001";

/// What is read of `text`, which stands for itself where it is refused.
fn message(text: &str) -> Result<ClientMessage, Option<u32>> {
    match read(text) {
        Incoming::Message(message, bytes) => {
            assert_eq!(bytes, text.len());
            Ok(*message)
        }
        Incoming::Nonsense(id, _) => Err(id),
        Incoming::Ping => panic!("{text}"),
    }
}

#[test]
fn a_signal_is_read_alike_wherever_it_says_what_it_is() {
    let first = message(&format!(
        r#"{{"type":"signal","call_id":"{CALL}","body":"{{\"seq\":1}} \u00fc"}}"#
    ))
    .unwrap();
    let ClientMessage::Signal { call_id, body } = &first else {
        panic!("{first:?}")
    };
    assert_eq!(
        (call_id.to_string().as_str(), body.as_str()),
        (CALL, "{\"seq\":1} \u{fc}")
    );
    let last = format!(r#"{{"body":"{{\"seq\":1}} \u00fc","call_id":"{CALL}","type":"signal"}}"#);
    assert!(message(&last).unwrap() == first);
    let spaced = format!(r#" {{ "type": "signal", "body":"{{\"seq\":1}} \u00fc","call_id":"{CALL}" }}"#);
    assert!(message(&spaced).unwrap() == first);
}

#[test]
fn what_only_begins_like_a_signal_is_none() {
    for rest in [
        "".to_owned(),
        "}".to_owned(),
        format!(r#""call_id":"{CALL}"}}"#),
        format!(r#""call_id":"{CALL}","body":7}}"#),
        r#""call_id":"nobody","body":""}"#.to_owned(),
        format!(r#""call_id":"{CALL}","body":"\ud800"}}"#),
        format!(r#""call_id":"{CALL}","body":""}} and more"#),
    ] {
        assert!(message(&format!(r#"{{"type":"signal",{rest}"#)) == Err(None), "{rest}");
    }
}

#[test]
fn a_signal_that_says_twice_what_it_is_is_none() {
    let twice = format!(r#"{{"type":"signal","call_id":"{CALL}","body":"","type":"end","id":3}}"#);
    assert!(message(&twice) == Err(Some(3)));
}
