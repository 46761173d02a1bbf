use axum::http::HeaderName;

use super::*;

const JSON: (&str, &str) = ("content-type", "application/json");
const FORM: (&str, &str) = ("content-type", "multipart/form-data; boundary=x");
const HOST: (&str, &str) = ("host", "calls.example.org:8443");

fn is_own_with(pairs: &[(&str, &str)]) -> bool {
    let headers = pairs.iter().map(|(name, value)| {
        let name: HeaderName = name.parse().unwrap();
        (name, value.parse().unwrap())
    });
    is_own(&headers.collect())
}

#[test]
fn what_the_browser_says_counts() {
    for (site, expected) in [
        ("same-origin", true),
        ("same-site", false),
        ("cross-site", false),
        ("none", false),
    ] {
        assert_eq!(is_own_with(&[JSON, HOST, ("sec-fetch-site", site)]), expected, "{site}");
    }
    for (origin, expected) in [
        ("https://calls.example.org:8443", true),
        ("https://calls.example.org", false),
        ("https://evil.example.org:8443", false),
        ("https://calls.example.org:8443.evil.example", false),
        ("null", false),
        ("", false),
    ] {
        assert_eq!(is_own_with(&[JSON, HOST, ("origin", origin)]), expected, "{origin}");
    }
    assert!(!is_own_with(&[JSON, ("origin", "https://calls.example.org:8443")]));
}

#[test]
fn what_a_form_can_send_is_not_enough() {
    assert!(is_own_with(&[JSON, HOST]));
    assert!(is_own_with(&[
        ("content-type", "application/JSON; charset=utf-8"),
        HOST
    ]));
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/jsonx",
        "",
    ] {
        assert!(
            !is_own_with(&[("content-type", kind), HOST, ("sec-fetch-site", "same-origin")]),
            "{kind}"
        );
    }
    assert!(!is_own_with(&[HOST]));
    assert!(!is_own_with(&[FORM, HOST]));
    assert!(is_own_with(&[FORM, HOST, ("sec-fetch-site", "same-origin")]));
    assert!(!is_own_with(&[FORM, HOST, ("sec-fetch-site", "cross-site")]));
}
