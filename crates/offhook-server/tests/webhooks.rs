//! Webhooks of calls, as an application's server gets them: over TLS, in order, until it has them.

mod own;
mod plain;
mod sample;

use offhook_store::{ApplicationPatch, DeliveryFilter};
use std::time::Duration;

use axum::http::HeaderMap;
use offhook_core::application::AccessTokenPermission;
use offhook_server::credential;
use offhook_server::secret;
use serde_json::{Value, json};

use crate::program::{Program, command};
use crate::receiver::{Received, Receiver, Reply};
use crate::server::raw::{dial, session_key, uuid};
use crate::server::{PATIENCE, RawSocket, Server};
use sample::Sample;

#[tokio::test]
async fn each_way_a_call_ends_is_told_in_order() {
    let mut receiver = Receiver::start().await;
    let server = server_telling(&[&receiver]).await;
    let (mut alice, mut bob) = (device(&server, "alice", 1).await, device(&server, "bob", 2).await);
    for (number, (steps, ended_by, result)) in [
        (&["alice end"][..], Some("alice"), "canceled"),
        (&["bob end"], Some("bob"), "declined"),
        (&["bob accept", "alice end"], Some("alice"), "not_connected"),
        (
            &["bob accept", "alice report", "bob report", "bob end"],
            Some("bob"),
            "completed",
        ),
        (&[], None, "no_answer"),
    ]
    .into_iter()
    .enumerate()
    {
        let call_id = uuid(100 + u8::try_from(number).unwrap());
        let mut dial = dial_to(&call_id, &receiver, &["*"]);
        dial["ringing_timeout_s"] = json!(5);
        dial["custom_items"] = json!({"ticket": "7"});
        assert_eq!(alice.ask(&dial).await["type"], "reply");
        for step in steps {
            let (who, what) = step.split_once(' ').unwrap();
            let socket = if who == "alice" { &mut alice } else { &mut bob };
            let answer = socket.ask(&message(what, &call_id)).await;
            assert_eq!(answer["type"], "reply", "{step}: {answer}");
        }

        let dialed = event(&receiver.next().await);
        assert_eq!(dialed["category"], "direct_call:dial");
        assert_eq!(
            (dialed["sequence"].as_u64(), &dialed["direct_call"]["state"]),
            (Some(1), &json!("ringing"))
        );
        assert_eq!(dialed["direct_call"]["custom_items"], json!({"ticket": "7"}));
        assert_eq!(dialed["sendbird_call"]["payload"]["call_id"], call_id);
        assert_eq!(dialed["application_id"], server.app_id);
        assert_eq!(dialed["occurred_at"], dialed["occured_at"]);
        let is_accepted = steps.first() == Some(&"bob accept");
        if is_accepted {
            let accepted = event(&receiver.next().await);
            assert_eq!(accepted["category"], "direct_call:accept");
            assert_eq!(accepted["direct_call"]["state"], "established");
            assert_eq!((accepted["sequence"].as_u64(), accepted.get("result")), (Some(2), None));
        }
        let ended = event(&receiver.next().await);
        assert_eq!(ended["category"], "direct_call:end");
        assert_eq!(ended["sequence"], if is_accepted { 3 } else { 2 });
        assert_eq!(
            (&ended["result"], &ended["direct_call"]["end_result"]),
            (&json!(result), &json!(result))
        );
        assert_eq!(ended["direct_call"].get("ended_by").and_then(Value::as_str), ended_by);
        assert_eq!(ended["direct_call"]["call_id"], call_id);
        assert_eq!(ended.get("sendbird_call"), None);
    }
    assert!(receiver.is_idle());
    server.stop().await;
}

#[tokio::test]
async fn what_is_not_taken_is_sent_again_unchanged_and_nothing_overtakes_it() {
    let replies = [Reply::Status(500), Reply::Silence];
    let mut receiver =
        Receiver::answering(move |number, _| replies.get(number).cloned().unwrap_or(Reply::Status(204))).await;
    let server = server_telling(&[&receiver]).await;
    let mut alice = ringing(&server).await;
    alice.ask(&dial_to(&uuid(9), &receiver, &["*"])).await;
    alice.ask(&message("end", &uuid(9))).await;
    let first = receiver.next().await;
    for _ in 0..2 {
        let again = receiver.next().await;
        assert_eq!((&again.path, &again.body), (&first.path, &first.body));
    }
    assert_eq!(event(&first)["category"], "direct_call:dial");
    assert_eq!(event(&receiver.next().await)["category"], "direct_call:end");
    server.stop().await;
}

