//! What the system allows: open files, buffers of sockets, IPv6.

use std::fs;

use rustix::process::{Resource, getrlimit};

use super::Finding;
use super::running::Running;
use crate::config::Config;

/// Files beside sockets: the store, the log, what is being accepted.
const OTHER_FILES: u64 = 512;
/// What a burst of a busy relay needs room for.
const WANTED_BUFFER_BYTES: u64 = 4 * 1024 * 1024;

/// Looks at the limits.
pub(super) fn check(config: &Config, running: &Running) -> Vec<Finding> {
    let of_server = running
        .note()
        .and_then(|note| fs::read_to_string(format!("/proc/{}/limits", note.pid)).ok())
        .and_then(|limits| open_files(&limits));
    let (limit, is_servers) = match of_server {
        Some(limit) => (limit, true),
        None => (getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX), false),
    };
    let mut findings = vec![judge_files(limit, is_servers, needed_files(config))];
    if config.relay.is_on() {
        let size = |name: &str| {
            let text = fs::read_to_string(format!("/proc/sys/net/core/{name}")).ok()?;
            text.trim().parse().ok()
        };
        findings.push(judge_buffers(size("rmem_max"), size("wmem_max")));
        let addresses = fs::read_to_string("/proc/net/if_inet6").unwrap_or_default();
        let listens = config.relay.listen.iter().any(|address| address.is_ipv6());
        findings.push(judge_ipv6(has_global_address(&addresses), listens));
    }
    findings
}

/// A socket each for devices, a socket each for allocations, and as many TCP connections of theirs.
fn needed_files(config: &Config) -> u64 {
    let relay = if config.relay.is_on() {
        2 * u64::from(config.relay.max_allocations)
    } else {
        0
    };
    u64::from(config.max_sockets) + relay + OTHER_FILES
}

fn judge_files(limit: u64, is_servers: bool, needed: u64) -> Finding {
    const CHECK: &str = "open files";
    let whose = if is_servers {
        "The server"
    } else {
        "A program started from here"
    };
    if limit >= needed {
        return Finding::ok(
            CHECK,
            format!("{whose} may have {limit}; the limits configured take {needed}."),
        );
    }
    Finding::warning(
        CHECK,
        format!("{whose} may have {limit}, but `max_sockets` and `relay.max_allocations` may take {needed}."),
        format!("LimitNOFILE={needed} in the systemd unit (ulimit -n {needed} in a shell), or lower the two."),
    )
}

/// The soft limit of open files in `/proc/PID/limits`.
fn open_files(limits: &str) -> Option<u64> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    let soft = line.split_ascii_whitespace().next()?;
    if soft == "unlimited" {
        Some(u64::MAX)
    } else {
        soft.parse().ok()
    }
}

fn judge_buffers(receive: Option<u64>, send: Option<u64>) -> Finding {
    const CHECK: &str = "UDP buffers";
    let (Some(receive), Some(send)) = (receive, send) else {
        return Finding::ok(CHECK, "The kernel does not say here how large they may be.");
    };
    let kib = 1024;
    let says = format!(
        "They may have {} KiB to receive and {} KiB to send",
        receive / kib,
        send / kib
    );
    if receive.min(send) >= WANTED_BUFFER_BYTES {
        return Finding::ok(CHECK, format!("{says}."));
    }
    Finding::warning(
        CHECK,
        format!("{says}: a busy relay loses packets in bursts."),
        format!(
            "sysctl -w net.core.rmem_max={WANTED_BUFFER_BYTES} net.core.wmem_max={WANTED_BUFFER_BYTES}, and the same in /etc/sysctl.d/offhook.conf"
        ),
    )
}

fn judge_ipv6(is_here: bool, listens: bool) -> Finding {
    const CHECK: &str = "IPv6";
    match (is_here, listens) {
        (true, true) => Finding::ok(CHECK, "This machine has it, and the relay listens there."),
        (true, false) => Finding::ok(
            CHECK,
            "This machine has it. For clients with IPv6 alone, add \"[::]:3478\" to `relay.listen`.",
        ),
        (false, true) => Finding::warning(
            CHECK,
            "The relay listens there, but this machine has no address that others reach.",
            "Leave IPv6 out of `relay.listen`, or give the machine an address.",
        ),
        (false, false) => Finding::ok(CHECK, "This machine has none, and the relay wants none."),
    }
}

/// Whether a line of `/proc/net/if_inet6` (address, index, prefix length, scope, flags, name) is of scope global.
fn has_global_address(table: &str) -> bool {
    let is_global = |line: &str| line.split_ascii_whitespace().nth(3) == Some("00");
    // fc00::/7 is of that scope too, and reached from its own network only.
    table
        .lines()
        .any(|line| is_global(line) && !line.starts_with("fc") && !line.starts_with("fd"))
}

#[cfg(test)]
mod tests;
