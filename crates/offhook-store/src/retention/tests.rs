use std::collections::BTreeMap;

use offhook_core::call::{MediaReport, Role};
use offhook_core::id::AppKey;
use offhook_core::time::Timestamp;
use offhook_core::usage::{Day, Rounding};
use offhook_core::webhook::EventCategory;

use super::*;
use crate::world::{Phone, World, at, call_id};
use crate::{
    ApplicationError, ApplicationPatch, NewWebhook, Quality, QualityMoment, Sealed, Store, StoreError, UserPatch,
};

const HOST: &str = "hooks.example:443";

#[tokio::test]
async fn calls_go_when_they_ended_long_enough_ago_and_their_usage_stays() {
    let world = World::new();
    let (anna, ben) = pair(&world, "app").await;
    let (carol, dave) = pair(&world, "other").await;
    talk(&world, (&anna, &ben), 1, (at(0), at(10))).await;
    talk(&world, (&anna, &ben), 2, (at(20), at(100))).await;
    talk(&world, (&carol, &dave), 3, (at(0), at(10))).await;
    connect(&world, (&ben, &anna), 4, at(1)).await;
    let app = anna.user.app;

    let removed = world.store.remove_old_calls(app, at(100), at(500)).await.unwrap();
    assert!(!removed.has_more && removed.rows > 0);
    assert_eq!(
        calls(&world).await,
        [2, 3, 4],
        "what ended later, lives, or is another's is there"
    );
    let removed = world.store.remove_old_calls(app, at(101), at(500)).await.unwrap();
    assert!(removed.rows > 0);
    assert_eq!(calls(&world).await, [3, 4]);
    assert_eq!(rows(&world, "call_event where call_number in (1, 2)").await, 0);
    assert_eq!(rows(&world, "call_party where call_number in (1, 2)").await, 0);

    let day = Day::of(at(0));
    let usage = world.store.usage_by_day(app, day, day, Rounding::None).await.unwrap();
    assert_eq!((usage[0].sum.calls, usage[0].sum.call_ms), (2, 90_000));
    let proved = world
        .store
        .reconcile_usage(None, |difference| panic!("{difference:?}"))
        .await
        .unwrap();
    assert_eq!((proved.records, proved.records_without_call), (3, 2));
    world.act(&ben, call_id(4), ben.end(), at(600)).await.unwrap();
}

#[tokio::test]
async fn a_unit_is_bounded_however_much_a_call_has() {
    let world = World::new();
    let (anna, ben) = pair(&world, "app").await;
    for number in 1..=60 {
        let start = at(u64::from(number) * 100);
        talk(&world, (&anna, &ben), number, (start, start)).await;
    }
    measure(&world, &anna, 1, 700).await;
    let (mut units, mut removed_rows) = (0, 0);
    loop {
        let removed = world
            .store
            .remove_old_calls(anna.user.app, at(100_000), at(100_000))
            .await
            .unwrap();
        assert!(removed.rows <= UNIT as u64, "{removed:?}");
        units += 1;
        removed_rows += removed.rows;
        if !removed.has_more {
            break;
        }
    }
    assert_eq!(calls(&world).await, [0; 0]);
    assert!(units >= 3, "{units} units for {removed_rows} rows");
}

#[tokio::test]
async fn what_nodes_wait_for_counts_on_when_the_last_call_is_gone() {
    let world = World::new();
    let (anna, ben) = pair(&world, "app").await;
    talk(&world, (&anna, &ben), 1, (at(0), at(10))).await;
    let cursor = world.store.last_change().await.unwrap();
    world
        .store
        .remove_old_calls(anna.user.app, at(100), at(100))
        .await
        .unwrap();
    assert_eq!(calls(&world).await, [0; 0]);
    assert_eq!(world.store.last_change().await.unwrap(), cursor);
    world.dial(&anna, "ben", call_id(2), at(200)).await.unwrap();
    let changed = world.store.changes_since(cursor, 10).await.unwrap();
    assert_eq!(changed.len(), 1, "a node that lost the doorbell finds the call");
}

