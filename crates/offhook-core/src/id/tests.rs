use super::*;

#[test]
fn an_id_is_written_as_it_is_read() {
    let text = "00112233-4455-6677-8899-aabbccddeeff";
    let id: CallId = text.parse().unwrap();
    assert_eq!(id.to_string(), text);
    assert_eq!(id.as_bytes()[15], 0xff);
    assert_eq!(serde_json::from_str::<CallId>(&format!("\"{text}\"")).unwrap(), id);
}

#[test]
fn an_id_has_one_spelling() {
    for text in [
        "",
        "00112233445566778899aabbccddeeff",
        "00112233-4455-6677-8899-AABBCCDDEEFF",
        "00112233-4455-6677-8899-aabbccddeef",
        "00112233-4455-6677-8899-aabbccddeeff-",
        "0011223g-4455-6677-8899-aabbccddeeff",
        "001122334-455-6677-8899-aabbccddeeff",
        "00112233_4455-6677-8899-aabbccddeeff",
        "0011223é-4455-6677-8899-aabbccddeef",
    ] {
        assert!(text.parse::<CallId>().is_err(), "{text}");
    }
}

#[test]
fn an_application_id_is_bounded_and_plain() {
    assert!("9F1A-b_c".parse::<AppId>().is_ok());
    for text in ["", "a b", "a/b", "é", &"a".repeat(65)] {
        assert!(text.parse::<AppId>().is_err(), "{text}");
    }
}
