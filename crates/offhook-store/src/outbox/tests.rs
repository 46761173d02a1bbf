use crate::ApplicationPatch;
use std::time::Duration;

use offhook_core::call::{EndResult, Input, MediaReport};
use offhook_core::id::CallId;

use super::due::WAITING;
use super::*;
use crate::world::{Phone, World, at, call_id, request};
use crate::{Actor, Application, CallChange, CallError, Store};
use offhook_core::time::Timestamp;

const HOST: &str = "one.example:443";

#[tokio::test]
async fn the_events_of_a_call_are_due_one_after_the_other() {
    let world = World::new();
    let (anna, ben) = friends(&world, &[HOST]).await;
    dial(&world, &anna, call_id(1), HOST, &EventCategory::ALL)
        .await
        .unwrap();
    world.act(&ben, call_id(1), ben.accept(), at(5)).await.unwrap();
    world.act(&anna, call_id(1), anna.end(), at(9)).await.unwrap();
    assert_eq!(world.store.waiting_events().await.unwrap(), 3);

    let mut told = Vec::new();
    for expected in 1..=3 {
        let [event] = due(&world, at(30)).await.try_into().unwrap();
        assert_eq!(event.sequence, expected);
        assert_eq!((event.failures, event.host.as_str()), (0, HOST));
        told.push((event.category, event.created_at, event.call.is_ended()));
        done(&world, &event).await;
    }
    let expected = [
        (EventCategory::Dial, at(0), false),
        (EventCategory::Accept, at(5), false),
        (EventCategory::End, at(9), true),
    ];
    assert_eq!(told, expected);
    assert_eq!(due(&world, at(10_000)).await, []);
    assert_eq!(world.store.waiting_events().await.unwrap(), 0);
}

#[tokio::test]
async fn only_what_was_asked_for_is_told_and_nothing_of_other_calls() {
    let world = World::new();
    let (anna, ben) = friends(&world, &[HOST]).await;
    dial(&world, &anna, call_id(1), HOST, &[EventCategory::End])
        .await
        .unwrap();
    world.dial(&anna, "ben", call_id(2), at(0)).await.unwrap();
    assert_eq!(due(&world, at(1)).await, []);
    for (call, is_told) in [(call_id(1), true), (call_id(2), false)] {
        let ended = world.act(&ben, call, ben.end(), at(2)).await.unwrap();
        assert_eq!(ended.owed.webhooks, is_told, "whoever sends is woken for what there is");
    }
    let [event] = due(&world, at(3)).await.try_into().unwrap();
    assert_eq!((event.category, event.call.id), (EventCategory::End, call_id(1)));
    assert_eq!(event.sequence, 1);
}

#[tokio::test]
async fn a_repeated_dial_or_end_is_told_once() {
    let world = World::new();
    let (anna, _) = friends(&world, &[HOST]).await;
    for _ in 0..2 {
        dial(&world, &anna, call_id(1), HOST, &EventCategory::ALL)
            .await
            .unwrap();
    }
    for seconds in [3, 4] {
        world.act(&anna, call_id(1), anna.end(), at(seconds)).await.unwrap();
    }
    assert_eq!(world.store.waiting_events().await.unwrap(), 2);
}

#[tokio::test]
async fn a_host_that_this_application_does_not_list_makes_no_call() {
    let world = World::new();
    let (anna, _) = friends(&world, &[HOST]).await;
    let other = world.application("other").await;
    let others = vec!["two.example:443".to_owned()];
    world
        .store
        .update_application(
            other.key,
            ApplicationPatch {
                webhook_hosts: Some(others),
                ..ApplicationPatch::default()
            },
        )
        .await
        .unwrap();
    for host in ["two.example:443", "one.example:444", "one.example", ""] {
        let refused = dial(&world, &anna, call_id(1), host, &EventCategory::ALL).await;
        assert!(matches!(refused, Err(CallError::WebhookHostNotAllowed)), "{refused:?}");
        assert_eq!(world.store.call(anna.user.app, call_id(1)).await.unwrap(), None);
    }
    dial(&world, &anna, call_id(1), HOST, &EventCategory::ALL)
        .await
        .unwrap();

    world
        .store
        .update_application(
            anna.user.app,
            ApplicationPatch {
                webhook_hosts: Some(Vec::new()),
                ..ApplicationPatch::default()
            },
        )
        .await
        .unwrap();
    let refused = dial(&world, &anna, call_id(2), HOST, &EventCategory::ALL).await;
    assert!(matches!(refused, Err(CallError::WebhookHostNotAllowed)), "{refused:?}");
}

