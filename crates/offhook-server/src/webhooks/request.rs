//! What a dial asks for: judged before there is a call, sealed, and opened to be sent to.

use std::collections::BTreeMap;
use std::str::FromStr as _;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use offhook_core::id::{AppKey, CallId};
use offhook_core::webhook::EventCategory;
use offhook_proto::error::ErrorCode;
use offhook_proto::webhook::CallWebhook;
use offhook_store::{NewWebhook, Sealed};
use serde::{Deserialize, Serialize};

use crate::http::error::ApiError;
use crate::outbound::named::{self, InvalidAddress};
use crate::outbound::{Outbound, Url, authority};
use crate::secret::{NotOpened, ServerKey};

/// The most events that are named, doubles included.
const MAX_EVENTS: usize = 16;
/// The most headers.
const MAX_HEADERS: usize = 16;
/// What names and values of headers may take together, in bytes.
const MAX_HEADER_BYTES: usize = 4096;
/// Headers that say who is spoken to, who speaks, or how the message is framed: ours, or the connection's.
const RESERVED: [&str; 10] = [
    "host",
    "authorization",
    "connection",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "expect",
    "http2-settings",
];
/// The same, by how they begin.
const RESERVED_PREFIXES: [&str; 4] = ["content-", "proxy-", "x-sendbird-", "x-offhook-"];

/// Why a webhook is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidWebhook {
    /// Not an address that requests may be sent to.
    #[error(transparent)]
    Address(#[from] InvalidAddress),
    /// No event, or one that does not exist.
    #[error(
        "the webhook's enabled events are \"*\", or names among direct_call:dial, direct_call:accept, direct_call:end"
    )]
    Events,
    /// Too many events.
    #[error("the webhook names more than 16 events")]
    TooManyEvents,
    /// Not a header, or one that is not the caller's to set.
    #[error(
        "a header of the webhook is not legal, named twice, or reserved: Host, Authorization, Content-…, X-Sendbird-…, \
         X-Offhook-…, and those of the connection"
    )]
    Header,
    /// Too many headers, or too long ones.
    #[error("the webhook has more than 16 headers, or more than 4096 bytes of them")]
    HeadersTooLong,
}

impl From<InvalidWebhook> for ApiError {
    fn from(invalid: InvalidWebhook) -> Self {
        let code = match invalid {
            InvalidWebhook::Address(invalid) => invalid.code(),
            InvalidWebhook::Events | InvalidWebhook::Header => ErrorCode::INVALID_VALUE,
            InvalidWebhook::HeadersTooLong => ErrorCode::VALUE_TOO_LONG,
            InvalidWebhook::TooManyEvents => ErrorCode::TOO_MANY_ITEMS,
        };
        Self::new(code, invalid.to_string())
    }
}

/// Where events are sent.
#[derive(Debug)]
pub struct Target {
    /// The address.
    pub url: Url,
    /// The caller's headers.
    pub headers: HeaderMap,
}

/// The same, as it is sealed.
#[derive(Serialize, Deserialize)]
struct Secrets {
    url: String,
    headers: BTreeMap<String, String>,
}

/// Judges a webhook and seals its secrets for one call. Whether the application lists the host, the store says.
///
/// # Errors
/// Says what cannot be.
pub fn prepare(
    outbound: &Outbound,
    key: &ServerKey,
    app: AppKey,
    call_id: CallId,
    webhook: CallWebhook,
) -> Result<NewWebhook, InvalidWebhook> {
    let url = named::judge(outbound, &webhook.url)?;
    let host = authority(&url).ok_or(InvalidAddress::NotHttps)?;
    let enabled_events = judge_events(&webhook.enabled_events)?;
    judge_headers(&webhook.headers)?;
    let secrets = Secrets {
        url: url.into(),
        headers: webhook.headers,
    };
    let plain = serde_json::to_vec(&secrets).map_err(|_| InvalidWebhook::Header)?;
    Ok(NewWebhook {
        host,
        sealed: Sealed::from_bytes(key.seal(&purpose(app, call_id), &plain)),
        enabled_events,
    })
}

/// Opens what [`prepare`] sealed.
///
/// # Errors
/// If it was sealed for another call or by another server.
pub fn open(key: &ServerKey, app: AppKey, call_id: CallId, sealed: &Sealed) -> Result<Target, NotOpened> {
    let plain = key.open(&purpose(app, call_id), sealed.as_bytes())?;
    let secrets: Secrets = serde_json::from_slice(&plain).map_err(|_| NotOpened)?;
    Ok(Target {
        url: secrets.url.parse().map_err(|_| NotOpened)?,
        headers: judge_headers(&secrets.headers).map_err(|_| NotOpened)?,
    })
}

/// A row that is moved to another call does not open.
fn purpose(app: AppKey, call_id: CallId) -> String {
    format!("webhook of {}/{call_id}", app.0)
}

/// Reads names of events: `*` for all, or some.
///
/// # Errors
/// If there are none, too many, or one is not known.
pub fn judge_events(names: &[String]) -> Result<Vec<EventCategory>, InvalidWebhook> {
    if names.len() > MAX_EVENTS {
        return Err(InvalidWebhook::TooManyEvents);
    }
    if names == ["*"] {
        return Ok(EventCategory::ALL.to_vec());
    }
    if names.is_empty() {
        return Err(InvalidWebhook::Events);
    }
    let events = names.iter().map(|name| EventCategory::from_str(name));
    events.collect::<Result<_, _>>().map_err(|_| InvalidWebhook::Events)
}

fn judge_headers(headers: &BTreeMap<String, String>) -> Result<HeaderMap, InvalidWebhook> {
    let bytes: usize = headers.iter().map(|(name, value)| name.len() + value.len()).sum();
    if headers.len() > MAX_HEADERS || bytes > MAX_HEADER_BYTES {
        return Err(InvalidWebhook::HeadersTooLong);
    }
    let mut judged = HeaderMap::new();
    for (name, value) in headers {
        let name = HeaderName::from_str(name).map_err(|_| InvalidWebhook::Header)?;
        let value = HeaderValue::from_str(value).map_err(|_| InvalidWebhook::Header)?;
        let is_reserved = RESERVED.contains(&name.as_str())
            || RESERVED_PREFIXES.iter().any(|prefix| name.as_str().starts_with(prefix));
        if is_reserved || judged.insert(name, value).is_some() {
            return Err(InvalidWebhook::Header);
        }
    }
    Ok(judged)
}

#[cfg(test)]
mod tests;
