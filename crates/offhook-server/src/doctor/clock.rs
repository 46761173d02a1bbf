//! The clock: credentials, sessions and certificates end by it.

use std::fs;
use std::path::Path;
use std::time::Duration;

use offhook_core::time::Timestamp;
use offhook_store::Inspection;

use super::Finding;
use crate::clock::Clock;
use crate::config::Config;

/// A heartbeat this far ahead cannot be from a clock that went right ever since.
const TOLERANCE: Duration = Duration::from_secs(10);
/// When this program was written: no clock that goes right is before.
const WRITTEN_AT: Timestamp = Timestamp::from_millis(1_760_000_000_000);
/// systemd's daemon makes this file once it has set the clock.
const SET_BY_SYSTEMD: &str = "/run/systemd/timesync/synchronized";
/// Programs that keep a clock right.
const KEEPERS: [&str; 6] = ["chronyd", "ntpd", "ntpsec", "openntpd", "systemd-timesyn", "ptp4l"];

/// Looks at the clock.
pub(super) async fn check(config: &Config) -> Vec<Finding> {
    let path = config.database_path();
    let inspected = tokio::task::spawn_blocking(move || Inspection::heartbeat_of(&path)).await;
    vec![judge(&Seen {
        now: Clock::start().now(),
        last_heartbeat_at: inspected.ok().and_then(Result::ok).flatten(),
        keeper: keeper(),
    })]
}

struct Seen {
    now: Timestamp,
    last_heartbeat_at: Option<Timestamp>,
    keeper: Option<Keeper>,
}

/// What keeps the clock right.
struct Keeper {
    name: String,
    has_set_it: Option<bool>,
}

fn judge(seen: &Seen) -> Finding {
    const CHECK: &str = "clock";
    let set = "Set the clock and let a time service keep it right, such as: timedatectl set-ntp true";
    if seen.now < WRITTEN_AT {
        return Finding::failed(CHECK, "It says a time before this program was written.", set);
    }
    if let Some(heartbeat) = seen.last_heartbeat_at
        && heartbeat > seen.now + TOLERANCE
    {
        let seconds = heartbeat.since(seen.now).as_secs();
        return Finding::failed(
            CHECK,
            format!("It is {seconds} s before the store's last heartbeat: it was set back, or was wrong then."),
            format!("{set}. Sessions and calls made meanwhile end late."),
        );
    }
    match &seen.keeper {
        Some(Keeper {
            name,
            has_set_it: Some(false),
        }) => Finding::warning(
            CHECK,
            format!("{name} runs, but has not set it yet."),
            "See `timedatectl timesync-status`: the time servers may not be reached.",
        ),
        Some(Keeper { name, .. }) => Finding::ok(CHECK, format!("{name} keeps it right.")),
        None => Finding::ok(
            CHECK,
            "It goes forward. No time service is seen here; in a container the host's keeps it right.",
        ),
    }
}

fn keeper() -> Option<Keeper> {
    let processes = fs::read_dir("/proc").ok()?;
    let names = processes
        .flatten()
        .filter_map(|process| fs::read_to_string(process.path().join("comm")).ok());
    let name = names
        .map(|name| name.trim().to_owned())
        .find(|name| KEEPERS.contains(&name.as_str()))?;
    let has_set_it = name.starts_with("systemd").then(|| Path::new(SET_BY_SYSTEMD).exists());
    Some(Keeper { name, has_set_it })
}

#[cfg(test)]
mod tests;