#[tokio::test]
async fn an_event_that_is_not_taken_holds_back_its_call_and_no_other() {
    let world = World::new();
    let (anna, _) = friends(&world, &[HOST]).await;
    for call in [call_id(1), call_id(2)] {
        dial(&world, &anna, call, HOST, &EventCategory::ALL).await.unwrap();
        world.act(&anna, call, anna.end(), at(1)).await.unwrap();
    }
    let first = due(&world, at(2)).await.remove(0);
    assert_eq!(first.call.id, call_id(1));
    let again = Settlement::Again {
        at: at(60),
        error: "no answer".to_owned(),
    };
    settle(&world, &first, again.clone(), at(2)).await;

    let [other] = due(&world, at(59)).await.try_into().unwrap();
    assert_eq!(other.call.id, call_id(2));
    done(&world, &other).await;
    let [other] = due(&world, at(59)).await.try_into().unwrap();
    assert_eq!((other.call.id, other.category), (call_id(2), EventCategory::End));
    done(&world, &other).await;

    let [late] = due(&world, at(60)).await.try_into().unwrap();
    assert_eq!((late.number, late.failures), (first.number, 1));
    done(&world, &late).await;
    // What was settled stays settled, whatever a slow sender says.
    settle(&world, &late, again, at(2)).await;
    let [end] = due(&world, at(61)).await.try_into().unwrap();
    assert_eq!((end.call.id, end.category), (call_id(1), EventCategory::End));
}

#[tokio::test]
async fn a_receiver_or_a_caller_with_much_that_waits_hides_no_other() {
    let world = World::new();
    let (anna, _) = friends(&world, &[HOST, "two.example:443"]).await;
    for number in 0..8 {
        dial(&world, &anna, call_id(number), HOST, &EventCategory::ALL)
            .await
            .unwrap();
    }
    dial(&world, &anna, call_id(100), "two.example:443", &EventCategory::ALL)
        .await
        .unwrap();
    let waiting = due(&world, at(1)).await;
    let hosts: Vec<_> = waiting.iter().map(|event| event.host.as_str()).collect();
    assert_eq!(hosts, [HOST, HOST, HOST, "two.example:443"]);

    // Not all of a few others share with one.
    let application = world.store.application(anna.user.app).await.unwrap().unwrap();
    let mut others = 0;
    for number in 0..6 {
        let other = world.phone(&application, &format!("other{number}")).await;
        if share(other.user.key) != share(anna.user.key) {
            others += 1;
            let call = call_id(200 + number);
            dial(&world, &other, call, HOST, &EventCategory::ALL).await.unwrap();
            let waiting = due(&world, at(1)).await;
            assert!(waiting.iter().any(|event| event.call.id == call), "{number}");
        }
    }
    assert!(others > 0);
}

#[tokio::test]
async fn what_waits_is_counted_by_an_index() {
    let world = World::new();
    friends(&world, &[HOST]).await;
    let connection = Connection::open(world.path()).unwrap();
    let plan: String = connection
        .query_row(&format!("explain query plan {WAITING}"), [], |row| row.get("detail"))
        .unwrap();
    assert!(plan.contains("outbox_waiting"), "{plan}");
}

#[tokio::test]
async fn an_event_outlives_the_process() {
    let world = World::new();
    let (anna, _) = friends(&world, &[HOST]).await;
    dial(&world, &anna, call_id(1), HOST, &EventCategory::ALL)
        .await
        .unwrap();
    let before = due(&world, at(1)).await;
    world.store.close().await;
    let again = Store::open(&world.path()).unwrap();
    assert_eq!(due_of(&again, at(1)).await, before);
    assert_eq!(before.len(), 1);
}

#[tokio::test]
async fn a_webhook_is_forgotten_once_its_call_has_ended_and_all_is_told() {
    let world = World::new();
    let (anna, _) = friends(&world, &[HOST]).await;
    dial(&world, &anna, call_id(1), HOST, &EventCategory::ALL)
        .await
        .unwrap();
    dial(&world, &anna, call_id(2), HOST, &[EventCategory::Dial])
        .await
        .unwrap();
    for event in due(&world, at(1)).await {
        done(&world, &event).await;
    }
    assert_eq!(addresses(&world), 2, "the calls go on");
    world.act(&anna, call_id(2), anna.end(), at(2)).await.unwrap();
    assert_eq!(addresses(&world), 1, "nothing more is told of the second");
    world.act(&anna, call_id(1), anna.end(), at(2)).await.unwrap();
    assert_eq!(addresses(&world), 1, "the end is to be told");
    let [end] = due(&world, at(3)).await.try_into().unwrap();
    done(&world, &end).await;
    assert_eq!(addresses(&world), 0);
    assert_eq!(count(&world, "outbox where call_body is not null"), 0);
}

