use super::InvalidSubscription::{Auth, Endpoint, Json, PublicKey};
use super::*;

const POINT: &str = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
/// The same with another last byte: no point of the curve.
const NO_POINT: &str = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw8";
const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";

#[test]
fn a_subscription_is_stored_and_read_again() {
    let subscription = Subscription::read(&written("https://push.example.org/abc", POINT, AUTH)).unwrap();
    let token = subscription.to_token().unwrap();
    assert_eq!(token.address, "https://push.example.org/abc");
    let again = Subscription::of(&token).unwrap();
    assert_eq!(again.keys.public_key, subscription.keys.public_key);
    assert_eq!(again.keys.auth, subscription.keys.auth);
    assert!(!format!("{token:?}").contains("abc"), "a token is not shown");
    let padded = written(
        "https://push.example.org/abc",
        &format!("{POINT}="),
        &format!("{AUTH}=="),
    );
    Subscription::read(&padded).unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn what_cannot_be_pushed_to_is_refused() {
    for (text, reason) in [
        ("{}".to_owned(), Json),
        ("a token".to_owned(), Json),
        (written("not an address", POINT, AUTH), Endpoint),
        (written("ftp://push.example.org/", POINT, AUTH), Endpoint),
        (
            written("https://user:password@push.example.org/", POINT, AUTH),
            Endpoint,
        ),
        (written("https://push.example.org/", NO_POINT, AUTH), PublicKey),
        (written("https://push.example.org/", "AAAA", AUTH), PublicKey),
        (written("https://push.example.org/", POINT, "AAAA"), Auth),
    ] {
        let refused = Subscription::read(&text).err();
        assert_eq!(refused, Some(reason), "{text}");
    }
}

fn written(endpoint: &str, p256dh: &str, auth: &str) -> String {
    serde_json::json!({"endpoint": endpoint, "expirationTime": null, "keys": {"p256dh": p256dh, "auth": auth}})
        .to_string()
}
