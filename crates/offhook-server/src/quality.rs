//! How good calls are, as their devices measure it: collected here, and put into the store a few seconds later, together.
//!
//! A device is bounded by time: it has one sample a second of its call, whatever it says, here as in the store.

use std::collections::HashMap;
use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use offhook_core::call::{Call, Role, Stage};
use offhook_core::id::{AppKey, CallId, DeviceId, UserKey};
use offhook_core::time::{Timestamp, millis};
use offhook_proto::socket::QualitySample;
use offhook_store::{Quality, QualityMoment};
use tokio::time::{MissedTickBehavior, interval};

use crate::node::{Node, stopped};

/// How long samples wait for others to share a commit with: what a crash may lose.
const KEEP: Duration = Duration::from_secs(2);
/// How long after its end a call's last samples are taken: some seconds of measuring, and a way over a bad network.
const LATE: Duration = Duration::from_secs(60);
/// The most samples that wait, of all devices; more are dropped. About eight megabytes.
const MAX_WAITING: usize = 64 * 1024;

/// Of them, how many may be of one application, so that no other goes without: what forty thousand devices say.
const MAX_OF_APPLICATION: u32 = 8 * 1024;
/// And of one side of a call: ten minutes without a socket, at a sample every ten seconds.
const MAX_OF_SIDE: u32 = 64;
/// How many are put into the store at once: whatever else is to be written waits for that long.
const CHUNK: usize = 512;

/// Samples that wait for the next commit.
#[derive(Debug, Default)]
pub struct QualityBox {
    waiting: Mutex<Waiting>,
}

#[derive(Debug, Default)]
struct Waiting {
    samples: HashMap<QualityMoment, Quality>,
    of_applications: HashMap<AppKey, u32>,
    of_sides: HashMap<(AppKey, CallId, Role), u32>,
}

impl Waiting {
    /// Of one second the first sample stays. Says whether there was room.
    fn take(&mut self, moment: QualityMoment, sample: &QualitySample) -> bool {
        if self.samples.contains_key(&moment) {
            return true;
        }
        let of_application = self.of_applications.entry(moment.app).or_default();
        let of_side = self
            .of_sides
            .entry((moment.app, moment.call_id, moment.role))
            .or_default();
        let has_room =
            self.samples.len() < MAX_WAITING && *of_application < MAX_OF_APPLICATION && *of_side < MAX_OF_SIDE;
        if has_room {
            *of_application += 1;
            *of_side += 1;
            self.samples.insert(moment, quality(sample));
        }
        has_room
    }
}

/// The side on which `device` of `user` carries an accepted call, whose samples are taken at `now`.
pub fn measuring_side(call: &Call, user: UserKey, device: DeviceId, now: Timestamp) -> Option<Role> {
    let is_in_time = match &call.stage {
        Stage::Ringing { .. } => false,
        Stage::Talking(_) => true,
        Stage::Ended(ending) => ending.accepted.is_some() && now.since(ending.at) <= LATE,
    };
    let role = call.role_of(user)?;
    (is_in_time && call.is_carried_by(user, device)).then_some(role)
}

impl QualityBox {
    /// Takes in what a side measured. What is dated before the call is no measurement of it.
    pub fn take(&self, call: &Call, role: Role, samples: &[QualitySample], now: Timestamp) {
        let mut waiting = self.waiting();
        for sample in samples {
            let measured_at = now - Duration::from_millis(sample.ago_ms.into());
            let second = millis(measured_at.since(call.dialed_at)) / 1000;
            let moment = QualityMoment {
                app: call.app,
                call_id: call.id,
                role,
                second: u32::try_from(second).unwrap_or(u32::MAX),
            };
            if measured_at < call.dialed_at || !waiting.take(moment, sample) {
                metrics::counter!("offhook_quality_samples_dropped_total").increment(1);
            }
        }
    }

    /// Puts what waits into the store.
    pub async fn keep(&self, node: &Node) {
        let waiting = mem::take(&mut *self.waiting());
        let samples: Vec<_> = waiting.samples.into_iter().collect();
        for chunk in samples.chunks(CHUNK) {
            if let Err(error) = node.store().keep_quality(chunk.to_vec()).await {
                // They tell how calls were; no call hangs on them.
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "quality samples could not be kept"
                );
                return;
            }
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Keeps samples until the node stops. The last, of devices that were still connected then, are [`Serving`]'s to keep.
///
/// [`Serving`]: crate::node::Serving
pub async fn run(node: Node) {
    let mut stopping = node.stopping();
    let mut keep = interval(KEEP);
    keep.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = keep.tick() => node.quality().keep(&node).await,
            () = stopped(&mut stopping) => return,
        }
    }
}

const fn quality(sample: &QualitySample) -> Quality {
    Quality {
        mos_hundredths: sample.mos_hundredths,
        lost_per_mille: sample.lost_per_mille,
        round_trip_ms: sample.round_trip_ms,
        jitter_ms: sample.jitter_ms,
        sent_bps: sample.sent_bps,
        received_bps: sample.received_bps,
        freezes: sample.freezes,
    }
}
