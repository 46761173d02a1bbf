use offhook_client::DialParams;
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
