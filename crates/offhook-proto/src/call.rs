//! Calls, as clients see them.

use std::collections::BTreeMap;

use offhook_core::call::{Call, EndResult, Profile, Role, SeenState, Stage};
use offhook_core::id::{CallId, DeviceId, UserKey};
use offhook_core::time::{Timestamp, millis};
use serde::{Deserialize, Serialize};

/// A call as one device sees it: all that device needs to show, in one piece. A higher `version` knows more; media
/// settings have counters of their own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct CallSnapshot {
    /// The call.
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub call_id: CallId,
    /// Counts changes from 1.
    pub version: u32,
    /// Where it stands for this device.
    pub state: CallState,
    /// Whether it was dialled as a video call.
    pub is_video_call: bool,
    /// The side of this device.
    pub role: CallRole,
    /// Who dialled.
    pub caller: CallParty,
    /// Who is rung.
    pub callee: CallParty,
    /// What the application attached.
    pub custom_items: BTreeMap<String, String>,
    /// Whether a device of the callee has shown the ring.
    pub is_dial_received: bool,
    /// When it was dialled, in UTC milliseconds.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub started_at: u64,
    /// How long it will ring on, in milliseconds from now; while it rings.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional, type = "number"))]
    pub rings_for_ms: Option<u64>,
    /// From accept to now or to the end, in milliseconds.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub duration_ms: u64,
    /// When it ended, in UTC milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional, type = "number"))]
    pub ended_at: Option<u64>,
    /// How it ended, for this device.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub end_result: Option<CallEndResult>,
    /// Who ended it; left out where nobody did.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub ended_by: Option<CallRole>,
}

/// Where a call stands for a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CallState {
    /// Dialling, or being rung.
    Ringing,
    /// Accepted; media is being connected.
    Established,
    /// Media is connected.
    Connected,
    /// Over, for this device at least.
    Ended,
}

/// Which side of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum CallRole {
    /// Who dialled.
    #[serde(rename = "dc_caller")]
    Caller,
    /// Who is rung.
    #[serde(rename = "dc_callee")]
    Callee,
}

/// How a call ended, for a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[expect(
    missing_docs,
    reason = "each is described where it is decided: offhook_core::call::EndResult"
)]
pub enum CallEndResult {
    NoAnswer,
    Canceled,
    Declined,
    /// Another device of the callee accepted: over for this one only.
    OtherDeviceAccepted,
    Completed,
    TimedOut,
    ConnectionLost,
    NotConnected,
}

/// One side of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct CallParty {
    /// The application's id of the user.
    pub user_id: String,
    /// The name to show; may be empty.
    pub nickname: String,
    /// A picture's address; may be empty.
    pub profile_url: String,
    /// The application's words about the user.
    pub metadata: BTreeMap<String, String>,
    /// What the party sends.
    pub media: PartyMedia,
}

/// What a party sends, and what it does with the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct PartyMedia {
    /// Whether the microphone is on.
    pub audio_enabled: bool,
    /// Whether the camera is on.
    pub video_enabled: bool,
    /// Whether the party holds the call: then it neither sends nor plays anything. Left out where false.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(feature = "ts", ts(optional, as = "Option<bool>"))]
    pub is_on_hold: bool,
    /// Whether the party records the call. Left out where false.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(feature = "ts", ts(optional, as = "Option<bool>"))]
    pub is_recording: bool,
    /// Counted by the sending device: 0 in dial and accept, then one more at each change. A lower one is old.
    pub revision: u32,
}

/// An ended call in a user's call log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct CallLogEntry {
    /// The call.
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub call_id: CallId,
    /// The side of the user whose log it is.
    pub user_role: CallRole,
    /// Whether it was dialled as a video call.
    pub is_video_call: bool,
    /// Who dialled.
    pub caller: CallParty,
    /// Who was rung.
    pub callee: CallParty,
    /// When it was dialled, in UTC milliseconds.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub started_at: u64,
    /// When it ended, in UTC milliseconds.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub ended_at: u64,
    /// From accept to the end, in milliseconds.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub duration_ms: u64,
    /// How it ended.
    pub end_result: CallEndResult,
    /// Who ended it; left out where nobody did.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub ended_by: Option<CallRole>,
    /// What the application attached.
    pub custom_items: BTreeMap<String, String>,
}

