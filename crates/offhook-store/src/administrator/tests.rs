use std::time::Duration;

use offhook_core::administrator::{MAX_SESSIONS, SESSION_IDLE, SESSION_LIFETIME};

use super::*;
use crate::TokenHash;
use crate::world::{START, World, at};

async fn make(world: &World, name: &str, role: Role) -> Administrator {
    let new = NewAdministrator {
        name: name.to_owned(),
        role,
        password_hash: Some("first".to_owned()),
        oidc_subject: None,
    };
    world.store.create_administrator(new, START).await.unwrap()
}

async fn is_open(world: &World, key: TokenHash) -> bool {
    world.store.admin_session(key, at(1)).await.unwrap().is_some()
}

#[tokio::test]
async fn a_name_is_given_once() {
    let world = World::new();
    assert!(!world.store.has_administrators().await.unwrap());
    let anna = make(&world, "anna", Role::Owner).await;
    assert!(world.store.has_administrators().await.unwrap());
    let again = NewAdministrator {
        name: "anna".to_owned(),
        role: Role::Viewer,
        password_hash: None,
        oidc_subject: Some("s".to_owned()),
    };
    let refused = world.store.create_administrator(again, START).await;
    assert!(matches!(refused, Err(AdministratorError::AlreadyExists)), "{refused:?}");
    assert_eq!(world.store.administrator_by_name("anna").await.unwrap(), Some(anna));
    assert_eq!(world.store.administrator_by_oidc_subject("s").await.unwrap(), None);
}

#[tokio::test]
async fn the_last_owner_is_neither_deleted_nor_made_less() {
    let world = World::new();
    let (anna, ben) = (
        make(&world, "anna", Role::Owner).await,
        make(&world, "ben", Role::Operator).await,
    );
    let to = |role| AdministratorPatch {
        role: Some(role),
        ..AdministratorPatch::default()
    };
    let refused = world
        .store
        .update_administrator(anna.id, to(Role::Operator), None)
        .await;
    assert!(matches!(refused, Err(AdministratorError::LastOwner)), "{refused:?}");
    let refused = world.store.delete_administrator(anna.id).await;
    assert!(matches!(refused, Err(AdministratorError::LastOwner)), "{refused:?}");

    world
        .store
        .update_administrator(ben.id, to(Role::Owner), None)
        .await
        .unwrap();
    world
        .store
        .update_administrator(anna.id, to(Role::Viewer), None)
        .await
        .unwrap();
    world.store.delete_administrator(anna.id).await.unwrap();
    let refused = world.store.delete_administrator(anna.id).await;
    assert!(
        matches!(refused, Err(AdministratorError::NoSuchAdministrator)),
        "{refused:?}"
    );
}

#[tokio::test]
async fn another_password_or_role_ends_sessions_but_the_one_that_acts() {
    let world = World::new();
    make(&world, "anna", Role::Owner).await;
    let ben = make(&world, "ben", Role::Owner).await;
    let (here, there) = (world.hash(), world.hash());
    for key in [here, there] {
        world.store.open_admin_session(&ben, key, START).await.unwrap();
    }
    let password = AdministratorPatch {
        password_hash: Some("second".to_owned()),
        ..AdministratorPatch::default()
    };
    let changed = world
        .store
        .update_administrator(ben.id, password, Some(here))
        .await
        .unwrap();
    assert!(is_open(&world, here).await && !is_open(&world, there).await);
    // Somebody whose password was checked before the change comes too late.
    let late = world.store.open_admin_session(&ben, there, START).await;
    assert!(matches!(late, Err(AdministratorError::NoSuchAdministrator)), "{late:?}");

    world.store.open_admin_session(&changed, there, START).await.unwrap();
    let role = AdministratorPatch {
        role: Some(Role::Viewer),
        ..AdministratorPatch::default()
    };
    world.store.update_administrator(ben.id, role, None).await.unwrap();
    assert!(!is_open(&world, here).await && !is_open(&world, there).await);
}

#[tokio::test]
async fn sessions_end_with_rest_with_their_day_with_their_owner_and_by_number() {
    let world = World::new();
    let anna = make(&world, "anna", Role::Owner).await;
    let ben = make(&world, "ben", Role::Owner).await;
    let key = world.hash();
    world.store.open_admin_session(&anna, key, START).await.unwrap();
    let alive = async |now| world.store.admin_session(key, now).await.unwrap().is_some();
    let idle = START + SESSION_IDLE;
    assert!(alive(idle - Duration::from_millis(1)).await && !alive(idle).await);
    let mut used = START;
    while used < START + SESSION_LIFETIME {
        assert!(alive(used).await);
        world.store.touch_admin_session(key, used).await.unwrap();
        used = used + Duration::from_secs(3600);
    }
    assert!(!alive(used).await);
    world.store.sweep_admin_sessions(used).await.unwrap();
    assert!(!alive(START).await);

    world.store.open_admin_session(&ben, key, START).await.unwrap();
    world.store.delete_administrator(ben.id).await.unwrap();
    assert!(!alive(START).await);

    let mut keys = Vec::new();
    for second in 0..=u64::from(MAX_SESSIONS) {
        keys.push(world.hash());
        let opened = world.store.open_admin_session(&anna, *keys.last().unwrap(), at(second));
        opened.await.unwrap();
    }
    let open = async |key| world.store.admin_session(key, at(60)).await.unwrap().is_some();
    assert!(!open(keys[0]).await && open(keys[1]).await && open(*keys.last().unwrap()).await);
    world.store.end_admin_session(keys[1]).await.unwrap();
    assert!(!open(keys[1]).await);
}

#[tokio::test]
async fn an_authenticator_counts_once_it_showed_a_code_and_each_code_once() {
    let world = World::new();
    let anna = make(&world, "anna", Role::Owner).await;
    let (secret, other) = (Sealed::from_bytes(vec![1]), Sealed::from_bytes(vec![2]));
    let key = world.hash();
    let none = world.store.confirm_totp(anna.id, secret.clone(), 7, key).await;
    assert!(matches!(none, Err(AdministratorError::NothingPending)), "{none:?}");
    world.store.begin_totp(anna.id, secret.clone()).await.unwrap();
    let stale = world.store.confirm_totp(anna.id, other, 7, key).await;
    assert!(matches!(stale, Err(AdministratorError::NothingPending)), "{stale:?}");
    let confirmed = world.store.confirm_totp(anna.id, secret.clone(), 7, key).await.unwrap();
    assert_eq!(
        (confirmed.totp_secret, confirmed.pending_totp_secret),
        (Some(secret), None)
    );
    for (step, is_taken) in [(7, false), (6, false), (8, true), (8, false), (9, true)] {
        let used = world.store.use_totp_step(anna.id, step).await;
        assert_eq!(used.is_ok(), is_taken, "{step}");
    }
    let patch = AdministratorPatch {
        is_totp_removed: true,
        ..AdministratorPatch::default()
    };
    let removed = world.store.update_administrator(anna.id, patch, None).await.unwrap();
    assert_eq!(removed.totp_secret, None);
}
