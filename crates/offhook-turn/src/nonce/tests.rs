use super::*;

fn nonces() -> Nonces {
    Nonces::new("key".to_owned())
}

fn alice() -> SocketAddr {
    "192.0.2.1:4000".parse().unwrap()
}

#[test]
fn a_nonce_is_good_for_an_hour_from_the_second_it_was_made() {
    let made = Time::from_millis(1_700_000_000_900);
    let nonce = nonces().issue(alice(), made);
    for (at, is_good) in [
        (made, true),
        (Time::from_secs(1_700_003_599), true),
        (Time::from_secs(1_700_003_600), false),
        (Time::from_secs(1_699_999_999), false),
    ] {
        assert_eq!(nonces().is_good(&nonce, alice(), at), is_good, "{at:?}");
    }
}

#[test]
fn a_nonce_is_good_for_its_client_only() {
    let now = Time::from_secs(1_700_000_000);
    let nonce = nonces().issue(alice(), now);
    for other in ["192.0.2.2:4000", "192.0.2.1:4001", "[2001:db8::1]:4000"] {
        assert!(!nonces().is_good(&nonce, other.parse().unwrap(), now), "{other}");
    }
    assert!(nonces().is_good(&nonce, alice(), now));
    assert!(!Nonces::new("another".to_owned()).is_good(&nonce, alice(), now));
}

#[test]
fn no_byte_of_a_nonce_can_be_changed_left_out_or_added() {
    let now = Time::from_secs(1_700_000_000);
    let nonce = nonces().issue(alice(), now);
    for at in 0..nonce.len() {
        let mut forged = nonce.clone().into_bytes();
        forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
        let forged = String::from_utf8(forged).unwrap();
        assert!(!nonces().is_good(&forged, alice(), now), "{forged}");
        assert!(!nonces().is_good(&nonce[..at], alice(), now), "{at}");
    }
    assert!(!nonces().is_good(&format!("{nonce}A"), alice(), now));
}

#[test]
fn a_nonce_says_that_password_algorithms_are_known_and_user_hashes_are_not() {
    let features = STANDARD_NO_PAD
        .decode(COOKIE.strip_prefix("obMatJos2").unwrap())
        .unwrap();
    assert_eq!(features, [0x80, 0, 0]);
}
