//! A store with many calls, written straight into its tables: by the rules it would take an hour.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use offhook_core::call::{
    Accepted, Call, DialFacts, DialRequest, EndResult, Ending, MediaSettings, Profile, Role, Stage,
};
use offhook_core::id::{AppKey, CallId, DeviceId, UserKey};
use offhook_core::time::{Timestamp, millis};
use rusqlite::{Connection, named_params};

/// The users, `user-0000` and so on.
pub const USERS: u32 = 2000;
/// The one of them who has a part in every tenth call.
pub const BUSY: &str = "user-1999";
/// When the first call is dialled, in UTC milliseconds.
pub const START: u64 = 1_700_000_000_000;
/// When the last is: two years later.
pub const END: u64 = START + 2 * 365 * 24 * 60 * 60 * 1000;
/// Of so many calls at the end of the list, each tenth is live.
const LATEST: u32 = 1000;

/// Writes users and calls into a store that has one application.
pub fn fill(path: &Path, calls: u32) -> anyhow::Result<()> {
    let mut connection = Connection::open(path).context("opening the store")?;
    connection.pragma_update(None, "synchronous", "off")?;
    let transaction = connection.transaction()?;
    let app: u32 = transaction.query_row("select app_key from application", [], |row| row.get(0))?;
    write_users(&transaction, app)?;
    let mut dice = Dice(1);
    for number in 0..calls {
        let dialed_at = START + (END - START) / u64::from(calls) * u64::from(number);
        let is_live = number + LATEST >= calls && number % 10 == 0;
        let call = call(
            &mut dice,
            AppKey(app),
            number,
            Timestamp::from_millis(dialed_at),
            is_live,
        )?;
        write(&transaction, number + 1, &call).with_context(|| format!("writing call {number}"))?;
    }
    transaction.commit()?;
    // A server that has run for years has gathered what its planner goes by, or has not: here it has not.
    connection.pragma_update(None, "wal_checkpoint", "truncate")?;
    Ok(())
}

/// Numbers that are the same in each run (xorshift64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        u32::try_from(self.0 % u64::from(bound)).unwrap_or(0)
    }
}

fn bits(kind: u8, number: u32) -> [u8; 16] {
    // Spread as random ids are: neighbours are not neighbours in an index.
    let mut bits = [kind; 16];
    let mixed = u64::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes();
    bits[..8].copy_from_slice(&mixed);
    bits
}

fn user(number: u32) -> (UserKey, Profile) {
    let profile = Profile {
        user_id: format!("user-{number:04}"),
        nickname: format!("User {number}"),
        profile_url: String::new(),
        metadata: BTreeMap::new(),
    };
    (UserKey::from_bytes(bits(1, number)), profile)
}

fn write_users(connection: &Connection, app: u32) -> anyhow::Result<()> {
    let mut insert = connection.prepare(
        "insert into user (user_key, app_key, user_id, nickname, profile_url, is_active, access_token_number, generation,
            has_had_token, has_ever_logged_in, discovery_keys, preferred_languages, created_at)
         values (?1, ?2, ?3, ?4, '', 1, 0, 0, 0, 1, '[]', '[]', ?5)",
    )?;
    for number in 0..USERS {
        let (key, profile) = user(number);
        insert.execute((key.as_bytes(), app, profile.user_id, profile.nickname, signed(START)))?;
    }
    Ok(())
}

fn call(dice: &mut Dice, app: AppKey, number: u32, dialed_at: Timestamp, is_live: bool) -> anyhow::Result<Call> {
    let first = if number % 10 == 3 { USERS - 1 } else { dice.below(USERS) };
    let second = (first + 1 + dice.below(USERS - 1)) % USERS;
    let (caller, callee) = if dice.below(2) == 0 {
        (first, second)
    } else {
        (second, first)
    };
    let request = DialRequest {
        call_id: CallId::from_bytes(bits(2, number)),
        device: DeviceId::from_bytes(bits(3, caller)),
        is_video: dice.below(3) == 0,
        settings: MediaSettings {
            is_audio_enabled: true,
            is_video_enabled: false,
            is_on_hold: false,
            is_recording: false,
            revision: 0,
        },
        custom_items: BTreeMap::new(),
        chat_channel_url: None,
        ringing_timeout: None,
        connection_timeout: None,
    };
    let facts = DialFacts {
        app,
        caller: user(caller),
        is_caller_read_only: false,
        callee: Some(user(callee)),
        has_callee_signed_in: true,
        recent_dials: 0,
        recent_dials_to_callee: 0,
        live_calls: 0,
        calls_ringing_callee: 0,
        max_ringing: Duration::from_secs(300),
        max_connecting: Duration::from_secs(300),
    };
    let mut call = Call::dial(request, facts, dialed_at)?;
    if !is_live {
        call.stage = Stage::Ended(ending(dice, callee, dialed_at));
        call.version = 6;
    }
    Ok(call)
}

