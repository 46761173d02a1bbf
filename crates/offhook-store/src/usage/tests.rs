use std::time::Duration;

use offhook_core::call::MediaReport;
use offhook_core::time::Timestamp;
use offhook_core::usage::{Day, Rounding};

use super::*;
use crate::world::{Phone, World, at, call_id};
use crate::{RelayUsage, Relayed, Store, StoreError};

/// Seconds from the world's start to its first midnight.
const MIDNIGHT: u64 = 6_400;
const ROUNDINGS: [Rounding; 3] = [Rounding::None, Rounding::Second, Rounding::Minute];

#[tokio::test]
async fn a_call_is_counted_once_it_has_ended_and_one_that_never_connected_is_not() {
    let world = World::new();
    let (anna, ben) = pair(&world).await;
    connect(&world, (&anna, &ben), 1, at(0), false).await;
    assert_eq!(days(&world, &anna, Rounding::None).await, []);
    world.act(&anna, call_id(1), anna.end(), at(61)).await.unwrap();
    assert_eq!(days(&world, &anna, Rounding::None).await, [(today(), 1, 61_000)]);

    world.dial(&anna, "ben", call_id(2), at(100)).await.unwrap();
    world.act(&ben, call_id(2), ben.accept(), at(101)).await.unwrap();
    world.act(&anna, call_id(2), anna.end(), at(110)).await.unwrap();
    assert_eq!(days(&world, &anna, Rounding::None).await, [(today(), 1, 61_000)]);
    assert_eq!(days(&world, &anna, Rounding::Minute).await, [(today(), 1, 120_000)]);
    assert_eq!(faults(&world).await, [""; 0]);
}

#[tokio::test]
async fn a_call_over_midnight_is_on_both_days_and_counted_on_the_first() {
    let world = World::new();
    let (anna, ben) = pair(&world).await;
    let connected_at = at(MIDNIGHT - 30);
    connect(&world, (&anna, &ben), 1, connected_at, false).await;
    let end = connected_at + Duration::from_millis(45_500);
    world.act(&anna, call_id(1), anna.end(), end).await.unwrap();
    let tomorrow = today().next();
    for (rounding, second_day_ms) in [
        (Rounding::None, 15_500),
        (Rounding::Second, 16_000),
        (Rounding::Minute, 30_000),
    ] {
        let expected = [(today(), 1, 30_000), (tomorrow, 0, second_day_ms)];
        assert_eq!(days(&world, &anna, rounding).await, expected);
    }
    let page = users(&world, &anna, (tomorrow, tomorrow), Rounding::None).await;
    assert_eq!(page.total.call_ms, 15_500);
    assert!(
        page.users
            .iter()
            .all(|user| user.sum.call_ms == 15_500 && user.sum.calls == 0)
    );
}

#[tokio::test]
async fn what_the_relay_carried_is_counted_for_each_side_also_when_it_is_told_late() {
    let world = World::new();
    let (anna, ben) = pair(&world).await;
    connect(&world, (&anna, &ben), 1, at(MIDNIGHT - 30), false).await;
    carry(&world, &anna, Role::Caller, 1, 100).await;
    world
        .act(&anna, call_id(1), anna.end(), at(MIDNIGHT + 30))
        .await
        .unwrap();
    carry(&world, &anna, Role::Caller, 1, 170).await;
    carry(&world, &anna, Role::Callee, 2, 5).await;
    carry(&world, &anna, Role::Callee, 2, 5).await;

    let page = users(&world, &anna, (today(), today()), Rounding::None).await;
    let bytes = |user_id: &str| {
        let user = page.users.iter().find(|user| user.user_id == user_id);
        user.unwrap().sum.relayed_bytes
    };
    assert_eq!((bytes("anna"), bytes("ben"), page.total.relayed_bytes), (170, 5, 175));
    let tomorrow = (today().next(), today().next());
    let page = users(&world, &anna, tomorrow, Rounding::None).await;
    assert_eq!((page.total.relayed_bytes, page.total.call_ms), (0, 30_000));
    assert_eq!(faults(&world).await, [""; 0]);
}

