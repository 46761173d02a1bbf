use std::time::Duration;

use offhook_client::{DialParams, Event, Events};
use offhook_core::usage::Day;
use offhook_proto::socket::MediaState;
use serde_json::{Value, json};

use crate::back_end::{BackEnd, answer};
use crate::server::PATIENCE;

#[tokio::test]
async fn a_call_is_reported_by_day_by_user_and_in_all_once_it_has_ended() {
    let server = BackEnd::start().await;
    let before = server.ask("GET", "/v1/usage", None).await.ok();
    assert_eq!(
        (&before["group_by"], &before["rounding"]),
        (&json!("day"), &json!("none"))
    );
    let days = before["rows"].as_array().unwrap();
    assert!(days.len() >= 30 && days.iter().all(|day| day["calls"] == 0), "{before}");

    let length_ms = call(&server, "anna", "=ben").await;
    let total = server.ask("GET", "/v1/usage?group_by=total", None).await.ok();
    let [row] = total["rows"].as_array().unwrap().as_slice() else {
        panic!("{total}")
    };
    assert_eq!(*row, total["total"]);
    assert_eq!(
        (&row["calls"], &row["video_calls"], row.get("key")),
        (&json!(1), &json!(0), None)
    );
    let call_ms = row["call_ms"].as_u64().unwrap();
    assert!(call_ms <= length_ms, "{row}");
    assert_eq!(row["participant_ms"], 2 * call_ms);

    let by_day = server.ask("GET", "/v1/usage?rounding=minute", None).await.ok();
    let sum: u64 = rows(&by_day).map(|row| row["call_ms"].as_u64().unwrap()).sum();
    assert_eq!((sum, &by_day["total"]["call_ms"]), (60_000, &json!(60_000)));
    assert_eq!(rows(&by_day).map(|row| row["calls"].as_u64().unwrap()).sum::<u64>(), 1);

    let users = server
        .ask("GET", "/v1/usage?group_by=user&rounding=second&limit=1", None)
        .await
        .ok();
    assert_eq!((&users["has_next"], rows(&users).count()), (&json!(true), 1));
    let next = users["next"].as_str().unwrap();
    let next = percent_encoding::utf8_percent_encode(next, percent_encoding::NON_ALPHANUMERIC);
    let path = format!("/v1/usage?group_by=user&rounding=second&limit=1&next={next}");
    let rest = server.ask("GET", &path, None).await.ok();
    assert_eq!((&rest["has_next"], &rest["next"]), (&json!(false), &json!("")));
    let ids: Vec<_> = rows(&users).chain(rows(&rest)).map(|row| row["key"].clone()).collect();
    assert_eq!(ids, [json!("=ben"), json!("anna")]);
    let time = rows(&users)
        .chain(rows(&rest))
        .map(|row| row["participant_ms"].as_u64().unwrap());
    assert_eq!(Some(time.sum()), users["total"]["participant_ms"].as_u64());
}

#[tokio::test]
async fn a_report_is_given_as_csv_that_a_spreadsheet_takes_for_text() {
    let server = BackEnd::start().await;
    call(&server, "anna", "=ben").await;
    let response = server
        .request("GET", "/v1/usage?group_by=user&rounding=minute&format=csv")
        .header("Api-Token", &server.application.api_token)
        .send()
        .await
        .unwrap();
    let header = |name| response.headers()[name].to_str().unwrap().to_owned();
    assert!(header("content-type").starts_with("text/csv"));
    assert_eq!(header("content-disposition"), "attachment");
    let text = response.text().await.unwrap();
    let lines: Vec<_> = text.split_terminator("\r\n").collect();
    assert_eq!(
        lines,
        [
            "user_id,calls,video_calls,call_ms,participant_ms,relayed_bytes",
            "\"'=ben\",1,0,60000,60000,0",
            "anna,1,0,60000,60000,0"
        ]
    );
}

#[tokio::test]
async fn an_application_sees_its_own_and_only_the_days_it_asks_for() {
    let server = BackEnd::start().await;
    call(&server, "anna", "ben").await;
    let other = server.application("other").await;
    let report = server
        .ask_as(&other, "GET", "/v1/usage?group_by=total", None)
        .await
        .ok();
    assert_eq!(report["total"]["calls"], 0);
    let long_ago = Day::from_number(20_000).start().as_millis();
    let path = format!("/v1/usage?from={long_ago}&to={}", long_ago + 1);
    let report = server.ask("GET", &path, None).await.ok();
    assert_eq!((&report["total"]["calls"], rows(&report).count()), (&json!(0), 1));
    assert_eq!(
        report["to"].as_u64().unwrap() - report["from"].as_u64().unwrap(),
        86_400_000
    );
    assert_eq!(report["rows"][0]["key"], "2024-10-04");
}

#[tokio::test]
async fn what_cannot_be_reported_is_refused() {
    let server = BackEnd::start().await;
    for query in [
        "group_by=week",
        "rounding=hour",
        "format=xml",
        "limit=0",
        "limit=1001",
        "next=anna",
        "from=2&to=1",
        "from=5&to=5",
        "from=-1",
        "from=now",
        "from=0",
        "group_by=user&from=1000000000000&to=1008000000000",
    ] {
        let answer = server.ask("GET", &format!("/v1/usage?{query}"), None).await;
        assert_eq!(
            (answer.status, &answer.body["type"]),
            (400, &json!("INVALID_PARAMS")),
            "{query}: {answer:?}"
        );
    }
    let nobody = answer(server.request("GET", "/v1/usage")).await;
    assert_eq!(nobody.status, 401);
}

/// A call that is connected and ends; gives a time that it cannot have been longer than.
async fn call(server: &BackEnd, caller: &str, callee: &str) -> u64 {
    let (caller, mut callers_events) = server.device(caller, None).await;
    let (_callee, mut callees_events) = server.device(callee, None).await;
    let start = std::time::Instant::now();
    let call = caller.dial(DialParams::audio(callee)).await.unwrap();
    let Event::Ringing(ring) = event(&mut callees_events, |event| matches!(event, Event::Ringing(_))).await else {
        unreachable!("it is a ring")
    };
    ring.accept(true, false).await.unwrap();
    for side in [&call, &ring] {
        side.report(MediaState::Connected, None).await.unwrap();
    }
    event(&mut callers_events, |event| matches!(event, Event::Connected(_))).await;
    // A call of no length would be rounded up to nothing: this one is longer than a millisecond.
    let connected = std::time::Instant::now();
    while connected.elapsed() < Duration::from_millis(2) {
        tokio::task::yield_now().await;
    }
    call.end().await.unwrap();
    u64::try_from(start.elapsed().as_millis()).unwrap() + 1
}

async fn event(events: &mut Events, is_it: impl Fn(&Event) -> bool) -> Event {
    let found = async {
        loop {
            let event = events.next().await.expect("the client is there");
            if is_it(&event) {
                return event;
            }
        }
    };
    tokio::time::timeout(PATIENCE, found).await.expect("it does not happen")
}

fn rows(report: &Value) -> impl Iterator<Item = &Value> {
    report["rows"].as_array().unwrap().iter()
}