#[tokio::test]
async fn the_address_of_what_was_given_up_is_kept_until_it_is_taken_or_swept() {
    let world = World::new();
    let (anna, _) = friends(&world, &[HOST]).await;
    for number in 1..=2 {
        dial(&world, &anna, call_id(number), HOST, &[EventCategory::Dial])
            .await
            .unwrap();
    }
    for event in due(&world, at(1)).await {
        die(&world, &event, at(1)).await;
    }
    for number in 1..=2 {
        world.act(&anna, call_id(number), anna.end(), at(2)).await.unwrap();
    }
    assert_eq!(addresses(&world), 2, "both may be replayed");
    let first = dead(&world, &anna).await.remove(1);
    let app = anna.user.app;
    world.store.replay_delivery(app, first.number, at(3)).await.unwrap();
    let [event] = due(&world, at(3)).await.try_into().unwrap();
    done(&world, &event).await;
    assert_eq!(addresses(&world), 1);

    let kept = at(1) + DAY * 30;
    assert_eq!(world.store.sweep_deliveries(kept, 100).await.unwrap(), 0);
    let late = kept + DAY;
    assert_eq!(
        world.store.sweep_deliveries(late, 1).await.unwrap(),
        1,
        "a turn is bounded"
    );
    assert_eq!(world.store.sweep_deliveries(late, 100).await.unwrap(), 1);
    assert_eq!((count(&world, "webhook"), count(&world, "outbox")), (0, 0));
}

#[tokio::test]
async fn nothing_of_a_call_that_goes_on_is_swept() {
    let world = World::new();
    let (anna, _) = friends(&world, &[HOST]).await;
    dial(&world, &anna, call_id(1), HOST, &EventCategory::ALL)
        .await
        .unwrap();
    let [event] = due(&world, at(1)).await.try_into().unwrap();
    done(&world, &event).await;
    let late = at(20) + DAY * 31;
    assert_eq!(world.store.sweep_deliveries(late, 100).await.unwrap(), 0);
    world.act(&anna, call_id(1), anna.end(), at(30)).await.unwrap();
    let [end] = due(&world, at(30)).await.try_into().unwrap();
    assert_eq!(end.sequence, 2);
    assert_eq!(world.store.sweep_deliveries(late, 100).await.unwrap(), 1);
}

#[tokio::test]
async fn what_is_replayed_has_its_number_and_its_call_and_is_tried_anew() {
    let world = World::new();
    let (anna, _) = friends(&world, &[HOST]).await;
    dial(&world, &anna, call_id(1), HOST, &EventCategory::ALL)
        .await
        .unwrap();
    world.act(&anna, call_id(1), anna.end(), at(1)).await.unwrap();
    let [first] = due(&world, at(1)).await.try_into().unwrap();
    let again = Settlement::Again {
        at: at(2),
        error: "no answer".to_owned(),
    };
    settle(&world, &first, again, at(1)).await;
    die(&world, &first, at(2)).await;
    // What was given up holds up nothing.
    let [end] = due(&world, at(2)).await.try_into().unwrap();
    assert_eq!((end.category, end.sequence), (EventCategory::End, 2));

    let app = anna.user.app;
    let replayed = world.store.replay_delivery(app, first.number, at(3)).await.unwrap();
    assert_eq!((replayed.state, replayed.attempts), (DeliveryState::Waiting, 2));
    let [again] = due(&world, at(3)).await.try_into().unwrap();
    assert_eq!(again, first, "nothing differs, and the end waits behind it");
    let refused = world.store.replay_delivery(app, first.number, at(4)).await;
    assert!(matches!(refused, Err(ReplayError::NotDead)), "{refused:?}");
    done(&world, &again).await;
    let [last] = due(&world, at(30)).await.try_into().unwrap();
    assert_eq!(last.number, end.number);
}