#[tokio::test]
async fn users_come_in_pages_by_their_time_and_add_up_to_the_time_of_all_participants() {
    let world = World::new();
    let application = world.application("app").await;
    let other = world.application("other").await;
    let mut phones = Vec::new();
    for user_id in ["anna", "ben", "carol", "dave", "eve"] {
        phones.push(world.phone(&application, user_id).await);
    }
    let strangers = (world.phone(&other, "anna").await, world.phone(&other, "ben").await);
    for (number, (caller, callee)) in [(0, 1), (0, 2), (3, 4), (1, 2), (2, 3)].into_iter().enumerate() {
        let number = u8::try_from(number).unwrap();
        let start = at(MIDNIGHT - 100 + u64::from(number) * 30);
        connect(&world, (&phones[caller], &phones[callee]), number, start, true).await;
        let end = start + Duration::from_millis(31_001 + 7_777 * u64::from(number));
        let caller = &phones[caller];
        world.act(caller, call_id(number), caller.end(), end).await.unwrap();
    }
    connect(&world, (&strangers.0, &strangers.1), 99, at(0), false).await;
    world
        .act(&strangers.0, call_id(99), strangers.0.end(), at(5_000))
        .await
        .unwrap();
    // Who is gone counts on; all of them are one row.
    for gone in ["dave", "eve"] {
        world.store.delete_user(application.key, gone).await.unwrap();
    }

    let days = (today(), today().next());
    for rounding in ROUNDINGS {
        let whole = world
            .store
            .usage_by_user(application.key, days, rounding, None, 100)
            .await
            .unwrap();
        assert_eq!((whole.users.len(), whole.next.clone()), (4, None));
        let sum = UsageSum::of(whole.users.iter().map(|user| user.sum));
        assert_eq!((sum.calls, sum.video_calls), (2 * 5, 2 * 5));
        assert_eq!(sum.call_ms, 2 * whole.total.call_ms);
        let times: Vec<_> = whole.users.iter().map(|user| user.sum.call_ms).collect();
        assert!(times.is_sorted_by(|one, next| one >= next), "{times:?}");
        assert!(whole.users.iter().any(|user| user.user_id.is_empty()));

        let mut paged = Vec::new();
        let mut after = None;
        loop {
            let page = world.store.usage_by_user(application.key, days, rounding, after, 1);
            let page = page.await.unwrap();
            assert_eq!(page.total, whole.total);
            paged.extend(page.users);
            let Some(next) = page.next else { break };
            after = Some(next.to_string().parse().unwrap());
        }
        assert_eq!(paged, whole.users);
    }
}

#[tokio::test]
async fn an_export_gives_every_record_once_and_holds_no_snapshot_between_its_pages() {
    let world = World::new();
    let (anna, ben) = pair(&world).await;
    for number in 1..=9 {
        // Some are connected in the same millisecond.
        let start = at(u64::from(number / 2) * 100);
        connect(&world, (&anna, &ben), number, start, false).await;
        world
            .act(&anna, call_id(number), anna.end(), start + Duration::from_secs(9))
            .await
            .unwrap();
    }
    world.store.delete_user(anna.user.app, "ben").await.unwrap();
    let to = at(400);
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let page = world.store.export_usage(anna.user.app, (at(0), to), after, 2);
        let page = page.await.unwrap();
        // Nobody reads: the whole log can be put away.
        assert!(is_log_put_away(&world.store).await);
        let Some(last) = page.last() else { break };
        after = Some(last.cursor());
        seen.extend(page);
    }
    let ids: Vec<_> = seen.iter().map(|record| record.usage.call_id).collect();
    assert_eq!(
        ids,
        (1..=7).map(call_id).collect::<Vec<_>>(),
        "those before the end of the time"
    );
    assert_eq!(seen[0].caller_user_id.as_deref(), Some("anna"));
    assert_eq!(seen[0].callee_user_id, None);
}

#[tokio::test]
async fn every_planted_difference_is_found() {
    let plants: [(&str, &[&str]); 11] = [
        (
            "delete from usage where call_id = x'01010101010101010101010101010101'",
            &["no record", "records have"],
        ),
        (
            "update usage set ended_at = ended_at + 1000",
            &["time it ended", "records have"],
        ),
        (
            "update usage set connected_at = connected_at - 1",
            &["time it was connected"],
        ),
        (
            "update usage set caller_key = callee_key",
            &["its caller", "its records have"],
        ),
        ("update usage set is_video = not is_video", &["video is recorded"]),
        ("update usage set callee_relayed_bytes = 7", &["relayed for its callee"]),
        ("update usage set evidence = 'one_reported'", &["what showed"]),
        (
            "insert into usage select app_key, zeroblob(16), caller_key, callee_key, is_video, connected_at, ended_at,
                evidence, 0, 0, null from usage limit 1",
            &["there is no such call", "records have"],
        ),
        (
            "update usage_day set calls = calls * 2, call_ms = call_ms * 2",
            &["has 4 calls, and its records have 2"],
        ),
        ("delete from usage_user_day where calls > 0", &["has 0 calls"]),
        (
            "insert into usage_day select app_key, day + 3, 1, 0, 5, 0, 0, 0 from usage_day limit 1",
            &["has a sum, and no records"],
        ),
    ];
    for (plant, words) in plants {
        let world = World::new();
        let (anna, ben) = pair(&world).await;
        for number in [1, 2] {
            let start = at(u64::from(number) * 100);
            connect(&world, (&anna, &ben), number, start, false).await;
            world
                .act(&anna, call_id(number), anna.end(), start + Duration::from_secs(9))
                .await
                .unwrap();
        }
        assert_eq!(faults(&world).await, [""; 0]);
        let statement = plant.to_owned();
        let planted = world.store.write(move |connection| {
            let changed = connection.execute(&statement, []).map_err(StoreError::from)?;
            Ok::<_, StoreError>(changed)
        });
        assert!(planted.await.unwrap() > 0, "{plant}");
        let found = faults(&world).await;
        for words in words {
            assert!(
                found.iter().any(|fault| fault.contains(words)),
                "{plant}: {words}: {found:?}"
            );
        }
    }
}

