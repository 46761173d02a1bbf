use serde_json::{Value, json};

use crate::back_end::BackEnd;

const TOKENS: &str = "/v1/users/anna/push_tokens";

async fn started() -> BackEnd {
    let server = BackEnd::start().await;
    for user_id in ["anna", "ben"] {
        let new = json!({"user_id": user_id, "nickname": "", "profile_url": ""});
        server.ask("POST", "/v3/users", Some(new)).await.ok();
    }
    server
}

fn token(kind: &str, token: &str) -> Value {
    json!({"token_type": kind, "token": token})
}

#[tokio::test]
async fn tokens_are_added_listed_and_taken_back_one_by_one_or_by_type() {
    let server = started().await;
    assert_eq!(server.ask("GET", TOKENS, None).await.ok(), json!({"push_tokens": []}));
    for (kind, text) in [
        ("fcm_voip", "a/b:c"),
        ("fcm_voip", "d"),
        ("apns_voip", "00FC"),
        ("fcm_voip", "e"),
    ] {
        server
            .ask("POST", TOKENS, Some(json!({"type": kind, "token": text})))
            .await
            .ok();
    }
    let again = server.ask("POST", TOKENS, Some(token("fcm_voip", "d"))).await.ok();
    let listed = server.ask("GET", TOKENS, None).await.ok();
    assert_eq!(again, listed);
    let all = [
        token("fcm_voip", "d"),
        token("fcm_voip", "e"),
        token("apns_voip", "00fc"),
        token("fcm_voip", "a/b:c"),
    ];
    assert_eq!(listed["push_tokens"], json!(all), "the latest registered first");

    let left = async |path: &str| {
        assert_eq!(
            server.ask("DELETE", &format!("{TOKENS}/{path}"), None).await.ok(),
            json!({})
        );
        let listed = server.ask("GET", TOKENS, None).await.ok()["push_tokens"].clone();
        listed
            .as_array()
            .unwrap()
            .iter()
            .map(|token| token["token"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(left("fcm_voip/a%2Fb%3Ac").await, ["d", "e", "00fc"]);
    assert_eq!(
        left("fcm_voip/00fc").await,
        ["d", "e", "00fc"],
        "that is of another type"
    );
    assert_eq!(left("apns_voip/00FC").await, ["d", "e"]);
    assert_eq!(left("apns_voip").await, ["d", "e"]);
    assert_eq!(left("fcm_voip").await, [""; 0]);
}

#[tokio::test]
async fn a_token_that_changes_hands_is_the_new_users_alone() {
    let server = started().await;
    let body = Some(json!({"type": "fcm_voip", "token": "a"}));
    server.ask("POST", TOKENS, body.clone()).await.ok();
    let of_ben = server.ask("POST", "/v1/users/ben/push_tokens", body).await.ok();
    assert_eq!(of_ben["push_tokens"], json!([token("fcm_voip", "a")]));
    assert_eq!(server.ask("GET", TOKENS, None).await.ok()["push_tokens"], json!([]));
    server.ask("DELETE", &format!("{TOKENS}/fcm_voip/a"), None).await.ok();
    let kept = server.ask("GET", "/v1/users/ben/push_tokens", None).await.ok();
    assert_eq!(kept, of_ben);
}

#[tokio::test]
async fn what_is_no_token_and_nobodys_is_refused() {
    let server = started().await;
    for body in [
        json!({"type": "sms", "token": "a"}),
        json!({"type": 1, "token": "a"}),
        json!({"type": "fcm_voip", "token": "a b"}),
        json!({"type": "fcm_voip", "token": ""}),
        json!({"type": "fcm_voip", "token": "a".repeat(4097)}),
        json!({"type": "apns_voip", "token": "xyz"}),
        json!({"type": "web_push", "token": "a"}),
    ] {
        server
            .ask("POST", TOKENS, Some(body))
            .await
            .refused_v1(400, 400_100, "INVALID_PARAMS");
    }
    for body in [json!({}), json!({"type": "fcm_voip"}), json!({"token": "a"})] {
        server
            .ask("POST", TOKENS, Some(body))
            .await
            .refused_v1(400, 400_111, "MISSING_PARAMS");
    }
    let refused = server.ask("DELETE", &format!("{TOKENS}/sms"), None).await;
    refused.refused_v1(400, 400_100, "INVALID_PARAMS");
    let body = Some(json!({"type": "fcm_voip", "token": "a"}));
    for (method, path, body) in [
        ("GET", "/v1/users/nobody/push_tokens", None),
        ("POST", "/v1/users/nobody/push_tokens", body),
        ("DELETE", "/v1/users/nobody/push_tokens/fcm_voip", None),
        ("DELETE", "/v1/users/nobody/push_tokens/fcm_voip/a", None),
    ] {
        server
            .ask(method, path, body)
            .await
            .refused_v1(400, 400_200, "NOT_FOUND");
    }
    assert_eq!(server.ask("GET", TOKENS, None).await.ok(), json!({"push_tokens": []}));
}
