//! What becomes of a word to a device.

use std::time::Duration;

use axum::http::header;

use crate::outbound::{Answer, OutboundError};

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The service has it.
    Delivered,
    /// The service knows the token no more.
    Dead,
    /// It will never be taken; says why in a word.
    Refused(&'static str),
    /// It may be taken later, after so long if the service says how long; says why in a word.
    Later(&'static str, Option<Duration>),
}

impl Outcome {
    /// A word for logs and metrics.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Dead => "dead",
            Self::Refused(_) => "refused",
            Self::Later(..) => "later",
        }
    }

    /// Why it is not delivered.
    pub(super) const fn reason(self) -> &'static str {
        match self {
            Self::Delivered | Self::Dead => "",
            Self::Refused(reason) | Self::Later(reason, _) => reason,
        }
    }

    /// What a status means where a service gives it its usual meaning.
    pub(super) fn of(answer: &Answer) -> Self {
        match answer.status {
            200..=299 => Self::Delivered,
            404 | 410 => Self::Dead,
            408 => Self::Later("timed_out", retry_after(answer)),
            429 => Self::Later("too_many", retry_after(answer)),
            500..=599 => Self::Later("unavailable", retry_after(answer)),
            401 | 403 => Self::Refused("not_authorized"),
            300..=399 => Self::Refused("redirect"),
            _ => Self::Refused("bad_request"),
        }
    }

    /// What it means that there was no answer.
    pub(super) fn of_error(error: &OutboundError) -> Self {
        match error {
            OutboundError::NotHttps | OutboundError::NotReachable(crate::outbound::NotReachable::Private) => {
                Self::Refused(error.word())
            }
            OutboundError::NotReachable(_)
            | OutboundError::NoClient
            | OutboundError::NotConnected(_)
            | OutboundError::TimedOut
            | OutboundError::Broken(_) => Self::Later(error.word(), None),
        }
    }
}

/// How long a service wants to be left alone (RFC 9110 §10.2.3). A date is not read: no push service sends one.
fn retry_after(answer: &Answer) -> Option<Duration> {
    let seconds = answer.headers.get(header::RETRY_AFTER)?.to_str().ok()?;
    seconds.trim().parse().ok().map(Duration::from_secs)
}
