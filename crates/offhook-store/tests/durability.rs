//! What a caller was told is on disk. A process of its own takes steps and says so after each answer; it is killed at
//! any moment, or watched system call by system call.

use offhook_store::ApplicationPatch;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use offhook_core::application::AccessTokenPermission;
use offhook_core::call::{Call, DialRequest, Input, MediaReport, MediaSettings, Stage};
use offhook_core::id::{AppKey, CallId, DeviceId, SessionId, UserKey};
use offhook_core::session::{Credential, Session};
use offhook_core::time::Timestamp;
use offhook_core::webhook::EventCategory;
use offhook_store::{Actor, ApiToken, NewApplication, NewUser, NewWebhook, Sealed, Store, TokenHash};

const ROUNDS: u32 = 25;
const PAIRS: u8 = 6;
const STEPS: u8 = 5;
const HOST: &str = "hooks.example:443";

#[tokio::test]
async fn a_killed_process_loses_no_step_that_it_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("offhook.db");
    let mut random = 0x0ff4_004b_u64;
    let mut acknowledged = BTreeMap::new();
    for round in 0..ROUNDS {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let kill_after = (random >> 33) as usize % 80;
        for (call_id, step) in run_and_kill(&path, round, kill_after) {
            let last: &mut u8 = acknowledged.entry(call_id).or_default();
            *last = step.max(*last);
        }

        let store = Store::open(&path).unwrap();
        let app = store.list_applications().await.unwrap()[0].key;
        for (&call_id, &step) in &acknowledged {
            let call = store.call(app, call_id).await.unwrap();
            let found = call.as_ref().map_or(0, steps_of);
            assert!(found >= step, "{call_id} had acknowledged step {step}, found {call:?}");
        }
        store.close().await;
        check_rows(&path);
    }
    assert!(
        acknowledged.len() > ROUNDS as usize * 5,
        "too little happened to prove anything"
    );
}

#[test]
fn every_answer_comes_after_a_sync_of_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("offhook.db");
    let trace = folder.path().join("trace");
    let status = Command::new("strace")
        .args([
            "-f",
            "-y",
            "-qq",
            "-s",
            "64",
            "-e",
            "trace=write,pwrite64,fsync,fdatasync",
            "-o",
        ])
        .arg(&trace)
        .arg(std::env::current_exe().unwrap())
        .args(CHILD)
        .envs(settings(&path, 0, Some(3)))
        .stdout(Stdio::null())
        .status()
        .expect("strace is needed: apt-get install strace");
    assert!(status.success());

    let mut is_synced = false;
    let mut answers = 0;
    for line in std::fs::read_to_string(&trace).unwrap().lines() {
        if line.contains("pwrite64(") && line.contains("offhook.db-wal") {
            is_synced = false;
        } else if line.contains("sync") && line.ends_with("= 0") {
            // `fdatasync(7</…/offhook.db-wal>) = 0`, or its second half where another thread came between.
            is_synced |= line.contains("offhook.db-wal") || line.contains("sync resumed");
        } else if line.contains("\"acknowledged ") {
            assert!(is_synced, "answered before the sync: {line}");
            answers += 1;
            is_synced = false;
        }
    }
    assert_eq!(answers, 3 * usize::from(STEPS));
}

/// Not a test: what the tests above start as a process of its own.
#[tokio::test]
#[ignore = "started by the tests beside it"]
async fn take_steps() {
    let path = std::env::var("STORE_PATH").expect("is started by the tests beside it");
    let round: u32 = std::env::var("STORE_ROUND").unwrap().parse().unwrap();
    let calls: Option<u32> = std::env::var("STORE_CALLS").ok().map(|calls| calls.parse().unwrap());
    let store = Store::open(Path::new(&path)).unwrap();
    let app = application(&store).await;
    let pairs = if calls.is_some() { 1 } else { PAIRS };
    let tasks: Vec<_> = (0..pairs)
        .map(|pair| tokio::spawn(take_calls(store.clone(), app, round, pair, calls)))
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}

const CHILD: [&str; 5] = [
    "--exact",
    "durability::take_steps",
    "--ignored",
    "--nocapture",
    "--quiet",
];

