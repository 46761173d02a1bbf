//! A call as rows: itself, its two parties' entries, its timeline.

use std::borrow::Cow;
use std::time::Duration;

use offhook_core::call::{Call, Decision, Evidence, Happening, Path, Role, SettingsChange};
use offhook_core::id::{AppKey, CallId, DeviceId, SessionId, UserKey};
use offhook_core::time::{Timestamp, millis};
use rusqlite::{Connection, OptionalExtension, Result, Row, named_params};

use super::ChangeNumber;
use crate::columns::{Columns, json, span, time};
use crate::usage;

/// The most entries of a call's timeline. A device that mutes and unmutes for hours fills no disk; the end is always written.
const MAX_EVENTS: i64 = 1000;
/// What dial limits look back on.
const DIAL_WINDOW: Duration = Duration::from_secs(60);

/// A step that ends nothing. Columns that stay as they are are not named: their indexes would be written again.
const UPDATE: &str = "update call set version = ?2, body = ?3, deadline_at = ?4, updated_at = ?5,
        changed_seq = ?6
     where call_number = ?1";
const UPDATE_ENDED: &str = "update call set version = ?2, body = ?3, deadline_at = ?4, updated_at = ?5,
        changed_seq = ?6, end_result = ?7, ended_at = ?8, duration_ms = ?9
     where call_number = ?1";
/// By its whole key: rows that are found by another index are first gathered in a table of their own.
const DELETE_LIVE_PARTY: &str = "delete from live_party where user_key = ?1 and started_at = ?2 and call_number = ?3";
const INSERT_PARTY: &str = "insert into call_party
        (user_key, started_at, call_number, role, is_video, other_user_key, end_result, ended_at, duration_ms)
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";

/// A call and its row's number.
pub(super) struct Stored {
    pub number: i64,
    pub call: Call,
}

/// What counts against the limits of a dial.
pub(super) struct RecentDials {
    pub all: u32,
    pub to_callee: u32,
    pub live: u32,
    pub ringing_callee: u32,
}

pub(super) fn load(connection: &Connection, app: AppKey, call_id: CallId) -> Result<Option<Stored>> {
    connection
        .prepare_cached("select call_number, body from call where app_key = ?1 and call_id = ?2")?
        .query_row((app.0, call_id.as_bytes()), stored)
        .optional()
}

pub(super) fn stored(row: &Row<'_>) -> Result<Stored> {
    Ok(Stored {
        number: row.get(0)?,
        call: row.json(1)?,
    })
}

/// The last change of any call.
pub(super) fn last_change(connection: &Connection) -> Result<ChangeNumber> {
    connection
        .prepare_cached("select last from change_count")?
        .query_row([], |row| row.get(0).map(ChangeNumber))
}

fn next_change(connection: &Connection) -> Result<ChangeNumber> {
    last_change(connection).map(|ChangeNumber(last)| ChangeNumber(last + 1))
}

