//! An application's own webhook: how it is set, what it is told, and what is sent again.

use std::time::Duration;

use offhook_core::application::AccessTokenPermission;
use offhook_server::credential;
use offhook_store::{Delivery, DeliveryFilter, Settlement};
use serde_json::{Value, json};

use super::plain::Plain;
use super::{device, dial_to, event, mac, message, ringing, server_telling, webhook_key};
use crate::receiver::{Receiver, Reply};
use crate::server::raw::{dial, request, uuid};
use crate::server::{PATIENCE, RawSocket, Server};

const ENDPOINT: &str = "/v1/applications/{}/settings/webhook";

#[tokio::test]
async fn every_call_is_told_to_the_application_signed_by_the_master_token() {
    let (mut own, mut named) = (Receiver::start().await, Receiver::start().await);
    let server = server_telling(&[&own, &named]).await;
    subscribe(&server, &own.url("/own?key=SECRET"), &["*"]).await;
    let (mut alice, mut bob) = (device(&server, "alice", 1).await, device(&server, "bob", 2).await);
    alice.ask(&dial_to(&uuid(9), &named, &["direct_call:end"])).await;
    bob.ask(&message("accept", &uuid(9))).await;
    alice.ask(&message("end", &uuid(9))).await;

    let (node, mut told) = (server.node(), Vec::new());
    let token = credential::api_token(node.store(), node.key(), server.app())
        .await
        .unwrap();
    let key = webhook_key(&server).await;
    for _ in 0..3 {
        let received = own.next().await;
        assert_eq!(received.path, "/own?key=SECRET");
        assert_eq!(received.headers["x-sendbird-signature"], mac(&token, &received.body));
        let timed = received.headers["x-offhook-signature"].to_str().unwrap();
        let (time, timed_mac) = timed.strip_prefix("t=").unwrap().split_once(",v1=").unwrap();
        let signed = [format!("{time}.").as_bytes(), &received.body].concat();
        assert_eq!(timed_mac, mac(&key, &signed));
        let event = event(&received);
        told.push((
            event["sequence"].clone(),
            event["category"].clone(),
            event["message_id"].clone(),
        ));
    }
    let categories: Vec<_> = told.iter().map(|(_, category, _)| category.as_str().unwrap()).collect();
    assert_eq!(
        categories,
        ["direct_call:dial", "direct_call:accept", "direct_call:end"]
    );
    assert_eq!(
        told.iter()
            .map(|(sequence, ..)| sequence.as_u64().unwrap())
            .collect::<Vec<_>>(),
        [1, 2, 3]
    );

    // Whom the dial named is told of the same event, by the same id, and proves nothing with the token.
    let received = named.next().await;
    assert_eq!(received.headers["x-sendbird-signature"], mac(&key, &received.body));
    let end = event(&received);
    assert_eq!((&end["message_id"], &end["sequence"]), (&told[2].2, &json!(1)));
    server.stop().await;
}

#[tokio::test]
async fn the_channel_of_a_chat_is_told_with_every_event_and_in_the_record() {
    let mut receiver = Receiver::start().await;
    let server = server_telling(&[&receiver]).await;
    subscribe(&server, &receiver.url("/calls"), &["*"]).await;
    let (mut alice, mut bob) = (device(&server, "alice", 1).await, device(&server, "bob", 2).await);
    let mut dialled = dial(2, &uuid(9), "bob");
    dialled["chat_channel_url"] = json!("group_channel_7");
    assert_eq!(alice.ask(&dialled).await["type"], "reply");
    bob.ask(&message("end", &uuid(9))).await;
    for category in ["direct_call:dial", "direct_call:end"] {
        let told = event(&receiver.next().await);
        let call = &told["direct_call"];
        assert_eq!(
            (&told["category"], &call["chat_channel_url"]),
            (&json!(category), &json!("group_channel_7"))
        );
    }
    let record = format!("/v1/direct_calls/{}", uuid(9));
    let (status, record) = v1(&server, &server.api_token, "GET", &record, &json!({})).await;
    assert_eq!((status, &record["chat_channel_url"]), (200, &json!("group_channel_7")));
    let mut too_long = dial(3, &uuid(10), "bob");
    too_long["chat_channel_url"] = json!("x".repeat(256));
    assert_eq!(alice.ask(&too_long).await["code"], 400_111);
    server.stop().await;
}