#[tokio::test]
async fn all_that_died_in_a_time_is_replayed_in_parts_and_nothing_else() {
    let world = World::new();
    let (anna, _) = friends(&world, &[HOST]).await;
    let app = anna.user.app;
    for number in 1..=4 {
        dial(&world, &anna, call_id(number), HOST, &EventCategory::ALL)
            .await
            .unwrap();
        let now = at(u64::from(number) * 10);
        world.act(&anna, call_id(number), anna.end(), now).await.unwrap();
    }
    loop {
        let waiting = due(&world, at(50)).await;
        if waiting.is_empty() {
            break;
        }
        for event in waiting {
            die(&world, &event, at(50)).await;
        }
    }
    let (from, to) = (at(20), at(40));
    let first = world
        .store
        .replay_dead_deliveries(app, (from, to), None, 1, at(60))
        .await;
    let (1, Some(next)) = first.unwrap() else {
        panic!("one at a time")
    };
    let rest = world
        .store
        .replay_dead_deliveries(app, (from, to), Some(next), 10, at(60))
        .await;
    assert_eq!(rest.unwrap(), (1, None));
    let calls: Vec<_> = due(&world, at(60)).await.iter().map(|event| event.call.id).collect();
    assert_eq!(calls, [call_id(2), call_id(3)]);
    assert_eq!(dead(&world, &anna).await.len(), 6);
}

#[tokio::test]
async fn an_application_sees_and_replays_its_own_deliveries_only() {
    let world = World::new();
    let (anna, _) = friends(&world, &[HOST]).await;
    let other = world.application("other").await;
    dial(&world, &anna, call_id(1), HOST, &[EventCategory::Dial])
        .await
        .unwrap();
    let [event] = due(&world, at(1)).await.try_into().unwrap();
    die(&world, &event, at(1)).await;

    let store = &world.store;
    let everything = (at(0), at(100));
    let list = store
        .deliveries(other.key, DeliveryFilter::default(), None, 10)
        .await
        .unwrap();
    assert_eq!(list.deliveries, []);
    let of_call = DeliveryFilter {
        call_id: Some(call_id(1)),
        ..DeliveryFilter::default()
    };
    assert_eq!(
        store.deliveries(other.key, of_call, None, 10).await.unwrap().deliveries,
        []
    );
    assert_eq!(store.deliveries_of_call(other.key, call_id(1)).await.unwrap(), []);
    assert_eq!(store.delivery(other.key, event.number).await.unwrap(), None);
    let refused = store.replay_delivery(other.key, event.number, at(2)).await;
    assert!(matches!(refused, Err(ReplayError::NoSuchDelivery)), "{refused:?}");
    let replayed = store
        .replay_dead_deliveries(other.key, everything, None, 10, at(2))
        .await;
    assert_eq!(replayed.unwrap(), (0, None));

    let [shown] = store
        .deliveries_of_call(anna.user.app, call_id(1))
        .await
        .unwrap()
        .try_into()
        .unwrap();
    assert_eq!(
        (shown.host.as_str(), shown.is_per_call, shown.attempts),
        (HOST, true, 1)
    );
    assert_eq!(shown.last_error.as_deref(), Some("the receiver answered 500"));
    let replayed = store
        .replay_dead_deliveries(anna.user.app, everything, None, 10, at(2))
        .await;
    assert_eq!(replayed.unwrap(), (1, None));
}

#[tokio::test]
async fn deliveries_are_listed_from_the_latest_by_state_and_by_call() {
    let world = World::new();
    let (anna, _) = friends(&world, &[HOST]).await;
    let app = anna.user.app;
    for number in 1..=3 {
        dial(&world, &anna, call_id(number), HOST, &[EventCategory::Dial])
            .await
            .unwrap();
    }
    let waiting = due(&world, at(1)).await;
    done(&world, &waiting[0]).await;
    die(&world, &waiting[1], at(1)).await;

    let all = DeliveryFilter::default();
    let page = world.store.deliveries(app, all, None, 2).await.unwrap();
    let calls: Vec<_> = page.deliveries.iter().map(|delivery| delivery.call_id).collect();
    assert_eq!(calls, [call_id(3), call_id(2)]);
    let rest = world.store.deliveries(app, all, page.next, 2).await.unwrap();
    assert_eq!((rest.deliveries[0].call_id, rest.next), (call_id(1), None));
    for (state, call) in [
        (DeliveryState::Delivered, call_id(1)),
        (DeliveryState::Dead, call_id(2)),
        (DeliveryState::Waiting, call_id(3)),
    ] {
        let filter = DeliveryFilter {
            state: Some(state),
            call_id: None,
        };
        let [found] = world
            .store
            .deliveries(app, filter, None, 9)
            .await
            .unwrap()
            .deliveries
            .try_into()
            .unwrap();
        assert_eq!((found.state, found.call_id), (state, call));
        for other in 1..=3 {
            let filter = DeliveryFilter {
                state: Some(state),
                call_id: Some(call_id(other)),
            };
            let found = world.store.deliveries(app, filter, None, 9).await.unwrap().deliveries;
            assert_eq!(found.len(), usize::from(call == call_id(other)));
        }
    }
}

