use super::*;
use crate::world::{World, at};

fn done(actor: &str, app_id: Option<&str>, seconds: u64) -> AuditEntry {
    AuditEntry {
        at: at(seconds),
        actor: actor.to_owned(),
        address: Some("192.0.2.1".to_owned()),
        action: "POST /v3/users".to_owned(),
        app_id: app_id.map(str::to_owned),
        target: None,
        is_allowed: true,
    }
}

fn page_of(limit: u32) -> AuditFilter {
    AuditFilter {
        limit,
        ..AuditFilter::default()
    }
}

#[tokio::test]
async fn the_log_is_read_page_by_page_from_its_end() {
    let world = World::new();
    for second in 0..5 {
        world.store.note_audit(done("anna", None, second)).await.unwrap();
    }
    let mut seen = Vec::new();
    let mut before = None;
    loop {
        let page = world
            .store
            .list_audit(AuditFilter { before, ..page_of(2) })
            .await
            .unwrap();
        seen.extend(page.entries.iter().map(|entry| entry.at));
        before = page.next;
        if before.is_none() {
            break;
        }
    }
    assert_eq!(seen, [4, 3, 2, 1, 0].map(at));
}

#[tokio::test]
async fn an_application_or_an_actor_is_picked_out() {
    let world = World::new();
    for entry in [
        done("anna", Some("A"), 1),
        done("anna", Some("B"), 2),
        done("ben", Some("A"), 3),
    ] {
        world.store.note_audit(entry).await.unwrap();
    }
    for (app_id, actor, expected) in [
        (Some("A"), None, vec![3, 1]),
        (None, Some("anna"), vec![2, 1]),
        (Some("A"), Some("anna"), vec![1]),
        (Some("C"), None, vec![]),
    ] {
        let filter = AuditFilter {
            app_id: app_id.map(str::to_owned),
            actor: actor.map(str::to_owned),
            ..page_of(10)
        };
        let page = world.store.list_audit(filter).await.unwrap();
        let seen: Vec<_> = page.entries.iter().map(|entry| entry.at).collect();
        assert_eq!(
            seen,
            expected.into_iter().map(at).collect::<Vec<_>>(),
            "{app_id:?} {actor:?}"
        );
    }
}

#[tokio::test]
async fn how_it_went_is_noted_at_the_end_and_old_entries_go() {
    let world = World::new();
    let first = world.store.note_audit(done("anna", None, 1)).await.unwrap();
    world.store.note_audit(done("ben", None, 9)).await.unwrap();
    let settled = world.store.settle_audit(first, false, Some("carol".to_owned()));
    settled.await.unwrap();
    let entries = world.store.list_audit(page_of(9)).await.unwrap().entries;
    assert_eq!(
        entries[1],
        AuditEntry {
            target: Some("carol".to_owned()),
            is_allowed: false,
            ..done("anna", None, 1)
        }
    );
    assert!(entries[0].is_allowed);
    world.store.sweep_audit(at(9)).await.unwrap();
    assert_eq!(
        world.store.list_audit(page_of(9)).await.unwrap().entries,
        [done("ben", None, 9)]
    );
}