#[tokio::test]
async fn measurements_go_before_their_call_and_no_call_is_looked_at_twice() {
    let world = World::new();
    let (anna, ben) = pair(&world, "app").await;
    for (number, end) in [(1, 10), (2, 20), (3, 1_000), (4, 40)] {
        talk(&world, (&anna, &ben), number, (at(u64::from(number)), at(end))).await;
        measure(&world, &anna, number, 600).await;
    }
    let sweep = async |before| {
        loop {
            let removed = world.store.remove_old_quality(anna.user.app, before).await.unwrap();
            assert!(removed.rows <= UNIT as u64);
            if !removed.has_more {
                return;
            }
        }
    };
    let left = async || {
        let mut left = Vec::new();
        for number in 1..=4 {
            let of_call = format!("quality_sample where call_number = {number}");
            left.push(rows(&world, &of_call).await);
        }
        left
    };
    sweep(at(500)).await;
    // The walk waits for the third, which is not old yet, and takes the fourth behind it then.
    assert_eq!(left().await, [0, 0, 600, 600]);
    assert_eq!(calls(&world).await, [1, 2, 3, 4]);
    let steps = "quality_retention where call_number = 2";
    assert_eq!(rows(&world, steps).await, 1);
    sweep(at(1_001)).await;
    assert_eq!(left().await, [0, 0, 0, 0]);
}

#[tokio::test]
async fn past_calls_forget_a_user_who_was_deleted_and_the_other_side_keeps_its_log() {
    let world = World::new();
    let (anna, ben) = pair(&world, "app").await;
    let app = anna.user.app;
    let patch = UserPatch {
        nickname: Some("Anna Secret".to_owned()),
        profile_url: Some("https://pictures.example/anna-secret.png".to_owned()),
        profile_image: Some(crate::ProfileImage {
            id: [7; 16],
            content_type: "image/png".to_owned(),
            bytes: b"a picture".to_vec(),
        }),
        ..UserPatch::default()
    };
    world.store.update_user(app, "anna", patch).await.unwrap();
    let metadata = BTreeMap::from([("city".to_owned(), "anna-secret-town".to_owned())]);
    world.store.add_metadata(app, "anna", metadata).await.unwrap();
    for number in 1..=3 {
        let start = at(u64::from(number) * 100);
        talk(
            &world,
            (&anna, &ben),
            number,
            (start, start + std::time::Duration::from_secs(9)),
        )
        .await;
    }
    talk(&world, (&ben, &anna), 4, (at(400), at(409))).await;
    connect(&world, (&anna, &ben), 5, at(500)).await;
    assert!(mentions(&world, "secret").await > 0);

    assert_eq!(rows(&world, "profile_image").await, 1);
    let deleted = world.store.delete_user(app, "anna").await.unwrap();
    assert_eq!(rows(&world, "profile_image").await, 0);
    let erasure = world.store.erasures(10).await.unwrap();
    assert_eq!(erasure, [Erasure { app, user: deleted.key }]);
    // The live call is left alone, and the user is not forgotten until it is over.
    let done = world.store.erase_user(deleted.key).await.unwrap();
    assert_eq!((done.rows, done.has_more), (4, false));
    assert_eq!(world.store.erasures(10).await.unwrap().len(), 1);
    let live = world.store.call(app, call_id(5)).await.unwrap().unwrap();
    assert_eq!(live.caller.profile.nickname, "Anna Secret");
    world.act(&ben, call_id(5), ben.end(), at(509)).await.unwrap();
    world.store.erase_user(deleted.key).await.unwrap();
    assert_eq!(world.store.erasures(10).await.unwrap(), []);

    assert_eq!(mentions(&world, "secret").await, 0);
    assert_eq!(mentions(&world, "\"anna\"").await, 0);
    assert_eq!(rows(&world, "live_party").await, 0, "nor is a device or a session left");
    let log = world
        .store
        .call_log(ben.user.key, crate::LogFilter::default(), None, 10)
        .await
        .unwrap();
    assert_eq!(log.calls.len(), 5);
    for logged in &log.calls {
        let other = logged.call.party(logged.role.other());
        assert_eq!(
            (other.profile.user_id.as_str(), other.profile.nickname.as_str()),
            ("", "Deleted user")
        );
        assert_eq!(logged.call.party(logged.role).profile.user_id, "ben");
        assert!(logged.call.ending().unwrap().connected_at.is_some());
    }
    let proved = world
        .store
        .reconcile_usage(None, |difference| panic!("{difference:?}"))
        .await
        .unwrap();
    assert_eq!(proved.records, 5);
}

