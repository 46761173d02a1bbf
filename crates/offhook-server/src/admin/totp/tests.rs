use super::*;

const SECRET: &[u8; 20] = b"12345678901234567890";

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_millis(seconds * 1000)
}

/// RFC 6238, appendix B, the last six of its eight digits.
#[test]
fn codes_are_those_of_the_rfc() {
    for (seconds, code) in [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ] {
        assert_eq!(code_of(SECRET, (seconds / 30) as u32), code, "{seconds}");
        assert_eq!(step_of(SECRET, code, at(seconds)), Some((seconds / 30) as u32));
    }
}

#[test]
fn a_code_is_good_one_step_early_and_late_and_no_more() {
    let code = code_of(SECRET, 100);
    for (step, found) in [
        (98, None),
        (99, Some(100)),
        (100, Some(100)),
        (101, Some(100)),
        (102, None),
    ] {
        assert_eq!(step_of(SECRET, &code, at(step * 30)), found, "{step}");
    }
    for wrong in ["", "1", "28708", "2870822", "abcdef", "２８７０８２"] {
        assert_eq!(step_of(SECRET, wrong, at(59)), None, "{wrong}");
    }
    assert_eq!(step_of(b"another secret", "287082", at(59)), None);
}

/// RFC 4648 §10, without padding.
#[test]
fn base32_is_that_of_the_rfc() {
    for (bytes, text) in [
        ("", ""),
        ("f", "MY"),
        ("fo", "MZXQ"),
        ("foo", "MZXW6"),
        ("foob", "MZXW6YQ"),
        ("fooba", "MZXW6YTB"),
        ("foobar", "MZXW6YTBOI"),
    ] {
        assert_eq!(base32(bytes.as_bytes()), text);
    }
}

#[test]
fn a_name_cannot_change_the_address_that_is_scanned() {
    let uri = uri(SECRET, "a&secret=X/ü");
    assert_eq!(
        uri,
        "otpauth://totp/Offhook:a%26secret%3DX%2F%C3%BC?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Offhook"
    );
}
