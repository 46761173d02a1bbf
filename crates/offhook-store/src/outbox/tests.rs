use crate::ApplicationPatch;
use std::time::Duration;

use offhook_core::call::{EndResult, Input, MediaReport};
use offhook_core::id::CallId;

use super::*;
use crate::world::{Phone, World, at, call_id, request};
use crate::{Actor, Application, CallChange, CallError};

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
        let [event] = due(&world, at(10)).await.try_into().unwrap();
        assert_eq!(event.sequence, expected);
        assert_eq!((event.attempts, event.host.as_str()), (0, HOST));
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
    for call in [call_id(1), call_id(2)] {
        world.act(&ben, call, ben.end(), at(2)).await.unwrap();
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
    let again = Settlement::Again(at(60));
    world.store.settle_event(first.number, again, at(2)).await.unwrap();

    let [other] = due(&world, at(59)).await.try_into().unwrap();
    assert_eq!(other.call.id, call_id(2));
    done(&world, &other).await;
    let [other] = due(&world, at(59)).await.try_into().unwrap();
    assert_eq!((other.call.id, other.category), (call_id(2), EventCategory::End));
    done(&world, &other).await;

    let [late] = due(&world, at(60)).await.try_into().unwrap();
    assert_eq!((late.number, late.attempts), (first.number, 1));
    done(&world, &late).await;
    // What was settled stays settled, whatever a slow sender says.
    world.store.settle_event(late.number, again, at(2)).await.unwrap();
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
    assert_eq!(again.due_events(at(1), 100).await.unwrap(), before);
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
    assert_eq!(webhooks(&world), 2, "the calls go on");
    world.act(&anna, call_id(2), anna.end(), at(2)).await.unwrap();
    assert_eq!(webhooks(&world), 1, "nothing more is told of the second");
    world.act(&anna, call_id(1), anna.end(), at(2)).await.unwrap();
    assert_eq!(webhooks(&world), 1, "the end is to be told");
    let [end] = due(&world, at(3)).await.try_into().unwrap();
    done(&world, &end).await;
    assert_eq!(webhooks(&world), 0);
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
        .dial_with_webhook(phone.session, "ben", request, Some(webhook), at(0))
        .await
}

async fn due(world: &World, now: Timestamp) -> Vec<DueEvent> {
    world.store.due_events(now, 100).await.unwrap()
}

async fn done(world: &World, event: &DueEvent) {
    let now = event.due_at + Duration::from_secs(1);
    world
        .store
        .settle_event(event.number, Settlement::Done, now)
        .await
        .unwrap();
}

fn webhooks(world: &World) -> i64 {
    let connection = Connection::open(world.path()).unwrap();
    let rows = |table: &str| -> i64 {
        connection
            .query_row(&format!("select count(*) from {table}"), [], |row| row.get(0))
            .unwrap()
    };
    if rows("webhook") == 0 {
        assert_eq!(rows("outbox"), 0);
    }
    rows("webhook")
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

fn result(event: &DueEvent) -> EndResult {
    event.call.ending().unwrap().result
}
