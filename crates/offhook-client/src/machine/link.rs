//! What a machine knows of its socket, and whether it wants one.

use std::time::{Duration, Instant};

use super::event::{ConnectionState, SocketId};
use super::reconnect::Reconnect;

/// The socket and the wish to have one.
#[derive(Default)]
pub(super) struct Link {
    pub(super) is_wanted: bool,
    /// Whether it has been open since it was wanted: only then is it tried again.
    pub(super) was_open: bool,
    /// How often the device id was found in use since the last welcome.
    pub(super) redraws: u32,
    pub(super) last_id: u32,
    pub(super) stage: Stage,
    pub(super) reconnect: Reconnect,
}

#[derive(Default)]
pub(super) enum Stage {
    /// There is none, and none is tried.
    #[default]
    Closed,
    /// The driver opens one.
    Opening { socket: SocketId, until: Instant },
    /// It is open; the hello is not answered yet.
    Greeting {
        socket: SocketId,
        hello: u32,
        until: Instant,
    },
    /// It is open for calls.
    Open {
        socket: SocketId,
        heard_at: Instant,
        silence: Duration,
        /// When to move to a new one, since the server is about to stop.
        drain_at: Option<Instant>,
    },
    /// The next one is tried later.
    Waiting { until: Instant },
}

impl Link {
    pub(super) const fn is_wanted(&self) -> bool {
        self.is_wanted
    }

    pub(super) const fn state(&self) -> ConnectionState {
        match (&self.stage, self.is_wanted, self.was_open) {
            (Stage::Open { .. }, _, _) => ConnectionState::Connected,
            (_, false, _) => ConnectionState::Disconnected,
            (_, true, false) => ConnectionState::Connecting,
            (_, true, true) => ConnectionState::Reconnecting,
        }
    }

    /// Whether it is tried again when it is lost.
    pub(super) const fn was_open(&self) -> bool {
        self.was_open
    }

    /// The socket, if it is open for calls.
    pub(super) const fn open(&self) -> Option<SocketId> {
        match self.stage {
            Stage::Open { socket, .. } => Some(socket),
            Stage::Closed | Stage::Opening { .. } | Stage::Greeting { .. } | Stage::Waiting { .. } => None,
        }
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        match self.stage {
            Stage::Closed => None,
            Stage::Opening { until, .. } | Stage::Greeting { until, .. } | Stage::Waiting { until } => Some(until),
            Stage::Open {
                heard_at,
                silence,
                drain_at,
                ..
            } => {
                let silent_at = heard_at + silence;
                Some(drain_at.map_or(silent_at, |at| at.min(silent_at)))
            }
        }
    }

    /// The socket that the driver has, open or not.
    pub(super) const fn socket(&self) -> Option<SocketId> {
        match self.stage {
            Stage::Opening { socket, .. } | Stage::Greeting { socket, .. } | Stage::Open { socket, .. } => Some(socket),
            Stage::Closed | Stage::Waiting { .. } => None,
        }
    }
}
