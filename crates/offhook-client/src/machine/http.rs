//! Requests to `/client/v1`, as values.

use std::collections::BTreeMap;
use std::time::Instant;

use offhook_proto::call::{CallEndResult, CallRole};
use offhook_proto::session::{AuthenticateRequest, ErrorBody};
use serde::de::DeserializeOwned;

use super::{REQUEST_TIMEOUT, VerbId};
use crate::error::Error;

/// A request for the driver to make.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpRequest {
    /// Names it in [`super::Machine::handle_http`].
    pub verb: VerbId,
    /// How.
    pub method: Method,
    /// The path and query, from `/client/v1`.
    pub path: String,
    /// What follows `Authorization: Bearer`.
    pub bearer: Option<String>,
    /// A JSON body.
    pub body: Option<String>,
}

impl std::fmt::Debug for HttpRequest {
    /// Leaves out the key and the body.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} {}", self.method, self.path)
    }
}

/// The methods in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// GET.
    Get,
    /// POST.
    Post,
    /// DELETE.
    Delete,
}

/// How a request went.
#[derive(Clone, PartialEq, Eq)]
pub enum HttpOutcome {
    /// The server answered.
    Answer {
        /// The status.
        status: u16,
        /// The body.
        body: Vec<u8>,
    },
    /// It did not.
    Failed(String),
}

/// Which calls of the log to read. The default is the newest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallLogQuery {
    /// How many at a time: 1 to 100.
    pub limit: Option<u32>,
    /// From the page before.
    pub next: Option<String>,
    /// Only calls on this side.
    pub role: Option<CallRole>,
    /// Only calls that ended like one of these; empty means all.
    pub end_results: Vec<CallEndResult>,
    /// Only calls dialled at this UTC millisecond or later.
    pub started_from: Option<u64>,
    /// Only calls dialled at this UTC millisecond or earlier.
    pub started_to: Option<u64>,
}

impl CallLogQuery {
    fn path(&self) -> String {
        let mut pairs: Vec<(&str, String)> = Vec::new();
        pairs.extend(self.limit.map(|limit| ("limit", limit.to_string())));
        pairs.extend(self.next.as_ref().map(|next| ("next", percent_encoded(next))));
        pairs.extend(self.role.map(|role| ("role", word(&role))));
        if !self.end_results.is_empty() {
            let words: Vec<_> = self.end_results.iter().map(word).collect();
            pairs.push(("end_results", words.join(",")));
        }
        pairs.extend(self.started_from.map(|from| ("started_from", from.to_string())));
        pairs.extend(self.started_to.map(|to| ("started_to", to.to_string())));
        let query: Vec<_> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if query.is_empty() {
            "/client/v1/direct_calls".to_owned()
        } else {
            format!("/client/v1/direct_calls?{}", query.join("&"))
        }
    }
}

/// The word on the wire, taken from the wire type so that it is written in one place.
fn word(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        Ok(_) | Err(_) => String::new(),
    }
}

fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// What a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Authenticate,
    /// A sign-in that nobody wants any more: its session is to go.
    Abandoned,
    SignOut,
    CallLog,
}

/// The requests under way.
#[derive(Default)]
pub(super) struct HttpRequests {
    pending: BTreeMap<VerbId, (Purpose, Instant)>,
}

impl HttpRequests {
    pub(super) fn authenticate(
        &mut self,
        verb: VerbId,
        body: &AuthenticateRequest,
        now: Instant,
    ) -> Result<HttpRequest, Error> {
        let body = serde_json::to_string(body).map_err(|_| Error::InvalidParameter("a credential"))?;
        Ok(self.start(
            Purpose::Authenticate,
            verb,
            Method::Post,
            "/client/v1/authenticate".to_owned(),
            None,
            Some(body),
            now,
        ))
    }

    pub(super) fn sign_out(&mut self, verb: VerbId, key: String, now: Instant) -> HttpRequest {
        self.start(
            Purpose::SignOut,
            verb,
            Method::Delete,
            "/client/v1/session".to_owned(),
            Some(key),
            None,
            now,
        )
    }

    pub(super) fn call_log(&mut self, verb: VerbId, query: &CallLogQuery, key: String, now: Instant) -> HttpRequest {
        self.start(Purpose::CallLog, verb, Method::Get, query.path(), Some(key), None, now)
    }

    #[expect(clippy::too_many_arguments, reason = "the one place where a request is put together")]
    fn start(
        &mut self,
        purpose: Purpose,
        verb: VerbId,
        method: Method,
        path: String,
        bearer: Option<String>,
        body: Option<String>,
        now: Instant,
    ) -> HttpRequest {
        self.pending.insert(verb, (purpose, now + REQUEST_TIMEOUT));
        HttpRequest {
            verb,
            method,
            path,
            bearer,
            body,
        }
    }

    /// What an answer is for; nothing, if it came too late.
    pub(super) fn finish(&mut self, verb: VerbId) -> Option<Purpose> {
        self.pending.remove(&verb).map(|(purpose, _)| purpose)
    }

    pub(super) fn is_authenticating(&self) -> bool {
        self.pending
            .values()
            .any(|(purpose, _)| *purpose == Purpose::Authenticate)
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.pending.values().map(|(_, deadline)| *deadline).min()
    }

    /// Removes and names the requests that took too long. A sign-in may still come to something.
    pub(super) fn expired(&mut self, now: Instant) -> Vec<VerbId> {
        let is_late = |(_, deadline): &(Purpose, Instant)| *deadline <= now;
        let late: Vec<_> = self.pending.extract_if(.., |_, request| is_late(request)).collect();
        let mut expired = Vec::new();
        for (verb, (purpose, _)) in late {
            if purpose == Purpose::Authenticate {
                self.pending.insert(verb, (Purpose::Abandoned, now + REQUEST_TIMEOUT));
            }
            if purpose != Purpose::Abandoned {
                expired.push(verb);
            }
        }
        expired
    }

    /// Nobody wants the sign-ins under way any more; names them.
    pub(super) fn abandon_sign_ins(&mut self) -> Vec<VerbId> {
        let is_sign_in = |(_, (purpose, _)): &(&VerbId, &mut (Purpose, Instant))| *purpose == Purpose::Authenticate;
        let sign_ins = self.pending.iter_mut().filter(is_sign_in);
        sign_ins
            .map(|(verb, (purpose, _))| {
                *purpose = Purpose::Abandoned;
                *verb
            })
            .collect()
    }
}

/// Reads an answer: the server's refusal keeps its own code.
pub(super) fn read<T: DeserializeOwned>(outcome: HttpOutcome) -> Result<T, Error> {
    let body = success(outcome)?;
    serde_json::from_slice(&body).map_err(|error| Error::MalformedData(error.to_string()))
}

/// As [`read`], where the body does not matter.
pub(super) fn success(outcome: HttpOutcome) -> Result<Vec<u8>, Error> {
    match outcome {
        HttpOutcome::Failed(why) => Err(Error::Http(why)),
        HttpOutcome::Answer { status, body } if (200..300).contains(&status) => Ok(body),
        HttpOutcome::Answer { status, body } => Err(match serde_json::from_slice::<ErrorBody>(&body) {
            Ok(ErrorBody { code, message, .. }) => Error::Server { code, message },
            Err(_) => Error::Http(format!("status {status}")),
        }),
    }
}