/// Gives the call's number, and that of the change.
pub(super) fn insert(connection: &Connection, call: &Call, session: SessionId) -> Result<(i64, ChangeNumber)> {
    let change = next_change(connection)?;
    let number = connection
        .prepare_cached(
            "insert into call
                (app_key, call_id, version, body, started_at, is_video, deadline_at, updated_at, changed_seq)
             values (:app_key, :call_id, :version, :body, :started_at, :is_video, :deadline_at, :updated_at, :changed_seq)",
        )?
        .insert(
            named_params! {
                ":app_key": call.app.0, ":call_id": call.id.as_bytes(), ":version": call.version, ":body": json(call)?,
                ":started_at": time(call.dialed_at), ":is_video": call.is_video,
                ":deadline_at": call.deadline().map(time), ":updated_at": time(call.updated_at),
                ":changed_seq": change.0,
            },
        )?;
    let mut party = connection.prepare_cached(
        "insert into live_party (user_key, started_at, call_number, role, is_video, other_user_key, device_id, session_id)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    let carried = (call.caller_device.as_bytes(), session.as_bytes());
    for (role, carried) in [(Role::Caller, Some(carried)), (Role::Callee, None)] {
        party.execute((
            call.party(role).user.as_bytes(),
            time(call.dialed_at),
            number,
            role.as_str(),
            call.is_video,
            call.party(role.other()).user.as_bytes(),
            carried.map(|(device, _)| device),
            carried.map(|(_, session)| session),
        ))?;
    }
    append(connection, number, call.dialed_at, &("dialed", None, None))?;
    Ok((number, change))
}

/// Notes which device carries the callee's side of a call, and by which session it is there.
pub(super) fn carry(
    connection: &Connection,
    number: i64,
    call: &Call,
    device: DeviceId,
    session: SessionId,
) -> Result<()> {
    connection
        .prepare_cached(
            "update live_party set device_id = ?4, session_id = ?5
             where user_key = ?1 and started_at = ?2 and call_number = ?3",
        )?
        .execute((
            call.callee.user.as_bytes(),
            time(call.dialed_at),
            number,
            device.as_bytes(),
            session.as_bytes(),
        ))
        .map(|_| ())
}

pub(super) fn update(connection: &Connection, number: i64, decision: &Decision) -> Result<ChangeNumber> {
    let call = &decision.call;
    let change = next_change(connection)?;
    let ended = decision.happened.iter().find_map(|happening| match happening {
        Happening::Ended(result) => call.ending().map(|ending| (result.as_str(), ending.at)),
        _ => None,
    });
    let (body, deadline_at, updated_at) = (json(call)?, call.deadline().map(time), time(call.updated_at));
    if let Some((result, at)) = ended {
        let (ended_at, duration_ms) = (time(at), span(call.duration(at)));
        let columns = (
            number,
            call.version,
            body,
            deadline_at,
            updated_at,
            change.0,
            result,
            ended_at,
            duration_ms,
        );
        connection.prepare_cached(UPDATE_ENDED)?.execute(columns)?;
        let mut live = connection.prepare_cached(DELETE_LIVE_PARTY)?;
        let mut party = connection.prepare_cached(INSERT_PARTY)?;
        for role in [Role::Caller, Role::Callee] {
            let user = call.party(role).user;
            live.execute((user.as_bytes(), time(call.dialed_at), number))?;
            party.execute((
                user.as_bytes(),
                time(call.dialed_at),
                number,
                role.as_str(),
                call.is_video,
                call.party(role.other()).user.as_bytes(),
                result,
                ended_at,
                duration_ms,
            ))?;
        }
    } else {
        let columns = (number, call.version, body, deadline_at, updated_at, change.0);
        connection.prepare_cached(UPDATE)?.execute(columns)?;
    }
    for happening in &decision.happened {
        for entry in words(happening) {
            append(connection, number, call.updated_at, &entry)?;
        }
    }
    if let Some(usage) = &decision.usage {
        usage::insert(connection, number, usage)?;
    }
    Ok(change)
}

fn append(connection: &Connection, number: i64, at: Timestamp, (happening, role, detail): &Words<'_>) -> Result<()> {
    // In two statements: what one reads of the table that it writes is first gathered in a table of its own.
    let last: i64 = connection
        .prepare_cached("select coalesce(max(event_number), 0) from call_event where call_number = ?1")?
        .query_row([number], |row| row.get(0))?;
    if last >= MAX_EVENTS && *happening != "ended" {
        return Ok(());
    }
    connection
        .prepare_cached(
            "insert into call_event (call_number, event_number, happened_at, happening, role, detail)
             values (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute((number, last + 1, time(at), happening, role.map(Role::as_str), detail))
        .map(|_| ())
}

/// The happening, whose side it is about, and what there is to say beyond that.
type Words<'a> = (&'static str, Option<Role>, Option<Cow<'a, str>>);

/// The entries of a happening: one, but for settings, of which several may change at once.
fn words(happening: &Happening) -> Vec<Words<'_>> {
    let (word, role, detail) = match happening {
        Happening::DialReceived => ("dial_received", None, None),
        Happening::Accepted => ("accepted", None, None),
        Happening::MediaConnected(role, path) => ("media_connected", Some(role), path.map(Path::as_str)),
        Happening::PathChanged(role, path) => ("path_changed", Some(role), Some(path.as_str())),
        Happening::MediaLost(role) => ("media_lost", Some(role), None),
        Happening::Connected(evidence) => ("connected", None, Some(evidence_word(*evidence))),
        Happening::Configured(role, change) => return settings_words(*role, *change),
        Happening::ItemsChanged(role, keys) => {
            let keys = Cow::Owned(keys.join(","));
            return vec![("custom_items_changed", *role, Some(keys))];
        }
        Happening::Appeared(role) => ("appeared", Some(role), None),
        Happening::Vanished(role) => ("vanished", Some(role), None),
        Happening::Resumed => ("resumed", None, None),
        Happening::Ended(result) => ("ended", None, Some(result.as_str())),
    };
    vec![(word, role.copied(), detail.map(Cow::Borrowed))]
}

/// None, where only the count of changes was raised.
fn settings_words(role: Role, change: SettingsChange) -> Vec<Words<'static>> {
    let word = |now: Option<bool>, on, off| now.map(|is_on| if is_on { on } else { off });
    [
        word(change.is_audio_enabled, "unmuted", "muted"),
        word(change.is_video_enabled, "video_started", "video_stopped"),
        word(change.is_on_hold, "held", "unheld"),
        word(change.is_recording, "recording_started", "recording_stopped"),
    ]
    .into_iter()
    .flatten()
    .map(|word| (word, Some(role), None))
    .collect()
}

/// The word in the timeline and in the record of usage.
pub(crate) const fn evidence_word(evidence: Evidence) -> &'static str {
    match evidence {
        Evidence::BothReported => "both_reported",
        Evidence::OneReported => "one_reported",
    }
}

pub(super) fn recent_dials(
    connection: &Connection,
    caller: UserKey,
    callee: Option<UserKey>,
    now: Timestamp,
) -> Result<RecentDials> {
    let since = Timestamp::from_millis(now.as_millis().saturating_sub(millis(DIAL_WINDOW)));
    let (all, to_callee) = connection
        .prepare_cached(
            "select count(*), count(*) filter (where other_user_key = ?3) from (
                select role, other_user_key from live_party where user_key = ?1 and started_at > ?2
                union all select role, other_user_key from call_party where user_key = ?1 and started_at > ?2)
             where role = 'dc_caller'",
        )?
        .query_row(
            (caller.as_bytes(), time(since), callee.map(|callee| *callee.as_bytes())),
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
    let live = connection
        .prepare_cached("select count(*) from live_party where user_key = ?1 and role = 'dc_caller'")?
        .query_row([caller.as_bytes()], |row| row.get(0))?;
    // A device that accepts carries the call; while it rings, none does.
    let ringing_callee = connection
        .prepare_cached(
            "select count(*) from live_party where user_key = ?1 and role = 'dc_callee' and device_id is null",
        )?
        .query_row([callee.map(|callee| *callee.as_bytes())], |row| row.get(0))?;
    Ok(RecentDials {
        all,
        to_callee,
        live,
        ringing_callee,
    })
}
