use offhook_core::id::CallId;
use offhook_core::user::MAX_METADATA_ITEMS;

use super::*;
use crate::Application;
use crate::world::{START, World, at, call_id};

#[tokio::test]
async fn a_user_is_kept_as_it_was_made() {
    let world = World::new();
    let application = world.application("app").await;
    let hash = world.hash();
    let new = NewUser {
        metadata: items(&[("city", "Zürich"), ("emoji", "🦀")]),
        discovery_keys: vec!["key".to_owned()],
        access_token_hash: Some(hash),
        ..world.new_user("anna")
    };
    let made = world
        .store
        .create_user(application.key, new.clone(), at(3))
        .await
        .unwrap();
    assert_eq!(
        made,
        User {
            key: new.key,
            app: application.key,
            user_id: "anna".to_owned(),
            nickname: "The anna".to_owned(),
            profile_url: String::new(),
            metadata: new.metadata,
            is_active: true,
            is_online: false,
            access_token_hash: Some(hash),
            access_token_number: 1,
            generation: 0,
            has_had_token: true,
            has_ever_logged_in: false,
            discovery_keys: vec!["key".to_owned()],
            preferred_languages: Vec::new(),
            created_at: at(3),
            last_seen_at: None,
        }
    );
    let store = &world.store;
    assert_eq!(store.user(application.key, "anna").await.unwrap(), Some(made));
    assert_eq!(store.user(application.key, "Anna").await.unwrap(), None);
}

#[tokio::test]
async fn one_id_is_one_user_in_each_application() {
    let world = World::new();
    let application = world.application("app").await;
    let elsewhere = world.application("elsewhere").await;
    let anna = world.user(&application, "anna").await;
    let again = world.new_user("anna");
    let refused = world.store.create_user(application.key, again, START).await;
    assert!(matches!(refused, Err(UserError::AlreadyExists)), "{refused:?}");
    assert_eq!(world.store.user(elsewhere.key, "anna").await.unwrap(), None);
    let namesake = world.user(&elsewhere, "anna").await;
    assert_ne!(namesake.key, anna.key);
    let deleted = world.store.delete_user(elsewhere.key, "anna").await.unwrap();
    assert_eq!(deleted.key, namesake.key);
    assert_eq!(world.store.user(application.key, "anna").await.unwrap(), Some(anna));
}

#[tokio::test]
async fn an_update_changes_what_it_names_and_nothing_else() {
    let world = World::new();
    let application = world.application("app").await;
    let anna = world.user(&application, "anna").await;
    let patch = UserPatch {
        nickname: Some("Ännchen".to_owned()),
        is_active: Some(false),
        last_seen_at: Some(at(7)),
        preferred_languages: Some(vec!["de".to_owned()]),
        ..UserPatch::default()
    };
    let updated = world.store.update_user(application.key, "anna", patch).await.unwrap();
    assert_eq!(
        updated,
        User {
            nickname: "Ännchen".to_owned(),
            is_active: false,
            last_seen_at: Some(at(7)),
            preferred_languages: vec!["de".to_owned()],
            ..anna
        }
    );
    let nothing = UserPatch::default();
    let same = world
        .store
        .update_user(application.key, "anna", nothing.clone())
        .await
        .unwrap();
    assert_eq!(same, updated);
    let refused = world.store.update_user(application.key, "ben", nothing).await;
    assert!(matches!(refused, Err(UserError::NoSuchUser)), "{refused:?}");
}

#[tokio::test]
async fn tokens_are_counted_and_their_need_is_never_forgotten() {
    let world = World::new();
    let application = world.application("app").await;
    world.user(&application, "anna").await;
    let store = &world.store;
    let noted = store.note_session_token(application.key, "anna").await.unwrap();
    assert!(noted.has_had_token && noted.access_token_hash.is_none());
    assert_eq!((noted.access_token_number, noted.generation), (0, 0));
    let revoked = store.revoke_session_tokens(application.key, "anna").await.unwrap();
    assert!(revoked.has_had_token);
    assert_eq!(revoked.generation, 1);
    let hash = world.hash();
    let issued = store.issue_access_token(application.key, "anna", hash).await.unwrap();
    assert_eq!(issued.access_token_hash, Some(hash));
    let hash = world.hash();
    let replaced = store.issue_access_token(application.key, "anna", hash).await.unwrap();
    assert_eq!(
        (replaced.access_token_hash, replaced.access_token_number),
        (Some(hash), 2)
    );
}

