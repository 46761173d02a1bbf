//! What a side measured, in a few numbers.

use offhook_store::Quality;
use serde_json::{Value, json};

/// The middle and the worst of what was measured; nothing of what no sample knows.
#[derive(Debug, PartialEq, Eq)]
pub struct Summary {
    samples: usize,
    mos_hundredths: Option<Spread>,
    lost_per_mille: Option<Spread>,
    round_trip_ms: Option<Spread>,
    jitter_ms: Option<Spread>,
    sent_bps: Option<Spread>,
    received_bps: Option<Spread>,
    freezes: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Spread {
    median: u32,
    worst: u32,
}

#[derive(Clone, Copy)]
enum Worse {
    Lower,
    Higher,
}

impl Summary {
    /// Of a side's samples; nothing, if there are none.
    pub fn of(samples: &[Quality]) -> Option<Self> {
        if samples.is_empty() {
            return None;
        }
        let spread =
            |number: fn(&Quality) -> Option<u32>, worse| spread(samples.iter().filter_map(number).collect(), worse);
        Some(Self {
            samples: samples.len(),
            mos_hundredths: spread(|one| one.mos_hundredths, Worse::Lower),
            lost_per_mille: spread(|one| one.lost_per_mille, Worse::Higher),
            round_trip_ms: spread(|one| one.round_trip_ms, Worse::Higher),
            jitter_ms: spread(|one| one.jitter_ms, Worse::Higher),
            sent_bps: spread(|one| one.sent_bps, Worse::Lower),
            received_bps: spread(|one| one.received_bps, Worse::Lower),
            freezes: samples.iter().filter_map(|one| one.freezes).map(u64::from).sum(),
        })
    }

    /// For programs.
    pub fn as_json(&self) -> Value {
        let spread =
            |spread: Option<Spread>| spread.map(|spread| json!({"median": spread.median, "worst": spread.worst}));
        json!({
            "samples": self.samples,
            "mos_hundredths": spread(self.mos_hundredths),
            "lost_per_mille": spread(self.lost_per_mille),
            "round_trip_ms": spread(self.round_trip_ms),
            "jitter_ms": spread(self.jitter_ms),
            "sent_bps": spread(self.sent_bps),
            "received_bps": spread(self.received_bps),
            "freezes": self.freezes,
        })
    }

    /// For people: lines of what is known, each as it was mostly and at worst.
    pub fn in_words(&self) -> Vec<String> {
        let line = |name: &str, spread: Option<Spread>, write: fn(u32) -> String| {
            spread.map(|spread| format!("{name} {}, at worst {}", write(spread.median), write(spread.worst)))
        };
        let milliseconds = |number| format!("{number} ms");
        let kilobits = |number: u32| format!("{} kbit/s", number / 1000);
        let known = [
            line("MOS", self.mos_hundredths, |number| {
                format!("{}.{:02}", number / 100, number % 100)
            }),
            line("loss", self.lost_per_mille, |number| {
                format!("{}.{} %", number / 10, number % 10)
            }),
            line("round trip", self.round_trip_ms, milliseconds),
            line("jitter", self.jitter_ms, milliseconds),
            line("sent", self.sent_bps, kilobits),
            line("received", self.received_bps, kilobits),
        ];
        let count = match self.samples {
            1 => "1 sample".to_owned(),
            samples => format!("{samples} samples"),
        };
        let freezes = format!("{count}, {} freezes", self.freezes);
        known.into_iter().flatten().chain([freezes]).collect()
    }
}

/// Of two in the middle the lower.
fn spread(mut numbers: Vec<u32>, worse: Worse) -> Option<Spread> {
    numbers.sort_unstable();
    let middle = numbers.len().saturating_sub(1) / 2;
    let worst = match worse {
        Worse::Lower => numbers.first(),
        Worse::Higher => numbers.last(),
    };
    Some(Spread {
        median: *numbers.get(middle)?,
        worst: *worst?,
    })
}

#[cfg(test)]
mod tests;
