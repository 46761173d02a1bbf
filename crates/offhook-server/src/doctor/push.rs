//! Whether devices can be pushed to: the keys of the services, and whom they may turn to.

use super::Finding;
use crate::config::Config;
use crate::push;

const CHECK: &str = "push";

/// Reads the configured keys; asks no service.
pub(super) fn check(config: &Config) -> Finding {
    let keys = push::check_keys(config).map_err(|error| match std::error::Error::source(&error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    });
    judge(config, keys)
}

fn judge(config: &Config, keys: Result<(), String>) -> Finding {
    if let Err(reason) = keys {
        return Finding::failed(
            CHECK,
            format!("A key cannot be used: {reason}."),
            "Let the key name the file that the service gave out, and let the server's user read it; or leave the key out.",
        );
    }
    let services = [
        (true, "Web Push"),
        (config.push.fcm.service_account.is_some(), "FCM"),
        (config.push.apns.key.is_some(), "APNs"),
    ];
    let names: Vec<&str> = services
        .iter()
        .filter(|(is_on, _)| *is_on)
        .map(|(_, name)| *name)
        .collect();
    let says = format!("Devices are reached by {}.", names.join(", "));
    if push::contact(config).is_none() {
        return Finding::warning(
            CHECK,
            format!("{says} Web Push names no contact, which Safari's service does not take."),
            "Set `push.contact` to an address such as \"mailto:ops@example.org\".",
        );
    }
    Finding::ok(CHECK, says)
}

#[cfg(test)]
mod tests;
