//! Which events of a call an application's own server can be told of.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::call::Happening;

/// A kind of event, by its published name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum EventCategory {
    /// A call was dialled and rings.
    #[serde(rename = "direct_call:dial")]
    Dial,
    /// A device of the callee accepted.
    #[serde(rename = "direct_call:accept")]
    Accept,
    /// A call ended, however.
    #[serde(rename = "direct_call:end")]
    End,
}

/// A name that no event has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no event of that name")]
pub struct UnknownEvent;

impl EventCategory {
    /// All of them, in the order they can happen.
    pub const ALL: [Self; 3] = [Self::Dial, Self::Accept, Self::End];

    /// The word on the wire and in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Dial => "direct_call:dial",
            Self::Accept => "direct_call:accept",
            Self::End => "direct_call:end",
        }
    }

    /// What a step of a call is told as, in order: `is_new` says that it made the call.
    pub fn of_step(is_new: bool, happened: &[Happening]) -> impl Iterator<Item = Self> {
        let dialed = is_new.then_some(Self::Dial);
        dialed.into_iter().chain(happened.iter().filter_map(Self::of))
    }

    const fn of(happening: &Happening) -> Option<Self> {
        match happening {
            Happening::Accepted => Some(Self::Accept),
            Happening::Ended(_) => Some(Self::End),
            Happening::DialReceived
            | Happening::MediaConnected(..)
            | Happening::PathChanged(..)
            | Happening::MediaLost(_)
            | Happening::Connected(_)
            | Happening::Configured(_)
            | Happening::Appeared(_)
            | Happening::Vanished(_)
            | Happening::Resumed => None,
        }
    }
}

impl fmt::Display for EventCategory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for EventCategory {
    type Err = UnknownEvent;

    fn from_str(text: &str) -> Result<Self, UnknownEvent> {
        Self::ALL
            .into_iter()
            .find(|category| category.as_str() == text)
            .ok_or(UnknownEvent)
    }
}