#[tokio::test]
async fn a_deleted_user_leaves_calls_behind_and_nothing_else() {
    let world = World::new();
    let application = world.application("app").await;
    let anna = world.phone(&application, "anna").await;
    let ben = world.phone(&application, "ben").await;
    world.dial(&anna, "ben", call_id(1), at(0)).await.unwrap();
    world.dial(&anna, "ben", call_id(2), at(0)).await.unwrap();
    world.act(&anna, call_id(1), anna.end(), at(1)).await.unwrap();

    let deleted = world.store.delete_user(application.key, "anna").await.unwrap();
    let live: Vec<CallId> = deleted.live_calls.iter().map(|call| call.id).collect();
    assert_eq!((deleted.key, live), (anna.user.key, vec![call_id(2)]));
    assert_eq!(world.store.user(application.key, "anna").await.unwrap(), None);
    assert_eq!(world.store.session(anna.session).await.unwrap(), None);
    assert!(world.store.call(application.key, call_id(2)).await.unwrap().is_some());
    let log = world
        .store
        .call_log(ben.user.key, Default::default(), None, 10)
        .await
        .unwrap();
    assert_eq!(log.calls.len(), 1);

    // A new user of that id is another one.
    let anew = world.user(&application, "anna").await;
    assert_ne!(anew.key, anna.user.key);
    assert_eq!(world.store.live_calls_of(anew.app, anew.key).await.unwrap(), []);
}

#[tokio::test]
async fn metadata_is_added_set_and_deleted_within_its_bound() {
    let world = World::new();
    let application = world.application("app").await;
    world.user(&application, "anna").await;
    let app = application.key;
    let store = &world.store;
    let user = store
        .add_metadata(app, "anna", items(&[("a", "1"), ("b", "2")]))
        .await
        .unwrap();
    assert_eq!(user.metadata, items(&[("a", "1"), ("b", "2")]));
    let refused = store.add_metadata(app, "anna", items(&[("b", "9"), ("c", "3")])).await;
    assert!(matches!(refused, Err(MetadataError::AlreadyExists)), "{refused:?}");
    let user = store
        .put_metadata(app, "anna", items(&[("b", "20"), ("c", "3")]), false)
        .await
        .unwrap();
    assert_eq!(user.metadata, items(&[("a", "1"), ("b", "20")]));
    let user = store
        .put_metadata(app, "anna", items(&[("c", "3"), ("d", "4"), ("e", "5")]), true)
        .await
        .unwrap();
    assert_eq!(user.metadata.len(), MAX_METADATA_ITEMS);
    let refused = store
        .put_metadata(app, "anna", items(&[("a", "10"), ("f", "6")]), true)
        .await;
    assert!(matches!(refused, Err(MetadataError::TooMany)), "{refused:?}");
    let kept = store.user(app, "anna").await.unwrap().unwrap().metadata;
    assert_eq!(kept.get("a").map(String::as_str), Some("1"));
    let user = store.delete_metadata(app, "anna", Some("a")).await.unwrap();
    assert_eq!(user.metadata.keys().collect::<Vec<_>>(), ["b", "c", "d", "e"]);
    let user = store.delete_metadata(app, "anna", None).await.unwrap();
    assert_eq!(user.metadata, items(&[]));
    let refused = store.delete_metadata(app, "ben", None).await;
    assert!(matches!(refused, Err(MetadataError::NoSuchUser)), "{refused:?}");
}

