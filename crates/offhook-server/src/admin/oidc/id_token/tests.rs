use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaEncoding,
};
use serde_json::json;

use super::*;

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);
const EXPECTED: Expected<'static> = Expected {
    issuer: "https://accounts.example.org",
    client_id: "offhook",
    nonce: "once",
};

/// A provider's key, and how it is shown.
struct Signing {
    key: EcdsaKeyPair,
    shown: Value,
}

impl Signing {
    fn new(kid: &str) -> Self {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let point = key.public_key().as_ref().to_vec();
        let shown = json!({"kty": "EC", "crv": "P-256", "kid": kid, "use": "sig", "alg": "ES256",
                           "x": secret::encode(&point[1..33]), "y": secret::encode(&point[33..])});
        Self { key, shown }
    }

    fn sign(&self, header: &Value, claims: &Value) -> String {
        let signed = unsigned(header, claims);
        let signature = self.key.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        format!("{signed}.{}", secret::encode(signature.as_ref()))
    }
}

fn unsigned(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| secret::encode(value.to_string().as_bytes());
    format!("{}.{}", part(header), part(claims))
}

fn keys(shown: &[&Value]) -> KeySet {
    serde_json::from_value(json!({"keys": shown})).unwrap()
}

fn header(kid: &str) -> Value {
    json!({"alg": "ES256", "kid": kid})
}

fn good() -> Value {
    json!({"iss": "https://accounts.example.org", "aud": "offhook", "nonce": "once", "sub": "1",
           "iat": 1_700_000_000, "exp": 1_700_000_300})
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = good();
    claims[name] = value;
    claims
}

#[test]
fn a_token_counts_if_all_it_says_is_so() {
    let signing = Signing::new("a");
    let keys = keys(&[&signing.shown]);
    let check = |claims: &Value| verify(&signing.sign(&header("a"), claims), &keys, EXPECTED, NOW).map(|_| ());
    assert_eq!(check(&good()), Ok(()));
    for (name, value, expected) in [
        ("iss", json!("https://accounts.example.org/"), Err(InvalidToken::Issuer)),
        ("iss", json!(null), Err(InvalidToken::Issuer)),
        ("aud", json!("other"), Err(InvalidToken::Audience)),
        ("aud", json!(["offhook"]), Ok(())),
        ("aud", json!(["offhook", "other"]), Err(InvalidToken::Audience)),
        ("aud", json!([]), Err(InvalidToken::Audience)),
        ("azp", json!("other"), Err(InvalidToken::Audience)),
        ("azp", json!("offhook"), Ok(())),
        ("nonce", json!("twice"), Err(InvalidToken::Nonce)),
        ("nonce", json!(null), Err(InvalidToken::Nonce)),
        ("exp", json!(1_699_999_970), Ok(())),
        ("exp", json!(1_699_999_940), Err(InvalidToken::Expired)),
        ("exp", json!(null), Err(InvalidToken::Expired)),
        ("exp", json!("1700000300"), Err(InvalidToken::Expired)),
        ("iat", json!(1_700_000_061), Err(InvalidToken::Expired)),
        ("nbf", json!(1_700_000_061), Err(InvalidToken::Expired)),
        ("sub", json!(""), Err(InvalidToken::Subject)),
    ] {
        assert_eq!(check(&with(name, value.clone())), expected, "{name} {value}");
    }
    let mut both = with("aud", json!(["other", "offhook"]));
    both["azp"] = json!("offhook");
    assert_eq!(check(&both), Ok(()));
}