#[tokio::test]
async fn an_application_that_asks_for_it_is_told_of_every_call_beside_its_own_webhook() {
    let world = World::new();
    let (anna, ben) = friends(&world, &[HOST]).await;
    let other = world.application("other").await;
    let (carol, _) = (world.phone(&other, "carol").await, world.phone(&other, "dan").await);
    subscribe(&world, &anna, &[EventCategory::Dial, EventCategory::End]).await;
    dial(&world, &anna, call_id(1), HOST, &EventCategory::ALL)
        .await
        .unwrap();
    world.dial(&carol, "dan", call_id(2), at(0)).await.unwrap();
    world.act(&ben, call_id(1), ben.accept(), at(1)).await.unwrap();
    world.act(&ben, call_id(1), ben.end(), at(2)).await.unwrap();

    let mut told = Vec::new();
    loop {
        let waiting = due(&world, at(30)).await;
        if waiting.is_empty() {
            break;
        }
        for event in waiting {
            told.push((event.is_per_call, event.sequence, event.category));
            done(&world, &event).await;
        }
    }
    told.sort();
    let expected = [
        (false, 1, EventCategory::Dial),
        (false, 2, EventCategory::End),
        (true, 1, EventCategory::Dial),
        (true, 2, EventCategory::Accept),
        (true, 3, EventCategory::End),
    ];
    assert_eq!(told, expected);
    assert_eq!(addresses(&world), 1, "the application's own stays");
}

#[tokio::test]
async fn a_subscription_is_changed_in_parts_and_never_on_without_an_address() {
    let world = World::new();
    let (anna, _) = friends(&world, &[]).await;
    let app = anna.user.app;
    let change = async |patch: ApplicationWebhookPatch| world.store.update_application_webhook(app, patch).await;
    let on = ApplicationWebhookPatch {
        is_enabled: Some(true),
        ..ApplicationWebhookPatch::default()
    };
    assert!(matches!(change(on.clone()).await, Err(WebhookError::NoAddress)));
    assert_eq!(
        world.store.application_webhook(app).await.unwrap(),
        ApplicationWebhook::default()
    );

    subscribe(&world, &anna, &[EventCategory::End]).await;
    let none = ApplicationWebhookPatch {
        enabled_events: Some(Vec::new()),
        ..ApplicationWebhookPatch::default()
    };
    assert!(!change(none).await.unwrap().is_enabled, "no event turns it off");
    world.dial(&anna, "ben", call_id(1), at(0)).await.unwrap();
    assert_eq!(world.store.waiting_events().await.unwrap(), 0);
    assert!(
        !change(on).await.unwrap().is_enabled,
        "nor is there anything to turn on"
    );
    subscribe(&world, &anna, &[EventCategory::End]).await;
    world.act(&anna, call_id(1), anna.end(), at(1)).await.unwrap();
    assert_eq!(world.store.waiting_events().await.unwrap(), 1);
}

#[tokio::test]
async fn a_clock_that_was_set_back_strands_nothing() {
    let world = World::new();
    let (anna, _) = friends(&world, &[HOST]).await;
    dial(&world, &anna, call_id(1), HOST, &EventCategory::ALL)
        .await
        .unwrap();
    dial(&world, &anna, call_id(2), HOST, &EventCategory::ALL)
        .await
        .unwrap();
    let [first, second] = due(&world, at(1)).await.try_into().unwrap();
    let again = |at| Settlement::Again {
        at,
        error: "no answer".to_owned(),
    };
    settle(&world, &first, again(at(365 * 86_400)), at(1)).await;
    settle(&world, &second, again(at(60)), at(1)).await;
    let longest = Duration::from_secs(7200);
    assert_eq!(world.store.recall_events(at(2), longest).await.unwrap(), 1);
    assert_eq!(world.store.recall_events(at(2), longest).await.unwrap(), 0);
    let [recalled] = due(&world, at(2)).await.try_into().unwrap();
    assert_eq!((recalled.number, recalled.failures), (first.number, 1));
}

