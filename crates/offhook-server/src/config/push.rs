//! The section of push, `[push]`. Web Push needs nothing but a contact; each other service needs its maker's key.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::ConfigError;
use super::outbound::is_host_and_port;

/// Where FCM is, if nothing else is said.
const FCM: &str = "https://fcm.googleapis.com";
/// Where APNs is, if nothing else is said.
const APNS: &str = "https://api.push.apple.com";
/// Where the APNs of apps in development is.
const APNS_SANDBOX: &str = "https://api.sandbox.push.apple.com";

/// What `[push]` holds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PushConfig {
    /// Whom the browsers' push services may turn to, such as `mailto:ops@example.org` or an https address. Default the
    /// address of `public_host`, if that is set; Safari's service refuses messages without.
    pub contact: Option<String>,
    /// Hosts with their ports that browsers may name as their push service although they are private or without TLS. Any
    /// user can then have the server send requests to them. Default none.
    pub allowed_private_endpoints: Vec<String>,
    /// Android apps.
    pub fcm: FcmConfig,
    /// iPhone apps.
    pub apns: ApnsConfig,
}

/// What `[push.fcm]` holds: Firebase Cloud Messaging.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FcmConfig {
    /// The JSON file of a service account that may send messages. Default none: `fcm_voip` tokens are kept, not sent to.
    pub service_account: Option<PathBuf>,
    /// Where FCM is. Default `https://fcm.googleapis.com`.
    pub url: String,
}

/// What `[push.apns]` holds: Apple's push service.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ApnsConfig {
    /// The provider key, a `.p8` file. Default none: `apns_voip` tokens are kept, not sent to.
    pub key: Option<PathBuf>,
    /// The key's id, 10 letters and digits. Required with `key`.
    pub key_id: Option<String>,
    /// The developer team's id, 10 letters and digits. Required with `key`.
    pub team_id: Option<String>,
    /// The app's bundle id, such as `com.example.app`, without `.voip`. Required with `key`.
    pub bundle_id: Option<String>,
    /// Whether the tokens are of apps in development. Default false.
    pub is_sandbox: bool,
    /// Where APNs is. Default Apple's, or its sandbox.
    pub url: Option<String>,
}

impl Default for FcmConfig {
    fn default() -> Self {
        Self {
            service_account: None,
            url: FCM.to_owned(),
        }
    }
}

impl ApnsConfig {
    /// Where it is.
    pub fn base(&self) -> &str {
        let own = if self.is_sandbox { APNS_SANDBOX } else { APNS };
        self.url.as_deref().unwrap_or(own)
    }
}

impl PushConfig {
    /// The keys that hold lists, for the environment's sake.
    pub(super) const LISTS: [&str; 1] = ["push.allowed_private_endpoints"];

    /// Checks what the types do not.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        if let Some(contact) = &self.contact {
            let is_contact = contact.starts_with("https://") || contact.split_once('@').is_some_and(is_mail);
            let allowed = "an address like mailto:ops@example.org or https://example.org";
            within("push.contact", contact, is_contact && is_plain(contact), allowed)?;
        }
        for host in &self.allowed_private_endpoints {
            let allowed = "a list of hosts with ports like push.internal:9000";
            within(Self::LISTS[0], host, is_host_and_port(host), allowed)?;
        }
        let address = "an address like https://push.example.org";
        within("push.fcm.url", &self.fcm.url, is_address(&self.fcm.url), address)?;
        within("push.apns.url", self.apns.base(), is_address(self.apns.base()), address)?;
        if self.apns.key.is_none() {
            return Ok(());
        }
        for (key, id) in [
            ("push.apns.key_id", &self.apns.key_id),
            ("push.apns.team_id", &self.apns.team_id),
        ] {
            let is_id = |id: &str| id.len() == 10 && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
            let id = id.as_deref().unwrap_or_default();
            within(key, id, is_id(id), "10 letters and digits, with push.apns.key")?;
        }
        let bundle = self.apns.bundle_id.as_deref().unwrap_or_default();
        let is_bundle = bundle
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
        let allowed = "a bundle id like com.example.app, with push.apns.key";
        let is_allowed = is_bundle && !bundle.is_empty() && !bundle.ends_with(".voip");
        within("push.apns.bundle_id", bundle, is_allowed, allowed)
    }
}

fn is_mail((name, host): (&str, &str)) -> bool {
    name.len() > "mailto:".len() && name.starts_with("mailto:") && !host.is_empty()
}

fn is_plain(text: &str) -> bool {
    text.len() <= 256 && text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn is_address(text: &str) -> bool {
    let is_known = text.starts_with("https://") || text.starts_with("http://");
    is_known && is_plain(text) && text.parse::<crate::outbound::Url>().is_ok()
}

fn within(key: &'static str, value: &str, is_allowed: bool, allowed: &'static str) -> Result<(), ConfigError> {
    if is_allowed {
        return Ok(());
    }
    Err(ConfigError::OutOfRange {
        key,
        value: format!("{value:?}"),
        allowed,
    })
}

#[cfg(test)]
mod tests;