#[tokio::test]
async fn what_is_yet_to_be_told_is_told_as_it_was_before_the_call_forgets() {
    let world = World::new();
    let (anna, _ben) = pair(&world, "app").await;
    let app = anna.user.app;
    let patch = ApplicationPatch {
        webhook_hosts: Some(vec![HOST.to_owned()]),
        ..ApplicationPatch::default()
    };
    world.store.update_application(app, patch).await.unwrap();
    let webhook = NewWebhook {
        host: HOST.to_owned(),
        sealed: Sealed::from_bytes(vec![4]),
        enabled_events: EventCategory::ALL.to_vec(),
    };
    let request = crate::world::request(&anna, call_id(1));
    let dialed = world
        .store
        .dial_with_webhook(anna.session, "ben", request, Some(webhook), true, at(0));
    dialed.await.unwrap();
    world.act(&anna, call_id(1), anna.end(), at(1)).await.unwrap();
    let key = world.store.delete_user(app, "anna").await.unwrap().key;
    assert_eq!(world.store.erase_user(key).await.unwrap().rows, 0);
    assert_eq!(rows(&world, "outbox where call_body like '%\"anna\"%'").await, 2);

    let give_up = |connection: &Connection| {
        let statement = "update outbox set state = 'dead', settled_at = 5, next_attempt_at = null";
        connection.execute(statement, []).map_err(StoreError::from)
    };
    world.store.write(give_up).await.unwrap();
    assert_eq!(world.store.erase_user(key).await.unwrap().rows, 1);
    assert_eq!(mentions(&world, "\"anna\"").await, 0);
    assert_eq!(rows(&world, "outbox where call_body like '%Deleted user%'").await, 2);
}

#[tokio::test]
async fn a_deleted_application_is_found_no_more_its_id_is_free_and_nothing_of_it_is_left() {
    let world = World::new();
    let (anna, ben) = pair(&world, "app").await;
    let (carol, dave) = pair(&world, "other").await;
    for number in 1..=60 {
        let start = at(u64::from(number) * 100);
        talk(&world, (&anna, &ben), number, (start, start)).await;
        measure(&world, &anna, number, 20).await;
    }
    talk(&world, (&carol, &dave), 99, (at(0), at(10))).await;
    let app = anna.user.app;
    world.store.delete_application(app, at(9_000)).await.unwrap();
    let again = world.store.delete_application(app, at(9_000)).await;
    assert!(matches!(again, Err(ApplicationError::NoSuchApplication)));
    let id = "app".parse().unwrap();
    assert_eq!(world.store.application_by_id(&id).await.unwrap(), None);
    assert_eq!(world.store.list_applications().await.unwrap().len(), 1);
    assert!(world.store.session(anna.session).await.unwrap().is_none());
    assert!(world.dial(&anna, "ben", call_id(100), at(9_001)).await.is_err());
    let successor = world.application("app").await;
    assert_ne!(successor.key, app);

    assert_eq!(world.store.deleted_applications().await.unwrap(), [app]);
    let mut units = 0;
    while world.store.remove_of_application(app).await.unwrap().has_more {
        units += 1;
    }
    assert!(units > 3, "{units}");
    assert_eq!(world.store.deleted_applications().await.unwrap(), []);
    for table in tables(&world.store).await {
        assert_eq!(
            rows(&world, &format!("{table} where app_key = {}", app.0)).await,
            0,
            "{table}"
        );
    }
    assert_eq!(rows(&world, "quality_sample").await + rows(&world, "session").await, 2);
    assert_eq!(calls(&world).await.len(), 1, "the other's is there");
    // A key is never used again, and an application that lives is not removed.
    let removed = world.store.remove_of_application(carol.user.app).await.unwrap();
    assert_eq!(removed, Removed::default());
}