const DAY: Duration = Duration::from_secs(86_400);

async fn subscribe(world: &World, phone: &Phone, events: &[EventCategory]) {
    let patch = ApplicationWebhookPatch {
        is_enabled: Some(true),
        address: Some(Some((HOST.to_owned(), Sealed::from_bytes(vec![8])))),
        enabled_events: Some(events.to_vec()),
    };
    let changed = world.store.update_application_webhook(phone.user.app, patch).await;
    assert!(changed.unwrap().is_enabled);
}

async fn dead(world: &World, phone: &Phone) -> Vec<Delivery> {
    let filter = DeliveryFilter {
        state: Some(DeliveryState::Dead),
        call_id: None,
    };
    let page = world.store.deliveries(phone.user.app, filter, None, 100).await;
    page.unwrap().deliveries
}

async fn friends(world: &World, hosts: &[&str]) -> (Phone, Phone) {
    let application: Application = world.application("app").await;
    let hosts = hosts.iter().map(|host| (*host).to_owned()).collect();
    world
        .store
        .update_application(
            application.key,
            ApplicationPatch {
                webhook_hosts: Some(hosts),
                ..ApplicationPatch::default()
            },
        )
        .await
        .unwrap();
    (
        world.phone(&application, "anna").await,
        world.phone(&application, "ben").await,
    )
}

async fn dial(
    world: &World,
    phone: &Phone,
    call_id: CallId,
    host: &str,
    events: &[EventCategory],
) -> Result<CallChange, CallError> {
    let webhook = NewWebhook {
        host: host.to_owned(),
        sealed: Sealed::from_bytes(vec![9]),
        enabled_events: events.to_vec(),
    };
    let request = request(phone, call_id);
    world
        .store
        .dial_with_webhook(phone.session, "ben", request, Some(webhook), true, at(0))
        .await
}

async fn due(world: &World, now: Timestamp) -> Vec<OutgoingEvent> {
    due_of(&world.store, now).await
}

async fn due_of(store: &Store, now: Timestamp) -> Vec<OutgoingEvent> {
    let due = store.due_events(now, 3, 100).await.unwrap();
    let numbers = due.iter().map(|event| event.number).collect();
    store.outgoing_events(numbers).await.unwrap()
}

async fn settle(world: &World, event: &OutgoingEvent, settlement: Settlement, now: Timestamp) {
    let settled = world.store.settle_events(vec![(event.number, settlement)], now);
    settled.await.unwrap();
}

async fn done(world: &World, event: &OutgoingEvent) {
    settle(world, event, Settlement::Delivered, at(20)).await;
}

async fn die(world: &World, event: &OutgoingEvent, now: Timestamp) {
    let dead = Settlement::Dead {
        error: "the receiver answered 500".to_owned(),
    };
    settle(world, event, dead, now).await;
}

/// How many webhooks there are whose address is kept.
fn addresses(world: &World) -> i64 {
    count(world, "webhook where sealed is not null")
}

fn count(world: &World, what: &str) -> i64 {
    let connection = Connection::open(world.path()).unwrap();
    let query = format!("select count(*) from {what}");
    connection.query_row(&query, [], |row| row.get(0)).unwrap()
}

#[tokio::test]
async fn an_end_by_time_is_told_with_its_result() {
    let world = World::new();
    let (anna, ben) = friends(&world, &[HOST]).await;
    for number in 1..=3 {
        dial(&world, &anna, call_id(number), HOST, &[EventCategory::End])
            .await
            .unwrap();
    }
    for number in 2..=3 {
        world.act(&ben, call_id(number), ben.accept(), at(1)).await.unwrap();
    }
    for phone in [&anna, &ben] {
        let connected = phone.report(MediaReport::Connected { path: None });
        world.act(phone, call_id(3), connected, at(2)).await.unwrap();
    }
    let lost = anna.report(MediaReport::Lost);
    world.act(&anna, call_id(3), lost, at(3)).await.unwrap();
    for number in 1..=3 {
        let app = anna.user.app;
        let expire = world
            .store
            .apply(app, call_id(number), Actor::System, Input::Expire, at(400));
        expire.await.unwrap();
    }
    let results: Vec<_> = due(&world, at(400)).await.iter().map(result).collect();
    let expected = [EndResult::NoAnswer, EndResult::TimedOut, EndResult::ConnectionLost];
    assert_eq!(results, expected);
}

fn result(event: &OutgoingEvent) -> EndResult {
    event.call.ending().unwrap().result
}
