//! What an application may be set to: one set of rules for the command line and the dashboard.

use std::ops::RangeInclusive;
use std::time::Duration;

use offhook_core::application::AccessTokenPermission;
use offhook_core::id::AppKey;
use offhook_proto::admin::{self, ApplicationBody, ApplicationChange, DialHookFallback, TokenPermission};
use offhook_store::{Application, ApplicationPatch, DialHook};

use crate::dial_hook;
use crate::outbound::named::InvalidAddress;
use crate::outbound::{Outbound, Url, authority};
use crate::secret::{NotOpened, ServerKey};

/// The most characters of a name.
const MAX_NAME: usize = 80;
/// The most origins, and the most hosts of webhooks: every sign-in and every dial reads them.
const MOST_ENTRIES: usize = 100;
/// The longest that calls may ring or connect, in seconds.
const TIMEOUT_S: RangeInclusive<u32> = 5..=300;
/// How long calls and measurements are kept; 0 has a meaning of its own.
const RETENTION_DAYS: RangeInclusive<u32> = 0..=3650;
/// How long settled deliveries are kept.
const DELIVERY_RETENTION_DAYS: RangeInclusive<u32> = 1..=365;
/// How long a dial hook is waited for: people hear nothing meanwhile.
const DIAL_HOOK_TIMEOUT_MS: RangeInclusive<u32> = 100..=5000;
/// How long a dial hook is waited for, where nothing is said.
const DEFAULT_DIAL_HOOK_TIMEOUT_MS: u32 = 2000;

