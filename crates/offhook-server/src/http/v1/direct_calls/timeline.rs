//! `GET /v1/direct_calls/{call_id}/timeline`: everything that is known of a call.

use axum::Json;
use axum::extract::State;
use offhook_core::call::{Call, Role, Stage};
use offhook_core::time::{Timestamp, millis};
use offhook_proto::platform::{CallTimeline, TimelineEntry, TimelineSample, TimelineSide};
use offhook_proto::webhook::DirectCall;
use offhook_store::{CallRecord, QualitySample};

use super::{call_id, no_such_call};
use crate::http::error::ApiError;
use crate::http::path::PathNames;
use crate::http::v1::webhook_deliveries;
use crate::http::v3::CurrentApplication;
use crate::node::Node;

/// Happenings whose detail is the path of a side's media.
const PATHS: [&str; 2] = ["media_connected", "path_changed"];

/// Tells it.
pub async fn get(
    State(node): State<Node>,
    CurrentApplication(application): CurrentApplication,
    names: PathNames,
) -> Result<Json<CallTimeline>, ApiError> {
    let call_id = call_id(&names)?;
    let record = node.store().call_record(application.key, call_id).await;
    let record = record
        .map_err(|error| ApiError::internal(&error))?
        .ok_or_else(no_such_call)?;
    let deliveries = node.store().deliveries_of_call(application.key, call_id).await;
    let deliveries = deliveries.map_err(|error| ApiError::internal(&error))?;
    let now = node.clock().now();
    let connected_at = connected_at(&record.call);
    let until = record.call.ending().map_or(now, |ending| ending.at);
    Ok(Json(CallTimeline {
        call: DirectCall::of(&record.call, now),
        connected_at: connected_at.map(Timestamp::as_millis),
        metered_ms: connected_at.map_or(0, |since| millis(until.since(since))),
        entries: record.timeline.iter().map(entry).collect(),
        sides: [Role::Caller, Role::Callee].map(|role| side(&record, role)).into(),
        deliveries: deliveries.into_iter().map(webhook_deliveries::shown).collect(),
    }))
}

fn connected_at(call: &Call) -> Option<Timestamp> {
    match &call.stage {
        Stage::Ringing { .. } => None,
        Stage::Talking(talk) => talk.connected.map(|(at, _)| at),
        Stage::Ended(ending) => ending.connected_at,
    }
}

fn entry(entry: &offhook_store::TimelineEntry) -> TimelineEntry {
    TimelineEntry {
        at: entry.at.as_millis(),
        happening: entry.happening.clone(),
        role: entry.role.map(Into::into),
        detail: entry.detail.clone(),
    }
}

fn side(record: &CallRecord, role: Role) -> TimelineSide {
    let (relayed, samples) = match role {
        Role::Caller => (record.caller_relayed, &record.caller_quality),
        Role::Callee => (record.callee_relayed, &record.callee_quality),
    };
    let mut entries = record.timeline.iter().rev();
    let last_path = entries
        .find(|entry| entry.role == Some(role) && entry.detail.is_some() && PATHS.contains(&entry.happening.as_str()));
    TimelineSide {
        role: role.into(),
        user_id: record.call.party(role).profile.user_id.clone(),
        path: last_path.and_then(|entry| entry.detail.clone()),
        sent_relayed_bytes: relayed.to_peer_bytes,
        received_relayed_bytes: relayed.to_client_bytes,
        samples: samples.iter().map(sample).collect(),
    }
}

fn sample(sample: &QualitySample) -> TimelineSample {
    let quality = sample.quality;
    TimelineSample {
        second: sample.second,
        mos_hundredths: quality.mos_hundredths,
        lost_per_mille: quality.lost_per_mille,
        round_trip_ms: quality.round_trip_ms,
        jitter_ms: quality.jitter_ms,
        sent_bps: quality.sent_bps,
        received_bps: quality.received_bps,
        freezes: quality.freezes,
    }
}