#[tokio::test]
async fn a_list_holds_the_users_that_every_filter_lets_through() {
    let world = World::new();
    let application = world.application("app").await;
    let other = world.application("other").await;
    world.user(&other, "stranger").await;
    for user_id in ["anna", "ben", "carol", "o'dora%"] {
        world.user(&application, user_id).await;
    }
    let store = &world.store;
    let off = UserPatch {
        is_active: Some(false),
        ..UserPatch::default()
    };
    store.update_user(application.key, "ben", off).await.unwrap();
    store
        .put_metadata(application.key, "carol", items(&[("city", "Rome")]), true)
        .await
        .unwrap();

    let all = UserFilter {
        active: ActiveMode::All,
        ..UserFilter::default()
    };
    check(&world, &application, all.clone(), &["anna", "ben", "carol", "o'dora%"]).await;
    check(
        &world,
        &application,
        UserFilter::default(),
        &["anna", "carol", "o'dora%"],
    )
    .await;
    let deactivated = UserFilter {
        active: ActiveMode::Deactivated,
        ..all.clone()
    };
    check(&world, &application, deactivated, &["ben"]).await;
    let ids = UserFilter {
        user_ids: Some(vec!["o'dora%".to_owned(), "anna".to_owned(), "stranger".to_owned()]),
        ..all.clone()
    };
    check(&world, &application, ids, &["anna", "o'dora%"]).await;
    let nickname = UserFilter {
        nickname: Some("The ben".to_owned()),
        ..all.clone()
    };
    check(&world, &application, nickname, &["ben"]).await;
    let start = |text: &str| UserFilter {
        nickname_startswith: Some(text.to_owned()),
        ..all.clone()
    };
    check(&world, &application, start("The c"), &["carol"]).await;
    check(&world, &application, start("The %"), &[]).await;
    let city = |value: &str| UserFilter {
        metadata: Some(("city".to_owned(), vec!["Oslo".to_owned(), value.to_owned()])),
        ..all.clone()
    };
    check(&world, &application, city("Rome"), &["carol"]).await;
    check(&world, &application, city("Paris"), &[]).await;
}

#[tokio::test]
async fn pages_hold_every_user_once_even_if_users_come_and_go_meanwhile() {
    let world = World::new();
    let application = world.application("app").await;
    for number in 0..7 {
        world.user(&application, &format!("user-{number}")).await;
    }
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let page = world
            .store
            .list_users(application.key, UserFilter::default(), after, 3)
            .await
            .unwrap();
        seen.extend(page.users.into_iter().map(|user| user.user_id));
        if seen.len() == 3 {
            world.store.delete_user(application.key, "user-1").await.unwrap();
            world.store.delete_user(application.key, "user-5").await.unwrap();
            world.user(&application, "user-7").await;
        }
        let Some(next) = page.next else { break };
        after = Some(UserCursor::from_number(next.number()));
    }
    assert_eq!(
        seen,
        ["user-0", "user-1", "user-2", "user-3", "user-4", "user-6", "user-7"]
    );
}

#[tokio::test]
async fn a_page_that_holds_the_last_user_has_no_next() {
    let world = World::new();
    let application = world.application("app").await;
    for number in 0..3 {
        world.user(&application, &format!("user-{number}")).await;
    }
    let filter = UserFilter::default();
    let page = world
        .store
        .list_users(application.key, filter.clone(), None, 3)
        .await
        .unwrap();
    assert_eq!((page.users.len(), page.next), (3, None));
    let page = world.store.list_users(application.key, filter, None, 2).await.unwrap();
    assert_eq!(page.users.len(), 2);
    assert!(page.next.is_some());
}

async fn check(world: &World, application: &Application, filter: UserFilter, expected: &[&str]) {
    let page = world
        .store
        .list_users(application.key, filter.clone(), None, 100)
        .await
        .unwrap();
    let found: Vec<_> = page.users.iter().map(|user| user.user_id.as_str()).collect();
    assert_eq!(found, expected, "{filter:?}");
}

fn items(items: &[(&str, &str)]) -> BTreeMap<String, String> {
    items
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}
