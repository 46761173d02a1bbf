use offhook_core::application::AccessTokenPermission;
use offhook_core::call::{EndResult, Happening};
use offhook_core::id::AppKey;
use offhook_core::session::{Credential, SESSION_LIFETIME, SLIDE_STEP};

use super::*;
use crate::ApplicationPatch;
use crate::user::{NewUser, UserPatch};
use crate::world::{START, World, at, call_id};

#[tokio::test]
async fn a_session_is_found_by_its_key_with_user_and_application() {
    let world = World::new();
    let application = world.application("app").await;
    let anna = world.user(&application, "anna").await;
    let session = world.session(&anna, Credential::None, at(1));
    let hash = world.hash();
    let created = world.store.create_session(session.clone(), hash).await.unwrap();
    assert!(created.user.has_ever_logged_in);
    assert_eq!(created.user.last_seen_at, Some(at(1)));
    let found = world.store.session_by_key(session.id, hash).await.unwrap().unwrap();
    assert_eq!((&found.session, &found.user), (&created.session, &created.user));
    assert_eq!((&found.session, &*found.application), (&session, &application));
    let again = world.store.session(session.id).await.unwrap().unwrap();
    assert_eq!(again, found);
    assert!(
        Arc::ptr_eq(&again.application, &found.application),
        "it is in memory once"
    );
    let patch = ApplicationPatch {
        name: Some("Renamed".to_owned()),
        ..ApplicationPatch::default()
    };
    world.store.update_application(application.key, patch).await.unwrap();
    let renamed = world.store.session(session.id).await.unwrap().unwrap();
    assert_eq!(renamed.application.name, "Renamed");
    let with_another = world.store.session_by_key(session.id, world.hash()).await;
    assert_eq!(with_another.unwrap(), None);
    let of_another = world
        .store
        .session_by_key(world.session(&anna, Credential::None, at(1)).id, hash)
        .await;
    assert_eq!(of_another.unwrap(), None);
}

#[tokio::test]
async fn the_oldest_session_goes_when_there_are_too_many() {
    let world = World::new();
    let application = world.application("app").await;
    let anna = world.user(&application, "anna").await;
    let ben = world.phone(&application, "ben").await;
    let mut ids = Vec::new();
    for second in 0..MAX_SESSIONS + 2 {
        let session = world.session(&anna, Credential::None, at(second as u64));
        ids.push(session.id);
        let created = world.store.create_session(session, world.hash()).await.unwrap();
        let expected: Vec<_> = second
            .checked_sub(MAX_SESSIONS)
            .map(|oldest| ids[oldest])
            .into_iter()
            .collect();
        assert_eq!(created.swept, expected);
    }
    let left = world.store.sessions_of(anna.key).await.unwrap();
    assert_eq!(left.iter().map(|session| session.id).collect::<Vec<_>>(), ids[2..]);
    assert!(world.store.session(ben.session).await.unwrap().is_some());
}

#[tokio::test]
async fn a_session_that_carries_a_live_call_outlasts_newer_ones_for_as_long_as_the_call() {
    let world = World::new();
    let application = world.application("app").await;
    let anna = world.phone(&application, "anna").await;
    world.phone(&application, "ben").await;
    world.dial(&anna, "ben", call_id(1), at(0)).await.unwrap();
    let mut second = 0;
    let mut sign_in = async || {
        second += 1;
        let session = world.session(&anna.user, Credential::None, at(second));
        let id = session.id;
        (
            id,
            world.store.create_session(session, world.hash()).await.unwrap().swept,
        )
    };
    let (oldest, _) = sign_in().await;
    for _ in 2..MAX_SESSIONS {
        assert_eq!(sign_in().await.1, []);
    }
    assert_eq!(sign_in().await.1, [oldest], "not the one that dialled");
    world.act(&anna, call_id(1), anna.end(), at(60)).await.unwrap();
    assert_eq!(sign_in().await.1, [anna.session], "its call is over");
}

