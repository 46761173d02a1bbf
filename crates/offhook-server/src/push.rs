//! Push: devices that have no page open are rung, and missed calls are told later.
//!
//! The store owes words to tokens (`offhook-store/src/push.rs`); [`courier`] takes what is due and lets [`Push`] send it
//! through the token's service: [`web`] (RFC 8030, 8291, 8292), [`fcm`] or [`apns`]. Each is one signed request by the
//! client for outgoing requests, which judges addresses, since endpoints of Web Push come from browsers.
//!
//! A token is a secret of its device: neither it nor an endpoint is in a log.

pub mod apns;
pub mod courier;
pub mod fcm;
mod jwt;
mod message;
mod outcome;
pub mod web;

use std::path::PathBuf;

use offhook_core::time::Timestamp;
use offhook_store::{PushDelivery, PushService, PushToken};
use tokio::sync::Notify;

use self::apns::Apns;
use self::fcm::Fcm;
use self::outcome::Outcome;
use self::web::WebPush;
use crate::config::Config;
use crate::outbound::{Outbound, Url};

/// What sends, as configured.
pub struct Push {
    web: WebPush,
    fcm: Option<Fcm>,
    apns: Option<Apns>,
    outbound: Outbound,
    /// For endpoints, which users name: private hosts that the operator allows elsewhere are not theirs to reach.
    endpoints: Outbound,
    bell: Notify,
}

/// A key of a push service that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PushKeyError {
    /// The file cannot be read.
    #[error("{key} names {path}, which cannot be read")]
    Unreadable {
        /// The key of the configuration.
        key: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file holds something else.
    #[error("{key} names {path}, which is not {expected}")]
    Unusable {
        /// The key of the configuration.
        key: &'static str,
        /// The file.
        path: PathBuf,
        /// What it should be.
        expected: &'static str,
    },
}

impl Push {
    /// Reads the keys of the services.
    ///
    /// # Errors
    /// If a configured key cannot be used.
    pub fn new(config: &Config, web: web::Vapid, outbound: Outbound) -> Result<Self, PushKeyError> {
        Ok(Self {
            web: WebPush::new(web, contact(config)),
            fcm: Fcm::read(&config.push.fcm)?,
            apns: Apns::read(&config.push.apns)?,
            endpoints: outbound.allowing_only(&config.push.allowed_private_endpoints),
            outbound,
            bell: Notify::new(),
        })
    }

    /// What browsers subscribe with.
    pub fn web_push_key(&self) -> String {
        self.web.public_key()
    }

    /// Whether messages for a browser may be sent there without TLS.
    pub fn allows_endpoint_without_tls(&self, endpoint: &Url) -> bool {
        self.endpoints.allows_private(endpoint)
    }

    /// Tells the courier that something may be due. A bell that nobody hears costs a second.
    pub fn ring(&self) {
        self.bell.notify_one();
    }

    /// Waits for the bell. Cancelling it loses nothing.
    pub async fn rung(&self) {
        self.bell.notified().await;
    }

    /// Tells a device, and says what became of it. Ends within the time that a request may take.
    async fn send(&self, delivery: &PushDelivery, now: Timestamp) -> Outcome {
        let ttl = delivery.expires_at.since(now);
        let Some(text) = message::text(delivery) else {
            return Outcome::Refused("not_written");
        };
        let PushToken { service, address, .. } = &delivery.token;
        match service {
            PushService::Web => self.web.send(&self.endpoints, delivery, &text, ttl, now).await,
            PushService::Fcm => match &self.fcm {
                Some(fcm) => fcm.send(&self.outbound, address, &delivery.call, &text, ttl, now).await,
                None => Outcome::Refused("not_configured"),
            },
            PushService::Apns => match &self.apns {
                Some(apns) => {
                    let expires_at = delivery.expires_at;
                    apns.send(&self.outbound, address, &delivery.call, &text, expires_at, now)
                        .await
                }
                None => Outcome::Refused("not_configured"),
            },
        }
    }
}

/// Whom a push service may turn to.
pub fn contact(config: &Config) -> Option<String> {
    let of_host = || config.public_host.as_ref().map(|host| format!("https://{host}"));
    config.push.contact.clone().or_else(of_host)
}

/// Reads the keys that are configured, to say whether they can be used.
///
/// # Errors
/// If one cannot.
pub fn check_keys(config: &Config) -> Result<(), PushKeyError> {
    Fcm::read(&config.push.fcm)?;
    Apns::read(&config.push.apns)?;
    Ok(())
}

fn read(key: &'static str, path: &std::path::Path) -> Result<Vec<u8>, PushKeyError> {
    std::fs::read(path).map_err(|source| PushKeyError::Unreadable {
        key,
        path: path.to_owned(),
        source,
    })
}
