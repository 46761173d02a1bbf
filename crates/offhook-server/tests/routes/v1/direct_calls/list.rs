use offhook_client::{Call, DialParams};
use serde_json::{Value, json};

use super::{Town, rung};

/// ```text
///  0  alice → bob    audio  declined
///  1  bob → alice    video  canceled
///  2  alice → bob    audio  completed
///  3  alice → carol  audio  rings
/// ```
async fn calls(town: &mut Town) -> Vec<Call> {
    let pause = || tokio::time::sleep(std::time::Duration::from_millis(3));
    let declined = town.alice.0.dial(DialParams::audio("bob")).await.unwrap();
    rung(&mut town.bob.1).await.end().await.unwrap();
    declined.ended().await.unwrap();
    // Each is dialled at another time.
    pause().await;
    let canceled = town.bob.0.dial(DialParams::video("alice")).await.unwrap();
    canceled.end().await.unwrap();
    pause().await;
    let (completed, _) = town.connected().await;
    pause().await;
    completed.end().await.unwrap();
    pause().await;
    let ringing = town.alice.0.dial(DialParams::audio("carol")).await.unwrap();
    vec![declined, canceled, completed, ringing]
}

#[tokio::test]
async fn every_filter_leaves_what_it_says_in_both_lists() {
    let mut town = Town::start().await;
    let calls = calls(&mut town).await;
    let server = &town.server;
    let list = async |path: &str| {
        let page = server.ask("GET", path, None).await.ok();
        assert_eq!(
            (&page["has_next"], &page["next"]),
            (&json!(false), &json!("")),
            "{path}"
        );
        numbers(&calls, &page)
    };
    let started = |number: usize| calls[number].snapshot().started_at;
    let completed = server
        .ask("GET", &format!("/v1/direct_calls/{}", calls[2].id()), None)
        .await
        .ok();
    let (duration, ended_at) = (
        completed["duration"].as_u64().unwrap(),
        completed["ended_at"].as_u64().unwrap(),
    );
    assert!(duration > 0);
    let now_s = started(3) / 1000;
    for (query, expected) in [
        (String::new(), vec![3, 2, 1, 0]),
        ("limit=100".to_owned(), vec![3, 2, 1, 0]),
        ("end_result=declined".to_owned(), vec![0]),
        ("end_result=DECLINED,Completed".to_owned(), vec![2, 0]),
        ("end_result=declined%2Ccompleted".to_owned(), vec![2, 0]),
        ("end_result=unknown".to_owned(), vec![]),
        ("end_result=unknown,canceled".to_owned(), vec![1]),
        ("end_result=".to_owned(), vec![3, 2, 1, 0]),
        (format!("start_ts={}", started(2)), vec![3, 2]),
        (format!("start_ts={}", started(2) + 1), vec![3]),
        (format!("start_ts={}", now_s - 60), vec![3, 2, 1, 0]),
        (format!("start_ts={}", now_s + 60), vec![]),
        (format!("end_ts={ended_at}"), vec![2, 1, 0]),
        (format!("end_ts={}", ended_at - 1), vec![1, 0]),
        (format!("end_ts={}", now_s + 60), vec![2, 1, 0]),
        (format!("end_ts={}", now_s - 60), vec![]),
        (format!("started_before={}", started(3)), vec![3, 2, 1, 0]),
        (format!("started_before={}", started(3) - 1), vec![2, 1, 0]),
        (format!("call_ts={}", started(1)), vec![1]),
        (
            format!("call_ts={}&search_scope_from_call_ts=60", now_s),
            vec![3, 2, 1, 0],
        ),
        (
            format!(
                "call_ts={}&search_scope_from_call_ts={}",
                started(3),
                started(3) - started(2)
            ),
            vec![3, 2],
        ),
        (format!("duration_range_min={duration}"), vec![2]),
        (format!("duration_range_min={}", duration + 1), vec![]),
        ("duration_range_max=0".to_owned(), vec![1, 0]),
        (
            format!("duration_range_min=0&duration_range_max={duration}"),
            vec![2, 1, 0],
        ),
        ("call_type=audio".to_owned(), vec![3, 2, 0]),
        ("call_type=VIDEO".to_owned(), vec![1]),
        ("state=live".to_owned(), vec![3]),
        ("state=ended".to_owned(), vec![2, 1, 0]),
        ("state=live&end_result=completed".to_owned(), vec![]),
        ("nothing=1&limit=100".to_owned(), vec![3, 2, 1, 0]),
    ] {
        assert_eq!(list(&format!("/v1/direct_calls?{query}")).await, expected, "{query}");
        // Alice has a part in each of them.
        assert_eq!(
            list(&format!("/v1/direct_calls?user_id=alice&{query}")).await,
            expected,
            "{query}"
        );
        assert_eq!(
            list(&format!("/v1/users/alice/calls?{query}")).await,
            expected,
            "{query}"
        );
    }
    for (user, query, expected) in [
        ("alice", "role=dc_caller", vec![3, 2, 0]),
        ("alice", "role=DC_CALLEE", vec![1]),
        ("bob", "", vec![2, 1, 0]),
        ("bob", "role=dc_callee&end_result=completed", vec![2]),
        ("carol", "state=live", vec![3]),
        ("carol", "state=ended", vec![]),
        ("bob", "type=direct&call_type=audio", vec![2, 0]),
    ] {
        assert_eq!(
            list(&format!("/v1/users/{user}/calls?{query}")).await,
            expected,
            "{user} {query}"
        );
        assert_eq!(
            list(&format!("/v1/direct_calls?user_id={user}&{query}")).await,
            expected,
            "{user} {query}"
        );
    }
    assert_eq!(list("/v1/direct_calls?user_id=nobody").await, [0_usize; 0]);
    let nobody = server.ask("GET", "/v1/users/nobody/calls", None).await;
    nobody.refused_v1(400, 400_200, "NOT_FOUND");
    let of_bob = server.ask("GET", "/v1/users/bob/calls", None).await.ok();
    let roles: Vec<_> = of_bob["calls"]
        .as_array()
        .unwrap()
        .iter()
        .map(|call| &call["user_role"])
        .collect();
    assert_eq!(roles, ["dc_callee", "dc_caller", "dc_callee"]);
    let all = server.ask("GET", "/v1/direct_calls", None).await.ok();
    assert!(
        all["calls"]
            .as_array()
            .unwrap()
            .iter()
            .all(|call| call.get("user_role").is_none())
    );
}