fn ending(dice: &mut Dice, callee: u32, dialed_at: Timestamp) -> Ending {
    let (result, by) = match dice.below(1000) {
        0..700 => (EndResult::Completed, Some(Role::Caller)),
        700..820 => (EndResult::NoAnswer, None),
        820..900 => (EndResult::Canceled, Some(Role::Caller)),
        900..960 => (EndResult::Declined, Some(Role::Callee)),
        960..985 => (EndResult::NotConnected, Some(Role::Callee)),
        985..999 => (EndResult::ConnectionLost, None),
        _ => (EndResult::TimedOut, None),
    };
    let accepted = match result {
        EndResult::NoAnswer | EndResult::Canceled | EndResult::Declined => None,
        EndResult::Completed | EndResult::TimedOut | EndResult::ConnectionLost | EndResult::NotConnected => {
            Some(Accepted {
                device: DeviceId::from_bytes(bits(3, callee)),
                at: dialed_at + Duration::from_secs(u64::from(1 + dice.below(20))),
            })
        }
    };
    // Most are short.
    let longest = 1 + dice.below(3600);
    let length = Duration::from_secs(u64::from(1 + dice.below(longest)));
    Ending {
        result,
        by,
        at: accepted.map_or(dialed_at, |accepted| accepted.at) + length,
        accepted,
        connected_at: accepted.map(|accepted| accepted.at),
    }
}

fn write(connection: &Connection, number: u32, call: &Call) -> anyhow::Result<()> {
    let ending = call.ending();
    let duration_ms = ending.map(|ending| signed(millis(call.duration(ending.at))));
    let ended_at = ending.map(|ending| signed(ending.at.as_millis()));
    let end_result = ending.map(|ending| ending.result.as_str());
    connection
        .prepare_cached(
            "insert into call (call_number, app_key, call_id, version, body, started_at, is_video, deadline_at, updated_at,
                ended_at, end_result, duration_ms, changed_seq)
             values (:number, :app, :call_id, :version, :body, :started_at, :is_video, :deadline_at, :started_at,
                :ended_at, :end_result, :duration_ms, :number)",
        )?
        .execute(named_params! {
            ":number": number, ":app": call.app.0, ":call_id": call.id.as_bytes(), ":version": call.version,
            ":body": serde_json::to_string(call)?, ":started_at": signed(call.dialed_at.as_millis()),
            ":is_video": call.is_video, ":deadline_at": call.deadline().map(|at| signed(at.as_millis())),
            ":ended_at": ended_at, ":end_result": end_result, ":duration_ms": duration_ms,
        })?;
    for role in [Role::Caller, Role::Callee] {
        let side = (
            call.party(role).user.as_bytes(),
            signed(call.dialed_at.as_millis()),
            number,
            role.as_str(),
            call.is_video,
            call.party(role.other()).user.as_bytes(),
        );
        let (user, started_at, number, role, is_video, other) = side;
        if ending.is_some() {
            connection
                .prepare_cached(
                    "insert into call_party (user_key, started_at, call_number, role, is_video, other_user_key, end_result,
                        ended_at, duration_ms)
                     values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                )?
                .execute((user, started_at, number, role, is_video, other, end_result, ended_at, duration_ms))?;
        } else {
            connection
                .prepare_cached(
                    "insert into live_party (user_key, started_at, call_number, role, is_video, other_user_key)
                     values (?1, ?2, ?3, ?4, ?5, ?6)",
                )?
                .execute(side)?;
        }
    }
    Ok(())
}

/// As SQLite has numbers.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
