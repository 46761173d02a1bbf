use offhook_core::call::{MediaReport, Path};

use super::*;
use crate::call::tests::talking;
use crate::call::{Quality, QualityMoment};
use crate::world::{World, at, call_id};

#[tokio::test]
async fn a_record_tells_the_timeline_with_sides_and_paths() {
    let world = World::new();
    let (anna, _) = talking(&world).await;
    let report = anna.report(MediaReport::Connected {
        path: Some(Path::Relayed),
    });
    world.act(&anna, call_id(1), report, at(9)).await.unwrap();
    let record = world
        .store
        .call_record(anna.user.app, call_id(1))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(record.call.id, call_id(1));
    let last = record.timeline.last().unwrap();
    let entry = TimelineEntry {
        at: at(9),
        happening: "path_changed".to_owned(),
        role: Some(Role::Caller),
        detail: Some("relayed".to_owned()),
    };
    assert_eq!(*last, entry);
    let first = record.timeline.first().unwrap();
    assert_eq!((first.happening.as_str(), first.role), ("dialed", None));
}

#[tokio::test]
async fn what_tickets_carried_is_summed_for_each_side() {
    let world = World::new();
    let (anna, _) = talking(&world).await;
    let noted = [
        usage(anna.user.app, Role::Caller, 1, 100),
        usage(anna.user.app, Role::Caller, 2, 20),
        usage(anna.user.app, Role::Callee, 3, 3),
    ];
    world.store.note_relay_usage(noted.to_vec()).await.unwrap();
    assert_eq!(carried(&world, anna.user.app).await, (120, 3));
}

#[tokio::test]
async fn what_is_noted_again_counts_once_and_what_is_older_does_not_count() {
    let world = World::new();
    let (anna, _) = talking(&world).await;
    for bytes in [100, 100, 170, 150] {
        let noted = vec![usage(anna.user.app, Role::Caller, 1, bytes)];
        world.store.note_relay_usage(noted).await.unwrap();
    }
    assert_eq!(carried(&world, anna.user.app).await, (170, 0));
}

#[tokio::test]
async fn another_application_notes_and_reads_nothing_of_a_call() {
    let world = World::new();
    let (anna, _) = talking(&world).await;
    let other = world.application("other").await;
    let noted = vec![
        usage(other.key, Role::Caller, 1, 100),
        usage(anna.user.app, Role::Caller, 2, 5),
    ];
    world.store.note_relay_usage(noted).await.unwrap();
    assert_eq!(world.store.call_record(other.key, call_id(1)).await.unwrap(), None);
    assert_eq!(carried(&world, anna.user.app).await, (5, 0));
}

#[tokio::test]
async fn a_side_keeps_one_sample_a_second_and_the_call_takes_them_along() {
    let world = World::new();
    let (anna, _) = talking(&world).await;
    let other = world.application("other").await;
    let app = anna.user.app;
    let noted = [
        sample(app, Role::Caller, 8, 430),
        sample(app, Role::Caller, 7, 420),
        sample(app, Role::Callee, 7, 300),
        sample(app, Role::Caller, 7, 100),
        sample(other.key, Role::Caller, 9, 100),
    ];
    world.store.keep_quality(noted.to_vec()).await.unwrap();
    world
        .store
        .keep_quality(vec![sample(app, Role::Caller, 8, 100)])
        .await
        .unwrap();
    let record = world.store.call_record(app, call_id(1)).await.unwrap().unwrap();
    let scores = |samples: &[QualitySample]| {
        let score = |one: &QualitySample| (one.second, one.quality.mos_hundredths);
        samples.iter().map(score).collect::<Vec<_>>()
    };
    assert_eq!(
        scores(&record.caller_quality),
        [(7, Some(420)), (8, Some(430))],
        "the first stays"
    );
    assert_eq!(scores(&record.callee_quality), [(7, Some(300))]);

    let count = async || {
        let query = |connection: &Connection| {
            connection.query_row("select count(*) from quality_sample", [], |row| row.get::<_, i64>(0))
        };
        world.store.read(query).await.unwrap()
    };
    assert_eq!(count().await, 3);
    let delete = |connection: &Connection| connection.execute("delete from call", []).map_err(StoreError::from);
    world.store.write(delete).await.unwrap();
    assert_eq!(count().await, 0);
}

fn sample(app: AppKey, role: Role, second: u32, mos: u32) -> (QualityMoment, Quality) {
    let moment = QualityMoment {
        app,
        call_id: call_id(1),
        role,
        second,
    };
    let quality = Quality {
        mos_hundredths: Some(mos),
        ..Quality::default()
    };
    (moment, quality)
}

fn usage(app: AppKey, role: Role, ticket_number: i64, bytes: u64) -> RelayUsage {
    RelayUsage {
        app,
        call_id: call_id(1),
        role,
        ticket_number,
        relayed: Relayed {
            to_peer_bytes: bytes,
            ..Relayed::default()
        },
    }
}

/// What the relay carried from the caller and from the callee.
async fn carried(world: &World, app: AppKey) -> (u64, u64) {
    let record = world.store.call_record(app, call_id(1)).await.unwrap().unwrap();
    (record.caller_relayed.to_peer_bytes, record.callee_relayed.to_peer_bytes)
}
