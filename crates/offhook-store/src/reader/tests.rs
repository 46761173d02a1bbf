use crate::StoreError;
use crate::world::World;

#[tokio::test]
async fn a_lookup_or_a_query_that_panics_fails_alone() {
    let World { store, .. } = &World::new();
    for _ in 0..2 * super::CONNECTIONS {
        let looked_up = store.look_up::<()>(|_| panic!("on purpose")).await;
        assert!(matches!(looked_up, Err(StoreError::Panicked)), "{looked_up:?}");
        let read = store.read::<()>(|_| panic!("on purpose")).await;
        assert!(matches!(read, Err(StoreError::Panicked)), "{read:?}");
    }
    let one = |connection: &rusqlite::Connection| connection.query_row("select 1", [], |row| row.get::<_, i64>(0));
    assert_eq!(store.look_up(one).await.unwrap(), 1);
    assert_eq!(store.read(one).await.unwrap(), 1);
}
