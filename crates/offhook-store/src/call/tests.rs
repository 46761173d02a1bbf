use std::time::Duration;

use offhook_core::call::{
    DialRefusal, EndResult, Happening, Input, LOST_GRACE, MAX_DIALS_PER_MINUTE, MAX_DIALS_TO_ONE_PER_MINUTE,
    MAX_LIVE_CALLS, MAX_RINGING_CALLS, MediaReport, MediaSettings, Path, Refusal, Role, SettingsChange,
};
use offhook_core::custom_items::ItemsChange;
use offhook_core::id::DeviceId;
use offhook_core::session::Credential;

use super::*;
use crate::user::UserPatch;
use crate::world::{Phone, SOUND, World, at, call_id, request};

#[tokio::test]
async fn a_call_is_dialed_accepted_connected_and_ended_with_one_record_of_use() {
    let world = World::new();
    let application = world.application("app").await;
    let anna = world.phone(&application, "anna").await;
    let ben = world.phone(&application, "ben").await;

    let dialed = world.dial(&anna, "ben", call_id(1), at(0)).await.unwrap();
    assert!(dialed.is_new && dialed.is_change());
    assert_eq!(dialed.call.caller.profile.nickname, "The anna");
    let accepted = world.act(&ben, call_id(1), ben.accept(), at(5)).await.unwrap();
    assert_eq!(accepted.happened, [Happening::Accepted]);
    for phone in [&anna, &ben] {
        let report = phone.report(MediaReport::Connected {
            path: Some(Path::Direct),
        });
        world.act(phone, call_id(1), report, at(6)).await.unwrap();
    }
    let report = ben.report(MediaReport::Connected {
        path: Some(Path::Relayed),
    });
    world.act(&ben, call_id(1), report, at(7)).await.unwrap();
    let ended = world.act(&anna, call_id(1), anna.end(), at(66)).await.unwrap();
    assert_eq!(ended.happened, [Happening::Ended(EndResult::Completed)]);

    let stored = world.store.call(application.key, call_id(1)).await.unwrap().unwrap();
    assert_eq!(stored, ended.call);
    assert_eq!(usage(&world).await, [(at(6), at(66))]);
    let timeline = timeline(&world).await;
    assert_eq!(
        timeline,
        [
            "dialed",
            "accepted",
            "media_connected dc_caller direct",
            "media_connected dc_callee direct",
            "connected both_reported",
            "path_changed dc_callee relayed",
            "ended completed"
        ]
    );
}

#[tokio::test]
async fn a_repeated_end_makes_no_second_record_of_use() {
    let world = World::new();
    let (anna, ben) = talking(&world).await;
    world.act(&anna, call_id(1), anna.end(), at(60)).await.unwrap();
    let again = world.act(&ben, call_id(1), ben.end(), at(70)).await.unwrap();
    assert_eq!(again.happened, []);
    assert_eq!(usage(&world).await, [(at(1), at(60))]);
}

#[tokio::test]
async fn a_repeated_dial_gets_the_call_that_is_there_unchanged() {
    let world = World::new();
    let application = world.application("app").await;
    let anna = world.phone(&application, "anna").await;
    let ben = world.phone(&application, "ben").await;
    world.dial(&anna, "ben", call_id(1), at(0)).await.unwrap();
    let accepted = world.act(&ben, call_id(1), ben.accept(), at(1)).await.unwrap();
    let again = world.dial(&anna, "ben", call_id(1), at(2)).await.unwrap();
    assert_eq!(again.call, accepted.call);
    assert!(!again.is_change());
}

