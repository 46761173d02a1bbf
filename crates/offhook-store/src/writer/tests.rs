use std::sync::mpsc;

use futures_util::future::join_all;

use super::*;
use crate::Store;
use crate::world::World;

#[tokio::test]
async fn what_waits_is_committed_together() {
    let world = World::new();
    let hold = Hold::new(&world.store).await;
    let before = world.store.written();
    let units = spawn_all(&world.store, 200, |_| Outcome::Keep).await;
    hold.release().await;
    for answer in join_all(units).await {
        answer.unwrap().unwrap();
    }
    let after = world.store.written();
    assert_eq!(after.units - before.units, 200);
    // The one that held the thread, and all that waited behind it.
    assert_eq!(after.commits - before.commits, 2);
    assert_eq!(kept(&world.store).await.len(), 200);
}

#[tokio::test]
async fn a_refused_unit_and_a_panicking_one_change_nothing_while_their_neighbours_are_kept() {
    let world = World::new();
    let hold = Hold::new(&world.store).await;
    let units = spawn_all(&world.store, 9, |number| match number % 3 {
        0 => Outcome::Keep,
        1 => Outcome::Refuse,
        _ => Outcome::Panic,
    })
    .await;
    hold.release().await;
    let answers: Vec<_> = join_all(units)
        .await
        .into_iter()
        .map(|answer| answer.unwrap())
        .collect();
    for (number, answer) in answers.iter().enumerate() {
        match number % 3 {
            0 => assert!(answer.is_ok(), "{answer:?}"),
            1 => assert!(matches!(answer, Err(TestError::Refused)), "{answer:?}"),
            _ => assert!(
                matches!(answer, Err(TestError::Store(StoreError::Panicked))),
                "{answer:?}"
            ),
        }
    }
    assert_eq!(kept(&world.store).await, [0, 3, 6]);
}

#[tokio::test]
async fn nobody_is_told_that_all_is_well_when_the_commit_fails() {
    let world = World::new();
    make_table(&world.store).await;
    let hold = Hold::new(&world.store).await;
    // A deferred foreign key is checked at commit only, so the whole group fails there.
    let orphan = tokio::spawn({
        let store = world.store.clone();
        async move {
            store
                .write(|connection| {
                    connection.execute("insert into child (parent) values (1)", [])?;
                    Ok::<_, StoreError>(())
                })
                .await
        }
    });
    tokio::task::yield_now().await;
    let neighbours = spawn_all(&world.store, 3, |_| Outcome::Keep).await;
    hold.release().await;
    assert!(matches!(orphan.await.unwrap(), Err(StoreError::Commit(_))));
    for answer in join_all(neighbours).await {
        let answer = answer.unwrap();
        assert!(
            matches!(answer, Err(TestError::Store(StoreError::Commit(_)))),
            "{answer:?}"
        );
    }
    assert_eq!(kept(&world.store).await, [0; 0]);
    // The thread goes on.
    for answer in join_all(spawn_all(&world.store, 1, |_| Outcome::Keep).await).await {
        answer.unwrap().unwrap();
    }
    assert_eq!(kept(&world.store).await, [0]);
}

#[tokio::test]
async fn a_transaction_that_sqlite_gives_up_takes_its_units_along_and_nothing_else() {
    let world = World::new();
    make_table(&world.store).await;
    let hold = Hold::new(&world.store).await;
    let before = spawn_all(&world.store, 1, |_| Outcome::Keep).await;
    let breaker = tokio::spawn({
        let store = world.store.clone();
        // What SQLite itself does on a full disk: the transaction is gone when the statement returns.
        async move {
            store
                .write(|connection| {
                    connection.execute_batch("rollback")?;
                    Err::<(), _>(StoreError::Closed)
                })
                .await
        }
    });
    tokio::task::yield_now().await;
    let after = tokio::spawn({
        let store = world.store.clone();
        async move { unit(&store, 7, Outcome::Keep).await }
    });
    tokio::task::yield_now().await;
    hold.release().await;
    for answer in join_all(before).await {
        assert!(matches!(answer.unwrap(), Err(TestError::Store(StoreError::Commit(_)))));
    }
    assert!(matches!(breaker.await.unwrap(), Err(StoreError::Commit(_))));
    after.await.unwrap().unwrap();
    assert_eq!(kept(&world.store).await, [7]);
}

