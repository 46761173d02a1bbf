use std::fs;

use super::*;
use crate::{NodeId, Store};

#[tokio::test]
async fn a_store_is_read_beside_the_server_that_writes_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("offhook.db");
    let store = Store::open(&path).unwrap();
    assert_eq!(Inspection::of(&path).unwrap().last_heartbeat_at, None);

    let now = Timestamp::from_millis(1_000);
    store.start_node(NodeId::from_bits(1), now).await.unwrap();
    let beside = Inspection::of(&path).unwrap();
    assert_eq!(beside.last_heartbeat_at, Some(now));
    assert_eq!(Inspection::heartbeat_of(&path).unwrap(), Some(now));
    assert_eq!(beside.faults, [""; 0]);
    assert_eq!(beside.version, beside.known_version);
}

#[tokio::test]
async fn a_store_that_was_closed_is_read_and_no_file_appears() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("of #1 100%?.db");
    Store::open(&path).unwrap().close().await;
    let before = names(folder.path());
    assert_eq!(Inspection::of(&path).unwrap().faults, [""; 0]);
    assert_eq!(names(folder.path()), before);
}

#[test]
fn a_file_that_is_missing_or_no_database_is_an_error_and_stays_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("offhook.db");
    Inspection::of(&path).unwrap_err();
    assert!(!path.exists());
    fs::write(&path, "not a database, but longer than the header of one. ".repeat(20)).unwrap();
    Inspection::of(&path).unwrap_err();
}

#[tokio::test]
async fn a_page_that_was_overwritten_is_a_fault() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("offhook.db");
    Store::open(&path).unwrap().close().await;
    // A table's page: without those of the schema nothing can be read.
    let page = Connection::open(&path)
        .unwrap()
        .query_row(
            "select rootpage from sqlite_schema where name = 'user_metadata'",
            (),
            |row| row.get::<_, u32>(0).map(|page| page as usize),
        )
        .unwrap();
    let mut bytes = fs::read(&path).unwrap();
    bytes[(page - 1) * 4096..page * 4096].fill(0xa5);
    fs::write(&path, bytes).unwrap();
    let inspection = Inspection::of(&path).unwrap();
    assert!(!inspection.faults.is_empty());
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}
