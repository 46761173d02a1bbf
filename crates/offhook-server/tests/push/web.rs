use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use offhook_client::Call;
use offhook_core::id::CallId;
use offhook_proto::push::{PushCall, PushMessage};

use super::stand::{counted, encode, post, register, seconds_now, verified_es256};
use super::subscriber::Subscriber;
use crate::receiver::{Received, Receiver, Reply};
use crate::server::Server;

#[tokio::test]
async fn a_user_without_an_open_page_is_rung_and_told_of_the_call_he_missed() {
    let mut service = Receiver::answering(|_, _| Reply::Status(201)).await;
    let contact = "mailto:ops@example.org";
    let server = Server::start_beside(&[&service], |mut config| {
        config.push.contact = Some(contact.to_owned());
        config
    })
    .await;
    let bob = Subscriber::at(service.url("/wp/bob"));
    assert_eq!(
        register(&server, &server.app_id, "bob", "web_push", &bob.token())
            .await
            .0,
        200
    );

    let alice = server.phone("alice").await;
    let call = alice.dial("bob").await;
    let ring = service.next().await;
    assert_eq!(ring.path, "/wp/bob");
    let PushMessage::Ring { call: told } = bob.read(&ring) else {
        panic!("a ring is expected");
    };
    assert_eq!(told.call_id, id(&call));
    assert_eq!(
        (told.app_id.as_str(), told.caller_id.as_str(), told.callee_id.as_str()),
        (server.app_id.as_str(), "alice", "bob")
    );
    assert!(!told.is_video_call && told.started_at.unsigned_abs().abs_diff(seconds_now() * 1000) < 60_000);
    assert_eq!(ring.headers["urgency"], "high");
    assert_eq!(ring.headers["topic"], encode(id(&call).as_bytes()).as_str());
    let ttl = lifetime(&ring);
    assert!((1..=60).contains(&ttl), "what is left of the ring, not {ttl}");
    check_vapid(&server, &service, &ring, contact).await;

    call.end().await.unwrap();
    let missed = service.next().await;
    assert!(matches!(bob.read(&missed), PushMessage::Missed { call: ended } if ended == told));
    assert_eq!(
        missed.headers["topic"], ring.headers["topic"],
        "it takes the ring's place"
    );
    assert!(lifetime(&missed) > 2 * 24 * 3600, "it is told later");
    assert!(service.is_idle());
    server.stop().await;
}

#[tokio::test]
async fn a_call_that_is_accepted_or_declined_elsewhere_rings_no_more() {
    let mut service = Receiver::answering(|_, _| Reply::Status(201)).await;
    let server = Server::start_beside(&[&service], |config| config).await;
    let mut bobs_page = server.phone("bob").await;
    let bob = Subscriber::at(service.url("/bob"));
    register(&server, &server.app_id, "bob", "web_push", &bob.token()).await;
    let alice = server.phone("alice").await;
    for is_accepted in [true, false] {
        let call = alice.dial("bob").await;
        assert!(matches!(bob.read(&service.next().await), PushMessage::Ring { .. }));
        let ringing = bobs_page.expect("ringing").await;
        if is_accepted {
            ringing.accept(true, false).await.unwrap();
            bobs_page.expect("established").await;
        } else {
            ringing.end().await.unwrap();
        }
        let stop = bob.read(&service.next().await);
        assert!(matches!(stop, PushMessage::Stop { call: told } if told.call_id == id(&call)));
        if is_accepted {
            ringing.end().await.unwrap();
            bobs_page.expect("ended").await;
        }
    }
    assert!(service.is_idle());
    server.stop().await;
}

