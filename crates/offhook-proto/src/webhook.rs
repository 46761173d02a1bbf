//! Where an application's own server is told of calls, and what it is told.

use std::collections::BTreeMap;
use std::fmt;

use offhook_core::call::{Call, Role, Stage};
use offhook_core::id::{AppId, CallId};
use offhook_core::time::{Timestamp, millis};
use offhook_core::webhook::EventCategory;
use serde::{Deserialize, Serialize};

use crate::call::{CallEndResult, CallRole, CallState};

/// Where the events of one call are told. Its host must be on the application's list.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct CallWebhook {
    /// An `https:` address.
    pub url: String,
    /// Which events: `direct_call:dial` and so on.
    pub enabled_events: Vec<String>,
    /// Sent along.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[cfg_attr(feature = "ts", ts(optional, as = "Option<BTreeMap<String, String>>"))]
    pub headers: BTreeMap<String, String>,
}

/// Address and headers are secrets of the application.
impl fmt::Debug for CallWebhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallWebhook")
            .field("enabled_events", &self.enabled_events)
            .finish_non_exhaustive()
    }
}

/// What is posted to a webhook. It is the same, byte for byte, each time it is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WebhookEvent {
    /// What happened.
    pub category: EventCategory,
    /// When, in UTC milliseconds.
    pub occurred_at: u64,
    /// The same, by the name that the published types spell.
    pub occured_at: u64,
    /// The application.
    pub application_id: AppId,
    /// Tells this event from every other one of the application. Two webhooks that are told of one event are told the same.
    pub message_id: String,
    /// The event's place among those that this webhook is told of the call, from 1.
    pub sequence: u32,
    /// The call.
    pub direct_call: DirectCall,
    /// How it ended, with `direct_call:end`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<CallEndResult>,
    /// What a page hands to `handleWebhookData` to ring, with `direct_call:dial`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sendbird_call: Option<SignalCommand>,
}

/// What an application's server is asked before a call rings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DialQuestion {
    /// The application.
    pub application_id: AppId,
    /// The call that would ring.
    pub call_id: CallId,
    /// Who dials.
    pub caller_id: String,
    /// Who would be rung.
    pub callee_id: String,
    /// Whether it is dialled as a video call.
    pub is_video_call: bool,
    /// What the caller gave it along.
    pub custom_items: BTreeMap<String, String>,
}

/// What it answers.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct DialAnswer {
    /// Whether the call may ring.
    pub allow: bool,
    /// What the caller is told if it may not.
    #[serde(default)]
    pub message: Option<String>,
}

/// A call, as the Platform API shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, export_to = "dashboard/"))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DirectCall {
    /// The call.
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "uuid"))]
    pub call_id: CallId,
    /// `direct_call`.
    pub call_type: String,
    /// Whether it was dialled as a video call.
    pub is_video_call: bool,
    /// Where it stood.
    pub state: CallState,
    /// Who dialled.
    pub caller_id: String,
    /// Who is rung.
    pub callee_id: String,
    /// Which side the user has whom the request was about; left out where it was about none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub user_role: Option<CallRole>,
    /// Both, the caller first.
    pub participants: [Participant; 2],
    /// Who dialled.
    pub started_by: String,
    /// When it was dialled, in UTC milliseconds.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub started_at: u64,
    /// The same, by another published name.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub created_at: u64,
    /// From accept to the event, in milliseconds.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub duration: u64,
    /// How it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub end_result: Option<CallEndResult>,
    /// Who ended it; left out where nobody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub ended_by: Option<String>,
    /// When it ended, in UTC milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional, type = "number"))]
    pub ended_at: Option<u64>,
    /// What the application attached.
    pub custom_items: BTreeMap<String, String>,
    /// The channel of the application's chat that it belongs to, if the caller said one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub chat_channel_url: Option<String>,
}

/// A side of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, export_to = "dashboard/"))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Participant {
    /// The application's id of the user.
    pub user_id: String,
    /// Which side.
    pub role: CallRole,
    /// The name to show; may be empty.
    pub nickname: String,
    /// A picture's address; may be empty.
    pub profile_url: String,
}

/// A call that rings, in the form that published clients pass on. Nothing but the call's id is believed by the SDK.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SignalCommand {
    /// 1.
    pub version: u32,
    /// That of the event.
    pub message_id: String,
    /// `SGNL`.
    pub cmd: &'static str,
    /// `dial`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The call.
    pub payload: SignalPayload,
}

/// Which call rings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SignalPayload {
    /// The call.
    pub call_id: CallId,
    /// Whether it was dialled as a video call.
    pub is_video_call: bool,
    /// Who dialled.
    pub caller_id: String,
    /// Who is rung.
    pub callee_id: String,
}

impl WebhookEvent {
    /// Writes down what happened to `call`, which is as the event left it.
    pub fn of(category: EventCategory, at: Timestamp, sequence: u32, app: AppId, call: &Call) -> Self {
        // Of each category a call has one event at most.
        let place = match category {
            EventCategory::Dial => 1,
            EventCategory::Accept => 2,
            EventCategory::End => 3,
        };
        let message_id = format!("{}-{place}", call.id);
        Self {
            category,
            occurred_at: at.as_millis(),
            occured_at: at.as_millis(),
            application_id: app,
            sequence,
            direct_call: DirectCall::of(call, at),
            result: call.ending().map(|ending| ending.result.into()),
            sendbird_call: (category == EventCategory::Dial).then(|| SignalCommand {
                version: 1,
                message_id: message_id.clone(),
                cmd: "SGNL",
                kind: "dial",
                payload: SignalPayload {
                    call_id: call.id,
                    is_video_call: call.is_video,
                    caller_id: call.caller.profile.user_id.clone(),
                    callee_id: call.callee.profile.user_id.clone(),
                },
            }),
            message_id,
        }
    }
}

impl DirectCall {
    /// Writes a call down as it stands at `now`.
    pub fn of(call: &Call, now: Timestamp) -> Self {
        let user_id = |role: Role| call.party(role).profile.user_id.clone();
        let ending = call.ending();
        Self {
            call_id: call.id,
            call_type: "direct_call".to_owned(),
            is_video_call: call.is_video,
            state: match &call.stage {
                Stage::Ringing { .. } => CallState::Ringing,
                Stage::Talking(talk) if talk.connected.is_some() => CallState::Connected,
                Stage::Talking(_) => CallState::Established,
                Stage::Ended(_) => CallState::Ended,
            },
            caller_id: user_id(Role::Caller),
            callee_id: user_id(Role::Callee),
            user_role: None,
            participants: [Role::Caller, Role::Callee].map(|role| {
                let profile = &call.party(role).profile;
                Participant {
                    user_id: profile.user_id.clone(),
                    role: role.into(),
                    nickname: profile.nickname.clone(),
                    profile_url: profile.profile_url.clone(),
                }
            }),
            started_by: user_id(Role::Caller),
            started_at: call.dialed_at.as_millis(),
            created_at: call.dialed_at.as_millis(),
            duration: millis(call.duration(now)),
            end_result: ending.map(|ending| ending.result.into()),
            ended_by: ending.and_then(|ending| ending.by).map(user_id),
            ended_at: ending.map(|ending| ending.at.as_millis()),
            custom_items: call.custom_items.clone(),
            chat_channel_url: call.chat_channel_url.clone(),
        }
    }
}
