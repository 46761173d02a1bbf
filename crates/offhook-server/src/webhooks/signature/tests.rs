use super::*;

const BODY: &[u8] = b"The quick brown fox jumps over the lazy dog";
// printf '%s' "$BODY" | openssl dgst -sha256 -hmac key
const BY_KEY: &str = "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8";
// printf '1700000000.%s' "$BODY" | openssl dgst -sha256 -hmac key (and former)
const TIMED: &str = "t=1700000000,v1=2f658d6aef4f246e91cd741bbcded7479e9605f9d41c9e248122a117e0e1765b,v1=d0b4ed565fca24125409b429084c4167a6ae66a428a4e9c6e631d94c3c543ed6";

#[test]
fn a_calls_webhook_is_signed_by_its_own_keys_and_never_by_the_master_token() {
    let mut headers = HeaderMap::new();
    // The caller's own header of that name, which cannot be, would not survive.
    headers.insert(BODY_SIGNATURE, HeaderValue::from_static("forged"));
    signer("master").sign_for_call(now(), BODY, &mut headers);
    assert_eq!(headers[BODY_SIGNATURE], BY_KEY);
    assert_eq!(headers[TIMED_SIGNATURE], TIMED);
}

#[test]
fn an_applications_webhook_is_signed_by_the_master_token_and_with_the_time_by_the_keys() {
    let mut headers = HeaderMap::new();
    signer("key").sign_for_application(now(), BODY, &mut headers);
    assert_eq!(headers[BODY_SIGNATURE], BY_KEY, "the token is the word \"key\" here");
    assert_eq!(headers[TIMED_SIGNATURE], TIMED);
}

fn signer(master_token: &str) -> Signer {
    Signer::new(master_token.to_owned(), vec![b"key".to_vec(), b"former".to_vec()])
}

fn now() -> Timestamp {
    Timestamp::from_millis(1_700_000_000_999)
}
