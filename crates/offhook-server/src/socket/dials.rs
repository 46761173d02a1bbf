//! Dials of one device that wait for the word of the application's server. Its other requests go on meanwhile.

use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use offhook_core::call::DialRequest;
use offhook_core::id::SessionId;
use offhook_proto::error::ErrorCode;
use offhook_proto::webhook::DialQuestion;
use offhook_store::{Application, CallChange, CallError, DialHook, NewWebhook};

use super::hello::Device;
use super::requests::refusal;
use crate::dial_hook;
use crate::http::error::ApiError;
use crate::node::Node;

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
    pub outcome: Result<CallChange, ApiError>,
}

/// The dials that wait. Dropped with the device: then no call is made of them.
#[derive(Default)]
pub struct Dials(FuturesUnordered<BoxFuture<'static, Answered>>);

impl Dial {
    /// Makes the call.
    ///
    /// # Errors
    /// [`CallError`] says why no call was made.
    pub async fn commit(self, node: &Node) -> Result<CallChange, CallError> {
        let (store, now) = (node.store(), node.clock().now());
        store
            .dial_with_webhook(self.session, &self.user_id, self.request, self.webhook, now)
            .await
    }

    /// Who is to be asked whether it may be made: the application's server, where it wants to be and the call is not made
    /// already. A caller who may not dial at all is refused without.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn hook(&self, node: &Node, device: &Device) -> Result<Option<(Application, DialHook)>, ApiError> {
        let app = device.signed_in.application.key;
        let application = node.store().application(app).await;
        let application = application.map_err(|error| ApiError::internal(&error))?;
        let Some((application, hook)) = application.and_then(|application| {
            let hook = application.dial_hook.clone()?;
            Some((application, hook))
        }) else {
            return Ok(None);
        };
        let made = node.store().call(app, self.request.call_id).await;
        let is_made = made.map_err(|error| ApiError::internal(&error))?.is_some();
        Ok((!is_made && !device.signed_in.is_read_only()).then_some((application, hook)))
    }
}

impl Dials {
    /// Asks the application's server, and makes the call if it allows it.
    ///
    /// # Errors
    /// If too many wait.
    pub fn begin(
        &mut self,
        node: &Node,
        (application, hook): (Application, DialHook),
        id: u32,
        caller_id: String,
        dial: Dial,
    ) -> Result<(), ApiError> {
        if self.0.len() >= MAX_WAITING {
            return Err(ErrorCode::RATE_LIMIT_EXCEEDED.into());
        }
        let question = DialQuestion {
            application_id: application.id.clone(),
            call_id: dial.request.call_id,
            caller_id,
            callee_id: dial.user_id.clone(),
            is_video_call: dial.request.is_video,
            custom_items: dial.request.custom_items.clone(),
        };
        let node = node.clone();
        self.0.push(Box::pin(async move {
            let outcome = match dial_hook::ask(&node, application.key, &hook, &question).await {
                Ok(()) => dial.commit(&node).await.map_err(refusal),
                Err(error) => Err(error),
            };
            Answered { id, outcome }
        }));
        Ok(())
    }

    /// The next that has waited long enough; none, while none waits. Cancelling it loses nothing.
    pub async fn next(&mut self) -> Answered {
        match self.0.next().await {
            Some(answered) => answered,
            None => std::future::pending().await,
        }
    }
}