#[tokio::test]
async fn pages_hold_every_call_once_while_calls_end_and_begin() {
    let mut town = Town::start().await;
    let calls = calls(&mut town).await;
    let list = async |query: &str| {
        town.server
            .ask("GET", &format!("/v1/direct_calls?{query}"), None)
            .await
            .ok()
    };
    let first = list("limit=2").await;
    assert_eq!(numbers(&calls, &first), [3, 2]);
    assert_eq!(first["has_next"], true);
    calls[3].end().await.unwrap();
    town.bob.0.dial(DialParams::audio("carol")).await.unwrap();
    let next = first["next"].as_str().unwrap();
    let second = list(&format!("limit=1&next={next}")).await;
    assert_eq!(numbers(&calls, &second), [1]);
    let next = second["next"].as_str().unwrap();
    let third = list(&format!("limit=1&next={next}")).await;
    assert_eq!(numbers(&calls, &third), [0]);
    assert_eq!((&third["has_next"], &third["next"]), (&json!(false), &json!("")));
}

#[tokio::test]
async fn a_parameter_that_makes_no_sense_is_refused() {
    let town = Town::start().await;
    for query in [
        "limit=0",
        "limit=101",
        "limit=-1",
        "limit=x",
        "next=x",
        "next=1",
        "end_result=lost",
        "end_result=a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q",
        "start_ts=x",
        "start_ts=-1",
        "start_ts=1.5",
        "end_ts=-1",
        "started_before=x",
        "call_ts=x",
        "search_scope_from_call_ts=1",
        "call_ts=1&search_scope_from_call_ts=-1",
        "duration_range_min=-1",
        "duration_range_max=x",
        "call_type=fax",
        "state=dead",
        "user_id=alice&role=boss",
        "user_id=%FF",
    ] {
        let refused = town.server.ask("GET", &format!("/v1/direct_calls?{query}"), None).await;
        refused.refused_v1(400, 400_100, "INVALID_PARAMS");
    }
    let refused = town.server.ask("GET", "/v1/direct_calls?role=dc_caller", None).await;
    refused.refused_v1(400, 400_100, "INVALID_PARAMS");
    for query in ["type=group", "role=boss", "limit=0", "next=x"] {
        let refused = town
            .server
            .ask("GET", &format!("/v1/users/alice/calls?{query}"), None)
            .await;
        refused.refused_v1(400, 400_100, "INVALID_PARAMS");
    }
}

/// Which of these calls a page has, in order.
fn numbers(calls: &[Call], page: &Value) -> Vec<usize> {
    let number = |call: &Value| calls.iter().position(|one| call["call_id"] == one.id().to_string());
    page["calls"].as_array().unwrap().iter().filter_map(number).collect()
}
