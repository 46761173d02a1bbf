//! The section of requests that the server makes itself, `[outbound]`.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::ConfigError;

/// What `[outbound]` holds: webhooks and push leave by it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OutboundConfig {
    /// Hosts with their ports that may be private, and spoken to without TLS, such as `["receiver.internal:9000"]`, by
    /// webhooks, FCM and APNs. All others must be public addresses behind HTTPS. Default none.
    pub allowed_private_hosts: Vec<String>,
    /// A PEM file with root certificates that vouch for receivers beside the machine's own. Default none.
    pub ca: Option<PathBuf>,
}

impl OutboundConfig {
    /// The keys that hold lists, for the environment's sake.
    pub(super) const LISTS: [&str; 1] = ["outbound.allowed_private_hosts"];

    /// Checks what the types do not.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        match self.allowed_private_hosts.iter().find(|host| !is_host_and_port(host)) {
            None => Ok(()),
            Some(host) => Err(ConfigError::OutOfRange {
                key: "outbound.allowed_private_hosts",
                value: format!("{host:?}"),
                allowed: "a list of hosts with ports like receiver.internal:9000",
            }),
        }
    }
}

/// Whether a text is a host and a port and nothing more.
pub(super) fn is_host_and_port(text: &str) -> bool {
    let is_port = |port: &str| port.parse::<u16>().is_ok_and(|port| port != 0);
    text.rsplit_once(':').is_some_and(|(host, port)| {
        let is_whole = host.starts_with('[') == host.ends_with(']') && (host.starts_with('[') || !host.contains(':'));
        let has_more = host.contains(['/', '@', '?', '#', ' ']);
        !host.is_empty() && is_whole && !has_more && is_port(port)
    })
}
