//! How fast back ends may ask. The section `[rate_limits]`.

use serde::{Deserialize, Serialize};

use super::ConfigError;

/// How many requests of the Platform API (`/v1` and `/v3`) an application may make a second, and as many at once. 0, the
/// default, is without limit. The published service allows 10 and 5.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RateLimitsConfig {
    /// Requests that read (`GET`), 0 to 100000. Default 0.
    pub reads_per_second: u32,
    /// Requests that write (`POST`, `PUT`, `DELETE`), 0 to 100000. Default 0.
    pub writes_per_second: u32,
}

impl RateLimitsConfig {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        for (key, value) in [
            ("rate_limits.reads_per_second", self.reads_per_second),
            ("rate_limits.writes_per_second", self.writes_per_second),
        ] {
            if value > 100_000 {
                return Err(ConfigError::OutOfRange {
                    key,
                    value: value.to_string(),
                    allowed: "0 to 100000",
                });
            }
        }
        Ok(())
    }
}
