use offhook_core::call::Input;

use super::*;
use crate::user::UserPatch;
use crate::world::{Phone, World, at, call_id};
use crate::{Actor, PushDelivery, TokenHash};

#[tokio::test]
async fn a_dialed_call_is_told_to_every_token_of_the_callee_and_to_nobody_elses() {
    let (world, anna, ben) = pair().await;
    for (user, address) in [(&ben, "phone"), (&ben, "tablet"), (&anna, "annas")] {
        register_for(&world, user, address).await;
    }
    let elsewhere = world.application("elsewhere").await;
    let other_ben = world.phone(&elsewhere, "ben").await;
    register_for(&world, &other_ben, "phone").await;

    let dialed = world.dial(&anna, "ben", call_id(1), at(0)).await.unwrap();
    assert!(dialed.owed.pushes, "whoever sends is woken");
    let due = due_at(&world, 0).await;
    assert_eq!(words(&due), ["ring phone", "ring tablet"]);
    assert_eq!(due[0].expires_at, at(60), "a ring is worth telling while it lasts");
    assert_eq!(due[0].app_id.as_str(), "app");
    let under_way = [due[0].id];
    assert_eq!(
        words(&due_beside(&world, 0, &under_way).await),
        ["ring tablet"],
        "what is being sent is not taken twice"
    );
}

#[tokio::test]
async fn accepted_and_declined_calls_stop_and_unanswered_ones_are_missed() {
    let (world, anna, ben) = pair().await;
    register_for(&world, &ben, "phone").await;
    let dial = async |number: u8, second: u64| {
        world.dial(&anna, "ben", call_id(number), at(second)).await.unwrap();
        finish_all(&world, &due_at(&world, second).await).await;
    };

    let told = async |due: &[PushDelivery], expected: &str| {
        assert_eq!(words(due), [expected]);
        finish_all(&world, due).await;
    };

    dial(1, 0).await;
    world.act(&ben, call_id(1), ben.accept(), at(1)).await.unwrap();
    told(&due_at(&world, 1).await, "stop phone").await;
    let ended = world.act(&ben, call_id(1), ben.end(), at(2)).await.unwrap();
    assert!(!ended.owed.pushes);
    assert_eq!(
        words(&due_at(&world, 2).await),
        [""; 0],
        "an answered call is not missed"
    );

    dial(2, 3).await;
    world.act(&ben, call_id(2), ben.end(), at(4)).await.unwrap();
    told(&due_at(&world, 4).await, "stop phone").await;

    dial(3, 5).await;
    world.act(&anna, call_id(3), anna.end(), at(6)).await.unwrap();
    told(&due_at(&world, 6).await, "missed phone").await;

    dial(4, 10).await;
    let app = ben.user.app;
    let expired = world
        .store
        .apply(app, call_id(4), Actor::System, Input::Expire, at(70))
        .await;
    expired.unwrap();
    let due = due_at(&world, 70).await;
    assert_eq!(words(&due), ["missed phone"], "no answer");
    assert_eq!(due[0].expires_at, at(70 + 3 * 24 * 3600), "a missed call is told later");
}

#[tokio::test]
async fn a_later_word_takes_the_place_of_one_that_is_not_delivered() {
    let (world, anna, ben) = pair().await;
    register_for(&world, &ben, "phone").await;
    world.dial(&anna, "ben", call_id(1), at(0)).await.unwrap();
    let ring = due_at(&world, 0).await;
    world.store.retry_push(ring[0].id, at(30)).await.unwrap();
    world.act(&anna, call_id(1), anna.end(), at(5)).await.unwrap();
    let missed = due_at(&world, 5).await;
    assert_eq!(words(&missed), ["missed phone"]);
    assert_eq!(missed[0].attempts, 0);
    finish_all(&world, &missed).await;
    assert_eq!(
        words(&due_at(&world, 60).await),
        [""; 0],
        "the ring is not told afterwards"
    );
}