#[tokio::test]
async fn a_call_id_in_use_is_refused_to_another_device_and_another_user_but_not_to_another_application() {
    let world = World::new();
    let application = world.application("app").await;
    let anna = world.phone(&application, "anna").await;
    world.phone(&application, "ben").await;
    let carol = world.phone(&application, "carol").await;
    world.dial(&anna, "ben", call_id(1), at(0)).await.unwrap();

    let second_tab = Phone {
        device: DeviceId::from_bytes([9; 16]),
        ..anna.clone()
    };
    let refused = world.dial(&second_tab, "ben", call_id(1), at(1)).await;
    assert!(matches!(refused, Err(CallError::IdTaken)), "{refused:?}");
    let refused = world.dial(&carol, "ben", call_id(1), at(1)).await;
    assert!(matches!(refused, Err(CallError::IdTaken)), "{refused:?}");

    let elsewhere = world.application("elsewhere").await;
    let dora = world.phone(&elsewhere, "dora").await;
    world.phone(&elsewhere, "emil").await;
    let dialed = world.dial(&dora, "emil", call_id(1), at(1)).await.unwrap();
    assert_eq!(dialed.call.app, elsewhere.key);
}

#[tokio::test]
async fn of_two_devices_that_accept_one_wins_and_the_other_is_told() {
    let world = World::new();
    let application = world.application("app").await;
    let anna = world.phone(&application, "anna").await;
    let ben = world.phone(&application, "ben").await;
    let bens_tablet = world.sign_in(&ben.user).await;
    world.dial(&anna, "ben", call_id(1), at(0)).await.unwrap();
    let (first, second) = tokio::join!(
        world.act(&ben, call_id(1), ben.accept(), at(1)),
        world.act(&bens_tablet, call_id(1), bens_tablet.accept(), at(1)),
    );
    let winner = first.unwrap().call.callee_device();
    assert_eq!(winner, Some(ben.device));
    assert!(
        matches!(second, Err(CallError::Refused(Refusal::InvalidStatus))),
        "{second:?}"
    );
    let stored = world.store.call(application.key, call_id(1)).await.unwrap().unwrap();
    assert_eq!(stored.callee_device(), Some(ben.device));
}

#[tokio::test]
async fn nobody_can_ring_one_user_all_day() {
    let world = World::new();
    let application = world.application("app").await;
    let anna = world.phone(&application, "anna").await;
    world.phone(&application, "ben").await;
    world.phone(&application, "carol").await;
    for number in 0..MAX_DIALS_TO_ONE_PER_MINUTE {
        ring_and_cancel(&world, &anna, "ben", number as u8, at(0))
            .await
            .unwrap();
    }
    let refused = ring_and_cancel(&world, &anna, "ben", 100, at(59)).await;
    assert!(
        matches!(refused, Err(CallError::Dial(DialRefusal::TooMany))),
        "{refused:?}"
    );
    ring_and_cancel(&world, &anna, "carol", 101, at(59)).await.unwrap();
    ring_and_cancel(&world, &anna, "ben", 102, at(60)).await.unwrap();
}

#[tokio::test]
async fn nobody_can_dial_without_pause() {
    let world = World::new();
    let application = world.application("app").await;
    let anna = world.phone(&application, "anna").await;
    for number in 0..=MAX_DIALS_PER_MINUTE / 10 {
        world.phone(&application, &format!("callee-{number}")).await;
    }
    for number in 0..MAX_DIALS_PER_MINUTE {
        let callee = format!("callee-{}", number / 10);
        ring_and_cancel(&world, &anna, &callee, number as u8, at(0))
            .await
            .unwrap();
    }
    let fresh = format!("callee-{}", MAX_DIALS_PER_MINUTE / 10);
    let refused = ring_and_cancel(&world, &anna, &fresh, 200, at(30)).await;
    assert!(
        matches!(refused, Err(CallError::Dial(DialRefusal::TooMany))),
        "{refused:?}"
    );
    ring_and_cancel(&world, &anna, &fresh, 201, at(61)).await.unwrap();
}

#[tokio::test]
async fn nobody_keeps_more_calls_alive_than_allowed() {
    let world = World::new();
    let application = world.application("app").await;
    let anna = world.phone(&application, "anna").await;
    for number in 0..=MAX_LIVE_CALLS as u8 {
        world.phone(&application, &format!("callee-{number}")).await;
    }
    for number in 0..MAX_LIVE_CALLS as u8 {
        let callee = format!("callee-{number}");
        world.dial(&anna, &callee, call_id(number), at(0)).await.unwrap();
    }
    let last = format!("callee-{MAX_LIVE_CALLS}");
    let refused = world.dial(&anna, &last, call_id(100), at(1)).await;
    assert!(
        matches!(refused, Err(CallError::Dial(DialRefusal::TooMany))),
        "{refused:?}"
    );
    world.act(&anna, call_id(0), anna.end(), at(2)).await.unwrap();
    world.dial(&anna, &last, call_id(100), at(3)).await.unwrap();
}

