//! Web Push: a message that only the subscriber's browser can read, through the service of its maker (RFC 8030).

mod encryption;
mod subscription;
mod vapid;

use std::time::Duration;

use aws_lc_rs::agreement::{ECDH_P256, PrivateKey};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use offhook_core::time::Timestamp;
use offhook_store::PushDelivery;

pub use self::subscription::{InvalidSubscription, Subscription};
pub use self::vapid::{OpenVapidError, Vapid};
use super::courier::REQUEST_DEADLINE;
use super::outcome::Outcome;
use crate::outbound::Outbound;
use crate::secret;

/// Sends to browsers.
pub(super) struct WebPush {
    vapid: Vapid,
    contact: Option<String>,
}

impl WebPush {
    pub(super) const fn new(vapid: Vapid, contact: Option<String>) -> Self {
        Self { vapid, contact }
    }

    pub(super) fn public_key(&self) -> String {
        self.vapid.public_key()
    }

    pub(super) async fn send(
        &self,
        outbound: &Outbound,
        delivery: &PushDelivery,
        text: &str,
        ttl: Duration,
        now: Timestamp,
    ) -> Outcome {
        let Ok(subscription) = Subscription::of(&delivery.token) else {
            return Outcome::Refused("not_a_subscription");
        };
        let sealed = PrivateKey::generate(&ECDH_P256)
            .and_then(|key| encryption::encrypt(text.as_bytes(), &subscription.keys, &key, &secret::random()));
        let Ok(body) = sealed else {
            return Outcome::Refused("not_encrypted");
        };
        let Some(authorization) = self
            .vapid
            .authorization(&subscription.endpoint, self.contact.as_deref(), now)
        else {
            return Outcome::Refused("not_signed");
        };
        let topic = secret::encode(delivery.call.id.as_bytes());
        let Some(headers) = headers(&authorization, &topic, ttl) else {
            return Outcome::Refused("not_written");
        };
        let sent = outbound.post(&subscription.endpoint, headers, body, REQUEST_DEADLINE);
        match sent.await {
            Ok(answer) => Outcome::of(&answer),
            Err(error) => Outcome::of_error(&error),
        }
    }
}

fn headers(authorization: &str, topic: &str, ttl: Duration) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    let mut authorization = HeaderValue::from_str(authorization).ok()?;
    authorization.set_sensitive(true);
    headers.insert(header::AUTHORIZATION, authorization);
    headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("aes128gcm"));
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/octet-stream"),
    );
    headers.insert(HeaderName::from_static("ttl"), HeaderValue::from(ttl.as_secs()));
    headers.insert(HeaderName::from_static("urgency"), HeaderValue::from_static("high"));
    // A later message takes the place of one that waits (RFC 8030 §5.4).
    headers.insert(HeaderName::from_static("topic"), HeaderValue::from_str(topic).ok()?);
    Some(headers)
}
