use std::collections::HashMap;

use config::Environment;

use crate::config::{Config, ConfigError, Overrides};

fn read(toml: &str, environment: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("offhook.toml");
    std::fs::write(&path, toml).unwrap();
    let variables: HashMap<String, String> = environment
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect();
    let overrides = Overrides {
        config: Some(path),
        ..Overrides::default()
    };
    Config::read(&overrides, Environment::with_prefix("OFFHOOK").source(Some(variables)))
}

#[test]
fn the_environment_sets_the_sections_keys() {
    let relay = read(
        "[relay]\nlisten = [\"127.0.0.1:1\"]\nmax_port = 60000\n",
        &[
            ("OFFHOOK_RELAY__LISTEN", "0.0.0.0:3478,[::]:3478"),
            ("OFFHOOK_RELAY__EXTERNAL_ADDRESSES", "203.0.113.7"),
            ("OFFHOOK_RELAY__ALLOWED_PEERS", "10.0.0.0/8,fd00::/8"),
            ("OFFHOOK_RELAY__URLS", "turn:relay.example.org"),
            ("OFFHOOK_RELAY__MIN_PORT", "50000"),
            ("OFFHOOK_RELAY__SECRET", "a secret of good length"),
        ],
    )
    .unwrap()
    .relay;
    assert_eq!(relay.listen.len(), 2);
    assert_eq!(
        relay.external_addresses,
        ["203.0.113.7".parse::<std::net::IpAddr>().unwrap()]
    );
    assert_eq!(relay.allowed_peers.len(), 2);
    assert_eq!(relay.urls, ["turn:relay.example.org"]);
    assert_eq!((relay.min_port, relay.max_port), (50000, 60000));
    assert_eq!(relay.secret.unwrap().as_str(), "a secret of good length");
}

#[test]
fn an_empty_list_turns_the_relay_off() {
    assert!(read("", &[]).unwrap().relay.is_on());
    assert!(!read("[relay]\nlisten = []\n", &[]).unwrap().relay.is_on());
}

#[test]
fn an_error_names_the_key_the_value_and_what_is_allowed() {
    for (line, words) in [
        ("min_port = 80", ["relay.min_port", "80", "1024 to 65535"]),
        ("max_port = 50", ["relay.max_port", "50", "min_port to 65535"]),
        ("listen = [\"nowhere\"]", ["relay.listen", "nowhere", "address"]),
        (
            "external_addresses = [\"203.0.113.1\", \"203.0.113.2\"]",
            ["relay.external_addresses", "203.0.113.1", "one address of each family"],
        ),
        (
            "external_addresses = [\"0.0.0.0\"]",
            ["relay.external_addresses", "0.0.0.0", "unspecified"],
        ),
        ("urls = [\"http://x\"]", ["relay.urls", "http://x", "turn:HOST"]),
        ("max_allocations = 0", ["relay.max_allocations", "0", "1 to 60000"]),
        (
            "max_allocations_per_ticket = 0",
            ["relay.max_allocations_per_ticket", "0", "1 to 1000"],
        ),
        (
            "max_allocations_per_application = 70000",
            ["relay.max_allocations_per_application", "70000", "1 to 60000"],
        ),
        (
            "max_bitrate_per_ticket_bps = 1000",
            ["relay.max_bitrate_per_ticket_bps", "1000", "at least 64000"],
        ),
        (
            "denied_peers = [\"10.0.0.0/33\"]",
            ["denied_peers", "10.0.0.0/33", "IP"],
        ),
        ("lisen = []", ["lisen", "relay", "listen"]),
    ] {
        let sentence = read(&format!("[relay]\n{line}\n"), &[]).unwrap_err().to_string();
        for word in words {
            assert!(sentence.contains(word), "{line}: {sentence}");
        }
    }
}

#[test]
fn a_secret_is_refused_without_being_shown() {
    for (variable, hidden) in [
        ("much too short", "much"),
        // Read as a number it would lose its first digit and be another secret, silently.
        ("0123456789012345", "123456789012345"),
    ] {
        let refused = read("", &[("OFFHOOK_RELAY__SECRET", variable)]).unwrap_err();
        let sentence = format!("{refused} {refused:?}");
        assert!(sentence.contains("relay.secret"), "{sentence}");
        assert!(!sentence.contains(hidden), "{sentence}");
    }
}

#[test]
fn a_secret_is_in_no_output() {
    let config = read("[relay]\nsecret = \"a secret of good length\"\n", &[]).unwrap();
    assert!(config.relay.secret.is_some());
    let shown = format!("{config:?} {}", serde_json::to_string(&config).unwrap());
    assert!(
        shown.contains("max_allocations") && !shown.contains("good length"),
        "{shown}"
    );
}
