//! How good the media of a call is, as a device measures it.

use serde::{Deserialize, Serialize};

/// The most samples in one message.
pub const MAX_QUALITY_SAMPLES: usize = 20;

/// The oldest sample that is taken: what a device collects while it has no socket.
pub const MAX_SAMPLE_AGE_MS: u32 = 600_000;
/// The longest time that can be measured: beyond it no media gets through.
const MAX_MEASURED_MS: u32 = 60_000;
/// The most freezes of an interval.
const MAX_FREEZES: u32 = 10_000;

/// What a device measured over one interval, from `RTCPeerConnection.getStats`. What it does not know is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct QualitySample {
    /// How long before this message the interval ended: at most [`MAX_SAMPLE_AGE_MS`].
    pub ago_ms: u32,
    /// The mean opinion score by the E-model (ITU-T G.107) in hundredths: 100 to 450.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub mos_hundredths: Option<u32>,
    /// Packets of the other side that did not come, of a thousand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub lost_per_mille: Option<u32>,
    /// The way there and back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub round_trip_ms: Option<u32>,
    /// How unevenly packets come (RFC 3550 §6.4.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub jitter_ms: Option<u32>,
    /// Sent over the interval, headers left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub sent_bps: Option<u32>,
    /// Received over the interval, headers left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub received_bps: Option<u32>,
    /// How often the other side's picture froze in the interval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub freezes: Option<u32>,
}

impl QualitySample {
    /// Whether every number is one that can be measured.
    pub fn is_plausible(&self) -> bool {
        let within = |number: Option<u32>, range: std::ops::RangeInclusive<u32>| {
            number.is_none_or(|number| range.contains(&number))
        };
        self.ago_ms <= MAX_SAMPLE_AGE_MS
            && within(self.mos_hundredths, 100..=450)
            && within(self.lost_per_mille, 0..=1000)
            && within(self.round_trip_ms, 0..=MAX_MEASURED_MS)
            && within(self.jitter_ms, 0..=MAX_MEASURED_MS)
            && within(self.freezes, 0..=MAX_FREEZES)
    }
}
