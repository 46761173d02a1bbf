//! A direct call: two parties, each on one device once it is accepted.
//!
//! ```text
//!            accept                both report media          end, or both lost
//!  Ringing ─────────▶ Talking ──────────────────▶ Talking ───────────────────▶ Ended
//!     │               (connecting)                (connected)                    ▲
//!     └── cancel, decline, no answer ── connect timeout ─────────────────────────┘
//! ```
//!
//! A [`Call`] is a value. [`Call::dial`] makes it, [`decide`] moves it, [`Call::view`] says what one device sees of it.
//! Each concern has its file: `dial`, `decide`, `act` (what devices do), `expire` (what time does), `talk` (media and
//! links after accept), `settings` (what a party sends and does), `view`.

mod act;
mod decide;
mod dial;
mod expire;
mod forget;
mod settings;
mod talk;
mod view;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::custom_items::CustomItems;
use crate::id::{AppKey, CallId, DeviceId, UserKey};
use crate::time::Timestamp;

pub use decide::{Decision, Happening, Input, MediaReport, Refusal, decide};
pub use dial::{
    DialFacts, DialRefusal, DialRequest, MAX_DIALS_PER_MINUTE, MAX_DIALS_TO_ONE_PER_MINUTE, MAX_LIVE_CALLS,
    MAX_RINGING_CALLS,
};
pub use settings::{MediaSettings, SettingsChange};
pub use talk::{Evidence, LOST_GRACE, Leg, Link, Media, ONE_SIDED_CONNECT, Path, RETURN_TIME, Talk};
pub use view::{Seen, SeenState};

/// The bounds of both timeouts a caller may ask for.
pub const TIMEOUT_RANGE: std::ops::RangeInclusive<Duration> = Duration::from_secs(5)..=Duration::from_secs(300);
/// How long a call rings, and how long it may take to connect, where the caller asks for nothing.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60);

/// A direct call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// Made by the caller's device.
    pub id: CallId,
    /// The application both parties belong to.
    pub app: AppKey,
    /// Raised by every change that a device is shown but media settings, which count for themselves: who holds a higher version knows more.
    pub version: u32,
    /// Whether it was dialled as a video call.
    pub is_video: bool,
    /// Who dialled.
    pub caller: Party,
    /// Who is rung.
    pub callee: Party,
    /// The one device that dialled.
    pub caller_device: DeviceId,
    /// What the application attached.
    pub custom_items: CustomItems,
    /// The channel of the application's chat that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chat_channel_url: Option<String>,
    /// How long it may take from accept to connected.
    #[serde(with = "crate::time::as_millis")]
    pub connection_timeout: Duration,
    /// When it was dialled.
    pub dialed_at: Timestamp,
    /// The time of its last event: no later decision is dated before it.
    pub updated_at: Timestamp,
    /// Whether a device of the callee has shown the ring to its user.
    pub is_dial_received: bool,
    /// Where it stands.
    pub stage: Stage,
}

/// One side of a call, as the directory knew it when the call was dialled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// Whose side it is.
    pub user: UserKey,
    /// What the other side is shown.
    pub profile: Profile,
    /// What the party sends.
    pub settings: MediaSettings,
}

/// What others see of a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// The application's id of the user.
    pub user_id: String,
    /// The name to show; may be empty.
    pub nickname: String,
    /// The address of a picture; may be empty.
    pub profile_url: String,
    /// The application's own words about the user.
    pub metadata: BTreeMap<String, String>,
}

/// Which side of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Role {
    /// Who dialled (`dc_caller`).
    #[serde(rename = "dc_caller")]
    Caller,
    /// Who is rung (`dc_callee`).
    #[serde(rename = "dc_callee")]
    Callee,
}

impl Role {
    /// The other side.
    pub const fn other(self) -> Self {
        match self {
            Self::Caller => Self::Callee,
            Self::Callee => Self::Caller,
        }
    }

    /// The word on the wire and in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Caller => "dc_caller",
            Self::Callee => "dc_callee",
        }
    }
}

