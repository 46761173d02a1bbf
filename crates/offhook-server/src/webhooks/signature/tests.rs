use super::*;

#[test]
fn the_body_is_signed_by_the_present_key_and_with_the_time_by_both() {
    let mut headers = HeaderMap::new();
    // The caller's own header of that name, which cannot be, would not survive.
    headers.insert(BODY_SIGNATURE, HeaderValue::from_static("forged"));
    let body = b"The quick brown fox jumps over the lazy dog";
    let keys = [b"key".to_vec(), b"former".to_vec()];
    sign(&keys, Timestamp::from_millis(1_700_000_000_999), body, &mut headers);
    assert_eq!(
        headers[BODY_SIGNATURE],
        "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8"
    );
    // printf '1700000000.The quick brown fox jumps over the lazy dog' | openssl dgst -sha256 -hmac key (and former)
    assert_eq!(
        headers[TIMED_SIGNATURE],
        "t=1700000000,v1=2f658d6aef4f246e91cd741bbcded7479e9605f9d41c9e248122a117e0e1765b,v1=d0b4ed565fca24125409b429084c4167a6ae66a428a4e9c6e631d94c3c543ed6"
    );
}
