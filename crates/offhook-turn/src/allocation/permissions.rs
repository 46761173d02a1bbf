//! Whose packets an allocation passes on (RFC 8656 §9).

use std::net::IpAddr;
use std::time::Duration;

use crate::time::Time;

/// How long a permission lasts: exactly this (RFC 8656 §9).
pub const LIFETIME: Duration = Duration::from_secs(300);

/// How many an allocation may have: every address of a peer with several interfaces in both families, and the next peer's.
pub const MAX: usize = 32;

/// The permissions of an allocation. They are few, and looked through one by one.
#[derive(Debug, Default)]
pub struct Permissions(Vec<Permission>);

#[derive(Debug, Clone, Copy)]
struct Permission {
    ip: IpAddr,
    ends_at: Time,
}

impl Permissions {
    /// Whether packets to and from an address may pass.
    pub fn allows(&self, ip: IpAddr, now: Time) -> bool {
        self.0
            .iter()
            .any(|permission| permission.ip == ip && now < permission.ends_at)
    }

    /// Whether all these addresses could be installed.
    pub fn have_room_for(&self, ips: &[IpAddr], now: Time) -> bool {
        let live = self.0.iter().filter(|permission| now < permission.ends_at).count();
        let new = ips
            .iter()
            .enumerate()
            .filter(|(place, ip)| !self.allows(**ip, now) && !ips.iter().take(*place).any(|earlier| earlier == *ip));
        live + new.count() <= MAX
    }

    /// Installs or refreshes a permission.
    pub fn install(&mut self, ip: IpAddr, now: Time) {
        let ends_at = now.after(LIFETIME);
        if let Some(permission) = self.0.iter_mut().find(|permission| permission.ip == ip) {
            permission.ends_at = ends_at;
            return;
        }
        self.0.retain(|permission| now < permission.ends_at);
        if self.0.len() < MAX {
            self.0.push(Permission { ip, ends_at });
        }
    }
}
