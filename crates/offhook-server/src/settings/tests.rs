use offhook_core::time::Timestamp;

use super::*;
use crate::config::outbound::OutboundConfig;

#[test]
fn a_setting_that_cannot_be_is_named() {
    let desk = Desk::new();
    let long = "x".repeat(81);
    let range = |name, least, most| InvalidSetting::OutOfRange { name, least, most };
    for (change, invalid) in [
        (of(|change| change.name = Some(String::new())), InvalidSetting::Name),
        (of(|change| change.name = Some(long)), InvalidSetting::Name),
        (of(|change| change.name = Some("a\nb".to_owned())), InvalidSetting::Name),
        (
            of(|change| change.max_ringing_s = Some(4)),
            range("max_ringing_s", 5, 300),
        ),
        (
            of(|change| change.max_ringing_s = Some(301)),
            range("max_ringing_s", 5, 300),
        ),
        (
            of(|change| change.max_connecting_s = Some(0)),
            range("max_connecting_s", 5, 300),
        ),
        (
            of(|change| change.call_retention_days = Some(3651)),
            range("call_retention_days", 0, 3650),
        ),
        (
            of(|change| change.quality_retention_days = Some(3651)),
            range("quality_retention_days", 0, 3650),
        ),
        (
            of(|change| change.delivery_retention_days = Some(0)),
            range("delivery_retention_days", 1, 365),
        ),
        (
            of(|change| change.dial_hook_url = Some("http://hooks.example/".to_owned())),
            InvalidSetting::DialHook(InvalidAddress::NotHttps),
        ),
        (
            of(|change| change.dial_hook_url = Some("https://10.0.0.1/".to_owned())),
            InvalidSetting::DialHook(InvalidAddress::Private),
        ),
        (
            of(|change| change.dial_hook_timeout_ms = Some(99)),
            range("dial_hook_timeout_ms", 100, 5000),
        ),
        (
            of(|change| change.dial_hook_timeout_ms = Some(100)),
            InvalidSetting::NoDialHook,
        ),
        (
            of(|change| change.webhook_hosts = Some(vec!["a.example".to_owned(); 101])),
            InvalidSetting::TooMany("webhook_hosts"),
        ),
    ] {
        assert_eq!(desk.patch(change).unwrap_err(), invalid);
    }
}

#[test]
fn an_origin_is_what_browsers_send_and_a_host_is_no_address() {
    for good in ["https://example.org", "http://localhost:3000", "https://[::1]:8443"] {
        assert_eq!(origins(&[good.to_owned()]).unwrap(), [good]);
    }
    for bad in [
        "example.org",
        "https://",
        "https://example.org/",
        "https://example.org?x",
        "https://a@example.org",
        "ftp://example.org",
        "https://exa mple.org",
        "*",
    ] {
        assert_eq!(origins(&[bad.to_owned()]), Err(InvalidSetting::Origin(bad.to_owned())));
    }
    let read = hosts(&["Hooks.Example".to_owned(), "hooks.example:8443".to_owned()]);
    assert_eq!(read.unwrap(), ["hooks.example:443", "hooks.example:8443"]);
    for bad in ["https://hooks.example", "a@hooks.example", "hooks.example/path", ""] {
        assert_eq!(hosts(&[bad.to_owned()]), Err(InvalidSetting::Host(bad.to_owned())));
    }
}

#[test]
fn zero_days_are_for_ever_and_what_is_left_out_stays() {
    let mut desk = Desk::new();
    let set = desk.patch(of(|change| {
        change.call_retention_days = Some(0);
        change.quality_retention_days = Some(30);
        change.max_connecting_s = Some(20);
    }));
    let expected = ApplicationPatch {
        call_retention_days: Some(None),
        quality_retention_days: Some(Some(30)),
        max_connecting: Some(Duration::from_secs(20)),
        ..ApplicationPatch::default()
    };
    assert_eq!(set.unwrap(), expected);
    desk.application.call_retention_days = Some(7);
    assert_eq!(
        desk.patch(ApplicationChange::default()).unwrap(),
        ApplicationPatch::default()
    );
}

#[test]
fn a_dial_hook_is_set_changed_shown_and_taken_away() {
    let mut desk = Desk::new();
    assert_eq!(desk.hook(), None);
    desk.set(of(|change| {
        change.dial_hook_url = Some("https://hooks.example/may".to_owned())
    }));
    let shown = |timeout_ms, on_failure| {
        let url = "https://hooks.example/may".to_owned();
        Some(admin::DialHook {
            url,
            timeout_ms,
            on_failure,
        })
    };
    assert_eq!(desk.hook(), shown(2000, DialHookFallback::Deny));
    desk.set(of(|change| change.dial_hook_on_failure = Some(DialHookFallback::Allow)));
    assert_eq!(desk.hook(), shown(2000, DialHookFallback::Allow));
    desk.set(of(|change| change.dial_hook_timeout_ms = Some(500)));
    assert_eq!(desk.hook(), shown(500, DialHookFallback::Allow));
    desk.set(of(|change| {
        change.dial_hook_url = Some("https://hooks.example/may".to_owned())
    }));
    assert_eq!(desk.hook(), shown(500, DialHookFallback::Allow));
    desk.set(of(|change| change.dial_hook_url = Some(String::new())));
    assert_eq!(desk.hook(), None);
}

struct Desk {
    application: Application,
    outbound: Outbound,
    key: ServerKey,
    _folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            application: Application {
                key: AppKey(1),
                id: "APP".parse().unwrap(),
                name: "App".to_owned(),
                permission: AccessTokenPermission::Deny,
                allowed_origins: Vec::new(),
                is_relay_only: false,
                webhook_hosts: Vec::new(),
                max_ringing: Duration::from_secs(300),
                max_connecting: Duration::from_secs(300),
                call_retention_days: None,
                quality_retention_days: None,
                delivery_retention_days: 30,
                dial_hook: None,
                created_at: Timestamp::from_millis(0),
            },
            outbound: Outbound::new(&OutboundConfig::default(), Vec::new()).unwrap(),
            key: ServerKey::open_or_create(&folder.path().join("server.key")).unwrap(),
            _folder: folder,
        }
    }

    fn patch(&self, change: ApplicationChange) -> Result<ApplicationPatch, InvalidSetting> {
        patch(change, &self.application, &self.outbound, &self.key)
    }

    fn set(&mut self, change: ApplicationChange) {
        self.application.dial_hook = self.patch(change).unwrap().dial_hook.unwrap();
    }

    fn hook(&self) -> Option<admin::DialHook> {
        body(&self.application, &self.key).unwrap().dial_hook
    }
}

fn of(set: impl FnOnce(&mut ApplicationChange)) -> ApplicationChange {
    let mut change = ApplicationChange::default();
    set(&mut change);
    change
}