#[tokio::test]
async fn a_subscription_is_shown_changed_in_parts_and_turned_off() {
    let receiver = Receiver::start().await;
    let server = server_telling(&[&receiver]).await;
    let off = json!({"enabled": false, "url": "", "enabled_events": all()});
    assert_eq!(
        settings(&server, "GET", &json!({})).await,
        (200, json!({"webhook": off}))
    );
    let url = receiver.url("/own");
    let (status, body) = settings(
        &server,
        "PUT",
        &json!({"enabled": true, "url": url, "enabled_events": ["*"]}),
    )
    .await;
    let on = json!({"webhook": {"enabled": true, "url": url, "enabled_events": all()}});
    assert_eq!((status, &body), (200, &on));
    let (_, body) = settings(&server, "PUT", &json!({"enabled_events": ["direct_call:end"]})).await;
    let narrowed = json!({"enabled": true, "url": url, "enabled_events": ["direct_call:end"]});
    assert_eq!(body["webhook"], narrowed);
    let (_, body) = settings(&server, "PUT", &json!({"enabled_events": []})).await;
    assert_eq!(
        body["webhook"],
        json!({"enabled": false, "url": url, "enabled_events": []})
    );

    let path = format!("{}?display_all_webhook_categories=true", path(&server.app_id));
    let (_, body) = v1(&server, &server.api_token, "GET", &path, &json!({})).await;
    assert_eq!(body["webhook"]["all_webhook_categories"], all());
    server.stop().await;
}

#[tokio::test]
async fn a_subscription_that_cannot_be_is_refused_and_changes_nothing() {
    let receiver = Receiver::start().await;
    let server = server_telling(&[&receiver]).await;
    let inside = format!(
        "https://127.0.0.1:{}/",
        if receiver.address.port() == 1 { 2 } else { 1 }
    );
    for (body, code, word) in [
        (json!({"enabled": true}), 400_111, "url"),
        (json!({"enabled": "yes"}), 400_100, "enabled"),
        (json!({"url": "http://hooks.example/"}), 400_100, "https"),
        (json!({"url": inside}), 400_100, "not public"),
        (json!({"url": "https://169.254.169.254/"}), 400_100, "not public"),
        (json!({"url": "https://a:b@hooks.example/"}), 400_100, "password"),
        (json!({"url": 7}), 400_100, "url"),
        (json!({"enabled_events": ["room:create"]}), 400_100, "events"),
        (json!({"enabled_events": "*"}), 400_100, "enabled_events"),
    ] {
        let (status, answer) = settings(&server, "PUT", &body).await;
        assert_eq!((status, &answer["code"]), (400, &json!(code)), "{body}: {answer}");
        assert!(answer["message"].as_str().unwrap().contains(word), "{answer}");
    }
    let (_, shown) = settings(&server, "GET", &json!({})).await;
    assert_eq!(shown["webhook"]["url"], "");
    // Another application's settings are not there, by whatever token.
    let other = server.create_application(AccessTokenPermission::ReadWrite).await;
    let (status, answer) = v1(&server, &server.api_token, "GET", &path(&other), &json!({})).await;
    assert_eq!((status, &answer["code"]), (400, &json!(400_200)));
    let (status, _) = v1(&server, "wrong", "GET", &path(&server.app_id), &json!({})).await;
    assert_eq!(status, 401);
    server.stop().await;
}