#[test]
fn no_algorithm_counts_but_the_two() {
    let signing = Signing::new("a");
    let keys = keys(&[&signing.shown]);
    for alg in ["none", "None", "HS256", "ES384", "RS1", ""] {
        let token = signing.sign(&json!({"alg": alg, "kid": "a"}), &good());
        let refused = verify(&token, &keys, EXPECTED, NOW);
        assert_eq!(refused, Err(InvalidToken::Algorithm), "{alg}");
    }
    let bare = format!("{}.", unsigned(&json!({"alg": "none"}), &good()));
    assert_eq!(verify(&bare, &keys, EXPECTED, NOW), Err(InvalidToken::Algorithm));
    // A key of one kind checks no signature of the other: its public part is no secret.
    let token = signing.sign(&json!({"alg": "RS256", "kid": "a"}), &good());
    assert_eq!(verify(&token, &keys, EXPECTED, NOW), Err(InvalidToken::UnknownKey));
    let critical = signing.sign(
        &json!({"alg": "ES256", "kid": "a", "crit": ["b64"], "b64": false}),
        &good(),
    );
    assert_eq!(verify(&critical, &keys, EXPECTED, NOW), Err(InvalidToken::Algorithm));
}

#[test]
fn keys_come_and_go() {
    let (old, new) = (Signing::new("old"), Signing::new("new"));
    let token = new.sign(&header("new"), &good());
    for (shown, expected) in [
        (keys(&[&old.shown]), Err(InvalidToken::UnknownKey)),
        (keys(&[&old.shown, &new.shown]), Ok(())),
        (keys(&[&new.shown]), Ok(())),
        (keys(&[]), Err(InvalidToken::UnknownKey)),
    ] {
        assert_eq!(verify(&token, &shown, EXPECTED, NOW).map(|_| ()), expected);
    }
    // Another key by the name of a known one.
    let forged = Signing::new("new").sign(&header("new"), &good());
    assert_eq!(
        verify(&forged, &keys(&[&new.shown]), EXPECTED, NOW),
        Err(InvalidToken::Signature)
    );
    // A token that names no key: each is tried.
    let nameless = new.sign(&json!({"alg": "ES256"}), &good());
    assert!(verify(&nameless, &keys(&[&old.shown, &new.shown]), EXPECTED, NOW).is_ok());
    let mut encrypting = new.shown.clone();
    encrypting["use"] = json!("enc");
    assert_eq!(
        verify(&token, &keys(&[&encrypting]), EXPECTED, NOW),
        Err(InvalidToken::UnknownKey)
    );
}

#[test]
fn what_was_changed_on_the_way_does_not_count() {
    let signing = Signing::new("a");
    let keys = keys(&[&signing.shown]);
    let token = signing.sign(&header("a"), &good());
    let signature = token.rsplit_once('.').unwrap().1;
    let other = unsigned(&header("a"), &with("sub", json!("2")));
    let swapped = format!("{other}.{signature}");
    assert_eq!(verify(&swapped, &keys, EXPECTED, NOW), Err(InvalidToken::Signature));
    for broken in ["", "a", "a.b", "a.b.c", "..", &token[..token.len() / 2]] {
        assert!(verify(broken, &keys, EXPECTED, NOW).is_err(), "{broken}");
    }
}

#[test]
fn rsa_counts_as_well() {
    let key = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    // PKCS #1: two numbers in a sequence, the first of 2048 bits, the second 65537.
    let public = key.public_key().as_ref();
    let (modulus, exponent) = (&public[9..265], &public[267..]);
    let shown = json!({"kty": "RSA", "kid": "r", "n": secret::encode(modulus), "e": secret::encode(exponent)});
    let signed = unsigned(&json!({"alg": "RS256", "kid": "r"}), &good());
    let mut signature = vec![0; key.public_modulus_len()];
    let padding: &'static dyn RsaEncoding = &RSA_PKCS1_SHA256;
    key.sign(padding, &SystemRandom::new(), signed.as_bytes(), &mut signature)
        .unwrap();
    let token = format!("{signed}.{}", secret::encode(&signature));
    assert!(verify(&token, &keys(&[&shown]), EXPECTED, NOW).is_ok());
    signature[0] ^= 1;
    let token = format!("{signed}.{}", secret::encode(&signature));
    assert_eq!(
        verify(&token, &keys(&[&shown]), EXPECTED, NOW),
        Err(InvalidToken::Signature)
    );
}
