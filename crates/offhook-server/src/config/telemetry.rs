//! The section of traces, `[telemetry]`.

use reqwest::Url;
use serde::{Deserialize, Serialize};

use super::ConfigError;

/// What `[telemetry]` holds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TelemetryConfig {
    /// The collector that takes traces by OTLP over HTTP, such as `http://127.0.0.1:4318`. Default none: no traces.
    pub otlp_endpoint: Option<String>,
}

impl TelemetryConfig {
    /// Checks what the types do not.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let is_usable = |text: &String| {
            let url = Url::parse(text).ok();
            url.is_some_and(|url| matches!(url.scheme(), "http" | "https") && url.query().is_none() && !has_login(&url))
        };
        match self.otlp_endpoint.as_ref().filter(|text| !is_usable(text)) {
            None => Ok(()),
            Some(_) => Err(ConfigError::OutOfRange {
                key: "telemetry.otlp_endpoint",
                // It may hold a password.
                value: "not shown".to_owned(),
                allowed: "an address like http://127.0.0.1:4318, without a name or password in it",
            }),
        }
    }
}

fn has_login(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}