#[tokio::test]
async fn the_callers_headers_are_sent_and_the_signatures_are_the_applications() {
    let mut receiver = Receiver::start().await;
    let server = server_telling(&[&receiver]).await;
    let mut alice = ringing(&server).await;
    let mut dial = dial_to(&uuid(9), &receiver, &["direct_call:dial"]);
    dial["webhook"]["headers"] = json!({"X-Tenant": "seven"});
    assert_eq!(alice.ask(&dial).await["type"], "reply");
    let received = receiver.next().await;
    assert_eq!(received.path, "/calls?key=SECRET");
    assert_eq!(received.headers["x-tenant"], "seven");
    assert_eq!(received.headers["content-type"], "application/json");
    let key = webhook_key(&server).await;
    assert_eq!(received.headers["x-sendbird-signature"], mac(&key, &received.body));
    let timed = received.headers["x-offhook-signature"].to_str().unwrap();
    let (time, macs) = timed.strip_prefix("t=").unwrap().split_once(",v1=").unwrap();
    let signed = [format!("{time}.").as_bytes(), &received.body].concat();
    assert_eq!(macs, mac(&key, &signed));
    server.stop().await;
}

#[tokio::test]
async fn neither_party_is_shown_the_webhook() {
    let receiver = Receiver::start().await;
    let server = server_telling(&[&receiver]).await;
    let (mut alice, mut bob) = (device(&server, "alice", 1).await, device(&server, "bob", 2).await);
    let answer = alice.ask(&dial_to(&uuid(9), &receiver, &["*"])).await;
    let ring = bob.hear().await;
    assert_eq!(
        (&ring["type"], &ring["call"]["call_id"]),
        (&json!("call"), &json!(uuid(9)))
    );
    for seen in [answer, ring] {
        assert!(
            !seen.to_string().contains("SECRET") && !seen.to_string().contains("webhook"),
            "{seen}"
        );
    }
    server.stop().await;
}

#[tokio::test]
async fn a_webhook_that_may_not_be_makes_no_call_and_says_why() {
    let receiver = Receiver::start().await;
    let server = server_telling(&[&receiver]).await;
    let mut alice = ringing(&server).await;
    let refuse = |change: fn(&mut Value)| {
        let mut dial = dial_to(&uuid(9), &receiver, &["*"]);
        change(&mut dial["webhook"]);
        dial
    };
    for (dial, code, word) in [
        (
            refuse(|webhook| webhook["url"] = json!("https://elsewhere.example/")),
            400_307,
            "list",
        ),
        (
            refuse(|webhook| webhook["url"] = json!("http://elsewhere.example/")),
            400_111,
            "https",
        ),
        (
            refuse(|webhook| webhook["url"] = json!(format!("https://a.example/{}", "x".repeat(3000)))),
            400_110,
            "2048",
        ),
        (
            refuse(|webhook| webhook["enabled_events"] = json!(["room:create"])),
            400_111,
            "events",
        ),
        (
            refuse(|webhook| webhook["headers"] = json!({"x-a": "1\r\nHost: b"})),
            400_111,
            "header",
        ),
    ] {
        let refused = alice.ask(&dial).await;
        assert_eq!(
            (&refused["type"], &refused["code"]),
            (&json!("refused"), &json!(code)),
            "{refused}"
        );
        assert!(refused["message"].as_str().unwrap().contains(word), "{refused}");
    }
    let read = alice.ask(&json!({"type": "read", "id": 77, "call_id": uuid(9)})).await;
    assert_eq!(read["code"], 1_400_102);

    // Another application's list is its own.
    let other = server.create_application(AccessTokenPermission::ReadWrite).await;
    let key = session_key(&server.address(), &other, "carol").await;
    session_key(&server.address(), &other, "bob").await;
    let mut carol = server.raw().await;
    carol.hello(&key, 7, 7, &[]).await;
    let refused = carol.ask(&dial_to(&uuid(9), &receiver, &["*"])).await;
    assert_eq!(refused["code"], 400_307);
    assert_eq!(alice.ask(&dial_to(&uuid(9), &receiver, &["*"])).await["type"], "reply");
    server.stop().await;
}

#[tokio::test]
async fn a_redirect_is_not_followed_but_tried_again() {
    let mut target = Receiver::start().await;
    let to = target.url("/calls");
    let reply = move |number, _: &Received| match number {
        0 => Reply::Redirect(to.clone()),
        _ => Reply::Status(200),
    };
    let mut receiver = Receiver::answering(reply).await;
    let server = server_telling(&[&receiver, &target]).await;
    let mut alice = ringing(&server).await;
    alice.ask(&dial_to(&uuid(9), &receiver, &["direct_call:dial"])).await;
    let first = receiver.next().await;
    assert_eq!(receiver.next().await.body, first.body);
    assert!(target.is_idle());
    server.stop().await;
}

