//! What operators are told of calls: a line in the log and a count, once for each event in a call's life.

use offhook_core::call::{Call, EndResult, Evidence, Happening};
use offhook_core::time::millis;
use offhook_store::CallChange;
use tracing::info;

/// Records a step that was committed.
pub fn record(change: &CallChange) {
    let call = &change.call;
    if change.is_new {
        metrics::counter!("offhook_calls_dialed_total").increment(1);
        info!(app.key = call.app.0, call.id = %call.id, is_video = call.is_video, "call dialed");
    }
    for happening in &change.happened {
        match happening {
            Happening::Accepted => info!(app.key = call.app.0, call.id = %call.id, "call accepted"),
            Happening::Connected(evidence) => connected(call, *evidence),
            Happening::Ended(result) => ended(call, *result),
            Happening::DialReceived
            | Happening::MediaConnected(..)
            | Happening::PathChanged(..)
            | Happening::MediaLost(_)
            | Happening::Configured(..)
            | Happening::ItemsChanged(..)
            | Happening::Appeared(_)
            | Happening::Vanished(_)
            | Happening::Resumed => tracing::debug!(call.id = %call.id, happening = ?happening, "call moved"),
        }
    }
}

fn connected(call: &Call, evidence: Evidence) {
    metrics::counter!("offhook_calls_connected_total").increment(1);
    info!(app.key = call.app.0, call.id = %call.id, evidence = ?evidence, "call connected");
}

fn ended(call: &Call, result: EndResult) {
    metrics::counter!("offhook_calls_ended_total", "result" => result.as_str()).increment(1);
    let duration_ms = millis(call.duration(call.updated_at));
    info!(app.key = call.app.0, call.id = %call.id, result = result.as_str(), duration_ms, "call ended");
}