#[tokio::test]
async fn a_later_word_waits_until_the_earlier_one_has_left() {
    let (world, anna, ben) = pair().await;
    register_for(&world, &ben, "phone").await;
    for is_delivered in [true, false] {
        let number = u8::from(is_delivered);
        world.dial(&anna, "ben", call_id(number), at(0)).await.unwrap();
        let ring = due_at(&world, 0).await;
        world.act(&anna, call_id(number), anna.end(), at(1)).await.unwrap();
        let beside = due_beside(&world, 1, &[ring[0].id]).await;
        assert_eq!(words(&beside), [""; 0], "the ring is on its way");
        if is_delivered {
            world.store.finish_push(ring[0].id).await.unwrap();
        } else {
            world.store.retry_push(ring[0].id, at(50)).await.unwrap();
        }
        let missed = due_at(&world, 1).await;
        assert_eq!(words(&missed), ["missed phone"]);
        finish_all(&world, &missed).await;
    }
}

#[tokio::test]
async fn a_ring_is_dropped_once_the_ring_is_over() {
    let (world, anna, ben) = pair().await;
    register_for(&world, &ben, "phone").await;
    world.dial(&anna, "ben", call_id(1), at(0)).await.unwrap();
    let [ring] = due_at(&world, 0).await.try_into().unwrap();
    assert_eq!(words(&due_at(&world, 60).await), [""; 0]);
    world.store.drop_expired_pushes(at(60), &[ring.id]).await.unwrap();
    assert_eq!(
        words(&due_at(&world, 0).await),
        ["ring phone"],
        "what is being sent has its own end"
    );
    world.store.drop_expired_pushes(at(60), &[]).await.unwrap();
    assert_eq!(words(&due_at(&world, 0).await), [""; 0], "it is gone, not put off");
}

#[tokio::test]
async fn what_a_process_was_sending_when_it_ended_is_due_again() {
    let (world, anna, ben) = pair().await;
    register_for(&world, &ben, "phone").await;
    world.dial(&anna, "ben", call_id(1), at(0)).await.unwrap();
    assert_eq!(words(&due_at(&world, 0).await), ["ring phone"]);
    world.store.close().await;
    let again = Store::open(&world.path()).unwrap();
    let due = again.due_pushes(at(1), &PushesToSkip::default(), 100).await.unwrap();
    assert_eq!(words(&due), ["ring phone"]);
}

#[tokio::test]
async fn who_rings_is_told_before_who_rang() {
    let (world, anna, ben) = pair().await;
    register_for(&world, &ben, "phone").await;
    world.dial(&anna, "ben", call_id(1), at(0)).await.unwrap();
    world.act(&anna, call_id(1), anna.end(), at(1)).await.unwrap();
    world.dial(&anna, "ben", call_id(2), at(2)).await.unwrap();
    assert_eq!(words(&due_at(&world, 3).await), ["ring phone", "missed phone"]);
    let first = world.store.due_pushes(at(3), &PushesToSkip::default(), 1).await;
    assert_eq!(words(&first.unwrap()), ["ring phone"]);
}

#[tokio::test]
async fn a_crowded_lane_or_callee_hides_no_other() {
    let world = World::new();
    let application = world.application("app").await;
    let anna = world.phone(&application, "anna").await;
    let ben = world.phone(&application, "ben").await;
    let carl = world.phone(&application, "carl").await;
    register_at(&world, &ben, "bens", "slow.example").await;
    register_at(&world, &carl, "carls", "slow.example").await;
    register_at(&world, &carl, "carls second", "quick.example").await;
    let miss = async |callee: &str, number: u8, from: u64| {
        let now = at(from + u64::from(number) * 20);
        world.dial(&anna, callee, call_id(number), now).await.unwrap();
        world.act(&anna, call_id(number), anna.end(), now).await.unwrap();
    };
    // With those of others, more than are read of a lane at once.
    for number in 0..40 {
        miss("ben", number, 0).await;
    }
    for number in 0..20 {
        let user = format!("user{number}");
        let other = world.phone(&application, &user).await;
        register_at(&world, &other, &user, "slow.example").await;
        miss(&user, 100 + number, 1000).await;
    }
    miss("carl", 200, 1000).await;

    let due = due_at(&world, 9000).await;
    let of = |due: &[PushDelivery], address: &str| due.iter().filter(|due| due.token.address == address).count();
    assert_eq!(of(&due, "bens"), 20, "the oldest of a token are given up");
    assert_eq!(of(&due, "carls second"), 1, "another lane is read, too");
    assert_eq!(of(&due, "carls"), 0, "he is behind them");
    let skip = PushesToSkip {
        callees: vec![ben.user.key],
        ..PushesToSkip::default()
    };
    let due = world.store.due_pushes(at(9000), &skip, 100).await.unwrap();
    assert_eq!((of(&due, "bens"), of(&due, "carls")), (0, 1));
    let skip = PushesToSkip {
        lanes: due
            .iter()
            .map(|due| due.lane.clone())
            .filter(|lane| lane.ends_with("slow.example"))
            .collect(),
        ..PushesToSkip::default()
    };
    let due = world.store.due_pushes(at(9000), &skip, 100).await.unwrap();
    assert_eq!(words(&due), ["missed carls second"]);
}

