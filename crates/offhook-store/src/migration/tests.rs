use super::*;
use crate::Store;
use crate::world::World;

#[tokio::test]
async fn a_database_is_made_once_and_kept_when_it_is_opened_again() {
    let world = World::new();
    let application = world.application("app").await;
    world.store.close().await;
    let again = Store::open(&world.path()).unwrap();
    assert_eq!(again.list_applications().await.unwrap(), [application]);
}

#[tokio::test]
async fn two_programs_may_have_the_database_open() {
    let world = World::new();
    let beside = Store::open(&world.path()).unwrap();
    let application = world.application("app").await;
    assert_eq!(beside.list_applications().await.unwrap(), [application]);
}

#[test]
fn every_step_is_counted() {
    let mut connection = Connection::open_in_memory().unwrap();
    migrate(&mut connection).unwrap();
    migrate(&mut connection).unwrap();
    let version: u32 = connection
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .unwrap();
    assert_eq!(version as usize, MIGRATIONS.len());
}

#[test]
fn a_database_of_a_newer_program_is_left_alone() {
    let mut connection = Connection::open_in_memory().unwrap();
    connection.pragma_update(None, "user_version", 1000).unwrap();
    let refused = migrate(&mut connection);
    assert!(
        matches!(refused, Err(OpenError::Newer { found: 1000, .. })),
        "{refused:?}"
    );
    let tables: u32 = connection
        .query_row("select count(*) from sqlite_schema", [], |row| row.get(0))
        .unwrap();
    assert_eq!(tables, 0);
}

#[test]
fn a_database_in_a_form_that_was_never_released_is_left_alone() {
    for form in [0, 1] {
        let mut connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch("create table user (user_number integer)")
            .unwrap();
        connection.pragma_update(None, "user_version", 1).unwrap();
        connection.pragma_update(None, "application_id", form).unwrap();
        let refused = migrate(&mut connection);
        assert!(matches!(refused, Err(OpenError::Unreleased)), "{refused:?}");
    }
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("offhook.db");
    std::fs::write(
        &path,
        "certainly not a database, and long enough to be looked at".repeat(100),
    )
    .unwrap();
    assert!(matches!(Store::open(&path), Err(OpenError::Sqlite(_))));
}
