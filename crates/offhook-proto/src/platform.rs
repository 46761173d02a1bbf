//! What the Calls Platform API answers (`/v1/…`), and what of it is ours alone.
//!
//! Users are under `/v3` ([`user`](crate::user)); a call itself is [`DirectCall`].

use std::collections::BTreeMap;

use offhook_core::id::CallId;
use offhook_core::webhook::EventCategory;
use serde::{Deserialize, Serialize};

use crate::call::CallRole;
use crate::user::UserBody;
use crate::webhook::DirectCall;

/// A page of calls, the latest dialled first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, export_to = "dashboard/"))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DirectCallList {
    /// The calls.
    pub calls: Vec<DirectCall>,
    /// Whether there are more.
    pub has_next: bool,
    /// Where the next page begins; empty at the end.
    pub next: String,
}

/// Everything that is known of a call, from dial to end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, export_to = "dashboard/"))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CallTimeline {
    /// The call.
    pub call: DirectCall,
    /// When media was connected on both sides, in UTC milliseconds: since then it is metered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional, type = "number"))]
    pub connected_at: Option<u64>,
    /// From connected to the end, or to now.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub metered_ms: u64,
    /// What happened, in order.
    pub entries: Vec<TimelineEntry>,
    /// Both sides, the caller's first.
    pub sides: Vec<TimelineSide>,
    /// What the application's webhooks were told of it, in order.
    pub deliveries: Vec<WebhookDelivery>,
}

/// Something that happened to a call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, export_to = "dashboard/"))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TimelineEntry {
    /// When, in UTC milliseconds.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub at: u64,
    /// What: `dialed`, `accepted`, `media_connected`, `path_changed`, `muted`, `ended` and so on.
    pub happening: String,
    /// On whose side, where it was on one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub role: Option<CallRole>,
    /// More of it: a path (`direct`, `relayed`), an end result, the names of custom items.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub detail: Option<String>,
}

/// One side of a call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, export_to = "dashboard/"))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TimelineSide {
    /// Which.
    pub role: CallRole,
    /// The application's id of the user.
    pub user_id: String,
    /// The last path that its device told of: `direct` or `relayed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub path: Option<String>,
    /// Bytes from this side through the relay, headers left out.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub sent_relayed_bytes: u64,
    /// Bytes to this side through the relay, headers left out.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub received_relayed_bytes: u64,
    /// What its device measured, in order.
    pub samples: Vec<TimelineSample>,
}

/// What a device measured over an interval that ended then. What it did not know is left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, export_to = "dashboard/"))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TimelineSample {
    /// Whole seconds since the call was dialled.
    pub second: u32,
    /// The mean opinion score by the E-model (ITU-T G.107) in hundredths: 100 to 450.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub mos_hundredths: Option<u32>,
    /// Packets of the other side that did not come, of a thousand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub lost_per_mille: Option<u32>,
    /// The way there and back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub round_trip_ms: Option<u32>,
    /// How unevenly packets came (RFC 3550 §6.4.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub jitter_ms: Option<u32>,
    /// Bits sent a second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub sent_bps: Option<u32>,
    /// Bits received a second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub received_bps: Option<u32>,
    /// How often the other side's picture froze.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub freezes: Option<u32>,
}

/// A call's items after a change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, export_to = "dashboard/"))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CustomItems {
    /// All of them.
    pub custom_items: BTreeMap<String, String>,
    /// The names whose items are another after it, or gone.
    pub affected_keys: Vec<String>,
}

/// What a user's calls come to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, export_to = "dashboard/"))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CallSummary {
    /// The application's id of the user.
    pub user_id: String,
    /// All of them.
    pub calls: SummaryCounts,
    /// Those that the user dialled.
    pub dialed: SummaryCounts,
    /// Those that rang for the user.
    pub received: SummaryCounts,
    /// Those that were dialled as audio calls.
    pub audio: SummaryCounts,
    /// Those that were dialled as video calls.
    pub video: SummaryCounts,
}

/// How many calls, and how long they were.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, export_to = "dashboard/"))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SummaryCounts {
    /// How many ended calls.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub count: u64,
    /// How many of them were completed.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub completed: u64,
    /// From accept to end, together, in milliseconds.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub duration: u64,
}

/// A page of `GET /v1/users`, in the order the users were made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, export_to = "dashboard/"))]
pub struct CallsUserList {
    /// The users.
    pub users: Vec<UserBody>,
    /// Whether there are more.
    pub has_next: bool,
    /// Where the next page begins; empty at the end.
    pub next: String,
}

/// A user's sessions, the latest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, export_to = "dashboard/"))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserSessionList {
    /// The sessions.
    pub sessions: Vec<UserSession>,
}

/// A device that is signed in, or a page that was and may come back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, export_to = "dashboard/"))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserSession {
    /// What it is revoked by. It opens nothing.
    pub session_id: String,
    /// When it signed in, in UTC milliseconds.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub created_at: u64,
    /// When it ends, in UTC milliseconds.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub expires_at: u64,
    /// What it signed in with.
    pub credential: SessionCredential,
    /// Whether a device is connected by it.
    pub is_connected: bool,
    /// Since when, in UTC milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional, type = "number"))]
    pub connected_at: Option<u64>,
}