#[tokio::test]
async fn a_listed_name_that_leads_inside_is_not_connected_to() {
    let mut receiver = Receiver::start().await;
    let server = server_telling(&[&receiver]).await;
    let inside = format!("localhost:{}", receiver.address.port());
    allow(&server, &[inside.clone(), receiver.host()]).await;
    let mut alice = ringing(&server).await;
    let mut dial = dial_to(&uuid(8), &receiver, &["direct_call:dial"]);
    dial["webhook"]["url"] = json!(format!("https://{inside}/"));
    assert_eq!(alice.ask(&dial).await["type"], "reply");
    let tried = async {
        loop {
            let store = server.node().store();
            let page = store
                .deliveries(server.app(), DeliveryFilter::default(), None, 10)
                .await
                .unwrap();
            if page.deliveries.first().is_some_and(|delivery| delivery.attempts > 0) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, tried).await.expect("it was tried");
    assert!(receiver.is_idle());
    alice.ask(&dial_to(&uuid(9), &receiver, &["direct_call:dial"])).await;
    assert_eq!(event(&receiver.next().await)["direct_call"]["call_id"], uuid(9));
    server.stop().await;
}

#[tokio::test]
async fn a_receiver_that_does_not_answer_holds_up_no_other() {
    let mut dead = Receiver::answering(|_, _| Reply::Silence).await;
    let mut alive = Receiver::start().await;
    let server = server_telling(&[&dead, &alive]).await;
    let mut alice = ringing(&server).await;
    for number in 0..6 {
        let answer = alice.ask(&dial_to(&uuid(number), &dead, &["*"])).await;
        assert_eq!(answer["type"], "reply", "{answer}");
    }
    dead.next().await;
    alice.ask(&dial_to(&uuid(9), &alive, &["*"])).await;
    assert_eq!(event(&alive.next().await)["direct_call"]["call_id"], uuid(9));
    server.stop().await;
}

#[tokio::test]
async fn what_waits_for_a_host_that_is_taken_off_the_list_is_told_to_nobody() {
    let mut receiver = Receiver::answering(|_, _| Reply::Status(503)).await;
    let server = server_telling(&[&receiver]).await;
    let mut alice = ringing(&server).await;
    alice.ask(&dial_to(&uuid(9), &receiver, &["direct_call:dial"])).await;
    receiver.next().await;
    allow(&server, &[]).await;
    let settled = async {
        while server.node().store().waiting_events().await.unwrap() > 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, settled).await.expect("it is given up");
    server.stop().await;
}

#[tokio::test]
async fn what_is_told_what_is_not_and_what_waits_is_counted() {
    let replies = |number, _: &Received| Reply::Status(if number == 0 { 204 } else { 503 });
    let receiver = Receiver::answering(replies).await;
    let server = server_telling(&[&receiver]).await;
    let mut alice = ringing(&server).await;
    for (call_id, outcome) in [(uuid(8), "delivered"), (uuid(9), "failed")] {
        alice.ask(&dial_to(&call_id, &receiver, &["direct_call:dial"])).await;
        let name = format!("offhook_webhooks_total{{outcome=\"{outcome}\"}}");
        server.counted(&name, 1.0).await;
    }
    server.counted("offhook_webhooks_waiting", 1.0).await;
    server.stop().await;
}

#[tokio::test]
async fn an_event_of_a_killed_server_is_told_by_the_next_to_whom_the_dial_named() {
    kill_between_commit_and_delivery(false).await;
}

#[tokio::test]
async fn an_event_of_a_killed_server_is_told_by_the_next_to_the_application() {
    kill_between_commit_and_delivery(true).await;
}

async fn kill_between_commit_and_delivery(is_own: bool) {
    let reply = |number, _: &Received| {
        if number == 0 {
            Reply::Silence
        } else {
            Reply::Status(200)
        }
    };
    let mut receiver = Receiver::answering(reply).await;
    let folder = tempfile::tempdir().unwrap();
    let host = receiver.host();
    let create = [
        "app",
        "create",
        "Mine",
        "--app-id",
        "MINE",
        "--permission",
        "read-write",
    ];
    let created = command(folder.path())
        .args(create)
        .args(["--webhook-host", &host])
        .output();
    assert!(created.unwrap().status.success());

    let ca = receiver.ca();
    let settings = [
        ("OFFHOOK_OUTBOUND__ALLOWED_PRIVATE_HOSTS", host.as_str()),
        ("OFFHOOK_OUTBOUND__CA", ca.to_str().unwrap()),
    ];
    if is_own {
        let subscribe = ["app", "webhooks", "subscribe", "MINE", &receiver.url("/own")];
        let subscribed = command(folder.path()).args(subscribe).envs(settings).output().unwrap();
        assert!(
            subscribed.status.success(),
            "{}",
            String::from_utf8_lossy(&subscribed.stderr)
        );
    }
    let killed = Program::serve(folder.path(), &settings);
    let address = killed.ready["http"].as_str().unwrap();
    let key = session_key(address, "MINE", "alice").await;
    session_key(address, "MINE", "bob").await;
    let mut alice = RawSocket::open(address).await.unwrap();
    alice.hello(&key, 1, 1, &[]).await;
    let asked = if is_own {
        dial(2, &uuid(9), "bob")
    } else {
        dial_to(&uuid(9), &receiver, &["*"])
    };
    let answer = alice.ask(&asked).await;
    assert_eq!(answer["type"], "reply", "{answer}");
    let first = receiver.next().await;
    drop(killed);

    let _next = Program::serve(folder.path(), &settings);
    let again = receiver.next().await;
    assert_eq!((again.path, again.body), (first.path, first.body));
}

#[tokio::test]
async fn the_receiver_of_the_docs_takes_what_is_genuine_and_nothing_else() {
    let mut receiver = Receiver::start().await;
    let server = server_telling(&[&receiver]).await;
    let mut alice = ringing(&server).await;
    alice.ask(&dial_to(&uuid(9), &receiver, &["direct_call:dial"])).await;
    let Received { headers, body, .. } = receiver.next().await;
    let key = webhook_key(&server).await;

    let mut sample = Sample::start(&key);
    let send = async |signature: &str, body: &[u8]| {
        let request = reqwest::Client::new().post(format!("http://127.0.0.1:{}/", sample.port));
        let request = request.header("x-offhook-signature", signature).body(body.to_vec());
        request.send().await.unwrap().status().as_u16()
    };
    let signature = header(&headers, "x-offhook-signature");
    let old = format!("t=1,v1={}", mac(&key, &[b"1.", &body[..]].concat()));
    for wrong in [
        "",
        "t=,v1=",
        &old,
        &signature.replace("v1=", "v1=0"),
        &signature.replace("t=", "t=1"),
    ] {
        assert_eq!(send(wrong, &body).await, 401, "{wrong}");
    }
    assert_eq!(send(&signature, &body[1..]).await, 401);
    assert_eq!(send(&signature, &body).await, 200);
    assert_eq!(send(&signature, &body).await, 200);
    let line = sample.lines.next().unwrap().unwrap();
    assert_eq!(line, format!("direct_call:dial {}", uuid(9)));
    server.stop().await;
}

/// A server whose first application may tell these receivers.
async fn server_telling(receivers: &[&Receiver]) -> Server {
    let server = Server::start_beside(receivers, |config| config).await;
    let hosts: Vec<String> = receivers.iter().map(|receiver| receiver.host()).collect();
    allow(&server, &hosts).await;
    server
}

async fn allow(server: &Server, hosts: &[String]) {
    let store = server.node().store();
    store
        .update_application(
            server.app(),
            ApplicationPatch {
                webhook_hosts: Some(hosts.to_vec()),
                ..ApplicationPatch::default()
            },
        )
        .await
        .unwrap();
}

/// A device that is connected.
async fn device(server: &Server, user_id: &str, number: u8) -> RawSocket {
    let key = server.session_key(user_id).await;
    let mut socket = server.raw().await;
    assert_eq!(socket.hello(&key, number, number, &[]).await["type"], "welcome");
    socket
}

/// A device of alice, who has somebody to call.
async fn ringing(server: &Server) -> RawSocket {
    server.session_key("bob").await;
    device(server, "alice", 1).await
}

fn dial_to(call_id: &str, receiver: &Receiver, events: &[&str]) -> Value {
    let mut message = dial(50, call_id, "bob");
    message["webhook"] = json!({"url": receiver.url("/calls?key=SECRET"), "enabled_events": events});
    message
}

fn message(kind: &str, call_id: &str) -> Value {
    let mut message = json!({"type": kind, "id": 60, "call_id": call_id});
    match kind {
        "accept" => message["media"] = json!({"audio_enabled": true, "video_enabled": false, "revision": 0}),
        "report" => message["media"] = json!("connected"),
        _ => {}
    }
    message
}

fn event(received: &Received) -> Value {
    serde_json::from_slice(&received.body).unwrap()
}

fn header(headers: &HeaderMap, name: &str) -> String {
    headers[name].to_str().unwrap().to_owned()
}

async fn webhook_key(server: &Server) -> String {
    let (node, app) = (server.node(), server.app());
    let key = credential::webhook_key(node.store(), node.key(), app, node.clock().now()).await;
    key.unwrap()
}

fn mac(key: &str, message: &[u8]) -> String {
    let tag = secret::authenticate(key.as_bytes(), message);
    tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
