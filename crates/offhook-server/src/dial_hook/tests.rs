use super::*;
use crate::config::outbound::OutboundConfig;

#[test]
fn an_address_is_sealed_for_its_application_and_opens_for_no_other() {
    let world = World::new();
    let sealed = world.seal("https://Hooks.Example/may?key=1#part").unwrap();
    let opened = open(&world.key, AppKey(1), &sealed).unwrap();
    assert_eq!(opened.as_str(), "https://hooks.example/may?key=1");
    assert!(open(&world.key, AppKey(2), &sealed).is_err());
}

#[test]
fn an_address_is_public_and_https_or_one_that_the_operator_allows() {
    let world = World::new();
    let long = format!("https://a.example/{}", "x".repeat(named::MAX_URL_BYTES));
    for (url, reason) in [
        ("", InvalidAddress::NotHttps),
        ("http://hooks.example/", InvalidAddress::NotHttps),
        ("https://user@hooks.example/", InvalidAddress::Credentials),
        ("https://10.0.0.1/", InvalidAddress::Private),
        ("https://[::1]/", InvalidAddress::Private),
        ("https://169.254.169.254/", InvalidAddress::Private),
        (&long, InvalidAddress::TooLong),
    ] {
        assert_eq!(world.seal(url).unwrap_err(), reason, "{url}");
    }
    for url in [
        "https://hooks.example/",
        "http://receiver.internal:9000/",
        "https://1.1.1.1/",
    ] {
        assert!(world.seal(url).is_ok(), "{url}");
    }
}

struct World {
    key: ServerKey,
    outbound: Outbound,
    _folder: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = OutboundConfig {
            allowed_private_hosts: vec!["receiver.internal:9000".to_owned()],
            ..OutboundConfig::default()
        };
        Self {
            key: ServerKey::open_or_create(&folder.path().join("server.key")).unwrap(),
            outbound: Outbound::new(&config, Vec::new()).unwrap(),
            _folder: folder,
        }
    }

    fn seal(&self, url: &str) -> Result<Sealed, InvalidAddress> {
        seal(&self.outbound, &self.key, AppKey(1), url)
    }
}
