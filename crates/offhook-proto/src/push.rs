//! Push: how users without an open page are rung.

use offhook_core::id::CallId;
use serde::{Deserialize, Serialize};

/// Through whose service a token is pushed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "snake_case")]
pub enum PushTokenType {
    /// Firebase Cloud Messaging.
    FcmVoip,
    /// Apple's push service, VoIP pushes.
    ApnsVoip,
    /// Web Push (RFC 8030); the token is a `PushSubscription` as JSON.
    WebPush,
}

/// `POST /client/v1/push_tokens`: the signed-in user is pushed to by this token. Answered `{}`; may be repeated.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct PushTokenRequest {
    /// Through whose service.
    #[serde(rename = "type")]
    pub kind: PushTokenType,
    /// 1 to 4096 characters.
    pub token: String,
}

/// `POST /client/v1/push_tokens/delete`: the signed-in user is not pushed to any more. Answered `{}`; may be repeated.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct PushTokenDeletion {
    /// Through whose service.
    #[serde(rename = "type")]
    pub kind: PushTokenType,
    /// Which; all of this type if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub token: Option<String>,
}

/// The answer of `GET /client/v1/web_push`, which needs no session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct WebPushKey {
    /// The server's VAPID key (RFC 8292), as `PushManager.subscribe` takes it: base64url.
    pub public_key: String,
}

/// What is pushed: the body of a Web Push message, and `data.offhook` as text of an FCM or APNs message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum PushMessage {
    /// A call rings.
    Ring {
        /// The call.
        call: PushCall,
    },
    /// It was answered elsewhere, or declined: it rings no more.
    Stop {
        /// The call.
        call: PushCall,
    },
    /// It ended and nobody had answered.
    Missed {
        /// The call.
        call: PushCall,
    },
}

/// A call, as a push tells of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct PushCall {
    /// The application.
    pub app_id: String,
    /// The call.
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub call_id: CallId,
    /// Who is rung.
    pub callee_id: String,
    /// Who dialled.
    pub caller_id: String,
    /// The caller's name; may be empty.
    pub caller_nickname: String,
    /// The caller's picture; may be empty.
    pub caller_profile_url: String,
    /// Whether it was dialled as a video call.
    pub is_video_call: bool,
    /// When it was dialled, in UTC milliseconds.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub started_at: i64,
}
