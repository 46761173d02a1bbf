//! A call after accept: the media and the links of its two devices.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Accepted, Role};
use crate::time::Timestamp;

/// How long a lost side may take to come back before the call ends as `connection_lost`.
pub const LOST_GRACE: Duration = Duration::from_secs(60);
/// How long after one side alone reports media the call counts as connected all the same.
pub const ONE_SIDED_CONNECT: Duration = Duration::from_secs(10);

/// How long devices have after an outage to come back and say that their media connected meanwhile: a reconnect takes
/// them at most a few seconds.
pub const RETURN_TIME: Duration = Duration::from_secs(10);

/// What is true of a call between accept and end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Talk {
    /// Which device accepted, and when.
    pub accepted: Accepted,
    /// When it ends as timed out, unless media connects before.
    pub connect_by: Timestamp,
    /// When metering started, and why.
    pub connected: Option<(Timestamp, Evidence)>,
    /// The caller's device.
    pub caller: Leg,
    /// The callee's accepting device.
    pub callee: Leg,
}

/// What made a call count as connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// Both devices reported media.
    BothReported,
    /// One did, and [`ONE_SIDED_CONNECT`] passed without a word of the other.
    OneReported,
}

/// One device in an accepted call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leg {
    /// What its peer connection last reported.
    pub media: Media,
    /// Whether its socket is there.
    pub link: Link,
}

/// What a device's peer connection last reported (ICE and DTLS state, never bytes).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Media {
    /// Nothing yet.
    Connecting,
    /// Media flows.
    Connected {
        /// Since when.
        since: Timestamp,
        /// Which way, where the device knows.
        path: Option<Path>,
    },
    /// It flowed, and stopped.
    Lost {
        /// When it stopped.
        since: Timestamp,
        /// When the call ends if it does not come back.
        give_up_at: Timestamp,
    },
}

/// Which way a device's media takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Path {
    /// From device to device.
    Direct,
    /// Over a relay on either side.
    Relayed,
}

impl Path {
    /// The word on the wire and in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Relayed => "relayed",
        }
    }
}

/// Whether a device's socket is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Link {
    /// It is.
    Present,
    /// It is not.
    Absent {
        /// When it was last known to be there.
        last_seen: Timestamp,
        /// When the device counts as gone for good.
        give_up_at: Timestamp,
    },
}

impl Link {
    /// When an absent device counts as gone for good.
    pub const fn give_up_at(self) -> Option<Timestamp> {
        match self {
            Self::Present => None,
            Self::Absent { give_up_at, .. } => Some(give_up_at),
        }
    }
}

/// A connected call that may be lost: since when, and when it ends for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Doubt {
    pub since: Timestamp,
    pub give_up_at: Timestamp,
}

impl Talk {
    /// One device.
    pub const fn leg(&self, role: Role) -> &Leg {
        match role {
            Role::Caller => &self.caller,
            Role::Callee => &self.callee,
        }
    }

    pub(super) const fn leg_mut(&mut self, role: Role) -> &mut Leg {
        match role {
            Role::Caller => &mut self.caller,
            Role::Callee => &mut self.callee,
        }
    }

    /// Whether the call is connected, and the other side's device is in reach and says that media flows: then it lasts,
    /// wherever this side's socket is.
    pub(super) fn goes_on_without(&self, role: Role) -> bool {
        let other = self.leg(role.other());
        self.connected.is_some()
            && matches!(other.link, Link::Present)
            && matches!(other.media, Media::Connected { .. })
    }

    /// When something is due: a connect deadline, the end of a doubt, or a one-sided connection becoming one.
    pub(super) fn deadline(&self) -> Option<Timestamp> {
        if self.connected.is_some() {
            return self.doubt().map(|doubt| doubt.give_up_at);
        }
        Some(
            self.one_sided_at()
                .map_or(self.connect_by, |at| at.min(self.connect_by)),
        )
    }

    /// When a single report of media will count for both. A side that lost its media has spoken against it.
    pub(super) fn one_sided_at(&self) -> Option<Timestamp> {
        match (self.caller.media, self.callee.media) {
            (Media::Connected { since, .. }, Media::Connecting)
            | (Media::Connecting, Media::Connected { since, .. }) => Some(since + ONE_SIDED_CONNECT),
            (Media::Connected { .. }, Media::Connected { .. } | Media::Lost { .. })
            | (Media::Connecting, Media::Connecting | Media::Lost { .. })
            | (Media::Lost { .. }, Media::Connecting | Media::Connected { .. } | Media::Lost { .. }) => None,
        }
    }

    /// Whether the call may be lost. It is in doubt when a side says its media stopped, or when neither device is in
    /// reach; a single absent device whose peer still has media is not a reason to end anything.
    pub(super) fn doubt(&self) -> Option<Doubt> {
        let lost = |leg: &Leg| match leg.media {
            Media::Lost { since, give_up_at } => Some(Doubt { since, give_up_at }),
            Media::Connecting | Media::Connected { .. } => None,
        };
        let both_absent = match (self.caller.link, self.callee.link) {
            (
                Link::Absent {
                    last_seen: caller_seen,
                    give_up_at: caller_until,
                },
                Link::Absent {
                    last_seen: callee_seen,
                    give_up_at: callee_until,
                },
            ) => Some(Doubt {
                since: caller_seen.max(callee_seen),
                give_up_at: caller_until.max(callee_until),
            }),
            (Link::Present, _) | (_, Link::Present) => None,
        };
        // The first that runs out ends the call; it was last alive when the earliest began.
        [lost(&self.caller), lost(&self.callee), both_absent]
            .into_iter()
            .flatten()
            .reduce(|one, other| Doubt {
                since: one.since.min(other.since),
                give_up_at: one.give_up_at.min(other.give_up_at),
            })
    }
}
