//! An outbox with the events of many calls.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Context as _;
use offhook_core::call::{Call, DialFacts, DialRequest, Input, MediaSettings, Profile, decide};
use offhook_core::id::{AppKey, CallId, DeviceId, UserKey};
use offhook_core::time::Timestamp;
use rusqlite::{Connection, Transaction, named_params};

/// How many events a call has.
pub const EVENTS: u32 = 3;
/// How many shares callers fall into, as the store has it.
const SHARES: u8 = 16;

/// Fills the outbox of the one application that there is.
pub fn fill(database: &Path, calls: u32) -> anyhow::Result<()> {
    let mut connection = Connection::open(database).context("opening the store")?;
    let (app, webhook): (u32, i64) = connection
        .query_row("select app_key, webhook_id from webhook", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .context("looking for the webhook")?;
    let transaction = connection.transaction()?;
    let an_hour_ago = SystemTime::now().duration_since(UNIX_EPOCH)? - Duration::from_secs(3600);
    let start = Timestamp::from_millis(offhook_core::time::millis(an_hour_ago));
    for number in 0..calls {
        let dialed_at = start + Duration::from_millis(u64::from(number) % 3_000_000);
        insert(&transaction, AppKey(app), webhook, number, dialed_at)?;
    }
    transaction.commit().context("filling the outbox")
}

fn insert(
    transaction: &Transaction<'_>,
    app: AppKey,
    webhook: i64,
    number: u32,
    dialed_at: Timestamp,
) -> anyhow::Result<()> {
    let dialed = dial(app, number, dialed_at)?;
    let (user, device) = (dialed.callee.user, DeviceId::from_bytes([3; 16]));
    let settings = dialed.callee.settings;
    let step = |call: &Call, input: Input, seconds: u64| {
        let decided = decide(call, input, dialed_at + Duration::from_secs(seconds));
        decided.map(|decision| decision.call).context("moving a call")
    };
    let accepted = step(&dialed, Input::Accept { user, device, settings }, 5)?;
    let ended = step(&accepted, Input::End { user, device }, 60)?;
    let call: i64 = transaction
        .prepare_cached(
            "insert into call (app_key, call_id, version, body, started_at, is_video, updated_at, ended_at, end_result,
                duration_ms, changed_seq)
             values (:app, :call_id, :version, :body, :started_at, true, :ended_at, :ended_at, 'not_connected', 55000,
                :changed)
             returning call_number",
        )?
        .query_row(
            named_params! {
                ":app": app.0, ":call_id": ended.id.as_bytes(), ":version": ended.version,
                ":body": serde_json::to_string(&ended)?, ":ended_at": column(ended.updated_at), ":changed": number + 1,
                ":started_at": column(dialed_at),
            },
            |row| row.get(0),
        )?;
    let share = number % u32::from(SHARES);
    let steps = [("dial", &dialed), ("accept", &accepted), ("end", &ended)];
    for (sequence, (category, call_then)) in (1_u32..).zip(steps) {
        let at = column(call_then.updated_at);
        transaction
            .prepare_cached(
                "insert into outbox (app_key, webhook_id, call_number, sequence, category, call_body, created_at, state,
                    attempts, failures, lane, next_attempt_at)
                 values (:app, :webhook, :call, :sequence, 'direct_call:' || :category, :body, :at, 'waiting', 0, 0,
                    :app || '//' || :share, :due)",
            )?
            .execute(named_params! {
                ":app": app.0, ":webhook": webhook, ":call": call, ":sequence": sequence, ":category": category,
                ":body": serde_json::to_string(call_then)?, ":at": at, ":share": share,
                ":due": (sequence == 1).then_some(at),
            })?;
    }
    Ok(())
}

fn column(at: Timestamp) -> i64 {
    i64::try_from(at.as_millis()).unwrap_or(i64::MAX)
}

fn dial(app: AppKey, number: u32, now: Timestamp) -> anyhow::Result<Call> {
    let bits = |kind: u8| {
        let [a, b, c, d] = number.to_be_bytes();
        [kind, a, b, c, d, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    };
    let profile = |user_id: String| Profile {
        nickname: format!("The {user_id}"),
        user_id,
        profile_url: "https://pictures.example.org/people/of/some/length.jpg".to_owned(),
        metadata: Default::default(),
    };
    let request = DialRequest {
        call_id: CallId::from_bytes(bits(1)),
        device: DeviceId::from_bytes([2; 16]),
        is_video: true,
        settings: MediaSettings {
            is_audio_enabled: true,
            is_video_enabled: true,
            is_on_hold: false,
            is_recording: false,
            revision: 0,
        },
        custom_items: [("ticket".to_owned(), number.to_string())].into(),
        chat_channel_url: None,
        ringing_timeout: None,
        connection_timeout: None,
    };
    let facts = DialFacts {
        app,
        caller: (UserKey::from_bytes(bits(2)), profile(format!("caller-{number}"))),
        is_caller_read_only: false,
        callee: Some((UserKey::from_bytes(bits(3)), profile(format!("callee-{number}")))),
        has_callee_signed_in: true,
        recent_dials: 0,
        recent_dials_to_callee: 0,
        live_calls: 0,
        calls_ringing_callee: 0,
        max_ringing: Duration::from_secs(300),
        max_connecting: Duration::from_secs(300),
    };
    Call::dial(request, facts, now).context("dialling a call")
}
