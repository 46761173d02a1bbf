use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::*;
use crate::world::World;
use crate::{Inspection, StoreError};

/// Rows of the table that is copied, a page each: forty MiB, so that a copy takes forty steps and more.
const ROWS: i64 = 10_240;
const ROW_BYTES: i64 = 4_000;
/// Rows that one unit changes: half a MiB.
const CHANGED: i64 = 128;
/// What a log may grow to: it is copied after two thousand pages, and begins anew some groups later.
const MOST_LOG_BYTES: u64 = 48 * 1024 * 1024;

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_is_whole_and_of_one_moment_and_the_log_does_not_grow_while_it_is_made() {
    let world = ballasted().await;
    let stop = Arc::new(AtomicBool::new(false));
    let written = Arc::new(AtomicU64::new(0));
    let writers: Vec<_> = (0..4)
        .map(|_| {
            let (store, stop, written) = (world.store.clone(), Arc::clone(&stop), Arc::clone(&written));
            tokio::spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    // Two halves that belong together, far from each other.
                    let number = i64::try_from(written.fetch_add(1, Ordering::Relaxed)).unwrap();
                    store.write(move |connection| change(connection, number)).await.unwrap();
                }
            })
        })
        .collect();
    let before = written.load(Ordering::Relaxed);
    let to = world.folder.path().join("copy.db");
    world.store.back_up(to.clone()).await.unwrap();
    let meanwhile = written.load(Ordering::Relaxed) - before;
    let log = std::fs::metadata(world.path().with_extension("db-wal")).unwrap().len();
    stop.store(true, Ordering::Relaxed);
    for writer in writers {
        writer.await.unwrap();
    }
    assert!(
        meanwhile * 512 * 1024 > MOST_LOG_BYTES,
        "too little was written meanwhile to prove anything: {meanwhile}"
    );
    assert!(log < MOST_LOG_BYTES, "{log} bytes of log");

    assert_eq!(std::fs::metadata(&to).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(Inspection::of(&to).unwrap().faults, [""; 0]);
    let copy = Connection::open(&to).unwrap();
    let torn: i64 = copy
        .query_row(
            "select count(*) from ballast one join ballast other on other.number = ?1 - 1 - one.number
            where one.written <> other.written",
            [ROWS],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(torn, 0, "no transaction is there by half");
    let last: i64 = copy
        .query_row("select max(written) from ballast", [], |row| row.get(0))
        .unwrap();
    assert!(
        last > i64::try_from(before).unwrap(),
        "what was written meanwhile is in it"
    );
    let counts = StoreCounts::of(&to).unwrap();
    assert_eq!((counts.applications, counts.users, counts.calls), (1, 1, 0));
    assert_eq!(sealed_signing_key(&to).unwrap(), Some(Sealed::from_bytes(vec![2])));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_copy_is_refused_while_one_is_made() {
    let world = ballasted().await;
    let path = |name| world.folder.path().join(name);
    let (first, second) = tokio::join!(world.store.back_up(path("one")), world.store.back_up(path("two")));
    assert!(first.is_ok());
    assert!(matches!(second, Err(BackupError::UnderWay)));
    assert!(path("one").exists() && !path("two").exists());
    world.store.back_up(path("two")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_cannot_be_made_or_that_nobody_waits_for_leaves_no_file() {
    let world = ballasted().await;
    let taken = world.folder.path().join("taken");
    std::fs::write(&taken, "mine").unwrap();
    assert!(matches!(
        world.store.back_up(taken.clone()).await,
        Err(BackupError::File(_))
    ));
    assert_eq!(std::fs::read(&taken).unwrap(), b"mine");

    let given_up = world.folder.path().join("given up");
    let copying = tokio::spawn({
        let (store, to) = (world.store.clone(), given_up.clone());
        async move { store.back_up(to).await }
    });
    while !given_up.exists() {
        tokio::task::yield_now().await;
    }
    copying.abort();
    _ = copying.await;
    // The thread has looked when the next copy is allowed.
    while world.store.back_up(world.folder.path().join("next")).await.is_err() {}
    assert!(!given_up.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_the_store_gives_a_copy_up_and_what_was_written_before_is_kept() {
    let world = ballasted().await;
    let to = world.folder.path().join("copy.db");
    let store = world.store.clone();
    let (copied, written, ()) = tokio::join!(
        world.store.back_up(to.clone()),
        world.store.write(|connection| change(connection, 77)),
        store.close()
    );
    written.unwrap();
    assert!(matches!(copied, Err(BackupError::GivenUp)), "{copied:?}");
    assert!(!to.exists());
    let connection = Connection::open(world.path()).unwrap();
    let last: i64 = connection
        .query_row("select max(written) from ballast", [], |row| row.get(0))
        .unwrap();
    assert_eq!(last, 77);
}

async fn ballasted() -> World {
    let world = World::new();
    let application = world.application("app").await;
    world.user(&application, "anna").await;
    let make = |connection: &Connection| {
        let table = "create table ballast (number integer primary key, written integer not null, weight blob)";
        connection.execute(table, []).map_err(StoreError::from)
    };
    world.store.write(make).await.unwrap();
    // Not all at once, or the log would be as long before a copy begins.
    for part in 0..ROWS / CHANGED {
        let fill = move |connection: &Connection| {
            connection
                .execute(
                    "with recursive number (value) as (select ?1 union all select value + 1 from number where value < ?2)
                     insert into ballast select value, 0, randomblob(?3) from number",
                    (part * CHANGED, (part + 1) * CHANGED - 1, ROW_BYTES),
                )
                .map_err(StoreError::from)
        };
        world.store.write(fill).await.unwrap();
    }
    world
}

fn change(connection: &Connection, number: i64) -> Result<(), StoreError> {
    let first = number * 7 % (ROWS / 2 - CHANGED / 2);
    for one in first..first + CHANGED / 2 {
        for row in [one, ROWS - 1 - one] {
            let mut update = connection.prepare_cached("update ballast set written = ?1 where number = ?2")?;
            update.execute((number, row))?;
        }
    }
    Ok(())
}