/// What a session rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, export_to = "dashboard/"))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SessionCredential {
    /// Nothing: the application lets users sign in without a token.
    None,
    /// The user's access token.
    AccessToken,
    /// A session token.
    SessionToken,
}

/// Where a user without an open page is reached.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, export_to = "dashboard/"))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PushTokenList {
    /// The tokens, the latest registered first.
    pub push_tokens: Vec<RegisteredPushToken>,
}

/// A device's token.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, export_to = "dashboard/"))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RegisteredPushToken {
    /// `fcm_voip`, `apns_voip`, `web_push` and so on.
    pub token_type: String,
    /// The token, or the endpoint of a Web Push subscription.
    pub token: String,
}

/// What calls came to in a time, by day, by user, or in all.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, export_to = "dashboard/"))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UsageReport {
    /// The start of the time, in UTC milliseconds.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub from: u64,
    /// The end of the time, in UTC milliseconds; not part of it.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub to: u64,
    /// What a row stands for.
    pub group_by: UsageGrouping,
    /// How each call's time was rounded.
    pub rounding: UsageRounding,
    /// The rows, in order: by day, or by the longest time. Together they are `total` where rows stand for days.
    pub rows: Vec<UsageRow>,
    /// All of it.
    pub total: UsageRow,
    /// Whether there are more rows; of users only.
    pub has_next: bool,
    /// Where the next rows begin; empty at the end.
    pub next: String,
}

/// What a row of a report stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, export_to = "dashboard/"))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum UsageGrouping {
    /// A day of UTC.
    Day,
    /// A user: the time of the calls that the user took part in.
    User,
    /// All of it: there is one row.
    Total,
}

/// How the time of each call is rounded. The record is never rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, export_to = "dashboard/"))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum UsageRounding {
    /// Not at all.
    None,
    /// Up to the next second.
    Second,
    /// Up to the next minute.
    Minute,
}

/// What calls came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, export_to = "dashboard/"))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UsageRow {
    /// The day (`2026-11-26`) or the user's id; left out in a total.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub key: Option<String>,
    /// Calls that were connected.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub calls: u64,
    /// Those of them that were dialled as video calls.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub video_calls: u64,
    /// From connected to end, together.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub call_ms: u64,
    /// The same, for each participant.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub participant_ms: u64,
    /// What the relay carried for them, both ways.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub relayed_bytes: u64,
}

/// Which events an application's own server is told of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, export_to = "dashboard/"))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WebhookSettings {
    /// The subscription.
    pub webhook: WebhookSubscription,
}

/// Which events are told where.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, export_to = "dashboard/"))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WebhookSubscription {
    /// Whether events are told at all.
    pub enabled: bool,
    /// Where: an `https:` address; may be empty where nothing is told.
    pub url: String,
    /// Which events.
    #[cfg_attr(feature = "ts", ts(type = "string[]"))]
    #[cfg_attr(feature = "openapi", schema(schema_with = crate::openapi::event_categories))]
    pub enabled_events: Vec<EventCategory>,
    /// Every event there is, where it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub all_webhook_categories: Option<Vec<String>>,
}

/// A page of deliveries, the latest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, export_to = "dashboard/"))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WebhookDeliveryList {
    /// The deliveries.
    pub deliveries: Vec<WebhookDelivery>,
    /// Whether there are more.
    pub has_next: bool,
    /// Where the next page begins; empty at the end.
    pub next: String,
}

/// One event for one webhook.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, export_to = "dashboard/"))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WebhookDelivery {
    /// What it is replayed by.
    pub delivery_id: String,
    /// The call.
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "uuid"))]
    pub call_id: CallId,
    /// What happened.
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    #[cfg_attr(feature = "openapi", schema(schema_with = crate::openapi::event_category))]
    pub category: EventCategory,
    /// Its place among what this webhook is told of the call, from 1.
    pub sequence: u32,
    /// What became of it.
    pub state: DeliveryState,
    /// The receiver's host and port.
    pub host: String,
    /// Whether the dial named the webhook, not the application.
    pub is_per_call: bool,
    /// How often it was sent.
    pub attempts: u32,
    /// When it happened, in UTC milliseconds.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub created_at: u64,
    /// When it is sent again, in UTC milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional, type = "number"))]
    pub next_attempt_at: Option<u64>,
    /// When it was delivered or given up, in UTC milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional, type = "number"))]
    pub settled_at: Option<u64>,
    /// Why the last attempt failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub last_error: Option<String>,
}

/// What became of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, export_to = "dashboard/"))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// To be sent, or to be sent again.
    Waiting,
    /// The receiver took it.
    Delivered,
    /// Given up: it may be replayed.
    Dead,
}

/// How much is sent again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, export_to = "dashboard/"))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Replayed {
    /// Deliveries that wait again.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub replayed: u64,
}
