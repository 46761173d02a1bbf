use std::path::Path;

use super::*;
use crate::config::relay::RelayConfig;
use crate::doctor::Verdict::{self, Failed, Ok as Good, Warning};

#[test]
fn a_configuration_out_of_the_box_has_nothing_to_complain_of() {
    for finding in judge(&Config::default(), &behind_nat()) {
        assert_eq!(finding.verdict, Good, "{finding:?}");
    }
}

#[test]
fn plain_http_beyond_this_machine_is_risky_unless_a_proxy_stands_before_it() {
    let open = Config {
        listen: "0.0.0.0:8080".parse().unwrap(),
        ..Config::default()
    };
    check(&open, "encryption", Warning, "TLS proxy");
    let proxied = Config {
        trusted_proxies: vec!["10.0.0.0/8".parse().unwrap()],
        ..open
    };
    check(&proxied, "encryption", Good, "behind a proxy");
}

#[test]
fn metrics_are_for_this_machine() {
    let open = Config {
        admin_listen: "[::]:9090".parse().unwrap(),
        ..Config::default()
    };
    check(&open, "metrics access", Warning, "admin_listen");
    check(&Config::default(), "metrics access", Good, "127.0.0.1:9090");
}

#[test]
fn a_relay_of_this_machine_alone_does_not_serve_calls_of_others() {
    let public = Config {
        listen: "0.0.0.0:8080".parse().unwrap(),
        ..Config::default()
    };
    check(&public, "relay", Warning, "relay.listen");
    let elsewhere = relay(|relay| relay.urls = vec!["turn:relay.example.org:3478".to_owned()]);
    check(
        &Config {
            relay: elsewhere.clone(),
            ..public
        },
        "relay",
        Good,
        "this machine only",
    );
    let off = relay(|relay| relay.listen.clear());
    check(
        &Config {
            relay: off,
            ..Config::default()
        },
        "relay",
        Warning,
        "networks that do not see each other",
    );
    let off = RelayConfig {
        listen: Vec::new(),
        ..elsewhere
    };
    check(
        &Config {
            relay: off,
            ..Config::default()
        },
        "relay",
        Good,
        "relay.example.org",
    );
}

#[test]
fn an_address_that_leads_nowhere_from_outside_is_a_sign_of_nat() {
    for (listen, external, verdict, words) in [
        ("0.0.0.0:3478", None, Warning, "10.0.0.5"),
        ("0.0.0.0:3478", Some("203.0.113.7"), Good, "49152 to 65535"),
        ("0.0.0.0:3478", Some("192.168.1.1"), Warning, "192.168.1.1"),
        ("198.51.100.1:3478", None, Good, "198.51.100.1"),
        ("198.51.100.1:3478", Some("198.51.100.1"), Good, "own"),
        ("100.64.0.1:3478", None, Warning, "100.64.0.1"),
        ("[fd00::1]:3478", None, Warning, "fd00::1"),
        ("[2001:db8::1]:3478", Some("203.0.113.7"), Good, "2001:db8::1"),
        ("[::]:3478", None, Failed, "no route out"),
    ] {
        let relay = relay(|relay| {
            relay.listen = vec![listen.parse().unwrap()];
            relay.external_addresses = external.iter().map(|address| address.parse().unwrap()).collect();
        });
        let config = Config {
            relay,
            ..Config::default()
        };
        check(&config, &format!("relay address {listen}"), verdict, words);
    }
}

#[test]
fn what_cannot_be_used_is_named() {
    let overrides = crate::config::Overrides {
        config: Some(Path::new("/nowhere/offhook.toml").to_owned()),
        ..Default::default()
    };
    let error = Config::load(&overrides).unwrap_err();
    let finding = unusable(error.to_string());
    assert!(finding.says.contains("/nowhere/offhook.toml"), "{finding:?}");
    assert_eq!(finding.verdict, Failed);
}

fn behind_nat() -> Machine {
    Machine {
        outward: vec!["10.0.0.5".parse().unwrap()],
    }
}

fn relay(change: impl FnOnce(&mut RelayConfig)) -> RelayConfig {
    let mut relay = RelayConfig::default();
    change(&mut relay);
    relay
}

fn check(config: &Config, name: &str, verdict: Verdict, words: &str) {
    let findings = judge(config, &behind_nat());
    let finding = findings.iter().find(|finding| finding.check == name).unwrap();
    assert_eq!(finding.verdict, verdict, "{finding:?}");
    let all = format!("{} {}", finding.says, finding.way_out.as_deref().unwrap_or(""));
    assert!(all.contains(words), "{words:?} in {all:?}");
}
