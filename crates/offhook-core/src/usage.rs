//! What a call cost: one row a call, made once, when it ends; and how reports split and round it.

mod day;
mod portion;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::call::Evidence;
use crate::id::{AppKey, CallId, UserKey};
use crate::time::Timestamp;

pub use day::{Day, InvalidDay};
pub use portion::{InvalidRounding, MAX_PORTIONS, Portion, Rounding};

/// The metered part of a call: from connected to the end. Rounding is a report's business.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// The application that is billed.
    pub app: AppKey,
    /// The call.
    pub call_id: CallId,
    /// Who dialled.
    pub caller: UserKey,
    /// Who accepted.
    pub callee: UserKey,
    /// Whether it was a video call.
    pub is_video: bool,
    /// When metering started.
    pub connected_at: Timestamp,
    /// When it ended.
    pub ended_at: Timestamp,
    /// What showed that it was connected.
    pub evidence: Evidence,
}

impl Usage {
    /// How long the call was connected.
    pub fn call_duration(&self) -> Duration {
        self.ended_at.since(self.connected_at)
    }
}

#[cfg(test)]
mod tests;