#[tokio::test]
async fn one_application_is_reconciled_without_the_others() {
    let world = World::new();
    let (anna, ben) = pair(&world).await;
    connect(&world, (&anna, &ben), 1, at(0), false).await;
    world.act(&anna, call_id(1), anna.end(), at(9)).await.unwrap();
    let other = world.application("other").await;
    let lose = |connection: &Connection| {
        connection
            .execute("delete from usage_day", [])
            .map_err(StoreError::from)
    };
    world.store.write(lose).await.unwrap();
    let reconcile = async |app| world.store.reconcile_usage(Some(app), |_| {}).await.unwrap();
    assert_eq!(reconcile(other.key).await, ReconciledUsage::default());
    let found = reconcile(anna.user.app).await;
    assert_eq!((found.calls, found.records, found.days), (1, 1, 1));
    assert!(found.differences > 0);
}

/// Connects a call at a moment; the ring and the accept take no time.
async fn connect(world: &World, (caller, callee): (&Phone, &Phone), number: u8, now: Timestamp, is_video: bool) {
    let mut request = crate::world::request(caller, call_id(number));
    request.is_video = is_video;
    let callee_id = callee.user.user_id.clone();
    world
        .store
        .dial(caller.session, &callee_id, request, now)
        .await
        .unwrap();
    world.act(callee, call_id(number), callee.accept(), now).await.unwrap();
    for phone in [caller, callee] {
        let report = phone.report(MediaReport::Connected { path: None });
        world.act(phone, call_id(number), report, now).await.unwrap();
    }
}

async fn pair(world: &World) -> (Phone, Phone) {
    let application = world.application("app").await;
    (
        world.phone(&application, "anna").await,
        world.phone(&application, "ben").await,
    )
}

async fn carry(world: &World, phone: &Phone, role: Role, ticket_number: i64, to_peer_bytes: u64) {
    let usage = RelayUsage {
        app: phone.user.app,
        call_id: call_id(1),
        role,
        ticket_number,
        relayed: Relayed {
            to_peer_bytes,
            ..Relayed::default()
        },
    };
    world.store.note_relay_usage(vec![usage]).await.unwrap();
}

fn today() -> Day {
    Day::of(at(0))
}

async fn days(world: &World, phone: &Phone, rounding: Rounding) -> Vec<(Day, u64, u64)> {
    let days = world
        .store
        .usage_by_day(phone.user.app, today(), today().next(), rounding);
    let days = days.await.unwrap();
    days.iter()
        .map(|day| (day.day, day.sum.calls, day.sum.call_ms))
        .collect()
}

async fn users(world: &World, phone: &Phone, days: (Day, Day), rounding: Rounding) -> UserUsagePage {
    let page = world.store.usage_by_user(phone.user.app, days, rounding, None, 10);
    page.await.unwrap()
}

async fn faults(world: &World) -> Vec<String> {
    let mut faults = Vec::new();
    let found = world.store.reconcile_usage(None, |difference| {
        faults.push(format!("{}: {}", difference.subject, difference.fault));
    });
    assert_eq!(found.await.unwrap().differences, faults.len() as u64);
    faults
}

async fn is_log_put_away(store: &Store) -> bool {
    // A checkpoint runs outside of a transaction, so it has a connection of its own.
    let path = store
        .read(|connection| Ok(connection.path().map(str::to_owned)))
        .await
        .unwrap();
    let connection = Connection::open(path.unwrap()).unwrap();
    connection
        .query_row("pragma wal_checkpoint(truncate)", [], |row| row.get::<_, bool>("busy"))
        .is_ok_and(|is_busy| !is_busy)
}
