use offhook_client::{DialParams, Event};
use serde_json::{Value, json};

use crate::back_end::{BackEnd, answer};

#[tokio::test]
async fn the_log_is_filtered_paged_and_the_users_own() {
    let server = BackEnd::start().await;
    let (alice, _alice_events) = server.device("alice", None).await;
    let (bob, _bob_events) = server.device("bob", None).await;
    let (_carol, _carol_events) = server.device("carol", None).await;
    for (caller, callee) in [(&alice, "bob"), (&bob, "alice"), (&alice, "bob"), (&alice, "carol")] {
        let call = caller.dial(DialParams::audio(callee)).await.unwrap();
        call.end().await.unwrap();
    }
    let key = server
        .sign_in(json!({"app_id": server.application.id, "user_id": "bob"}))
        .await
        .ok();
    let key = key["session_key"].as_str().unwrap();
    let log = |query: &str| {
        let request = server.request("GET", &format!("/client/v1/direct_calls{query}"));
        answer(request.bearer_auth(key))
    };
    let count = |page: &Value| page["calls"].as_array().unwrap().len();

    let all = log("").await.ok();
    assert_eq!(count(&all), 3, "carol's call is not bob's");
    assert_eq!(all["calls"][0]["end_result"], "canceled");
    assert_eq!(all["calls"][0]["caller"]["user_id"], "alice");
    assert_eq!(count(&log("?role=dc_callee").await.ok()), 2);
    assert_eq!(
        count(&log("?end_results=CANCELED,declined").await.ok()),
        3,
        "capitals are read, too"
    );
    assert_eq!(count(&log("?end_results=completed").await.ok()), 0);
    assert_eq!(count(&log("?started_to=1").await.ok()), 0);

    let first = log("?limit=2").await.ok();
    let next = first["next"].as_str().unwrap();
    let second = log(&format!("?limit=2&next={next}")).await.ok();
    assert_eq!((count(&first), count(&second)), (2, 1));
    assert!(second.get("next").is_none());

    for query in [
        "?limit=0",
        "?limit=101",
        "?limit=x",
        "?role=boss",
        "?end_results=lost",
        "?next=x",
    ] {
        let refused = log(query).await;
        assert_eq!(refused.status, 400, "{query}");
        assert!([400_111, 400_113].contains(&refused.code()), "{query}");
    }
}

#[tokio::test]
async fn each_filter_holds_at_its_bounds_and_pages_stay_while_calls_end() {
    let server = BackEnd::start().await;
    let (alice, _alice_events) = server.device("alice", None).await;
    let (bob, mut bob_events) = server.device("bob", None).await;
    let mut live = Vec::new();
    for number in 0..4 {
        let caller = if number % 2 == 0 {
            (&alice, "bob")
        } else {
            (&bob, "alice")
        };
        live.push(caller.0.dial(DialParams::audio(caller.1)).await.unwrap());
        // Each is dialled at another time.
        tokio::time::sleep(std::time::Duration::from_millis(3)).await;
    }
    // The second of four goes on for now. The first is declined, the others are canceled.
    let ring = loop {
        if let Event::Ringing(ring) = bob_events.next().await.unwrap() {
            break ring;
        }
    };
    assert_eq!(ring.id(), live[0].id());
    ring.end().await.unwrap();
    live[2].end().await.unwrap();
    live[3].end().await.unwrap();
    let key = server
        .sign_in(json!({"app_id": server.application.id, "user_id": "alice"}))
        .await
        .ok();
    let key = key["session_key"].as_str().unwrap();
    let log = async |query: &str| {
        let request = server.request("GET", &format!("/client/v1/direct_calls?{query}"));
        let page = answer(request.bearer_auth(key)).await.ok();
        let calls = page["calls"].as_array().unwrap().iter();
        let index = |call: &Value| {
            live.iter()
                .position(|one| call["call_id"] == one.id().to_string())
                .unwrap()
        };
        (
            calls.map(index).collect::<Vec<_>>(),
            page["next"].as_str().map(str::to_owned),
        )
    };
    let first = live[0].snapshot().started_at;
    let last = live[3].snapshot().started_at;
    for (query, expected) in [
        (String::new(), vec![3, 2, 0]),
        ("role=dc_caller".to_owned(), vec![2, 0]),
        ("role=dc_callee".to_owned(), vec![3]),
        ("end_results=declined".to_owned(), vec![0]),
        ("end_results=canceled".to_owned(), vec![3, 2]),
        ("end_results=DECLINED,canceled".to_owned(), vec![3, 2, 0]),
        ("end_results=completed,no_answer".to_owned(), vec![]),
        ("end_results=other_device_accepted".to_owned(), vec![]),
        ("end_results=dial_failed,declined".to_owned(), vec![0]),
        ("role=dc_caller&end_results=canceled".to_owned(), vec![2]),
        (format!("started_from={last}"), vec![3]),
        (format!("started_from={}", last + 1), vec![]),
        (format!("started_to={first}"), vec![0]),
        (format!("started_to={}", first - 1), vec![]),
        (format!("started_from={first}&started_to={last}"), vec![3, 2, 0]),
        (format!("started_from={}&started_to={}", first + 1, last - 1), vec![2]),
        ("limit=100".to_owned(), vec![3, 2, 0]),
        ("limit=3".to_owned(), vec![3, 2, 0]),
    ] {
        assert_eq!(log(&query).await, (expected, None), "{query}");
    }
    let (page, next) = log("limit=2").await;
    assert_eq!(page, [3, 2]);
    // Dialled before the page's last, and dialled after all: both end now.
    live[1].end().await.unwrap();
    let newest = alice.dial(DialParams::audio("bob")).await.unwrap();
    newest.end().await.unwrap();
    let (page, next) = log(&format!("limit=1&next={}", next.unwrap())).await;
    assert_eq!(page, [1], "nothing twice, nothing left out");
    assert_eq!(log(&format!("limit=1&next={}", next.unwrap())).await, (vec![0], None));

    let many = "declined,".repeat(16) + "declined";
    let refused = answer(
        server
            .request("GET", &format!("/client/v1/direct_calls?end_results={many}"))
            .bearer_auth(key),
    )
    .await;
    assert_eq!((refused.status, refused.code()), (400, 400_203));
}
