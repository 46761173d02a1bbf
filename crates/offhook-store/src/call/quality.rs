//! How good the media of calls was, as their devices measured it.

use offhook_core::call::Role;
use offhook_core::id::{AppKey, CallId};
use rusqlite::{Connection, Result, named_params};

use crate::{Store, StoreError};

/// Which second of which side of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct QualityMoment {
    /// The application.
    pub app: AppKey,
    /// The call.
    pub call_id: CallId,
    /// The side whose device measured.
    pub role: Role,
    /// Whole seconds since the call was dialled.
    pub second: u32,
}

/// What a device measured in an interval that ended then; what it does not know is `None`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Quality {
    /// The mean opinion score in hundredths.
    pub mos_hundredths: Option<u32>,
    /// Packets of the other side that did not come, of a thousand.
    pub lost_per_mille: Option<u32>,
    /// The way there and back.
    pub round_trip_ms: Option<u32>,
    /// How unevenly packets came.
    pub jitter_ms: Option<u32>,
    /// Bits sent a second.
    pub sent_bps: Option<u32>,
    /// Bits received a second.
    pub received_bps: Option<u32>,
    /// How often the other side's picture froze.
    pub freezes: Option<u32>,
}

/// What a side's device measured, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QualitySample {
    /// Whole seconds since the call was dialled.
    pub second: u32,
    /// What it measured in an interval that ended then.
    pub quality: Quality,
}

impl Store {
    /// Keeps samples, in one unit of work. Of a second that a side has a sample of already the first stays, and a call that
    /// is gone has no use for any.
    ///
    /// # Errors
    /// If the store failed; then none was kept.
    pub async fn keep_quality(&self, samples: Vec<(QualityMoment, Quality)>) -> Result<(), StoreError> {
        self.write(move |connection| samples.iter().try_for_each(|sample| Ok(keep(connection, sample)?)))
            .await
    }
}

fn keep(connection: &Connection, (moment, quality): &(QualityMoment, Quality)) -> Result<()> {
    connection
        .prepare_cached(
            "insert into quality_sample select call_number, :role, :second, :mos_hundredths, :lost_per_mille,
                :round_trip_ms, :jitter_ms, :sent_bps, :received_bps, :freezes
             from call where app_key = :app_key and call_id = :call_id
             on conflict (call_number, role, second) do nothing",
        )?
        .execute(named_params! {
            ":app_key": moment.app.0, ":call_id": moment.call_id.as_bytes(), ":role": moment.role.as_str(),
            ":second": moment.second, ":mos_hundredths": quality.mos_hundredths,
            ":lost_per_mille": quality.lost_per_mille, ":round_trip_ms": quality.round_trip_ms,
            ":jitter_ms": quality.jitter_ms, ":sent_bps": quality.sent_bps, ":received_bps": quality.received_bps,
            ":freezes": quality.freezes,
        })
        .map(|_| ())
}

/// What one side measured, in order.
pub(super) fn measured(connection: &Connection, number: i64, role: Role) -> Result<Vec<QualitySample>> {
    connection
        .prepare_cached("select * from quality_sample where call_number = ?1 and role = ?2 order by second")?
        .query_map((number, role.as_str()), |row| {
            Ok(QualitySample {
                second: row.get("second")?,
                quality: Quality {
                    mos_hundredths: row.get("mos_hundredths")?,
                    lost_per_mille: row.get("lost_per_mille")?,
                    round_trip_ms: row.get("round_trip_ms")?,
                    jitter_ms: row.get("jitter_ms")?,
                    sent_bps: row.get("sent_bps")?,
                    received_bps: row.get("received_bps")?,
                    freezes: row.get("freezes")?,
                },
            })
        })?
        .collect()
}