/// A setting that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSetting {
    /// An empty name, a long one, or one with control characters.
    #[error("a name has 1 to {MAX_NAME} characters, and no control characters")]
    Name,
    /// Not scheme, host and port.
    #[error("{0:?} is not an origin: write scheme, host and port without a path, such as https://example.org")]
    Origin(String),
    /// Not a host.
    #[error("{0:?} is not a host: write hooks.example.org, or hooks.example.org:8443")]
    Host(String),
    /// A list that is too long.
    #[error("{0} has at most {MOST_ENTRIES} entries")]
    TooMany(&'static str),
    /// A number that is too small or too large.
    #[error("{name} must be {least} to {most}")]
    OutOfRange {
        /// Of which setting.
        name: &'static str,
        /// The least.
        least: u32,
        /// The most.
        most: u32,
    },
    /// An address that nobody can be asked at.
    #[error("the dial hook cannot be asked: {0}")]
    DialHook(#[from] InvalidAddress),
    /// A setting of a dial hook that is not there.
    #[error("there is no dial hook: set its address, too")]
    NoDialHook,
}

/// Reads what is to change of `application`.
///
/// # Errors
/// Says what cannot be.
pub fn patch(
    change: ApplicationChange,
    application: &Application,
    outbound: &Outbound,
    key: &ServerKey,
) -> Result<ApplicationPatch, InvalidSetting> {
    let name = change.name.map(|name| check_name(&name).map(|()| name)).transpose()?;
    let origins = change.allowed_origins.as_deref().map(origins).transpose()?;
    let hosts = change.webhook_hosts.as_deref().map(hosts).transpose()?;
    let seconds = |name, value: Option<u32>| {
        let seconds = value.map(|value| within(name, value, &TIMEOUT_S)).transpose()?;
        Ok::<_, InvalidSetting>(seconds.map(|seconds| Duration::from_secs(seconds.into())))
    };
    let days = |name, value: Option<u32>| {
        let days = value.map(|value| within(name, value, &RETENTION_DAYS)).transpose()?;
        Ok::<_, InvalidSetting>(days.map(|days| (days > 0).then_some(days)))
    };
    let delivery = change.delivery_retention_days;
    let delivery = delivery.map(|days| within("delivery_retention_days", days, &DELIVERY_RETENTION_DAYS));
    let wanted_hook = WantedHook {
        url: change.dial_hook_url,
        timeout_ms: change.dial_hook_timeout_ms,
        on_failure: change.dial_hook_on_failure,
    };
    Ok(ApplicationPatch {
        name,
        permission: change.access_token_permission.map(permission),
        allowed_origins: origins,
        is_relay_only: change.is_relay_only,
        webhook_hosts: hosts,
        max_ringing: seconds("max_ringing_s", change.max_ringing_s)?,
        max_connecting: seconds("max_connecting_s", change.max_connecting_s)?,
        call_retention_days: days("call_retention_days", change.call_retention_days)?,
        quality_retention_days: days("quality_retention_days", change.quality_retention_days)?,
        delivery_retention_days: delivery.transpose()?,
        dial_hook: wanted_hook.read(application, outbound, key)?,
    })
}

/// An application and its settings, as operators see them.
///
/// # Errors
/// If its dial hook does not open with this key.
pub fn body(application: &Application, key: &ServerKey) -> Result<ApplicationBody, NotOpened> {
    let dial_hook = application.dial_hook.as_ref();
    Ok(ApplicationBody {
        app_id: application.id.clone(),
        name: application.name.clone(),
        created_at: application.created_at.as_millis(),
        access_token_permission: permission_on_the_wire(application.permission),
        allowed_origins: application.allowed_origins.clone(),
        is_relay_only: application.is_relay_only,
        max_ringing_s: whole(application.max_ringing.as_secs()),
        max_connecting_s: whole(application.max_connecting.as_secs()),
        webhook_hosts: application.webhook_hosts.clone(),
        call_retention_days: application.call_retention_days,
        quality_retention_days: application.quality_retention_days,
        delivery_retention_days: application.delivery_retention_days,
        dial_hook: dial_hook
            .map(|hook| hook_body(hook, application.key, key))
            .transpose()?,
    })
}

/// Checks what operators call an application.
///
/// # Errors
/// If it is empty, long, or cannot be shown.
pub fn check_name(name: &str) -> Result<(), InvalidSetting> {
    let is_good = (1..=MAX_NAME).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    is_good.then_some(()).ok_or(InvalidSetting::Name)
}

/// Checks origins, as browsers write them.
///
/// # Errors
/// Names the first that is none.
pub fn origins(texts: &[String]) -> Result<Vec<String>, InvalidSetting> {
    let texts = at_most("allowed_origins", texts)?;
    let checked = texts.iter().map(|text| {
        let is_origin = text
            .strip_prefix("https://")
            .or_else(|| text.strip_prefix("http://"))
            .is_some_and(|host| !host.is_empty() && !host.contains(['/', '?', '#', '@', ' ']));
        let parsed = text.parse::<Url>().is_ok();
        (is_origin && parsed)
            .then(|| text.clone())
            .ok_or_else(|| InvalidSetting::Origin(text.clone()))
    });
    checked.collect()
}

/// Reads hosts, each with its port.
///
/// # Errors
/// Names the first that is none.
pub fn hosts(texts: &[String]) -> Result<Vec<String>, InvalidSetting> {
    at_most("webhook_hosts", texts)?.iter().map(|text| host(text)).collect()
}

fn host(text: &str) -> Result<String, InvalidSetting> {
    let url = Url::parse(&format!("https://{text}/")).ok();
    // Nothing but a host and a port, or the address would have another path, or a name in it.
    let is_host = |url: &Url| {
        url.path() == "/" && url.query().is_none() && url.fragment().is_none() && !text.contains(['@', '/', '\\'])
    };
    let found = url.filter(is_host).as_ref().and_then(authority);
    found.ok_or_else(|| InvalidSetting::Host(text.to_owned()))
}

fn at_most<'a>(name: &'static str, texts: &'a [String]) -> Result<&'a [String], InvalidSetting> {
    (texts.len() <= MOST_ENTRIES)
        .then_some(texts)
        .ok_or(InvalidSetting::TooMany(name))
}

fn within(name: &'static str, value: u32, range: &RangeInclusive<u32>) -> Result<u32, InvalidSetting> {
    let (least, most) = (*range.start(), *range.end());
    range
        .contains(&value)
        .then_some(value)
        .ok_or(InvalidSetting::OutOfRange { name, least, most })
}

/// What is said of a dial hook.
struct WantedHook {
    url: Option<String>,
    timeout_ms: Option<u32>,
    on_failure: Option<DialHookFallback>,
}

impl WantedHook {
    fn read(
        self,
        application: &Application,
        outbound: &Outbound,
        key: &ServerKey,
    ) -> Result<Option<Option<DialHook>>, InvalidSetting> {
        let timeout_ms = self.timeout_ms;
        let timeout = timeout_ms.map(|timeout| within("dial_hook_timeout_ms", timeout, &DIAL_HOOK_TIMEOUT_MS));
        let timeout = timeout.transpose()?.map(|ms| Duration::from_millis(ms.into()));
        let is_allowed_on_failure = self.on_failure.map(|fallback| fallback == DialHookFallback::Allow);
        let present = application.dial_hook.clone();
        let sealed = match self.url.as_deref() {
            Some("") if timeout.is_some() || is_allowed_on_failure.is_some() => return Err(InvalidSetting::NoDialHook),
            Some("") => return Ok(Some(None)),
            Some(url) => Some(dial_hook::seal(outbound, key, application.key, url)?),
            None if timeout.is_none() && is_allowed_on_failure.is_none() => return Ok(None),
            None => None,
        };
        let hook = match (sealed, present) {
            (None, None) => return Err(InvalidSetting::NoDialHook),
            (None, Some(present)) => present,
            (Some(sealed), Some(present)) => DialHook { sealed, ..present },
            (Some(sealed), None) => DialHook {
                sealed,
                timeout: Duration::from_millis(DEFAULT_DIAL_HOOK_TIMEOUT_MS.into()),
                is_allowed_on_failure: false,
            },
        };
        Ok(Some(Some(DialHook {
            timeout: timeout.unwrap_or(hook.timeout),
            is_allowed_on_failure: is_allowed_on_failure.unwrap_or(hook.is_allowed_on_failure),
            ..hook
        })))
    }
}

fn hook_body(hook: &DialHook, app: AppKey, key: &ServerKey) -> Result<admin::DialHook, NotOpened> {
    Ok(admin::DialHook {
        url: dial_hook::open(key, app, &hook.sealed)?.to_string(),
        timeout_ms: u32::try_from(hook.timeout.as_millis()).unwrap_or(u32::MAX),
        on_failure: if hook.is_allowed_on_failure {
            DialHookFallback::Allow
        } else {
            DialHookFallback::Deny
        },
    })
}

const fn permission(permission: TokenPermission) -> AccessTokenPermission {
    match permission {
        TokenPermission::Deny => AccessTokenPermission::Deny,
        TokenPermission::ReadOnly => AccessTokenPermission::ReadOnly,
        TokenPermission::ReadWrite => AccessTokenPermission::ReadWrite,
    }
}

const fn permission_on_the_wire(permission: AccessTokenPermission) -> TokenPermission {
    match permission {
        AccessTokenPermission::Deny => TokenPermission::Deny,
        AccessTokenPermission::ReadOnly => TokenPermission::ReadOnly,
        AccessTokenPermission::ReadWrite => TokenPermission::ReadWrite,
    }
}

fn whole(seconds: u64) -> u32 {
    u32::try_from(seconds).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