#[tokio::test]
async fn a_write_whose_caller_went_away_is_carried_out_wholly() {
    let world = World::new();
    make_table(&world.store).await;
    let hold = Hold::new(&world.store).await;
    let gone = tokio::spawn({
        let store = world.store.clone();
        async move { unit(&store, 5, Outcome::Keep).await }
    });
    tokio::task::yield_now().await;
    gone.abort();
    assert!(gone.await.unwrap_err().is_cancelled());
    hold.release().await;
    unit(&world.store, 6, Outcome::Keep).await.unwrap();
    assert_eq!(kept(&world.store).await, [5, 6]);
}

#[tokio::test]
async fn closing_commits_what_waits_and_refuses_what_comes_later() {
    let world = World::new();
    make_table(&world.store).await;
    let hold = Hold::new(&world.store).await;
    let units = spawn_all(&world.store, 5, |_| Outcome::Keep).await;
    let closing = tokio::spawn({
        let store = world.store.clone();
        async move { store.close().await }
    });
    tokio::task::yield_now().await;
    hold.release().await;
    closing.await.unwrap();
    for answer in join_all(units).await {
        answer.unwrap().unwrap();
    }
    let refused = unit(&world.store, 9, Outcome::Keep).await;
    assert!(
        matches!(refused, Err(TestError::Store(StoreError::Closed))),
        "{refused:?}"
    );
    world.store.close().await;
    let again = Store::open(&world.path()).unwrap();
    assert_eq!(kept(&again).await, [0, 1, 2, 3, 4]);
}

#[tokio::test]
async fn closing_leaves_no_log_behind() {
    let world = World::new();
    make_table(&world.store).await;
    unit(&world.store, 1, Outcome::Keep).await.unwrap();
    let log = world.path().with_extension("db-wal");
    assert!(log.metadata().unwrap().len() > 0);
    world.store.close().await;
    assert_eq!(log.metadata().map_or(0, |log| log.len()), 0);
}

#[derive(Debug, Clone, Copy)]
enum Outcome {
    Keep,
    Refuse,
    Panic,
}

#[derive(Debug, thiserror::Error)]
enum TestError {
    #[error("refused")]
    Refused,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Keeps the writing thread busy until it is released, so that what comes meanwhile waits.
struct Hold {
    release: mpsc::Sender<()>,
    held: tokio::task::JoinHandle<Result<(), StoreError>>,
}

impl Hold {
    async fn new(store: &Store) -> Self {
        make_table(store).await;
        let (release, released) = mpsc::channel();
        let (started, has_started) = oneshot::channel();
        let held = tokio::spawn({
            let store = store.clone();
            async move {
                store
                    .write(move |_| {
                        started.send(()).unwrap();
                        released.recv().unwrap();
                        Ok(())
                    })
                    .await
            }
        });
        has_started.await.unwrap();
        Self { release, held }
    }

    async fn release(self) {
        self.release.send(()).unwrap();
        self.held.await.unwrap().unwrap();
    }
}

async fn make_table(store: &Store) {
    store
        .write(|connection| {
            connection.execute_batch(
                "create table if not exists kept (number integer);
                 create table if not exists parent (number integer primary key);
                 create table if not exists child (parent integer references parent deferrable initially deferred);",
            )?;
            Ok::<_, StoreError>(())
        })
        .await
        .unwrap();
}

async fn unit(store: &Store, number: usize, outcome: Outcome) -> Result<(), TestError> {
    store
        .write(move |connection| {
            connection
                .execute("insert into kept (number) values (?1)", [number as i64])
                .map_err(StoreError::from)?;
            match outcome {
                Outcome::Keep => Ok(()),
                Outcome::Refuse => Err(TestError::Refused),
                Outcome::Panic => panic!("on purpose"),
            }
        })
        .await
}

/// Starts so many units and lets each get into the queue, in order.
async fn spawn_all(
    store: &Store,
    count: usize,
    outcome: impl Fn(usize) -> Outcome,
) -> Vec<tokio::task::JoinHandle<Result<(), TestError>>> {
    let mut units = Vec::new();
    for number in 0..count {
        let (store, outcome) = (store.clone(), outcome(number));
        units.push(tokio::spawn(async move { unit(&store, number, outcome).await }));
        tokio::task::yield_now().await;
    }
    units
}

async fn kept(store: &Store) -> Vec<i64> {
    store
        .read(|connection| {
            connection
                .prepare("select number from kept order by number")?
                .query_map([], |row| row.get(0))?
                .collect()
        })
        .await
        .unwrap()
}