fn settings(path: &Path, round: u32, calls: Option<u32>) -> BTreeMap<&'static str, String> {
    let mut settings = BTreeMap::from([
        ("STORE_PATH", path.to_str().unwrap().to_owned()),
        ("STORE_ROUND", round.to_string()),
    ]);
    if let Some(calls) = calls {
        settings.insert("STORE_CALLS", calls.to_string());
    }
    settings
}

/// Runs the process, kills it once it has said so much, and answers everything it had said.
fn run_and_kill(path: &Path, round: u32, kill_after: usize) -> Vec<(CallId, u8)> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(CHILD)
        .envs(settings(path, round, None))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut acknowledged = Vec::new();
    let mut line = String::new();
    let mut is_killed = false;
    // A line without its end was cut by the kill: nobody was told.
    while output.read_line(&mut line).unwrap() > 0 && line.ends_with('\n') {
        if let Some(words) = line.trim_end().strip_prefix("acknowledged ") {
            let (call_id, step) = words.split_once(' ').unwrap();
            acknowledged.push((call_id.parse().unwrap(), step.parse().unwrap()));
        }
        if acknowledged.len() > kill_after && !is_killed {
            child.kill().unwrap();
            is_killed = true;
        }
        line.clear();
    }
    assert!(is_killed, "the process ended by itself");
    child.wait().unwrap();
    acknowledged
}

/// How far a call has come, in the steps that are acknowledged.
fn steps_of(call: &Call) -> u8 {
    match &call.stage {
        Stage::Ringing { .. } => 1,
        Stage::Talking(talk) if talk.connected.is_some() => 4,
        Stage::Talking(_) => 2,
        Stage::Ended(_) => 5,
    }
}

