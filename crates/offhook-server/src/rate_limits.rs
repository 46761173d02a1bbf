//! How fast each application's back end may ask. Whoever is too fast is told when to come again; nobody else waits.

use std::num::NonZeroU32;
use std::time::Duration;

use axum::http::Method;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use offhook_core::id::AppKey;

use crate::config::rate_limits::RateLimitsConfig;

/// Counts the requests of the Platform API by application, those that read apart from those that write.
#[derive(Debug)]
pub struct RateLimits {
    reads: Option<DefaultKeyedRateLimiter<AppKey>>,
    writes: Option<DefaultKeyedRateLimiter<AppKey>>,
}

impl RateLimits {
    /// Counts by what was configured.
    pub fn new(config: &RateLimitsConfig) -> Self {
        let limiter = |per_second| Some(RateLimiter::keyed(Quota::per_second(NonZeroU32::new(per_second)?)));
        Self {
            reads: limiter(config.reads_per_second),
            writes: limiter(config.writes_per_second),
        }
    }

    /// Counts a request.
    ///
    /// # Errors
    /// How long to wait, if there were too many.
    pub fn count(&self, app: AppKey, method: &Method) -> Result<(), Duration> {
        let limiter = if matches!(*method, Method::GET | Method::HEAD) {
            &self.reads
        } else {
            &self.writes
        };
        let Some(limiter) = limiter else {
            return Ok(());
        };
        limiter
            .check_key(&app)
            .map_err(|not_until| not_until.wait_time_from(DefaultClock::default().now()))
    }
}