#[tokio::test]
async fn nobody_is_rung_by_more_calls_than_allowed() {
    let world = World::new();
    let application = world.application("app").await;
    let ben = world.phone(&application, "ben").await;
    let mut callers = Vec::new();
    for number in 0..=MAX_RINGING_CALLS as u8 {
        callers.push(world.phone(&application, &format!("caller-{number}")).await);
    }
    let last = callers.pop().unwrap();
    for (number, caller) in callers.iter().enumerate() {
        world.dial(caller, "ben", call_id(number as u8), at(0)).await.unwrap();
    }
    let refused = world.dial(&last, "ben", call_id(100), at(1)).await;
    assert!(
        matches!(refused, Err(CallError::Dial(DialRefusal::TooMany))),
        "{refused:?}"
    );
    world.dial(&last, "caller-0", call_id(101), at(1)).await.unwrap();
    // One that is answered rings no more.
    world.act(&ben, call_id(0), ben.accept(), at(2)).await.unwrap();
    world.dial(&last, "ben", call_id(100), at(3)).await.unwrap();
}

#[tokio::test]
async fn a_callee_must_exist_be_active_have_signed_in_and_be_another() {
    let world = World::new();
    let application = world.application("app").await;
    let anna = world.phone(&application, "anna").await;
    world.user(&application, "never").await;
    world.phone(&application, "gone").await;
    let off = UserPatch {
        is_active: Some(false),
        ..UserPatch::default()
    };
    world.store.update_user(application.key, "gone", off).await.unwrap();
    for (callee, expected) in [
        ("nobody", DialRefusal::CalleeDoesNotExist),
        ("gone", DialRefusal::CalleeDoesNotExist),
        ("never", DialRefusal::CalleeNeverAuthenticated),
        ("anna", DialRefusal::DialMyself),
    ] {
        match world.dial(&anna, callee, call_id(1), at(0)).await {
            Err(CallError::Dial(refusal)) => assert_eq!(refusal, expected, "{callee}"),
            other => panic!("{callee}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn another_applications_call_and_callee_are_out_of_reach() {
    let world = World::new();
    let (anna, ben) = talking(&world).await;
    let elsewhere = world.application("elsewhere").await;
    let eve = world.phone(&elsewhere, "eve").await;

    assert_eq!(world.store.call(elsewhere.key, call_id(1)).await.unwrap(), None);
    let refused = world.act(&eve, call_id(1), eve.end(), at(9)).await;
    assert!(matches!(refused, Err(CallError::NoSuchCall)), "{refused:?}");
    let refused = world
        .store
        .apply(
            anna.user.app,
            call_id(1),
            Actor::Session(eve.session),
            anna.end(),
            at(9),
        )
        .await;
    assert!(matches!(refused, Err(CallError::NoSuchCall)), "{refused:?}");
    let refused = world.dial(&eve, "ben", call_id(2), at(9)).await;
    assert!(
        matches!(refused, Err(CallError::Dial(DialRefusal::CalleeDoesNotExist))),
        "{refused:?}"
    );
    // The twin: who belongs to it can.
    world.act(&ben, call_id(1), ben.end(), at(9)).await.unwrap();
}

#[tokio::test]
async fn a_session_acts_for_its_own_user_only() {
    let world = World::new();
    let (anna, ben) = talking(&world).await;
    let refused = world.act(&anna, call_id(1), ben.end(), at(9)).await;
    assert!(matches!(refused, Err(CallError::NoSuchCall)), "{refused:?}");
    let expel = Input::Expel { user: ben.user.key };
    let refused = world.act(&ben, call_id(1), expel.clone(), at(9)).await;
    assert!(matches!(refused, Err(CallError::NoSuchCall)), "{refused:?}");
    let expelled = world
        .store
        .apply(ben.user.app, call_id(1), Actor::System, expel, at(9))
        .await
        .unwrap();
    assert_eq!(expelled.happened, [Happening::Ended(EndResult::Completed)]);
}

#[tokio::test]
async fn a_void_session_neither_dials_nor_accepts() {
    let world = World::new();
    let application = world.application("app").await;
    let credential = Credential::SessionToken {
        generation: 0,
        expires_at: at(1000),
    };
    let anna = world.user(&application, "anna").await;
    let anna = world.sign_in_with(&anna, credential).await;
    let ben = world.user(&application, "ben").await;
    let ben = world.sign_in_with(&ben, credential).await;
    world.dial(&anna, "ben", call_id(1), at(0)).await.unwrap();
    for user_id in ["anna", "ben"] {
        world
            .store
            .revoke_session_tokens(application.key, user_id)
            .await
            .unwrap();
    }
    let refused = world.dial(&anna, "ben", call_id(2), at(1)).await;
    assert!(
        matches!(refused, Err(CallError::Session(SessionRefusal::Revoked))),
        "{refused:?}"
    );
    let refused = world.act(&ben, call_id(1), ben.accept(), at(1)).await;
    assert!(
        matches!(refused, Err(CallError::Session(SessionRefusal::Revoked))),
        "{refused:?}"
    );
}

#[tokio::test]
async fn an_expired_session_ends_its_call_but_starts_none() {
    let world = World::new();
    let application = world.application("app").await;
    let anna = world.user(&application, "anna").await;
    let ben = world.phone(&application, "ben").await;
    let credential = Credential::SessionToken {
        generation: 0,
        expires_at: at(10),
    };
    let anna = world.sign_in_with(&anna, credential).await;
    world.dial(&anna, "ben", call_id(1), at(1)).await.unwrap();
    world.dial(&ben, "anna", call_id(2), at(1)).await.unwrap();

    let refused = world.dial(&anna, "ben", call_id(3), at(10)).await;
    assert!(
        matches!(refused, Err(CallError::Session(SessionRefusal::Expired))),
        "{refused:?}"
    );
    let refused = world.act(&anna, call_id(2), anna.accept(), at(10)).await;
    assert!(
        matches!(refused, Err(CallError::Session(SessionRefusal::Expired))),
        "{refused:?}"
    );
    let ended = world.act(&anna, call_id(1), anna.end(), at(10)).await.unwrap();
    assert_eq!(ended.happened, [Happening::Ended(EndResult::Canceled)]);
}

#[tokio::test]
async fn a_call_is_due_at_its_deadline_and_never_again_once_it_has_ended() {
    let world = World::new();
    let application = world.application("app").await;
    let anna = world.phone(&application, "anna").await;
    world.phone(&application, "ben").await;
    world.dial(&anna, "ben", call_id(1), at(0)).await.unwrap();
    assert_eq!(world.store.due_calls(at(59), 10).await.unwrap(), []);
    assert_eq!(
        world.store.due_calls(at(60), 10).await.unwrap(),
        [(application.key, call_id(1))]
    );
    let expired = world
        .store
        .apply(application.key, call_id(1), Actor::System, Input::Expire, at(61))
        .await
        .unwrap();
    assert_eq!(expired.happened, [Happening::Ended(EndResult::NoAnswer)]);
    assert_eq!(world.store.due_calls(at(1000), 10).await.unwrap(), []);
}

#[tokio::test]
async fn live_calls_are_those_that_have_not_ended() {
    let world = World::new();
    let (anna, ben) = talking(&world).await;
    world.dial(&ben, "anna", call_id(2), at(5)).await.unwrap();
    let ids = |calls: Vec<Call>| calls.into_iter().map(|call| call.id).collect::<Vec<_>>();
    let of_anna = world.store.live_calls_of(anna.user.app, anna.user.key).await.unwrap();
    assert_eq!(ids(of_anna), [call_id(1), call_id(2)]);
    world.act(&anna, call_id(1), anna.end(), at(6)).await.unwrap();
    let of_ben = world.store.live_calls_of(ben.user.app, ben.user.key).await.unwrap();
    assert_eq!(ids(of_ben), [call_id(2)]);
}

#[tokio::test]
async fn whoever_polls_for_changes_sees_each_changed_call_once_as_it_is() {
    let world = World::new();
    let (anna, _ben) = talking(&world).await;
    let start = world.store.last_change().await.unwrap();
    assert_eq!(world.store.changes_since(start, 10).await.unwrap(), []);
    let dialed = world.dial(&anna, "ben", call_id(2), at(5)).await.unwrap();
    let ended = world.act(&anna, call_id(1), anna.end(), at(6)).await.unwrap();
    let given_up = world.act(&anna, call_id(2), anna.end(), at(7)).await.unwrap();
    let again = world.act(&anna, call_id(2), anna.end(), at(8)).await.unwrap();
    assert_eq!((again.number, again.is_change()), (None, false));

    let [first, second] = [ended.number, given_up.number].map(Option::unwrap);
    assert_eq!(world.store.changes_since(start, 1).await.unwrap(), [first]);
    assert_eq!(world.store.changes_since(start, 10).await.unwrap(), [first, second]);
    assert_eq!(world.store.changes_since(first, 10).await.unwrap(), [second]);
    assert_eq!(world.store.changes_since(second, 10).await.unwrap(), []);
    assert_eq!(world.store.last_change().await.unwrap(), second);
    for (change, call) in [
        (first, Some(ended.call)),
        (second, Some(given_up.call)),
        (dialed.number.unwrap(), None),
    ] {
        assert_eq!(world.store.changed_call(change).await.unwrap(), call);
    }
}

#[tokio::test]
async fn after_an_outage_every_live_call_gets_its_grace_anew() {
    let world = World::new();
    let (anna, ben) = talking(&world).await;
    for phone in [&anna, &ben] {
        let vanish = Input::Vanish {
            user: phone.user.key,
            device: phone.device,
            last_seen: at(10),
        };
        let app = phone.user.app;
        world
            .store
            .apply(app, call_id(1), Actor::System, vanish, at(10))
            .await
            .unwrap();
    }
    let due = async |now| world.store.due_calls(now, 10).await.unwrap().len();
    assert_eq!(due(at(10) + LOST_GRACE).await, 1);
    let resumed = world.store.resume_all(at(10), at(600)).await.unwrap();
    assert_eq!(resumed.len(), 1);
    assert_eq!(resumed[0].happened, [Happening::Resumed]);
    assert_eq!(due(at(599) + LOST_GRACE).await, 0);
    assert_eq!(due(at(600) + LOST_GRACE).await, 1);
}

#[tokio::test]
async fn the_timeline_of_a_call_is_bounded_and_still_tells_the_end() {
    let world = World::new();
    let (anna, _ben) = talking(&world).await;
    let mute = |revision| Input::Configure {
        user: anna.user.key,
        device: anna.device,
        settings: MediaSettings {
            is_audio_enabled: revision % 2 == 0,
            revision,
            ..SOUND
        },
    };
    for revision in 1..=1200 {
        let change = world.act(&anna, call_id(1), mute(revision), at(5)).await.unwrap();
        let expected = SettingsChange {
            is_audio_enabled: Some(revision % 2 == 0),
            ..SettingsChange::default()
        };
        assert_eq!(change.happened, [Happening::Configured(Role::Caller, expected)]);
    }
    world.act(&anna, call_id(1), anna.end(), at(6)).await.unwrap();
    let timeline = timeline(&world).await;
    assert_eq!(timeline.len(), 1001);
    assert_eq!(timeline.last().unwrap(), "ended completed");
}

#[tokio::test]
async fn the_timeline_says_who_muted_held_and_recorded() {
    let world = World::new();
    let (anna, ben) = talking(&world).await;
    let before = timeline(&world).await.len();
    let configure = |phone: &Phone, settings| Input::Configure {
        user: phone.user.key,
        device: phone.device,
        settings,
    };
    let mut settings = SOUND;
    for (phone, is_audio_enabled, is_on_hold, is_recording) in [
        (&anna, false, false, false),
        (&anna, true, true, false),
        (&ben, true, false, true),
        (&anna, true, false, false),
        (&ben, true, false, false),
        // Only the count of changes.
        (&ben, true, false, false),
    ] {
        settings = MediaSettings {
            is_audio_enabled,
            is_on_hold,
            is_recording,
            revision: settings.revision + 1,
            ..SOUND
        };
        let change = world
            .act(phone, call_id(1), configure(phone, settings), at(9))
            .await
            .unwrap();
        assert!(change.is_change(), "{settings:?}");
    }
    let timeline = timeline(&world).await;
    assert_eq!(
        timeline[before..],
        [
            "muted dc_caller",
            "unmuted dc_caller",
            "held dc_caller",
            "recording_started dc_callee",
            "unheld dc_caller",
            "recording_stopped dc_callee",
        ]
    );
}

#[tokio::test]
async fn items_of_an_ended_call_change_in_the_log_and_its_record_of_use_stays() {
    let world = World::new();
    let (anna, ben) = talking(&world).await;
    let ended = world.act(&anna, call_id(1), anna.end(), at(30)).await.unwrap();
    let (used, cursor) = (usage(&world).await, world.store.last_change().await.unwrap());
    let change = |phone: &Phone, change| Input::ChangeItems {
        user: Some(phone.user.key),
        change,
    };
    let set = ItemsChange::Set(
        [
            ("rating".to_owned(), "5".to_owned()),
            ("by".to_owned(), "ben".to_owned()),
        ]
        .into(),
    );
    let changed = world
        .act(&ben, call_id(1), change(&ben, set.clone()), at(40))
        .await
        .unwrap();
    assert_eq!(
        changed.happened,
        [Happening::ItemsChanged(
            Some(Role::Callee),
            vec!["by".to_owned(), "rating".to_owned()]
        )]
    );
    assert!(
        !world
            .act(&ben, call_id(1), change(&ben, set.clone()), at(41))
            .await
            .unwrap()
            .is_change()
    );

    let page = world
        .store
        .call_log(anna.user.key, LogFilter::default(), None, 10)
        .await
        .unwrap();
    let logged = &page.calls[0].call;
    assert_eq!(logged.custom_items["rating"], "5");
    assert_eq!(logged.ending(), ended.call.ending());
    assert_eq!((logged.version, usage(&world).await), (ended.call.version + 1, used));
    assert_eq!(
        timeline(&world).await.last().unwrap(),
        "custom_items_changed dc_callee by,rating"
    );
    let last = world.store.last_change().await.unwrap();
    assert_eq!(world.store.changes_since(cursor, 10).await.unwrap(), [last]);
    let polled = world.store.changed_call(last).await.unwrap();
    assert_eq!(polled.as_ref(), Some(logged), "other nodes hear of it");

    let stranger = world.phone(&world.application("other").await, "ben").await;
    for (phone, app) in [(&stranger, stranger.user.app), (&stranger, anna.user.app)] {
        let actor = Actor::Session(phone.session);
        let refused = world
            .store
            .apply(app, call_id(1), actor, change(phone, set.clone()), at(42))
            .await;
        assert!(matches!(refused, Err(CallError::NoSuchCall)));
    }
}

#[tokio::test]
async fn a_log_shows_ended_calls_newest_first_by_every_filter() {
    let world = World::new();
    let (anna, ben) = talking(&world).await;
    world.act(&anna, call_id(1), anna.end(), at(30)).await.unwrap();
    ring_and_cancel(&world, &ben, "anna", 2, at(100)).await.unwrap();
    ring_and_cancel(&world, &anna, "ben", 3, at(200)).await.unwrap();
    world.dial(&anna, "ben", call_id(4), at(300)).await.unwrap();

    let check = async |filter: LogFilter, expected: &[(u8, Role)]| {
        let page = world
            .store
            .call_log(anna.user.key, filter.clone(), None, 10)
            .await
            .unwrap();
        let found: Vec<_> = page.calls.iter().map(|logged| (logged.call.id, logged.role)).collect();
        let expected: Vec<_> = expected
            .iter()
            .map(|(number, role)| (call_id(*number), *role))
            .collect();
        assert_eq!(found, expected, "{filter:?}");
        assert_eq!(page.next, None);
    };
    let all = LogFilter::default();
    check(all.clone(), &[(3, Role::Caller), (2, Role::Callee), (1, Role::Caller)]).await;
    let callee = LogFilter {
        role: Some(Role::Callee),
        ..all.clone()
    };
    check(callee, &[(2, Role::Callee)]).await;
    let completed = LogFilter {
        end_results: vec![EndResult::Completed, EndResult::Declined],
        ..all.clone()
    };
    check(completed, &[(1, Role::Caller)]).await;
    let middle = LogFilter {
        started_from: Some(at(100)),
        started_to: Some(at(199)),
        ..all
    };
    check(middle, &[(2, Role::Callee)]).await;
}

#[tokio::test]
async fn the_pages_of_a_log_hold_every_call_once_even_if_calls_end_meanwhile() {
    let world = World::new();
    let application = world.application("app").await;
    let anna = world.phone(&application, "anna").await;
    world.phone(&application, "ben").await;
    // Several in the same millisecond: the time alone would not tell them apart.
    for number in 1..=9 {
        ring_and_cancel(&world, &anna, "ben", number, at(u64::from(number / 4)))
            .await
            .unwrap();
    }
    let mut seen = Vec::new();
    let mut before = None;
    loop {
        let page = world
            .store
            .call_log(anna.user.key, LogFilter::default(), before, 2)
            .await
            .unwrap();
        seen.extend(page.calls.iter().map(|logged| logged.call.id));
        if seen.len() == 2 {
            ring_and_cancel(&world, &anna, "ben", 50, at(500)).await.unwrap();
        }
        let Some(next) = page.next else { break };
        before = Some(next.to_string().parse().unwrap());
    }
    let expected: Vec<_> = (1..=9).rev().map(call_id).collect();
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn a_text_that_is_no_cursor_is_refused() {
    for text in ["", "1", "-", "1-x", "x-1", "1-1-1"] {
        assert!(text.parse::<LogCursor>().is_err(), "{text:?}");
    }
    assert_eq!("1-2".parse::<LogCursor>().unwrap().to_string(), "1-2");
}

/// Anna and Ben of application "app" talk in call 1, connected since second 1.
pub(super) async fn talking(world: &World) -> (Phone, Phone) {
    let application = world.application("app").await;
    let anna = world.phone(&application, "anna").await;
    let ben = world.phone(&application, "ben").await;
    world.dial(&anna, "ben", call_id(1), at(0)).await.unwrap();
    world.act(&ben, call_id(1), ben.accept(), at(1)).await.unwrap();
    for phone in [&anna, &ben] {
        let report = phone.report(MediaReport::Connected { path: None });
        world.act(phone, call_id(1), report, at(1)).await.unwrap();
    }
    (anna, ben)
}

async fn ring_and_cancel(
    world: &World,
    caller: &Phone,
    callee: &str,
    number: u8,
    now: Timestamp,
) -> Result<CallChange, CallError> {
    let request = DialRequest {
        ringing_timeout: Some(Duration::from_secs(300)),
        ..request(caller, call_id(number))
    };
    world.store.dial(caller.session, callee, request, now).await?;
    world.act(caller, call_id(number), caller.end(), now).await
}

async fn usage(world: &World) -> Vec<(Timestamp, Timestamp)> {
    let time = |row: &rusqlite::Row<'_>, column| row.get::<_, i64>(column).map(|at| Timestamp::from_millis(at as u64));
    world
        .store
        .read(move |connection| {
            connection
                .prepare("select connected_at, ended_at from usage")?
                .query_map([], |row| Ok((time(row, 0)?, time(row, 1)?)))?
                .collect()
        })
        .await
        .unwrap()
}

async fn timeline(world: &World) -> Vec<String> {
    world
        .store
        .read(|connection| {
            connection
                .prepare("select concat_ws(' ', happening, role, detail) from call_event order by event_number")?
                .query_map([], |row| row.get(0))?
                .collect()
        })
        .await
        .unwrap()
}
