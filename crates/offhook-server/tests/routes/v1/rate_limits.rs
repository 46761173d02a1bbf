use offhook_server::config::rate_limits::RateLimitsConfig;
use serde_json::json;

use crate::back_end::BackEnd;

/// Asks until it is refused; says what came with the refusal.
async fn refused(server: &BackEnd, method: &str, path: &str) -> (u16, serde_json::Value, u64) {
    for _ in 0..1000 {
        let request = server
            .request(method, path)
            .header("Api-Token", &server.application.api_token);
        let response = request.send().await.unwrap();
        if response.status() == 429 {
            let retry_after = response.headers()["retry-after"].to_str().unwrap().parse().unwrap();
            return (429, response.json().await.unwrap(), retry_after);
        }
    }
    panic!("{method} {path} is never refused");
}

#[tokio::test]
async fn an_application_that_asks_too_fast_is_told_when_to_come_again_and_another_is_not() {
    let server = BackEnd::start_with(|mut config| {
        config.rate_limits = RateLimitsConfig {
            reads_per_second: 2,
            writes_per_second: 1,
        };
        config
    })
    .await;
    let other = server.application("other").await;
    let (status, body, retry_after) = refused(&server, "GET", "/v1/direct_calls").await;
    let error = json!({
        "error": true, "code": 429_100, "type": "RATE_LIMIT_EXCEEDED", "message": body["message"],
    });
    assert_eq!((status, body, retry_after), (429, error, 1));
    server.ask_as(&other, "GET", "/v1/direct_calls", None).await.ok();
    // Writes are counted by themselves, and under /v3 the error is that of /v3.
    let unknown = server.ask("PUT", "/v3/users/nobody", None).await;
    unknown.refused(400_201);
    let (_, body, retry_after) = refused(&server, "PUT", "/v3/users/nobody").await;
    let error = json!({"error": true, "code": 500_910, "message": body["message"]});
    assert_eq!((body, retry_after), (error, 1));
}

#[tokio::test]
async fn nothing_is_limited_unless_configured() {
    let server = BackEnd::start().await;
    for _ in 0..300 {
        server.ask("GET", "/v1/direct_calls", None).await.ok();
    }
}
