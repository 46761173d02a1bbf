//! Asks an application's own server whether a call may ring, where the application is set up so.
//!
//! A device's dial waits for the answer, and nothing else does. Whoever does not answer in time, or with something else than
//! was asked for, has given no answer; then counts what the application is set to.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, header};
use offhook_core::id::AppKey;
use offhook_proto::error::ErrorCode;
use offhook_proto::webhook::{DialAnswer, DialQuestion};
use offhook_store::{DialHook, Sealed};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::credential::{self, IssueError};
use crate::http::error::ApiError;
use crate::node::Node;
use crate::outbound::named::{self, InvalidAddress};
use crate::outbound::{Outbound, OutboundError, Url};
use crate::secret::{NotOpened, ServerKey};

/// How many questions of one application are asked at once. Others wait for a place as long as they would for an answer.
const PLACES: usize = 64;
/// The longest message that a caller is told.
const MAX_MESSAGE_CHARS: usize = 200;

/// The places of applications that ask.
#[derive(Debug, Default)]
pub struct DialHooks(Mutex<HashMap<AppKey, Arc<Semaphore>>>);

impl DialHooks {
    fn places(&self, app: AppKey) -> Arc<Semaphore> {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(places.entry(app).or_insert_with(|| Arc::new(Semaphore::new(PLACES))))
    }
}

/// Why there is no answer. No variant tells of the address.
#[derive(Debug, thiserror::Error)]
enum NoAnswer {
    /// The address does not open.
    #[error(transparent)]
    NotOpened(#[from] NotOpened),
    /// The keys that sign are not there, or do not open.
    #[error("the question cannot be signed")]
    NotSigned(#[from] IssueError),
    /// Nobody answered.
    #[error(transparent)]
    NotReached(#[from] OutboundError),
    /// Nobody answered in time.
    #[error("no answer in time")]
    TimedOut,
    /// Another status than 200.
    #[error("the server answered {0}")]
    Status(u16),
    /// Something else than an answer.
    #[error("the answer is not {{\"allow\": true}} or {{\"allow\": false}}")]
    Nonsense,
}

/// Asks whether a call may ring.
///
/// # Errors
/// If it may not; the message is for the caller.
pub async fn ask(node: &Node, app: AppKey, hook: &DialHook, question: &DialQuestion) -> Result<(), ApiError> {
    let patience = hook.timeout;
    let answer = timeout(patience, send(node, app, hook, question, patience)).await;
    let (outcome, result) = match answer.unwrap_or(Err(NoAnswer::TimedOut)) {
        Ok(answer) if answer.allow => ("allowed", Ok(())),
        Ok(answer) => ("denied", Err(denial(answer.message))),
        Err(error) => {
            tracing::warn!(app.key = app.0, call.id = %question.call_id, error = %error, "a dial hook gave no answer");
            let refused = "The application's server did not say whether this call is allowed.";
            let result = if hook.is_allowed_on_failure {
                Ok(())
            } else {
                Err(ApiError::new(ErrorCode::NO_PERMISSION, refused))
            };
            ("failed", result)
        }
    };
    metrics::counter!("offhook_dial_hooks_total", "outcome" => outcome).increment(1);
    result
}

async fn send(
    node: &Node,
    app: AppKey,
    hook: &DialHook,
    question: &DialQuestion,
    patience: Duration,
) -> Result<DialAnswer, NoAnswer> {
    let places = node.dial_hooks().places(app);
    // Never closed.
    let _place = places.acquire().await.map_err(|_| NoAnswer::TimedOut)?;
    let url = open(node.key(), app, &hook.sealed)?;
    // Only maps with keys that are no text cannot be written.
    let body = serde_json::to_vec(question).map_err(|_| NoAnswer::Nonsense)?;
    let now = node.clock().now();
    let signer = credential::signer(node.store(), node.key(), app, now).await?;
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    signer.sign_for_application(now, &body, &mut headers);
    let answer = node.outbound().post(&url, headers, body, patience).await?;
    if answer.status != 200 {
        return Err(NoAnswer::Status(answer.status));
    }
    serde_json::from_slice(&answer.body).map_err(|_| NoAnswer::Nonsense)
}

fn denial(message: Option<String>) -> ApiError {
    let message = message.unwrap_or_default();
    let shown: String = message
        .chars()
        .filter(|letter| !letter.is_control())
        .take(MAX_MESSAGE_CHARS)
        .collect();
    if shown.trim().is_empty() {
        ApiError::new(ErrorCode::NO_PERMISSION, "The application does not allow this call.")
    } else {
        ApiError::new(ErrorCode::NO_PERMISSION, shown)
    }
}

/// Judges the address of an application's dial hook and seals it.
///
/// # Errors
/// Says what cannot be.
pub fn seal(outbound: &Outbound, key: &ServerKey, app: AppKey, url: &str) -> Result<Sealed, InvalidAddress> {
    let url = named::judge(outbound, url)?;
    Ok(named::seal(key, &purpose(app), &url))
}

/// Opens what [`seal`] sealed.
///
/// # Errors
/// If it was sealed for another application or by another server.
pub fn open(key: &ServerKey, app: AppKey, sealed: &Sealed) -> Result<Url, NotOpened> {
    named::open(key, &purpose(app), sealed)
}

/// A row that is moved to another application does not open.
fn purpose(app: AppKey) -> String {
    format!("dial hook of {}", app.0)
}

#[cfg(test)]
mod tests;
