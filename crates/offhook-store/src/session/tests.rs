use offhook_core::id::AppKey;

use super::*;
use crate::user::UserPatch;
use crate::world::{START, World, at};

#[tokio::test]
async fn a_session_is_found_by_its_key_with_user_and_application() {
    let world = World::new();
    let application = world.application("app").await;
    let anna = world.user(&application, "anna").await;
    let new = world.new_session(anna.key, Credential::None);
    let created = world.store.create_session(new.clone(), at(1)).await.unwrap();
    assert!(created.signed_in.user.has_ever_logged_in);
    assert_eq!(created.signed_in.user.last_seen_at, Some(at(1)));
    let found = world.store.session_by_key_hash(new.key_hash).await.unwrap().unwrap();
    assert_eq!(found, created.signed_in);
    assert_eq!(found.application, application);
    assert_eq!(world.store.session(new.id).await.unwrap(), Some(found));
    assert_eq!(world.store.session_by_key_hash(world.hash()).await.unwrap(), None);
}

#[tokio::test]
async fn the_oldest_session_goes_when_there_are_too_many() {
    let world = World::new();
    let application = world.application("app").await;
    let anna = world.user(&application, "anna").await;
    let ben = world.user(&application, "ben").await;
    let bens = world.new_session(ben.key, Credential::None);
    world.store.create_session(bens.clone(), at(0)).await.unwrap();
    let mut ids = Vec::new();
    for second in 0..u64::from(MAX_SESSIONS) + 2 {
        let new = world.new_session(anna.key, Credential::None);
        ids.push(new.id);
        let created = world.store.create_session(new, at(second)).await.unwrap();
        let expected = second
            .checked_sub(u64::from(MAX_SESSIONS))
            .map(|oldest| ids[oldest as usize]);
        assert_eq!(created.swept, expected.into_iter().collect::<Vec<_>>());
    }
    let left: Vec<_> = world.store.sessions_of(anna.key).await.unwrap();
    assert_eq!(left.iter().map(|session| session.id).collect::<Vec<_>>(), ids[2..]);
    assert!(world.store.session(bens.id).await.unwrap().is_some());
}

#[tokio::test]
async fn what_it_came_from_decides_what_voids_a_session() {
    use SessionRefusal::{Deactivated, Expired, Revoked};
    let access = Credential::AccessToken { number: 1 };
    let token = Credential::SessionToken {
        generation: 0,
        expires_at: at(50),
    };
    for (credential, event, expected) in [
        (access, Event::AccessTokenReplaced, Err(Revoked)),
        (access, Event::SessionTokensRevoked, Ok(())),
        (access, Event::Deactivated, Err(Deactivated)),
        (access, Event::TimePasses, Ok(())),
        (token, Event::AccessTokenReplaced, Ok(())),
        (token, Event::SessionTokensRevoked, Err(Revoked)),
        (token, Event::Deactivated, Err(Deactivated)),
        (token, Event::TimePasses, Err(Expired)),
        (Credential::None, Event::AccessTokenReplaced, Err(Revoked)),
        (Credential::None, Event::PermissionDenied, Err(Revoked)),
        (Credential::None, Event::TimePasses, Ok(())),
    ] {
        let world = World::new();
        let app = world.application("app").await.key;
        let mut new = world.new_user("anna");
        if credential != Credential::None {
            new.access_token_hash = Some(world.hash());
        }
        let anna = world.store.create_user(app, new, START).await.unwrap();
        let session = world.new_session(anna.key, credential);
        let created = world.store.create_session(session.clone(), START).await.unwrap();
        assert_eq!(
            created.signed_in.check(at(49)),
            Ok(()),
            "{credential:?} before {event:?}"
        );
        event.happen(&world, app).await;
        let signed_in = world.store.session(session.id).await.unwrap().unwrap();
        let now = match event {
            Event::TimePasses => at(50),
            _ => at(49),
        };
        assert_eq!(signed_in.check(now), expected, "{credential:?} after {event:?}");
    }
}

