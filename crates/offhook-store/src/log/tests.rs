use std::path::Path;
use std::time::{Duration, Instant};

use super::*;

/// So many pages, in these tests.
const SHORT: u32 = 100;

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "off")?;
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    Ok(connection)
}

/// A database with a table, and a log that is watched.
struct World {
    folder: tempfile::TempDir,
    connection: Connection,
    log: Log,
    written: u32,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("offhook.db");
        let connection = connect(&path).unwrap();
        let log = Log::start(SHORT, move || connect(&path)).unwrap();
        log.watch(&connection);
        connection
            .execute_batch("create table row (number integer, bytes blob)")
            .unwrap();
        Self {
            folder,
            connection,
            log,
            written: 0,
        }
    }

    /// Writes a few pages.
    fn write(&mut self) {
        self.written += 1;
        self.connection
            .execute("insert into row values (?1, zeroblob(20000))", [self.written])
            .unwrap();
        self.log.look(&self.connection);
    }

    /// Writes until the log has begun anew so often; says how long it was at most.
    fn write_until_it_began_anew(&mut self, times: u32) -> u32 {
        let (mut longest, mut before, mut begun) = (0, PAGES.get(), 0);
        let patience = Instant::now() + Duration::from_secs(60);
        while begun < times {
            assert!(Instant::now() < patience, "{begun} times, {longest} pages");
            self.write();
            let pages = PAGES.get();
            begun += u32::from(pages < before);
            longest = longest.max(pages);
            before = pages;
            std::thread::sleep(Duration::from_millis(1));
        }
        longest
    }

    fn count(&self) -> u32 {
        let path = self.folder.path().join("offhook.db");
        let count = |row: &rusqlite::Row<'_>| row.get(0);
        connect(&path)
            .unwrap()
            .query_row("select count(*) from row", [], count)
            .unwrap()
    }
}

#[test]
fn a_log_that_is_long_begins_anew_and_nothing_is_lost() {
    let mut world = World::new();
    world.write_until_it_began_anew(5);
    assert_eq!(world.count(), world.written);
}

#[test]
fn while_somebody_reads_the_log_grows_and_begins_anew_afterwards() {
    let mut world = World::new();
    let path = world.folder.path().join("offhook.db");
    let reader = connect(&path).unwrap();
    reader.execute_batch("begin; select count(*) from row").unwrap();
    let mut before = PAGES.get();
    for _ in 0..SHORT {
        world.write();
        assert!(PAGES.get() > before, "it is still read");
        before = PAGES.get();
    }
    reader.execute_batch("commit").unwrap();
    world.write_until_it_began_anew(1);
    assert_eq!(world.count(), world.written);
}

#[test]
fn a_short_log_is_left_alone() {
    let mut world = World::new();
    while PAGES.get() + 10 < SHORT {
        world.write();
    }
    let copier = &world.log.copier;
    assert_eq!(
        (world.log.next_at, copier.has_copied.load(Ordering::Acquire)),
        (SHORT, false)
    );
}

#[test]
fn what_is_asked_for_during_a_copy_is_not_copied_again() {
    let (begun, begins) = std::sync::mpsc::channel();
    let (go_on, goes_on) = std::sync::mpsc::channel::<()>();
    let goes_on = std::sync::Mutex::new(goes_on);
    let mut world = World::new();
    world.log = Log::start(SHORT, move || {
        begun.send(()).unwrap();
        // An error where the test is over.
        _ = goes_on.lock().unwrap().recv();
        Err(rusqlite::Error::InvalidQuery)
    })
    .unwrap();
    world.log.watch(&world.connection);
    let write_a_length = |world: &mut World| {
        let end = PAGES.get() + SHORT + 10;
        while PAGES.get() < end {
            world.write();
        }
    };
    write_a_length(&mut world);
    begins.recv().unwrap();
    write_a_length(&mut world);
    drop(go_on);
    drop(world.log);
    assert_eq!(begins.iter().count(), 0);
}

#[test]
fn a_copy_that_meets_another_is_none() {
    let world = World::new();
    let path = world.folder.path().join("offhook.db");
    let reader = connect(&path).unwrap();
    reader.execute_batch("begin; select count(*) from row").unwrap();
    world
        .connection
        .execute("insert into row values (1, zeroblob(20000))", [])
        .unwrap();
    let other = std::thread::spawn(move || {
        let other = connect(&path).unwrap();
        other.busy_timeout(Duration::from_secs(60)).unwrap();
        // Waits for the reader, and holds the log meanwhile.
        other.query_row("pragma wal_checkpoint(full)", [], |_| Ok(())).unwrap();
    });
    let patience = Instant::now() + Duration::from_secs(60);
    while copy(&world.connection).unwrap() >= 0 {
        assert!(Instant::now() < patience, "the other does not hold the log");
        std::thread::sleep(Duration::from_millis(1));
    }
    reader.execute_batch("commit").unwrap();
    other.join().unwrap();
    assert!(copy(&world.connection).unwrap() >= 0);
}

#[test]
fn a_copy_that_fails_stops_nothing() {
    let mut world = World::new();
    world.log = Log::start(SHORT, || Err(rusqlite::Error::InvalidQuery)).unwrap();
    for _ in 0..SHORT {
        world.write();
    }
    assert!(PAGES.get() > 2 * SHORT);
    assert_eq!(world.count(), SHORT);
}
