//! Dials of one device that wait for the word of the application's server. Its other requests go on meanwhile.

use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use offhook_core::call::DialRequest;
use offhook_core::id::SessionId;
use offhook_proto::error::ErrorCode;
use offhook_proto::webhook::DialQuestion;
use offhook_store::{CallChange, CallError, DialHook, NewWebhook};
use tracing::Instrument as _;

use super::hello::Device;
use super::requests::refusal;
use crate::dial_hook;
use crate::http::error::ApiError;
use crate::node::Node;
use crate::telemetry::spans;

/// How many of a device wait at once: who dials one call at a time needs no second.
const MAX_WAITING: usize = 4;

/// A dial as the device asked for it.
pub struct Dial {
    /// By which session.
    pub session: SessionId,
    /// Whom.
    pub user_id: String,
    /// The call.
    pub request: DialRequest,
    /// Who is told of it.
    pub webhook: Option<NewWebhook>,
}

/// What became of a dial that waited.
pub struct Answered {
    /// The number of the request.
    pub id: u32,
    /// The call, or why there is none.
    pub outcome: Result<Box<CallChange>, ApiError>,
}

/// The dials that wait. Dropped with the device: then no call is made of them. Most devices never have one.
#[derive(Default)]
pub struct Dials(Option<FuturesUnordered<BoxFuture<'static, Answered>>>);

impl Dial {
    /// Makes the call, unless the application's server is to be asked and has not allowed it yet.
    ///
    /// # Errors
    /// [`CallError::AskFirst`], or another that says why no call was made.
    pub async fn commit(&self, node: &Node, is_allowed: bool) -> Result<CallChange, CallError> {
        let (store, now) = (node.store(), node.clock().now());
        let span = spans::commit(self.request.call_id);
        let (request, webhook) = (self.request.clone(), self.webhook.clone());
        let dialed = store.dial_with_webhook(self.session, &self.user_id, request, webhook, is_allowed, now);
        dialed.instrument(span).await
    }
}

impl Dials {
    /// Asks the application's server, and makes the call if it allows it.
    ///
    /// # Errors
    /// If too many wait.
    pub fn begin(&mut self, node: &Node, device: &Device, hook: DialHook, id: u32, dial: Dial) -> Result<(), ApiError> {
        let waiting = self.0.get_or_insert_default();
        if waiting.len() >= MAX_WAITING {
            return Err(ErrorCode::RATE_LIMIT_EXCEEDED.into());
        }
        let application = &device.signed_in.application;
        let (app, application_id) = (application.key, application.id.clone());
        let question = DialQuestion {
            application_id,
            call_id: dial.request.call_id,
            caller_id: device.signed_in.user.user_id.clone(),
            callee_id: dial.user_id.clone(),
            is_video_call: dial.request.is_video,
            custom_items: dial.request.custom_items.clone(),
        };
        let node = node.clone();
        waiting.push(Box::pin(async move {
            let outcome = match dial_hook::ask(&node, app, &hook, &question).await {
                Ok(()) => dial.commit(&node, true).await.map(Box::new).map_err(refusal),
                Err(error) => Err(error),
            };
            Answered { id, outcome }
        }));
        Ok(())
    }

    /// The next that has waited long enough; none, while none waits. Cancelling it loses nothing.
    pub async fn next(&mut self) -> Answered {
        if let Some(waiting) = &mut self.0
            && let Some(answered) = waiting.next().await
        {
            return answered;
        }
        std::future::pending().await
    }
}