#[tokio::test]
async fn what_was_given_up_is_listed_and_sent_again_as_it_was() {
    let mut receiver = Receiver::answering(|number, _| Reply::Status(if number == 0 { 503 } else { 200 })).await;
    let server = server_telling(&[&receiver]).await;
    subscribe(&server, &receiver.url("/own"), &["direct_call:dial"]).await;
    let mut alice = ringing(&server).await;
    alice.ask(&dial(50, &uuid(9), "bob")).await;
    let first = receiver.next().await;
    give_up(&server).await;

    let (status, list) = v1(
        &server,
        &server.api_token,
        "GET",
        "/v1/webhook_deliveries?state=dead",
        &json!({}),
    )
    .await;
    assert_eq!(
        (status, &list["has_next"], &list["next"]),
        (200, &json!(false), &json!(""))
    );
    let [dead] = list["deliveries"].as_array().unwrap().as_slice() else {
        panic!("{list}")
    };
    assert_eq!((&dead["state"], &dead["call_id"]), (&json!("dead"), &json!(uuid(9))));
    assert_eq!(
        (&dead["host"], &dead["is_per_call"]),
        (&json!(receiver.host()), &json!(false))
    );
    assert!(!list.to_string().contains("/own"), "the address is not shown: {list}");

    let replay = format!(
        "/v1/webhook_deliveries/{}/replay",
        dead["delivery_id"].as_str().unwrap()
    );
    let other = server.create_application(AccessTokenPermission::ReadWrite).await;
    let others = server
        .node()
        .store()
        .application_by_id(&other.parse().unwrap())
        .await
        .unwrap()
        .unwrap();
    let token = credential::api_token(server.node().store(), server.node().key(), others.key)
        .await
        .unwrap();
    let (_, answer) = v1(&server, &token, "POST", &replay, &json!({})).await;
    assert_eq!(answer["code"], 400_200, "another application has no such delivery");
    let (_, list) = v1(&server, &token, "GET", "/v1/webhook_deliveries", &json!({})).await;
    assert_eq!(list["deliveries"], json!([]));
    let (_, answer) = v1(&server, &token, "POST", "/v1/webhook_deliveries/replay", &json!({})).await;
    assert_eq!(answer, json!({"replayed": 0}));

    let (status, answer) = v1(&server, &server.api_token, "POST", &replay, &json!({})).await;
    assert_eq!((status, &answer["state"]), (200, &json!("waiting")));
    assert_eq!(receiver.next().await.body, first.body);
    server
        .counted("offhook_webhooks_total{outcome=\"delivered\"}", 1.0)
        .await;
    server.stop().await;
}

#[tokio::test]
async fn all_that_was_given_up_in_a_time_is_sent_again() {
    let mut receiver = Receiver::answering(|number, _| Reply::Status(if number == 0 { 503 } else { 200 })).await;
    let server = server_telling(&[&receiver]).await;
    let mut alice = ringing(&server).await;
    // A dial's own webhook, whose call is over.
    alice.ask(&dial_to(&uuid(9), &receiver, &["direct_call:dial"])).await;
    let first = receiver.next().await;
    give_up(&server).await;
    alice.ask(&message("end", &uuid(9))).await;
    let at = event(&first)["occurred_at"].as_u64().unwrap();
    for (body, count) in [
        (json!({"from": at + 1}), 0),
        (json!({"to": at}), 0),
        (json!({"from": at, "to": at + 1}), 1),
    ] {
        let (_, answer) = v1(
            &server,
            &server.api_token,
            "POST",
            "/v1/webhook_deliveries/replay",
            &body,
        )
        .await;
        assert_eq!(answer, json!({"replayed": count}), "{body}");
    }
    assert_eq!(receiver.next().await.body, first.body);
    let (status, _) = v1(
        &server,
        &server.api_token,
        "POST",
        "/v1/webhook_deliveries/replay",
        &json!({"from": 2, "to": 1}),
    )
    .await;
    assert_eq!(status, 400);
    server.stop().await;
}