/// A page of `GET /client/v1/direct_calls`, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct CallLogPage {
    /// The entries.
    pub calls: Vec<CallLogEntry>,
    /// What to send as `next` for the page after this one; left out at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub next: Option<String>,
}

impl CallSnapshot {
    /// Writes down what `device` of `user` sees at `now`; nothing, if it has no part in the call.
    pub fn of(call: &Call, user: UserKey, device: DeviceId, now: Timestamp) -> Option<Self> {
        let seen = call.view(user, device)?;
        let is_elsewhere = seen.state == SeenState::AcceptedElsewhere;
        let ending = call.ending().filter(|_| !is_elsewhere);
        Some(Self {
            call_id: call.id,
            version: call.version,
            state: match seen.state {
                SeenState::Ringing => CallState::Ringing,
                SeenState::Established => CallState::Established,
                SeenState::Connected => CallState::Connected,
                SeenState::AcceptedElsewhere | SeenState::Ended => CallState::Ended,
            },
            is_video_call: call.is_video,
            role: seen.role.into(),
            caller: CallParty::of(&call.caller),
            callee: CallParty::of(&call.callee),
            custom_items: call.custom_items.clone(),
            is_dial_received: call.is_dial_received,
            started_at: call.dialed_at.as_millis(),
            rings_for_ms: match &call.stage {
                Stage::Ringing { until, .. } => Some(millis(until.since(now))),
                Stage::Talking(_) | Stage::Ended(_) => None,
            },
            duration_ms: if is_elsewhere { 0 } else { millis(call.duration(now)) },
            ended_at: ending.map(|ending| ending.at.as_millis()),
            end_result: if is_elsewhere {
                Some(CallEndResult::OtherDeviceAccepted)
            } else {
                ending.map(|ending| ending.result.into())
            },
            ended_by: ending.and_then(|ending| ending.by).map(CallRole::from),
        })
    }
}

impl CallLogEntry {
    /// Writes down an ended call for the log of the user on side `role`; nothing, if the call has not ended.
    pub fn of(call: &Call, role: Role) -> Option<Self> {
        let ending = call.ending()?;
        Some(Self {
            call_id: call.id,
            user_role: role.into(),
            is_video_call: call.is_video,
            caller: CallParty::of(&call.caller),
            callee: CallParty::of(&call.callee),
            started_at: call.dialed_at.as_millis(),
            ended_at: ending.at.as_millis(),
            duration_ms: millis(call.duration(ending.at)),
            end_result: ending.result.into(),
            ended_by: ending.by.map(CallRole::from),
            custom_items: call.custom_items.clone(),
        })
    }
}

impl CallParty {
    fn of(party: &offhook_core::call::Party) -> Self {
        let Profile {
            user_id,
            nickname,
            profile_url,
            metadata,
        } = party.profile.clone();
        Self {
            user_id,
            nickname,
            profile_url,
            metadata,
            media: party.settings.into(),
        }
    }
}

impl From<offhook_core::call::MediaSettings> for PartyMedia {
    fn from(settings: offhook_core::call::MediaSettings) -> Self {
        Self {
            audio_enabled: settings.is_audio_enabled,
            video_enabled: settings.is_video_enabled,
            is_on_hold: settings.is_on_hold,
            is_recording: settings.is_recording,
            revision: settings.revision,
        }
    }
}

impl From<PartyMedia> for offhook_core::call::MediaSettings {
    fn from(media: PartyMedia) -> Self {
        Self {
            is_audio_enabled: media.audio_enabled,
            is_video_enabled: media.video_enabled,
            is_on_hold: media.is_on_hold,
            is_recording: media.is_recording,
            revision: media.revision,
        }
    }
}

impl From<Role> for CallRole {
    fn from(role: Role) -> Self {
        match role {
            Role::Caller => Self::Caller,
            Role::Callee => Self::Callee,
        }
    }
}

impl From<EndResult> for CallEndResult {
    fn from(result: EndResult) -> Self {
        match result {
            EndResult::NoAnswer => Self::NoAnswer,
            EndResult::Canceled => Self::Canceled,
            EndResult::Declined => Self::Declined,
            EndResult::Completed => Self::Completed,
            EndResult::TimedOut => Self::TimedOut,
            EndResult::ConnectionLost => Self::ConnectionLost,
            EndResult::NotConnected => Self::NotConnected,
        }
    }
}