#[tokio::test]
async fn a_token_that_changes_hands_takes_nothing_with_it() {
    let (world, anna, ben) = pair().await;
    register_for(&world, &ben, "shared").await;
    world.dial(&anna, "ben", call_id(1), at(0)).await.unwrap();
    register_for(&world, &anna, "shared").await;
    assert_eq!(
        words(&due_at(&world, 0).await),
        [""; 0],
        "ben's ring is not anna's to see"
    );
    assert_eq!(addresses(&world, &ben).await, [""; 0]);
    assert_eq!(addresses(&world, &anna).await, ["shared"]);
}

#[tokio::test]
async fn a_token_is_unregistered_by_its_user_only() {
    let (world, anna, ben) = pair().await;
    for address in ["one", "two", "three"] {
        register_for(&world, &ben, address).await;
    }
    let unregister = async |phone: &Phone, service, address: Option<&str>| {
        let address = address.map(str::to_owned);
        world
            .store
            .unregister_push_tokens(phone.user.key, service, address)
            .await
            .unwrap();
    };
    unregister(&anna, PushService::Fcm, Some("one")).await;
    unregister(&anna, PushService::Fcm, None).await;
    unregister(&ben, PushService::Apns, None).await;
    unregister(&ben, PushService::Fcm, Some("two")).await;
    assert_eq!(addresses(&world, &ben).await, ["one", "three"]);
    unregister(&ben, PushService::Fcm, None).await;
    assert_eq!(addresses(&world, &ben).await, [""; 0]);
}

#[tokio::test]
async fn the_oldest_token_goes_when_there_are_too_many() {
    let (world, _anna, ben) = pair().await;
    for number in 0..MAX_PUSH_TOKENS + 2 {
        register_for(&world, &ben, &number.to_string()).await;
        register_for(&world, &ben, &number.to_string()).await;
    }
    let left = addresses(&world, &ben).await;
    assert_eq!(left.len(), MAX_PUSH_TOKENS);
    assert_eq!(left.first().map(String::as_str), Some("2"));

    register_for(&world, &ben, "2").await;
    register_for(&world, &ben, "new").await;
    let left = addresses(&world, &ben).await;
    assert!(left.contains(&"2".to_owned()), "who registers again is the newest");
    assert_eq!(left.first().map(String::as_str), Some("4"));
}

#[tokio::test]
async fn revoking_what_a_user_signs_in_with_forgets_his_push_tokens_and_nobody_elses() {
    let (world, anna, ben) = pair().await;
    register_for(&world, &anna, "annas").await;
    let app = ben.user.app;
    register_for(&world, &ben, "thiefs").await;
    world.store.note_session_token(app, "ben").await.unwrap();
    assert_eq!(
        addresses(&world, &ben).await,
        [""; 0],
        "until then anybody could be ben"
    );
    for revocation in ["another access token", "session tokens"] {
        register_for(&world, &ben, "thiefs").await;
        let rename = UserPatch {
            nickname: Some("Ben".to_owned()),
            ..UserPatch::default()
        };
        world.store.update_user(app, "ben", rename).await.unwrap();
        world.store.note_session_token(app, "ben").await.unwrap();
        assert_eq!(
            addresses(&world, &ben).await,
            ["thiefs"],
            "neither takes a session away"
        );
        match revocation {
            "session tokens" => world.store.revoke_session_tokens(app, "ben").await,
            _ => {
                let hash = TokenHash::from_bytes([1; 32]);
                world.store.issue_access_token(app, "ben", hash).await
            }
        }
        .unwrap();
        assert_eq!(addresses(&world, &ben).await, [""; 0], "{revocation}");
    }
    assert_eq!(addresses(&world, &anna).await, ["annas"]);
}