#[tokio::test]
async fn a_session_is_judged_by_what_became_of_its_user_and_token() {
    use SessionRefusal::{Deactivated, Revoked};
    let full = Ok(Validity::Full);
    let access = Credential::AccessToken { number: 1 };
    let token = Credential::SessionToken {
        generation: 0,
        expires_at: at(50),
    };
    for (credential, event, expected) in [
        (access, Event::AccessTokenReplaced, Err(Revoked)),
        (access, Event::SessionTokensRevoked, full),
        (access, Event::Deactivated, Err(Deactivated)),
        (access, Event::TimePasses, full),
        (token, Event::AccessTokenReplaced, full),
        (token, Event::SessionTokensRevoked, Err(Revoked)),
        (token, Event::Deactivated, Err(Deactivated)),
        (token, Event::TimePasses, Ok(Validity::LiveCallsOnly)),
        (access, Event::PermissionDenied, full),
        (token, Event::PermissionDenied, full),
        (Credential::None, Event::SessionTokensRevoked, full),
        (Credential::None, Event::AccessTokenReplaced, Err(Revoked)),
        (Credential::None, Event::SessionTokenIssued, Err(Revoked)),
        (Credential::None, Event::PermissionDenied, Err(Revoked)),
        (Credential::None, Event::Deactivated, Err(Deactivated)),
    ] {
        let world = World::new();
        let app = world.application("app").await.key;
        let mut new = world.new_user("anna");
        if credential != Credential::None {
            new.access_token_hash = Some(world.hash());
        }
        let anna = world.store.create_user(app, new, START).await.unwrap();
        let session = world.sign_in_with(&anna, credential).await.session;
        let found = async || world.store.session(session).await.unwrap().unwrap();
        assert_eq!(found().await.validity(at(49)), full, "{credential:?} before {event:?}");
        event.happen(&world, app).await;
        let now = match event {
            Event::TimePasses => at(50),
            _ => at(49),
        };
        assert_eq!(found().await.validity(now), expected, "{credential:?} after {event:?}");
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
    let session = world.session(&anna, stale, START);
    let refused = world.store.create_session(session.clone(), world.hash()).await;
    assert!(
        matches!(refused, Err(SessionError::Refused(SessionRefusal::Revoked))),
        "{refused:?}"
    );
    assert_eq!(world.store.session(session.id).await.unwrap(), None);
    let anna = world.store.user(application.key, "anna").await.unwrap().unwrap();
    assert!(!anna.has_ever_logged_in);
}

#[tokio::test]
async fn a_user_who_was_deleted_meanwhile_gets_no_session() {
    let world = World::new();
    let application = world.application("app").await;
    let anna = world.user(&application, "anna").await;
    world.store.delete_user(application.key, "anna").await.unwrap();
    let session = world.session(&anna, Credential::None, START);
    let refused = world.store.create_session(session, world.hash()).await;
    assert!(matches!(refused, Err(SessionError::NoSuchUser)), "{refused:?}");
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
    let id = world.sign_in_with(&anna, token(0, 50)).await.session;
    let session = world.store.session(id).await.unwrap().unwrap().session;
    let with = |credential, end| Session {
        credential,
        expires_at: at(end),
        ..session.clone()
    };
    let renewed = world.store.renew_session(with(token(0, 90), 90), at(40)).await.unwrap();
    assert_eq!(renewed.validity(at(89)), Ok(Validity::Full));
    let refused = world.store.renew_session(with(token(7, 900), 900), at(41)).await;
    assert!(
        matches!(refused, Err(SessionError::Refused(SessionRefusal::Revoked))),
        "{refused:?}"
    );
    assert_eq!(world.store.session(id).await.unwrap(), Some(renewed));
    world.store.delete_session(id).await.unwrap();
    let refused = world.store.renew_session(with(token(0, 95), 95), at(42)).await;
    assert!(matches!(refused, Err(SessionError::NoSuchSession)), "{refused:?}");
}

#[tokio::test]
async fn use_prolongs_a_session_and_never_shortens_it() {
    let world = World::new();
    let application = world.application("app").await;
    let anna = world.phone(&application, "anna").await;
    let found = async || world.store.session(anna.session).await.unwrap().unwrap().session;
    let before = found().await;
    world.store.touch_session(anna.session, at(1)).await.unwrap();
    assert_eq!(found().await, before);
    let later = before.slide(START + SLIDE_STEP).unwrap();
    world.store.touch_session(anna.session, later).await.unwrap();
    assert_eq!(found().await.expires_at, later);
}

#[tokio::test]
async fn sessions_that_ended_a_day_ago_are_swept_unless_a_device_still_uses_them() {
    let world = World::new();
    let application = world.application("app").await;
    let anna = world.phone(&application, "anna").await;
    let ben = world.phone(&application, "ben").await;
    let node = crate::NodeId::from_bits(1);
    world.store.start_node(node, START).await.unwrap();
    let connected = world.store.connect_device(node, ben.session, ben.device, START).await;
    assert!(connected.unwrap().is_some());
    let kept_until = START + SESSION_LIFETIME + ENDED_SESSION_KEPT;
    assert_eq!(world.store.sweep_sessions(kept_until, 10).await.unwrap(), 0);
    let after = Timestamp::from_millis(kept_until.as_millis() + 1);
    assert_eq!(world.store.sweep_sessions(after, 10).await.unwrap(), 1);
    assert_eq!(world.store.session(anna.session).await.unwrap(), None);
    assert!(world.store.session(ben.session).await.unwrap().is_some());
}

#[tokio::test]
async fn a_sign_in_leaves_a_session_that_has_just_ended_and_takes_one_that_ended_a_day_ago() {
    let world = World::new();
    let application = world.application("app").await;
    let anna = world.user(&application, "anna").await;
    let token = Credential::SessionToken {
        generation: 0,
        expires_at: at(50),
    };
    let ended = world.sign_in_with(&anna, token).await.session;
    let sign_in = async |now| {
        let session = world.session(&anna, Credential::None, now);
        world.store.create_session(session, world.hash()).await.unwrap().swept
    };
    assert_eq!(sign_in(at(51)).await, []);
    assert!(world.store.session(ended).await.unwrap().is_some());
    assert_eq!(sign_in(at(51) + ENDED_SESSION_KEPT).await, [ended]);
}

#[tokio::test]
async fn a_call_ends_when_its_device_loses_its_session_while_it_is_away() {
    let access = Credential::AccessToken { number: 1 };
    let token = Credential::SessionToken {
        generation: 0,
        expires_at: at(50),
    };
    for (credential, event, is_ended) in [
        (access, Event::TimePasses, false),
        (access, Event::SessionTokensRevoked, false),
        (access, Event::AccessTokenReplaced, true),
        (access, Event::Deactivated, true),
        (access, Event::SignedOut, true),
        (token, Event::AccessTokenReplaced, false),
        (token, Event::SessionTokensRevoked, true),
        (token, Event::TimePasses, false),
    ] {
        for dials in [true, false] {
            let world = World::new();
            let application = world.application("app").await;
            let app = application.key;
            let new = NewUser {
                access_token_hash: Some(world.hash()),
                ..world.new_user("anna")
            };
            let anna = world.store.create_user(app, new, START).await.unwrap();
            let anna = world.sign_in_with(&anna, credential).await;
            let ben = world.phone(&application, "ben").await;
            let (caller, callee) = if dials { (&anna, &ben) } else { (&ben, &anna) };
            world
                .dial(caller, &callee.user.user_id, call_id(1), at(1))
                .await
                .unwrap();
            world.act(callee, call_id(1), callee.accept(), at(2)).await.unwrap();

            event.happen(&world, app).await;
            let ended = world
                .store
                .end_calls_of_lost_sessions(app, anna.user.key, at(60))
                .await
                .unwrap();
            let expected = is_ended.then(|| vec![Happening::Ended(EndResult::NotConnected)]);
            let happened: Vec<_> = ended.into_iter().map(|change| change.happened).collect();
            assert_eq!(
                happened,
                Vec::from_iter(expected),
                "{credential:?} after {event:?}, dials: {dials}"
            );
        }
    }
}

#[tokio::test]
async fn a_call_goes_on_with_the_session_by_which_its_device_came_back() {
    let world = World::new();
    let application = world.application("app").await;
    let anna = world.phone(&application, "anna").await;
    world.phone(&application, "ben").await;
    let again = world.sign_in(&anna.user).await.session;
    world.dial(&anna, "ben", call_id(1), at(1)).await.unwrap();
    let node = crate::NodeId::from_bits(1);
    world.store.start_node(node, START).await.unwrap();
    let connection = world
        .store
        .connect_device(node, again, anna.device, at(2))
        .await
        .unwrap();

    let ended = async || {
        let ended = world
            .store
            .end_calls_of_lost_sessions(application.key, anna.user.key, at(5))
            .await;
        ended.unwrap().len()
    };
    world.store.delete_session(anna.session).await.unwrap();
    assert_eq!(ended().await, 0);
    // Also once it is away again.
    world
        .store
        .disconnect_device(connection.unwrap(), at(3), at(3))
        .await
        .unwrap();
    assert_eq!(ended().await, 0);
    world.store.delete_session(again).await.unwrap();
    assert_eq!(ended().await, 1);
    assert_eq!(ended().await, 0);
}

#[tokio::test]
async fn a_ring_is_not_ended_by_a_session_that_has_not_answered() {
    let world = World::new();
    let application = world.application("app").await;
    let anna = world.phone(&application, "anna").await;
    let ben = world.phone(&application, "ben").await;
    world.dial(&anna, "ben", call_id(1), at(1)).await.unwrap();
    world.store.delete_session(ben.session).await.unwrap();
    let ended = world
        .store
        .end_calls_of_lost_sessions(application.key, ben.user.key, at(2))
        .await;
    assert_eq!(ended.unwrap(), []);
}

#[derive(Debug, Clone, Copy)]
enum Event {
    AccessTokenReplaced,
    SessionTokenIssued,
    SessionTokensRevoked,
    PermissionDenied,
    Deactivated,
    SignedOut,
    TimePasses,
}

impl Event {
    async fn happen(self, world: &World, app: AppKey) {
        let store = &world.store;
        match self {
            Self::AccessTokenReplaced => _ = store.issue_access_token(app, "anna", world.hash()).await.unwrap(),
            Self::SessionTokenIssued => _ = store.note_session_token(app, "anna").await.unwrap(),
            Self::PermissionDenied => {
                _ = store
                    .update_application(
                        app,
                        ApplicationPatch {
                            permission: Some(AccessTokenPermission::Deny),
                            ..ApplicationPatch::default()
                        },
                    )
                    .await
                    .unwrap()
            }
            Self::SessionTokensRevoked => _ = store.revoke_session_tokens(app, "anna").await.unwrap(),
            Self::Deactivated => {
                let off = UserPatch {
                    is_active: Some(false),
                    ..UserPatch::default()
                };
                store.update_user(app, "anna", off).await.unwrap();
            }
            Self::SignedOut => {
                let anna = store.user(app, "anna").await.unwrap().unwrap();
                for session in store.sessions_of(anna.key).await.unwrap() {
                    assert!(store.delete_session(session.id).await.unwrap());
                }
            }
            Self::TimePasses => {}
        }
    }
}

#[tokio::test]
async fn sessions_are_looked_at_when_they_are_gone_do_not_hold_or_are_to_be_prolonged() {
    let world = World::new();
    let application = world.application("app").await;
    let (anna, ben) = (
        world.phone(&application, "anna").await,
        world.phone(&application, "ben").await,
    );
    let gone = SessionId::from_bytes(world.bits());
    let look = |now| {
        world
            .store
            .sessions_to_look_at(vec![anna.session, ben.session, gone], now)
    };
    assert_eq!(look(at(1)).await.unwrap(), [gone]);
    let used = START + SLIDE_STEP;
    assert_eq!(look(used).await.unwrap(), [anna.session, ben.session, gone]);
    world
        .store
        .touch_session(anna.session, used + SESSION_LIFETIME)
        .await
        .unwrap();
    assert_eq!(look(used).await.unwrap(), [ben.session, gone]);
    let patch = UserPatch {
        is_active: Some(false),
        ..UserPatch::default()
    };
    world.store.update_user(application.key, "anna", patch).await.unwrap();
    assert_eq!(look(at(2)).await.unwrap(), [anna.session, gone]);
}
