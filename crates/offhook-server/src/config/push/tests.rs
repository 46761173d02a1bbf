use super::*;

#[test]
fn nothing_need_be_set() {
    PushConfig::default().check().unwrap();
}

#[test]
fn what_cannot_be_used_is_named_with_what_is_allowed() {
    for (contact, is_allowed) in [
        ("mailto:ops@example.org", true),
        ("https://example.org/contact", true),
        ("ops@example.org", false),
        ("mailto:ops", false),
        ("mailto:ops@example.org\n", false),
    ] {
        let config = PushConfig {
            contact: Some(contact.to_owned()),
            ..PushConfig::default()
        };
        assert_eq!(config.check().is_ok(), is_allowed, "{contact:?}");
    }
    let apns = ApnsConfig {
        key: Some(PathBuf::from("key.p8")),
        key_id: Some("ABC123DEFG".to_owned()),
        team_id: Some("DEF123GHIJ".to_owned()),
        bundle_id: Some("com.example.app".to_owned()),
        ..ApnsConfig::default()
    };
    check(apns.clone()).unwrap();
    for (wrong, key) in [
        (
            ApnsConfig {
                key_id: None,
                ..apns.clone()
            },
            "push.apns.key_id",
        ),
        (
            ApnsConfig {
                team_id: Some("short".to_owned()),
                ..apns.clone()
            },
            "push.apns.team_id",
        ),
        (
            ApnsConfig {
                bundle_id: Some("com.example.app.voip".to_owned()),
                ..apns.clone()
            },
            "push.apns.bundle_id",
        ),
        (
            ApnsConfig {
                url: Some("push.example.org".to_owned()),
                ..apns
            },
            "push.apns.url",
        ),
    ] {
        let refused = check(wrong).unwrap_err().to_string();
        assert!(
            refused.starts_with(&format!("`{key}` is \"")) && refused.contains("must be"),
            "{refused}"
        );
    }
}

#[test]
fn an_app_in_development_has_its_own_service() {
    let sandbox = ApnsConfig {
        is_sandbox: true,
        ..ApnsConfig::default()
    };
    assert_eq!(ApnsConfig::default().base(), APNS);
    assert_eq!(sandbox.base(), APNS_SANDBOX);
}

fn check(apns: ApnsConfig) -> Result<(), ConfigError> {
    PushConfig {
        apns,
        ..PushConfig::default()
    }
    .check()
}