#[tokio::test]
async fn a_user_who_may_not_call_is_not_pushed_to_and_a_deleted_one_leaves_no_token() {
    let (world, anna, ben) = pair().await;
    register_for(&world, &ben, "phone").await;
    world.dial(&anna, "ben", call_id(1), at(0)).await.unwrap();
    let activate = async |is_active| {
        let patch = UserPatch {
            is_active: Some(is_active),
            ..UserPatch::default()
        };
        world.store.update_user(ben.user.app, "ben", patch).await.unwrap();
    };
    activate(false).await;
    assert_eq!(words(&due_at(&world, 0).await), [""; 0]);
    assert_eq!(
        addresses(&world, &ben).await,
        ["phone"],
        "the token stays for the day he may again"
    );
    activate(true).await;
    assert_eq!(
        words(&due_at(&world, 1).await),
        [""; 0],
        "what he was not told then is gone"
    );
    world.dial(&anna, "ben", call_id(2), at(1)).await.unwrap();
    assert_eq!(words(&due_at(&world, 1).await), ["ring phone"]);

    world.store.delete_user(ben.user.app, "ben").await.unwrap();
    assert_eq!(addresses(&world, &ben).await, [""; 0]);
    let refused = world
        .store
        .register_push_token(ben.user.app, ben.user.key, token("phone"))
        .await;
    assert!(matches!(refused, Err(PushTokenError::NoSuchUser)), "{refused:?}");
}

#[tokio::test]
async fn tokens_outlive_signing_out_until_their_service_knows_them_no_more() {
    let (world, anna, ben) = pair().await;
    register_for(&world, &ben, "phone").await;
    register_for(&world, &ben, "tablet").await;
    world.store.delete_session(ben.session).await.unwrap();
    world.dial(&anna, "ben", call_id(1), at(0)).await.unwrap();
    let due = due_at(&world, 0).await;
    assert_eq!(words(&due), ["ring phone", "ring tablet"]);
    world.store.forget_push_token(due[0].id).await.unwrap();
    assert_eq!(addresses(&world, &ben).await, ["tablet"]);
}

#[tokio::test]
async fn a_secret_of_the_server_is_made_once() {
    use crate::Sealed;
    let world = World::new();
    for new in [1, 2] {
        let secret = world
            .store
            .server_secret("test", Sealed::from_bytes(vec![new]), at(0))
            .await;
        assert_eq!(secret.unwrap().as_bytes(), [1]);
    }
}

async fn pair() -> (World, Phone, Phone) {
    let world = World::new();
    let application = world.application("app").await;
    let anna = world.phone(&application, "anna").await;
    let ben = world.phone(&application, "ben").await;
    (world, anna, ben)
}

fn token(address: &str) -> PushToken {
    PushToken {
        service: PushService::Fcm,
        host: "fcm".to_owned(),
        address: address.to_owned(),
        subscription_keys: None,
    }
}

async fn register_for(world: &World, phone: &Phone, address: &str) {
    register_at(world, phone, address, "fcm").await;
}

async fn register_at(world: &World, phone: &Phone, address: &str, host: &str) {
    let token = PushToken {
        host: host.to_owned(),
        ..token(address)
    };
    let registered = world
        .store
        .register_push_token(phone.user.app, phone.user.key, token)
        .await;
    registered.unwrap();
}

async fn addresses(world: &World, phone: &Phone) -> Vec<String> {
    let tokens = world.store.push_tokens(phone.user.key).await.unwrap();
    tokens.into_iter().map(|token| token.address).collect()
}

async fn due_at(world: &World, second: u64) -> Vec<PushDelivery> {
    due_beside(world, second, &[]).await
}

async fn due_beside(world: &World, second: u64, under_way: &[PushDeliveryId]) -> Vec<PushDelivery> {
    let skip = PushesToSkip {
        under_way: under_way.to_vec(),
        ..PushesToSkip::default()
    };
    world.store.due_pushes(at(second), &skip, 100).await.unwrap()
}

async fn finish_all(world: &World, deliveries: &[PushDelivery]) {
    for delivery in deliveries {
        world.store.finish_push(delivery.id).await.unwrap();
    }
}

fn words(deliveries: &[PushDelivery]) -> Vec<String> {
    let word = |delivery: &PushDelivery| format!("{} {}", delivery.notice.as_str(), delivery.token.address);
    deliveries.iter().map(word).collect()
}
