use super::*;
use crate::world::{START, World, at};

#[tokio::test]
async fn a_secondary_token_opens_its_application_until_it_is_revoked() {
    let world = World::new();
    let (application, store) = (world.application("app").await, &world.store);
    let hash = world.hash();
    let made = store
        .add_api_token(application.key, hash, "abcd".to_owned(), at(1))
        .await
        .unwrap();
    assert_eq!((made.number, made.created_at), (ApiTokenNumber(2), at(1)));
    let opened = store.application_by_api_token(hash).await.unwrap();
    assert_eq!(opened, Some((application.clone(), made.number)));
    let listed = store.list_api_tokens(application.key).await.unwrap();
    let hints: Vec<_> = listed
        .iter()
        .map(|entry| (entry.number.0, entry.hint.as_str()))
        .collect();
    assert_eq!(hints, [(1, "last"), (2, "abcd")]);

    store.revoke_api_token(application.key, made.number).await.unwrap();
    assert_eq!(store.application_by_api_token(hash).await.unwrap(), None);
    let again = store.revoke_api_token(application.key, made.number).await;
    assert!(matches!(again, Err(ApiTokenError::NoSuchToken)), "{again:?}");
    // Whoever still sees the old list cannot mean the new one.
    let next = store
        .add_api_token(application.key, world.hash(), "efgh".to_owned(), at(2))
        .await;
    assert_eq!(next.unwrap().number, ApiTokenNumber(3));
}

#[tokio::test]
async fn the_master_is_never_revoked_and_nobody_revokes_anothers() {
    let world = World::new();
    let (application, other) = (world.application("app").await, world.application("other").await);
    let store = &world.store;
    let refused = store.revoke_api_token(application.key, ApiTokenNumber::MASTER).await;
    assert!(matches!(refused, Err(ApiTokenError::Master)), "{refused:?}");
    let hash = world.hash();
    store
        .add_api_token(application.key, hash, String::new(), START)
        .await
        .unwrap();
    let refused = store.revoke_api_token_by_hash(other.key, hash).await;
    assert!(matches!(refused, Err(ApiTokenError::NoSuchToken)), "{refused:?}");
    assert_eq!(store.api_token_entry(other.key, hash).await.unwrap(), None);
    store.revoke_api_token_by_hash(application.key, hash).await.unwrap();
    assert_eq!(store.list_api_tokens(application.key).await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_application_has_a_hundred_secondary_tokens_at_most() {
    let world = World::new();
    let application = world.application("app").await;
    for _ in 0..MAX_SECONDARY_TOKENS {
        let added = world
            .store
            .add_api_token(application.key, world.hash(), String::new(), START);
        added.await.unwrap();
    }
    let refused = world
        .store
        .add_api_token(application.key, world.hash(), String::new(), START)
        .await;
    assert!(matches!(refused, Err(ApiTokenError::TooMany)), "{refused:?}");
    world
        .store
        .revoke_api_token(application.key, ApiTokenNumber(50))
        .await
        .unwrap();
    let added = world
        .store
        .add_api_token(application.key, world.hash(), String::new(), START)
        .await;
    assert_eq!(added.unwrap().number, ApiTokenNumber(MAX_SECONDARY_TOKENS + 2));
}
