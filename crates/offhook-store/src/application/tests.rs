use super::*;
use crate::world::{START, World, at};
use crate::{ApiTokenNumber, ApplicationPatch, TokenHash};

#[tokio::test]
async fn an_application_is_found_by_its_number_its_id_and_its_api_token() {
    let world = World::new();
    let token = world.hash();
    let made = world.store.create_application(new("app", token), START).await.unwrap();
    assert_eq!(made.permission, AccessTokenPermission::Deny);
    assert_eq!(made.allowed_origins, ["https://example.com"]);

    let store = &world.store;
    assert_eq!(store.application(made.key).await.unwrap().as_ref(), Some(&made));
    assert_eq!(store.application_by_id(&made.id).await.unwrap().as_ref(), Some(&made));
    assert_eq!(
        store.application_by_api_token(token).await.unwrap(),
        Some((made.clone(), ApiTokenNumber::MASTER))
    );
    assert_eq!(store.list_applications().await.unwrap(), [made]);
    let other = "APP".parse().unwrap();
    assert_eq!(store.application_by_id(&other).await.unwrap(), None);
    assert_eq!(store.application_by_api_token(world.hash()).await.unwrap(), None);
}

#[tokio::test]
async fn an_id_that_is_taken_is_refused_and_its_token_opens_nothing() {
    let world = World::new();
    world.application("app").await;
    let token = world.hash();
    let refused = world.store.create_application(new("app", token), START).await;
    assert!(matches!(refused, Err(ApplicationError::AlreadyExists)), "{refused:?}");
    assert_eq!(world.store.application_by_api_token(token).await.unwrap(), None);
}

#[tokio::test]
async fn a_rotated_api_token_opens_nothing_any_more() {
    let world = World::new();
    let (old, fresh) = (world.hash(), world.hash());
    let application = world.store.create_application(new("app", old), START).await.unwrap();
    let to = ApiToken {
        hash: fresh,
        hint: "last".to_owned(),
        sealed: Sealed::from_bytes(vec![7]),
    };
    world.store.rotate_api_token(application.key, to, at(1)).await.unwrap();
    assert_eq!(world.store.application_by_api_token(old).await.unwrap(), None);
    assert_eq!(
        world.store.application_by_api_token(fresh).await.unwrap(),
        Some((application.clone(), ApiTokenNumber::MASTER))
    );
    let sealed = world.store.api_token(application.key).await.unwrap();
    assert_eq!(sealed, Some(Sealed::from_bytes(vec![7])));
}

#[tokio::test]
async fn a_new_signing_key_signs_and_the_one_before_is_still_found() {
    let world = World::new();
    let application = world.application("app").await;
    let first = world.store.current_signing_key(application.key).await.unwrap().unwrap();
    assert_eq!(first.retired_at, None);
    let sealed = Sealed::from_bytes(vec![9]);
    let added = world
        .store
        .add_signing_key(application.key, sealed, at(5))
        .await
        .unwrap();
    let current = world.store.current_signing_key(application.key).await.unwrap().unwrap();
    assert_eq!(current.id, added);
    let retired = world.store.signing_key(first.id).await.unwrap().unwrap();
    assert_eq!((retired.sealed, retired.retired_at), (first.sealed, Some(at(5))));
}

#[tokio::test]
async fn settings_change_one_application_only() {
    let world = World::new();
    let application = world.application("app").await;
    let other = world.application("other").await;
    let store = &world.store;
    store
        .update_application(
            application.key,
            ApplicationPatch {
                permission: Some(AccessTokenPermission::ReadOnly),
                ..ApplicationPatch::default()
            },
        )
        .await
        .unwrap();
    store
        .update_application(
            application.key,
            ApplicationPatch {
                allowed_origins: Some(vec!["https://a.example".to_owned()]),
                ..ApplicationPatch::default()
            },
        )
        .await
        .unwrap();
    let changed = store.application(application.key).await.unwrap().unwrap();
    assert_eq!(changed.permission, AccessTokenPermission::ReadOnly);
    assert_eq!(changed.allowed_origins, ["https://a.example"]);
    assert_eq!(store.application(other.key).await.unwrap(), Some(other));

    let refused = store
        .update_application(
            AppKey(99),
            ApplicationPatch {
                permission: Some(AccessTokenPermission::Deny),
                ..ApplicationPatch::default()
            },
        )
        .await;
    assert!(
        matches!(refused, Err(ApplicationError::NoSuchApplication)),
        "{refused:?}"
    );
}

fn new(id: &str, token: TokenHash) -> NewApplication {
    NewApplication {
        id: id.parse().unwrap(),
        name: "Test".to_owned(),
        permission: AccessTokenPermission::Deny,
        allowed_origins: vec!["https://example.com".to_owned()],
        is_relay_only: false,
        api_token: ApiToken {
            hash: token,
            hint: "last".to_owned(),
            sealed: Sealed::from_bytes(vec![1]),
        },
        signing_key: Sealed::from_bytes(vec![2]),
        webhook_key: Sealed::from_bytes(vec![3]),
    }
}

#[tokio::test]
async fn an_application_is_set_to_relay_only_and_back_and_no_other_with_it() {
    let world = World::new();
    let (mine, other) = (world.application("mine").await, world.application("other").await);
    assert!(!mine.is_relay_only);
    world
        .store
        .update_application(
            mine.key,
            ApplicationPatch {
                is_relay_only: Some(true),
                ..ApplicationPatch::default()
            },
        )
        .await
        .unwrap();
    let is_relay_only = async |key| world.store.application(key).await.unwrap().unwrap().is_relay_only;
    assert_eq!(
        (is_relay_only(mine.key).await, is_relay_only(other.key).await),
        (true, false)
    );
    world
        .store
        .update_application(
            mine.key,
            ApplicationPatch {
                is_relay_only: Some(false),
                ..ApplicationPatch::default()
            },
        )
        .await
        .unwrap();
    assert!(!is_relay_only(mine.key).await);
}

#[tokio::test]
async fn a_replaced_webhook_key_signs_beside_the_new_one_for_a_day() {
    let world = World::new();
    let (mine, other) = (world.application("mine").await, world.application("other").await);
    let key = |number| Sealed::from_bytes(vec![number]);
    let keys = async |seconds| world.store.webhook_keys(mine.key, at(seconds)).await.unwrap();
    assert_eq!(keys(0).await, [key(3)]);
    world.store.rotate_webhook_key(mine.key, key(4), at(0)).await.unwrap();
    let day = FORMER_KEY_SIGNS_FOR.as_secs();
    assert_eq!(keys(day - 1).await, [key(4), key(3)]);
    assert_eq!(keys(day).await, [key(4)]);
    world.store.rotate_webhook_key(mine.key, key(5), at(1)).await.unwrap();
    assert_eq!(keys(2).await, [key(5), key(4)]);
    assert_eq!(world.store.webhook_keys(other.key, at(2)).await.unwrap(), [key(3)]);
}