#[tokio::test]
async fn a_list_has_pages_and_says_what_is_wrong_with_a_question() {
    let receiver = Receiver::start().await;
    let server = server_telling(&[&receiver]).await;
    subscribe(&server, &receiver.url("/own"), &["*"]).await;
    let mut alice = ringing(&server).await;
    for number in 1..=3 {
        alice.ask(&dial(50, &uuid(number), "bob")).await;
    }
    let page = async |query: &str| {
        let path = format!("/v1/webhook_deliveries{query}");
        v1(&server, &server.api_token, "GET", &path, &json!({})).await
    };
    let (_, first) = page("?limit=2").await;
    let next = first["next"].as_str().unwrap();
    let (_, second) = page(&format!("?limit=2&next={next}")).await;
    let calls = |page: &Value| -> Vec<String> {
        let deliveries = page["deliveries"].as_array().unwrap();
        deliveries
            .iter()
            .map(|delivery| delivery["call_id"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!((calls(&first), calls(&second)), (vec![uuid(3), uuid(2)], vec![uuid(1)]));
    let (_, of_call) = page(&format!("?call_id={}", uuid(2))).await;
    assert_eq!(calls(&of_call), [uuid(2)]);
    for query in [
        "?limit=0",
        "?limit=101",
        "?state=lost",
        "?call_id=7",
        "?next=x",
        "?limit=many",
    ] {
        assert_eq!(page(query).await.0, 400, "{query}");
    }
    server.stop().await;
}

#[tokio::test]
async fn what_waits_when_a_subscription_is_turned_off_is_told_to_nobody() {
    let mut receiver = Receiver::answering(|_, _| Reply::Status(503)).await;
    let server = server_telling(&[&receiver]).await;
    subscribe(&server, &receiver.url("/own"), &["*"]).await;
    let mut alice = ringing(&server).await;
    alice.ask(&dial(50, &uuid(9), "bob")).await;
    receiver.next().await;
    settings(&server, "PUT", &json!({"enabled": false})).await;
    server
        .counted("offhook_webhooks_total{outcome=\"given_up\"}", 1.0)
        .await;
    let settled = async {
        loop {
            let path = "/v1/webhook_deliveries?state=dead";
            let (_, list) = v1(&server, &server.api_token, "GET", path, &json!({})).await;
            if let Some(dead) = list["deliveries"].get(0) {
                return dead["last_error"].as_str().unwrap().to_owned();
            }
        }
    };
    let reason = tokio::time::timeout(PATIENCE, settled).await.unwrap();
    assert!(reason.contains("turned off"), "{reason}");
    server.stop().await;
}

#[tokio::test]
async fn nonsense_is_no_answer_and_a_second_answer_counts_for_nothing_else() {
    let mut receiver = Plain::start().await;
    let (server, mut alice) = telling_plainly(&receiver).await;
    alice.ask(&dial(50, &uuid(9), "bob")).await;
    let first = receiver.next().await;
    let body = first.body.clone();
    first.answer("I hear you\r\n\r\n").await;
    let again = receiver.next().await;
    assert_eq!(again.body, body);
    let refusal = "HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n";
    again
        .answer(&format!("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n{refusal}"))
        .await;
    alice.ask(&message("end", &uuid(9))).await;
    let end = receiver.next().await;
    assert!(end.body.contains("\"direct_call:end\""), "{}", end.body);
    end.answer("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    server
        .counted("offhook_webhooks_total{outcome=\"delivered\"}", 2.0)
        .await;
    server.stop().await;
}

#[tokio::test]
async fn an_answer_that_comes_too_late_is_none_and_the_event_is_sent_again() {
    let mut receiver = Plain::start().await;
    let (server, mut alice) = telling_plainly(&receiver).await;
    alice.ask(&dial(50, &uuid(9), "bob")).await;
    let late = receiver.next().await;
    let again = receiver.next().await;
    assert_eq!(late.body, again.body);
    let taken = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
    late.answer(taken).await;
    again.answer(taken).await;
    alice.ask(&message("end", &uuid(9))).await;
    assert!(receiver.next().await.body.contains("\"direct_call:end\""));
    server.stop().await;
}

#[tokio::test]
async fn of_many_calls_each_is_told_in_order_whatever_fails_between() {
    let mut receiver = Receiver::answering(|number, _| Reply::Status(if number % 4 == 1 { 500 } else { 200 })).await;
    let server = server_telling(&[&receiver]).await;
    subscribe(&server, &receiver.url("/own"), &["*"]).await;
    server.session_key("bob").await;
    let mut expected = 0;
    for user in 1..=5 {
        let mut caller = device(&server, &format!("caller{user}"), 10 + user).await;
        for call in 0..2 {
            let call_id = uuid(user * 16 + call);
            assert_eq!(caller.ask(&dial(50, &call_id, "bob")).await["type"], "reply");
            caller.ask(&message("end", &call_id)).await;
            expected += 2;
        }
    }
    let mut told = std::collections::BTreeMap::<String, Vec<u64>>::new();
    let mut distinct = 0;
    while distinct < expected {
        let event = event(&receiver.next().await);
        let call_id = event["direct_call"]["call_id"].as_str().unwrap().to_owned();
        let sequences = told.entry(call_id).or_default();
        let sequence = event["sequence"].as_u64().unwrap();
        // What failed is sent again before anything else of its call.
        let last = sequences.last().copied().unwrap_or(0);
        assert!(
            sequence == last || sequence == last + 1,
            "{sequence} after {sequences:?}"
        );
        distinct += u64::from(sequence != last);
        sequences.push(sequence);
    }
    assert_eq!(told.len(), 10);
    server.stop().await;
}

#[tokio::test]
async fn what_a_wrong_clock_put_far_off_is_sent_once_the_clock_is_right() {
    let mut receiver = Receiver::answering(|number, _| Reply::Status(if number == 0 { 503 } else { 200 })).await;
    let server = server_telling(&[&receiver]).await;
    subscribe(&server, &receiver.url("/own"), &["direct_call:dial"]).await;
    let mut alice = ringing(&server).await;
    alice.ask(&dial(50, &uuid(9), "bob")).await;
    let first = receiver.next().await;
    let now = server.node().clock().now();
    let in_a_year = Settlement::Again {
        at: now + Duration::from_secs(365 * 86_400),
        error: "no answer".to_owned(),
    };
    let delivery = failed(&server).await;
    let store = server.node().store();
    store
        .settle_events(vec![(delivery.number, in_a_year)], now)
        .await
        .unwrap();
    assert_eq!(receiver.next().await.body, first.body);
    server.stop().await;
}

/// A server that tells a receiver without TLS.
async fn telling_plainly(receiver: &Plain) -> (Server, RawSocket) {
    let host = receiver.host.clone();
    let server = Server::start_with(|mut config| {
        config.outbound.allowed_private_hosts = vec![host];
        config
    })
    .await;
    subscribe(&server, &format!("http://{}/", receiver.host), &["*"]).await;
    let alice = ringing(&server).await;
    (server, alice)
}

async fn subscribe(server: &Server, url: &str, events: &[&str]) {
    let body = json!({"enabled": true, "url": url, "enabled_events": events});
    let (status, answer) = settings(server, "PUT", &body).await;
    assert_eq!((status, &answer["webhook"]["enabled"]), (200, &json!(true)), "{answer}");
}

async fn settings(server: &Server, method: &str, body: &Value) -> (u16, Value) {
    v1(server, &server.api_token, method, &path(&server.app_id), body).await
}

fn path(app_id: &str) -> String {
    ENDPOINT.replace("{}", app_id)
}

async fn v1(server: &Server, token: &str, method: &str, path: &str, body: &Value) -> (u16, Value) {
    let line = format!("{method} {path}");
    let headers = [("api-token", token), ("content-type", "application/json")];
    request(&server.address(), &line, &headers, body.to_string().as_bytes()).await
}

/// Lets the one delivery that failed be tried no more, as if a day had passed.
async fn give_up(server: &Server) {
    let delivery = failed(server).await;
    let dead = Settlement::Dead {
        error: delivery.last_error.unwrap(),
    };
    let (store, now) = (server.node().store(), server.node().clock().now());
    store.settle_events(vec![(delivery.number, dead)], now).await.unwrap();
}

/// The one delivery, once it has failed.
async fn failed(server: &Server) -> Delivery {
    let store = server.node().store();
    let failed = async {
        loop {
            let page = store.deliveries(server.app(), DeliveryFilter::default(), None, 1).await;
            let delivery = page.unwrap().deliveries.remove(0);
            if delivery.attempts > 0 {
                return delivery;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, failed).await.expect("it was tried")
}

fn all() -> Value {
    json!(["direct_call:dial", "direct_call:accept", "direct_call:end"])
}