/// Where a call stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Every device of the callee rings.
    Ringing {
        /// When it ends as not answered.
        until: Timestamp,
        /// Whether the caller's device is in reach.
        caller_link: Link,
    },
    /// Accepted by one device; media is being connected, or is.
    Talking(Talk),
    /// Over for good.
    Ended(Ending),
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ending {
    /// The result both sides are told.
    pub result: EndResult,
    /// Who ended it, or gave up and vanished; nobody where time ran out or the application stopped it.
    pub by: Option<Role>,
    /// When it ended: for a lost connection or a device that left, when it was last seen alive.
    pub at: Timestamp,
    /// The device that had accepted, and when.
    pub accepted: Option<Accepted>,
    /// When metering had started.
    pub connected_at: Option<Timestamp>,
}

/// The moment of acceptance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accepted {
    /// The one device of the callee that won.
    pub device: DeviceId,
    /// When.
    pub at: Timestamp,
}

/// Why a call ended, as both sides and the record are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndResult {
    /// Nobody accepted in time.
    NoAnswer,
    /// The caller gave up while it rang, or the application stopped it then.
    Canceled,
    /// A device of the callee refused.
    Declined,
    /// Ended by a party, or by the application, after it was connected.
    Completed,
    /// Accepted, but media did not connect in time.
    TimedOut,
    /// Media stopped, or both sides vanished, and nobody came back.
    ConnectionLost,
    /// Accepted, and ended by a party or the application before media connected.
    NotConnected,
}

impl EndResult {
    /// The word on the wire and in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoAnswer => "no_answer",
            Self::Canceled => "canceled",
            Self::Declined => "declined",
            Self::Completed => "completed",
            Self::TimedOut => "timed_out",
            Self::ConnectionLost => "connection_lost",
            Self::NotConnected => "not_connected",
        }
    }
}

impl Call {
    /// The side that `user` is on.
    pub fn role_of(&self, user: UserKey) -> Option<Role> {
        if self.caller.user == user {
            Some(Role::Caller)
        } else if self.callee.user == user {
            Some(Role::Callee)
        } else {
            None
        }
    }

    /// One side.
    pub const fn party(&self, role: Role) -> &Party {
        match role {
            Role::Caller => &self.caller,
            Role::Callee => &self.callee,
        }
    }

    /// The device that accepted, once one has.
    pub const fn callee_device(&self) -> Option<DeviceId> {
        match &self.stage {
            Stage::Ringing { .. } => None,
            Stage::Talking(talk) => Some(talk.accepted.device),
            Stage::Ended(ending) => match ending.accepted {
                Some(accepted) => Some(accepted.device),
                None => None,
            },
        }
    }

    /// Whether a dial of `device` of `user` with this call's id is a repetition of the dial that made it.
    pub fn is_dialed_by(&self, user: UserKey, device: DeviceId) -> bool {
        self.caller.user == user && self.caller_device == device
    }

    /// Whether it is over.
    pub const fn is_ended(&self) -> bool {
        matches!(self.stage, Stage::Ended(_))
    }

    /// How it ended, once it has.
    pub const fn ending(&self) -> Option<&Ending> {
        match &self.stage {
            Stage::Ended(ending) => Some(ending),
            Stage::Ringing { .. } | Stage::Talking(_) => None,
        }
    }

    /// When [`Input::Expire`] will next have something to do.
    pub fn deadline(&self) -> Option<Timestamp> {
        match &self.stage {
            Stage::Ringing { until, caller_link } => {
                Some(caller_link.give_up_at().map_or(*until, |give_up| give_up.min(*until)))
            }
            Stage::Talking(talk) => talk.deadline(),
            Stage::Ended(_) => None,
        }
    }

    /// From accept to the end, or to `now` while it lasts: what `duration` is on the wire. Zero before it is accepted.
    pub fn duration(&self, now: Timestamp) -> Duration {
        match &self.stage {
            Stage::Ringing { .. } => Duration::ZERO,
            Stage::Talking(talk) => now.since(talk.accepted.at),
            Stage::Ended(ending) => ending
                .accepted
                .map_or(Duration::ZERO, |accepted| ending.at.since(accepted.at)),
        }
    }
}

#[cfg(test)]
mod tests;
