use serde_json::json;

use crate::back_end::{BackEnd, answer};

#[tokio::test]
async fn signing_out_ends_the_session_and_no_other() {
    let server = BackEnd::start().await;
    let body = json!({"app_id": server.application.id, "user_id": "alice"});
    let one = server.sign_in(body.clone()).await.ok()["session_key"].clone();
    let other = server.sign_in(body).await.ok()["session_key"].clone();
    let ask = |method: &str, path: &str, key: &serde_json::Value| {
        answer(server.request(method, path).bearer_auth(key.as_str().unwrap()))
    };
    assert_eq!(ask("DELETE", "/client/v1/session", &one).await.ok(), json!({}));
    ask("DELETE", "/client/v1/session", &one).await.refused(400_303);
    ask("GET", "/client/v1/direct_calls", &one).await.refused(400_303);
    ask("GET", "/client/v1/direct_calls", &other).await.ok();
}

#[tokio::test]
async fn a_request_without_a_session_key_is_refused() {
    let server = BackEnd::start().await;
    answer(server.request("DELETE", "/client/v1/session"))
        .await
        .refused(400_303);
    let basic = server
        .request("GET", "/client/v1/direct_calls")
        .header("authorization", "Basic abc");
    answer(basic).await.refused(400_303);
}

#[tokio::test]
async fn nothing_but_the_whole_key_opens_a_session() {
    let server = BackEnd::start().await;
    let body = json!({"app_id": server.application.id, "user_id": "alice"});
    let one = server.sign_in(body.clone()).await.ok()["session_key"].clone();
    let other = server.sign_in(body).await.ok()["session_key"].clone();
    let (one, other) = (one.as_str().unwrap(), other.as_str().unwrap());
    // The first 16 bytes name the session: 21 characters and a part of the next.
    let with_the_secret_of_another = format!("{}{}", &one[..24], &other[24..]);
    let longer = format!("{one}AAAA");
    for key in [
        &with_the_secret_of_another,
        &one[..24],
        &one[..4],
        "",
        &one[24..],
        &longer,
        "no key",
        "=",
        "é",
    ] {
        answer(
            server
                .request("GET", "/client/v1/direct_calls")
                .header("authorization", format!("Bearer {key}")),
        )
        .await
        .refused(400_303);
    }
    answer(server.request("GET", "/client/v1/direct_calls").bearer_auth(one))
        .await
        .ok();
}