#[tokio::test]
async fn a_credential_that_was_revoked_meanwhile_makes_no_session() {
    let world = World::new();
    let application = world.application("app").await;
    let anna = world.user(&application, "anna").await;
    world
        .store
        .revoke_session_tokens(application.key, "anna")
        .await
        .unwrap();
    let stale = Credential::SessionToken {
        generation: 0,
        expires_at: at(50),
    };
    let new = world.new_session(anna.key, stale);
    let refused = world.store.create_session(new.clone(), START).await;
    assert!(
        matches!(refused, Err(SessionError::Refused(SessionRefusal::Revoked))),
        "{refused:?}"
    );
    assert_eq!(world.store.session(new.id).await.unwrap(), None);
    assert!(
        !world
            .store
            .user(application.key, "anna")
            .await
            .unwrap()
            .unwrap()
            .has_ever_logged_in
    );
}

#[tokio::test]
async fn a_renewed_session_lives_by_its_new_token_and_a_refused_renewal_leaves_it() {
    let world = World::new();
    let application = world.application("app").await;
    let anna = world.user(&application, "anna").await;
    let token = |generation, end| Credential::SessionToken {
        generation,
        expires_at: at(end),
    };
    let new = world.new_session(anna.key, token(0, 50));
    world.store.create_session(new.clone(), START).await.unwrap();
    let renewed = world
        .store
        .renew_session(new.id, token(0, 90), at(90), at(40))
        .await
        .unwrap();
    assert_eq!(renewed.check(at(89)), Ok(()));
    let refused = world.store.renew_session(new.id, token(7, 900), at(900), at(41)).await;
    assert!(
        matches!(refused, Err(SessionError::Refused(SessionRefusal::Revoked))),
        "{refused:?}"
    );
    assert_eq!(world.store.session(new.id).await.unwrap(), Some(renewed));
    let unknown = SessionId::from_bytes([9; 16]);
    let refused = world.store.renew_session(unknown, token(0, 90), at(90), at(40)).await;
    assert!(
        matches!(refused, Err(SessionError::Refused(SessionRefusal::Unknown))),
        "{refused:?}"
    );
}

#[tokio::test]
async fn use_prolongs_a_session_and_never_shortens_it() {
    let world = World::new();
    let application = world.application("app").await;
    let anna = world.phone(&application, "anna").await;
    let end = async || {
        world
            .store
            .session(anna.session)
            .await
            .unwrap()
            .unwrap()
            .session
            .expires_at
    };
    let before = end().await;
    world.store.touch_session(anna.session, at(1)).await.unwrap();
    assert_eq!(end().await, before);
    world.store.touch_session(anna.session, at(200_000)).await.unwrap();
    assert_eq!(end().await, at(200_000));
}

#[tokio::test]
async fn ended_sessions_are_swept_unless_a_device_still_uses_them() {
    let world = World::new();
    let application = world.application("app").await;
    let anna = world.phone(&application, "anna").await;
    let ben = world.phone(&application, "ben").await;
    let node = crate::connection::NodeId::new("one");
    world.store.start_node(&node, START).await.unwrap();
    world
        .store
        .connect_device(&node, ben.session, ben.device, START)
        .await
        .unwrap();
    assert_eq!(world.store.sweep_sessions(at(86_400), 10).await.unwrap(), 0);
    assert_eq!(world.store.sweep_sessions(at(86_401), 10).await.unwrap(), 1);
    assert_eq!(world.store.session(anna.session).await.unwrap(), None);
    assert!(world.store.session(ben.session).await.unwrap().is_some());
}

#[derive(Debug, Clone, Copy)]
enum Event {
    AccessTokenReplaced,
    SessionTokensRevoked,
    Deactivated,
    PermissionDenied,
    TimePasses,
}

impl Event {
    async fn happen(self, world: &World, app: AppKey) {
        let store = &world.store;
        match self {
            Self::AccessTokenReplaced => _ = store.issue_access_token(app, "anna", world.hash()).await.unwrap(),
            Self::SessionTokensRevoked => _ = store.revoke_session_tokens(app, "anna").await.unwrap(),
            Self::Deactivated => {
                let off = UserPatch {
                    is_active: Some(false),
                    ..UserPatch::default()
                };
                store.update_user(app, "anna", off).await.unwrap();
            }
            Self::PermissionDenied => {
                store.set_permission(app, AccessTokenPermission::Deny).await.unwrap();
            }
            Self::TimePasses => {}
        }
    }
}
