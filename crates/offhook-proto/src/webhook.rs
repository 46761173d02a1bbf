//! Where an application's own server is told of calls.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Where the events of one call are told. Its host must be on the application's list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