/// No step was kept in part.
fn check_rows(path: &Path) {
    let connection = rusqlite::Connection::open(path).unwrap();
    let number = |query: &str| connection.query_row(query, [], |row| row.get::<_, i64>(0)).unwrap();
    let verdict: String = connection
        .query_row("pragma integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(verdict, "ok");
    let calls = number("select count(*) from call");
    assert_eq!(
        number("select count(*) from call_event where happening = 'dialed'"),
        calls
    );
    let ended = number("select count(*) from call where ended_at is not null");
    assert_eq!(number("select count(*) from live_party"), 2 * (calls - ended));
    assert_eq!(
        number("select count(*) from call_event where happening = 'ended'"),
        ended
    );
    assert_eq!(
        number("select count(*) from call_party where end_result = 'completed'"),
        2 * ended
    );
    assert_eq!(number("select count(*) from usage"), ended);
    assert_eq!(number("select coalesce(sum(calls), 0) from usage_day"), ended);
    assert_eq!(number("select coalesce(sum(calls), 0) from usage_user_day"), 2 * ended);
    let events = |category: &str| {
        number(&format!(
            "select count(*) from outbox where category = 'direct_call:{category}'"
        ))
    };
    assert_eq!((events("dial"), events("end")), (calls, ended));
    let accepted = number("select count(*) from call_event where happening = 'accepted'");
    assert_eq!(events("accept"), accepted);
    assert_eq!(
        number("select count(*) from outbox where next_attempt_at is not null"),
        calls
    );
}

async fn application(store: &Store) -> AppKey {
    if let Some(application) = store.list_applications().await.unwrap().first() {
        return listed(store, application.key).await;
    }
    let new = NewApplication {
        id: "app".parse().unwrap(),
        name: String::new(),
        permission: AccessTokenPermission::ReadWrite,
        allowed_origins: Vec::new(),
        is_relay_only: false,
        api_token: ApiToken {
            hash: TokenHash::from_bytes([1; 32]),
            hint: "last".to_owned(),
            sealed: Sealed::from_bytes(vec![1]),
        },
        signing_key: Sealed::from_bytes(vec![2]),
        webhook_key: Sealed::from_bytes(vec![3]),
    };
    let app = store
        .create_application(new, Timestamp::from_millis(0))
        .await
        .unwrap()
        .key;
    listed(store, app).await
}

/// The process may have been killed before this.
async fn listed(store: &Store, app: AppKey) -> AppKey {
    store
        .update_application(
            app,
            ApplicationPatch {
                webhook_hosts: Some(vec![HOST.to_owned()]),
                ..ApplicationPatch::default()
            },
        )
        .await
        .unwrap();
    app
}

/// Somebody calls somebody, over and over, and says so after each step.
async fn take_calls(store: Store, app: AppKey, round: u32, pair: u8, calls: Option<u32>) {
    let caller = sign_in(&store, app, round, pair, 1).await;
    let callee = sign_in(&store, app, round, pair, 2).await;
    for number in 0..calls.unwrap_or(u32::MAX) {
        let call_id = CallId::from_bytes(bits(round, pair, 0, number));
        let now = Timestamp::from_millis(u64::from(number) * 10_000 + 1_000_000);
        let request = DialRequest {
            call_id,
            device: caller.device,
            is_video: false,
            settings: MEDIA,
            custom_items: BTreeMap::new(),
            chat_channel_url: None,
            ringing_timeout: None,
            connection_timeout: None,
        };
        let webhook = NewWebhook {
            host: HOST.to_owned(),
            sealed: Sealed::from_bytes(vec![4]),
            enabled_events: EventCategory::ALL.to_vec(),
        };
        store
            .dial_with_webhook(caller.session, &callee.user_id, request, Some(webhook), true, now)
            .await
            .unwrap();
        say(call_id, 1);
        let accept = Input::Accept {
            user: callee.user,
            device: callee.device,
            settings: MEDIA,
        };
        let report = |phone: &Phone| Input::Report {
            user: phone.user,
            device: phone.device,
            media: MediaReport::Connected { path: None },
        };
        let end = Input::End {
            user: caller.user,
            device: caller.device,
        };
        let steps = [
            (&callee, accept),
            (&caller, report(&caller)),
            (&callee, report(&callee)),
            (&caller, end),
        ];
        for (index, (phone, input)) in steps.into_iter().enumerate() {
            let actor = Actor::Session(phone.session);
            store.apply(app, call_id, actor, input, now).await.unwrap();
            // The first report alone is not seen in the stage, so it counts as the step before.
            let step = index as u8 + 2;
            say(call_id, if step == 3 { 2 } else { step });
        }
    }
}

const MEDIA: MediaSettings = MediaSettings {
    is_audio_enabled: true,
    is_video_enabled: false,
    is_on_hold: false,
    is_recording: false,
    revision: 0,
};

struct Phone {
    user_id: String,
    user: UserKey,
    session: SessionId,
    device: DeviceId,
}

async fn sign_in(store: &Store, app: AppKey, round: u32, pair: u8, side: u8) -> Phone {
    let bits = bits(round, pair, side, 0);
    let mut hash = [0; 32];
    hash[..16].copy_from_slice(&bits);
    let user_id = format!("{round}-{pair}-{side}");
    let now = Timestamp::from_millis(0);
    let new = NewUser::new(UserKey::from_bytes(bits), user_id.clone());
    let user = store.create_user(app, new, now).await.unwrap().key;
    let session = Session::open(SessionId::from_bytes(bits), app, user, Credential::None, now);
    let created = store
        .create_session(session, TokenHash::from_bytes(hash))
        .await
        .unwrap();
    Phone {
        user_id,
        user,
        session: created.session.id,
        device: DeviceId::from_bytes(bits),
    }
}

fn bits(round: u32, pair: u8, side: u8, number: u32) -> [u8; 16] {
    let mut bits = [0; 16];
    bits[..4].copy_from_slice(&round.to_be_bytes());
    bits[4] = pair;
    bits[5] = side;
    bits[6..10].copy_from_slice(&number.to_be_bytes());
    bits
}

/// One write, so that a line is said wholly or not at all.
fn say(call_id: CallId, step: u8) {
    let line = format!("acknowledged {call_id} {step}\n");
    let mut output = std::io::stdout().lock();
    output.write_all(line.as_bytes()).unwrap();
    output.flush().unwrap();
}