async fn pair(world: &World, app: &str) -> (Phone, Phone) {
    let application = world.application(app).await;
    (
        world.phone(&application, "anna").await,
        world.phone(&application, "ben").await,
    )
}

async fn connect(world: &World, (caller, callee): (&Phone, &Phone), number: u8, now: Timestamp) {
    let callee_id = callee.user.user_id.clone();
    world.dial(caller, &callee_id, call_id(number), now).await.unwrap();
    world.act(callee, call_id(number), callee.accept(), now).await.unwrap();
    for phone in [caller, callee] {
        let report = phone.report(MediaReport::Connected { path: None });
        world.act(phone, call_id(number), report, now).await.unwrap();
    }
}

async fn talk(world: &World, phones: (&Phone, &Phone), number: u8, (start, end): (Timestamp, Timestamp)) {
    connect(world, phones, number, start).await;
    world.act(phones.0, call_id(number), phones.0.end(), end).await.unwrap();
}

async fn measure(world: &World, phone: &Phone, number: u8, samples: u32) {
    let app: AppKey = phone.user.app;
    let samples = (0..samples).map(|second| {
        let moment = QualityMoment {
            app,
            call_id: call_id(number),
            role: Role::Caller,
            second,
        };
        (moment, Quality::default())
    });
    world.store.keep_quality(samples.collect()).await.unwrap();
}

/// Bytes of calls' ids, in order.
async fn calls(world: &World) -> Vec<u8> {
    let query = |connection: &Connection| {
        connection
            .prepare("select call_id from call order by call_id")?
            .query_map([], |row| row.get::<_, [u8; 16]>(0).map(|id| id[0]))?
            .collect()
    };
    world.store.read(query).await.unwrap()
}

async fn rows(world: &World, of: &str) -> i64 {
    let query = format!("select count(*) from {of}");
    world
        .store
        .read(move |connection| connection.query_row(&query, [], |row| row.get(0)))
        .await
        .unwrap()
}

/// Tables with a column that says whose a row is.
async fn tables(store: &Store) -> Vec<String> {
    let query = |connection: &Connection| {
        connection
            .prepare(
                "select name from sqlite_schema where type = 'table'
                 and exists (select 1 from pragma_table_info(sqlite_schema.name) as field where field.name = 'app_key')",
            )?
            .query_map([], |row| row.get(0))?
            .collect::<Result<Vec<String>>>()
    };
    let tables = store.read(query).await.unwrap();
    assert!(tables.len() > 10, "{tables:?}");
    tables
}

/// In how many rows of any table a word stands, whatever the case of its letters.
async fn mentions(world: &World, word: &str) -> i64 {
    let word = word.to_lowercase();
    let query = move |connection: &Connection| {
        let tables: Vec<String> = connection
            .prepare("select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'")?
            .query_map([], |row| row.get(0))?
            .collect::<Result<_>>()?;
        let mut found = 0;
        for table in tables {
            let mut rows = connection.prepare(&format!("select * from {table}"))?;
            let columns = rows.column_count();
            let mut rows = rows.query([])?;
            while let Some(row) = rows.next()? {
                let has_it = (0..columns).any(|column| {
                    let text = row
                        .get_ref(column)
                        .ok()
                        .and_then(|value| value.as_bytes().ok().map(<[u8]>::to_vec));
                    text.is_some_and(|text| String::from_utf8_lossy(&text).to_lowercase().contains(&word))
                });
                found += i64::from(has_it);
            }
        }
        Ok(found)
    };
    world.store.read(query).await.unwrap()
}