#[tokio::test]
async fn what_was_missed_while_the_service_was_away_is_told_once_it_is_back_and_the_ring_is_not() {
    let is_back = Arc::new(AtomicBool::new(false));
    let answers = Arc::clone(&is_back);
    let mut service =
        Receiver::answering(move |_, _| Reply::Status(if answers.load(Ordering::SeqCst) { 201 } else { 503 })).await;
    let server = Server::start_beside(&[&service], |config| config).await;
    let bob = Subscriber::at(service.url("/bob"));
    register(&server, &server.app_id, "bob", "web_push", &bob.token()).await;
    let alice = server.phone("alice").await;
    let call = alice.dial("bob").await;
    assert!(matches!(bob.read(&service.next().await), PushMessage::Ring { .. }));
    call.end().await.unwrap();
    // Some attempt finds the service away with the news of the end, too.
    while !matches!(bob.read(&service.next().await), PushMessage::Missed { .. }) {}
    is_back.store(true, Ordering::SeqCst);
    counted(&server, "web", "delivered", 1).await;
    while !service.is_idle() {}
    alice.dial("bob").await;
    loop {
        match bob.read(&service.next().await) {
            PushMessage::Missed { call: told } => assert_eq!(told.call_id, id(&call)),
            PushMessage::Ring { call: told } => {
                assert_ne!(told.call_id, id(&call), "that ring is over");
                break;
            }
            PushMessage::Stop { .. } => panic!("nobody answered"),
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn a_ring_that_was_on_its_way_when_the_server_ended_is_sent_after_the_start() {
    let mut service = Receiver::answering(|count, _| match count {
        0 => Reply::Silence,
        _ => Reply::Status(201),
    })
    .await;
    let server = Server::start_beside(&[&service], |config| config).await;
    let bob = Subscriber::at(service.url("/bob"));
    register(&server, &server.app_id, "bob", "web_push", &bob.token()).await;
    let alice = server.phone("alice").await;
    let call = alice.dial("bob").await;
    service.next().await;
    let server = server.restart().await;
    let again = bob.read(&service.next().await);
    assert!(matches!(again, PushMessage::Ring { call: told } if told.call_id == id(&call)));
    server.stop().await;
}

#[tokio::test]
async fn a_service_that_is_silent_holds_up_no_other_token() {
    let mut service = Receiver::answering(|_, received| match received.path.as_str() {
        "/silent" => Reply::Silence,
        _ => Reply::Status(201),
    })
    .await;
    let server = Server::start_beside(&[&service], |config| config).await;
    for path in ["/silent", "/quick"] {
        let device = Subscriber::at(service.url(path));
        register(&server, &server.app_id, "bob", "web_push", &device.token()).await;
    }
    let alice = server.phone("alice").await;
    for _ in 0..3 {
        let call = alice.dial("bob").await;
        while service.next().await.path != "/quick" {}
        call.end().await.unwrap();
        while service.next().await.path != "/quick" {}
    }
    server.stop().await;
}

#[tokio::test]
async fn a_token_that_its_service_knows_no_more_is_forgotten_and_a_service_in_trouble_is_asked_again() {
    let mut service = Receiver::answering(|count, received| match (received.path.as_str(), count) {
        ("/gone", _) => Reply::Status(410),
        (_, 0 | 1) => Reply::Full(429, ("retry-after", "1"), String::new()),
        _ => Reply::Status(201),
    })
    .await;
    let server = Server::start_beside(&[&service], |config| config).await;
    for path in ["/gone", "/there"] {
        let device = Subscriber::at(service.url(path));
        register(&server, &server.app_id, "bob", "web_push", &device.token()).await;
    }
    let alice = server.phone("alice").await;
    let call = alice.dial("bob").await;
    counted(&server, "web", "dead", 1).await;
    counted(&server, "web", "later", 1).await;
    counted(&server, "web", "delivered", 1).await;
    call.end().await.unwrap();
    counted(&server, "web", "delivered", 2).await;
    let (mut gone, mut there) = (0, 0);
    while gone + there < 4 {
        match service.next().await.path.as_str() {
            "/gone" => gone += 1,
            _ => there += 1,
        }
    }
    assert_eq!(
        (gone, there),
        (1, 3),
        "one ring each, one more attempt, and the missed call to the one that is left"
    );
    server.stop().await;
}

#[tokio::test]
async fn a_subscription_leads_no_request_into_the_servers_own_network() {
    let mut allowed = Receiver::answering(|_, _| Reply::Status(201)).await;
    let mut inside = Receiver::start().await;
    let mut operators = Receiver::start().await;
    let server = Server::start_beside(&[&allowed], |mut config| {
        config.outbound.allowed_private_hosts = vec![operators.host()];
        config
    })
    .await;
    let port = inside.address.port();
    for endpoint in [
        inside.url("/admin"),
        format!("https://localhost:{port}/admin"),
        format!("https://[::ffff:127.0.0.1]:{port}/admin"),
    ] {
        let attacker = Subscriber::at(endpoint);
        register(&server, &server.app_id, "bob", "web_push", &attacker.token()).await;
    }
    let in_clear = Subscriber::at(format!("http://127.0.0.1:{port}/admin"));
    let refused = register(&server, &server.app_id, "bob", "web_push", &in_clear.token()).await;
    assert_eq!((refused.0, refused.1["code"].as_u64()), (400, Some(400_111)));
    // What the operator's own webhooks and push services may reach is not the users' to name.
    for endpoint in [operators.url("/admin"), format!("http://{}/admin", operators.host())] {
        let attacker = Subscriber::at(endpoint);
        register(&server, &server.app_id, "bob", "web_push", &attacker.token()).await;
    }
    let bob = Subscriber::at(allowed.url("/bob"));
    register(&server, &server.app_id, "bob", "web_push", &bob.token()).await;

    let alice = server.phone("alice").await;
    alice.dial("bob").await;
    assert!(matches!(bob.read(&allowed.next().await), PushMessage::Ring { .. }));
    counted(&server, "web", "refused", 4).await;
    assert!(inside.is_idle() && operators.is_idle(), "nothing came");
    server.stop().await;
}

#[tokio::test]
async fn a_device_that_two_tenants_know_is_each_tenants_own() {
    let mut service = Receiver::answering(|_, _| Reply::Status(201)).await;
    let server = Server::start_beside(&[&service], |config| config).await;
    let other = server
        .create_application(offhook_core::application::AccessTokenPermission::ReadWrite)
        .await;
    let device = Subscriber::at(service.url("/device"));
    for app_id in [&server.app_id, &other] {
        register(&server, app_id, "bob", "web_push", &device.token()).await;
    }
    let key = server.session_key("bob").await;
    let all = serde_json::json!({"type": "web_push"});
    assert_eq!(post(&server, "push_tokens/delete", &key, &all).await.0, 200);

    server.phone("alice").await.dial("bob").await;
    let alice = server.phone_in(&other, "alice").await;
    alice.dial("bob").await;
    let PushMessage::Ring {
        call: PushCall { app_id, .. },
    } = device.read(&service.next().await)
    else {
        panic!("a ring is expected");
    };
    assert_eq!(app_id, other, "the first tenant's bob took his token back");
    server.stop().await;
}

async fn check_vapid(server: &Server, service: &Receiver, received: &Received, contact: &str) {
    let authorization = received.headers["authorization"].to_str().unwrap();
    let (token, key) = authorization
        .strip_prefix("vapid t=")
        .unwrap()
        .split_once(", k=")
        .unwrap();
    let url = format!("http://{}/client/v1/web_push", server.address());
    let told: serde_json::Value = reqwest::get(url).await.unwrap().json().await.unwrap();
    assert_eq!(told["public_key"], key);
    let (_, claims) = verified_es256(token, &super::stand::decode(key));
    assert_eq!(claims["aud"], service.url("").trim_end_matches('/'));
    assert_eq!(claims["sub"], contact);
    let lasts = claims["exp"].as_u64().unwrap() - seconds_now();
    assert!((3600..=24 * 3600).contains(&lasts), "services take a day at most");
}

fn lifetime(received: &Received) -> u64 {
    received.headers["ttl"].to_str().unwrap().parse().unwrap()
}

fn id(call: &Call) -> CallId {
    call.id()
}
