use super::*;
use crate::config::outbound::OutboundConfig;

#[test]
fn a_webhook_is_sealed_for_its_call_and_opens_for_no_other() {
    let world = World::new();
    let asked = webhook("https://Hooks.Example/in?key=1#part", &["*"], &[("X-Key", "a b")]);
    let prepared = world.prepare(asked).unwrap();
    assert_eq!(prepared.host, "hooks.example:443");
    assert_eq!(prepared.enabled_events, EventCategory::ALL);
    let target = open(&world.key, APP, CALL, &prepared.sealed).unwrap();
    assert_eq!(target.url.as_str(), "https://hooks.example/in?key=1");
    assert_eq!(target.headers["x-key"], "a b");
    let other_call = CallId::from_bytes([2; 16]);
    assert!(open(&world.key, APP, other_call, &prepared.sealed).is_err());
    assert!(open(&world.key, AppKey(2), CALL, &prepared.sealed).is_err());
}

#[test]
fn an_address_is_https_without_credentials_and_not_too_long() {
    let world = World::new();
    let long = format!("https://a.example/{}", "x".repeat(named::MAX_URL_BYTES));
    for (url, reason) in [
        ("", InvalidAddress::NotHttps),
        ("hooks.example", InvalidAddress::NotHttps),
        ("http://hooks.example/", InvalidAddress::NotHttps),
        ("http://receiver.internal:9001/", InvalidAddress::NotHttps),
        ("file:///etc/passwd", InvalidAddress::NotHttps),
        ("ftp://receiver.internal:9000/", InvalidAddress::NotHttps),
        ("https://", InvalidAddress::NotHttps),
        ("https://user@hooks.example/", InvalidAddress::Credentials),
        ("https://:word@hooks.example/", InvalidAddress::Credentials),
        (&long, InvalidAddress::TooLong),
    ] {
        let refused = world.prepare(webhook(url, &["*"], &[]));
        assert_eq!(refused.unwrap_err(), reason.into(), "{url}");
    }
    for (url, host) in [
        ("https://hooks.example", "hooks.example:443"),
        ("https://hooks.example:8443/a", "hooks.example:8443"),
        ("http://receiver.internal:9000/", "receiver.internal:9000"),
    ] {
        assert_eq!(world.prepare(webhook(url, &["*"], &[])).unwrap().host, host);
    }
}

#[test]
fn events_are_all_or_known_names() {
    let world = World::new();
    let prepare = |events: &[&str]| world.prepare(webhook("https://hooks.example/", events, &[]));
    let one = prepare(&["direct_call:end"]).unwrap();
    assert_eq!(one.enabled_events, [EventCategory::End]);
    for refused in [
        &[][..],
        &["direct_call:ring"],
        &["*", "direct_call:end"],
        &["Direct_call:end"],
        &[""],
    ] {
        assert_eq!(prepare(refused).unwrap_err(), InvalidWebhook::Events, "{refused:?}");
    }
    let many = ["direct_call:end"; MAX_EVENTS + 1];
    assert_eq!(prepare(&many).unwrap_err(), InvalidWebhook::TooManyEvents);
}

#[test]
fn a_header_names_no_host_no_credential_no_framing_and_no_second_message() {
    let world = World::new();
    let prepare = |headers: &[(&str, &str)]| world.prepare(webhook("https://hooks.example/", &["*"], headers));
    for name in [
        "Host",
        "AUTHORIZATION",
        "Content-Length",
        "content-type",
        "Connection",
        "Keep-Alive",
        "Proxy-Authorization",
        "TE",
        "Trailer",
        "Transfer-Encoding",
        "Upgrade",
        "Expect",
        "X-Sendbird-Signature",
        "x-offhook-signature",
        "",
        "a b",
        "a:b",
        "a\r\nHost",
        "ä",
        ":authority",
    ] {
        assert_eq!(prepare(&[(name, "1")]).unwrap_err(), InvalidWebhook::Header, "{name:?}");
    }
    for value in ["a\r\nHost: b", "a\nb", "a\0b", "\u{7f}"] {
        assert_eq!(
            prepare(&[("x-key", value)]).unwrap_err(),
            InvalidWebhook::Header,
            "{value:?}"
        );
    }
    let twice = [("X-Key", "1"), ("x-key", "2")];
    assert_eq!(prepare(&twice).unwrap_err(), InvalidWebhook::Header);
    let names: Vec<String> = (0..=MAX_HEADERS).map(|number| format!("x-{number}")).collect();
    let many: Vec<_> = names.iter().map(|name| (name.as_str(), "1")).collect();
    assert_eq!(prepare(&many).unwrap_err(), InvalidWebhook::HeadersTooLong);
    assert!(prepare(&many[1..]).is_ok());
    let long = "x".repeat(MAX_HEADER_BYTES);
    assert_eq!(
        prepare(&[("x-key", &long)]).unwrap_err(),
        InvalidWebhook::HeadersTooLong
    );
}

const APP: AppKey = AppKey(1);
const CALL: CallId = CallId::from_bytes([1; 16]);

struct World {
    outbound: Outbound,
    key: ServerKey,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let outbound = OutboundConfig {
            allowed_private_hosts: vec!["receiver.internal:9000".to_owned()],
            ..OutboundConfig::default()
        };
        Self {
            outbound: Outbound::new(&outbound, Vec::new()).unwrap(),
            key: ServerKey::open_or_create(&folder.path().join("server.key")).unwrap(),
        }
    }

    fn prepare(&self, webhook: CallWebhook) -> Result<NewWebhook, InvalidWebhook> {
        prepare(&self.outbound, &self.key, APP, CALL, webhook)
    }
}

fn webhook(url: &str, events: &[&str], headers: &[(&str, &str)]) -> CallWebhook {
    let text = |text: &&str| (*text).to_owned();
    CallWebhook {
        url: url.to_owned(),
        enabled_events: events.iter().map(text).collect(),
        headers: headers.iter().map(|(name, value)| (text(name), text(value))).collect(),
    }
}
