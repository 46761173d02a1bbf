use offhook_core::application::AccessTokenPermission;
use serde_json::{Value, json};

use crate::back_end::{Answer, BackEnd, answer};

const TOKENS: &str = "/client/v1/push_tokens";
const DELETE: &str = "/client/v1/push_tokens/delete";
const KEYS: &str = r#"{"p256dh":"BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4","auth":"BTBZMqHH6r4Tts7J_aSIgg"}"#;

#[tokio::test]
async fn tokens_of_each_type_are_registered_and_deleted_as_often_as_one_likes() {
    let server = BackEnd::start().await;
    let key = session(&server, "bob").await;
    let subscription = format!(r#"{{"endpoint":"https://push.example.org/1","keys":{KEYS}}}"#);
    for (kind, token) in [
        ("web_push", subscription.as_str()),
        ("fcm_voip", "fGQ:APA91b"),
        ("apns_voip", "00fc13ad"),
    ] {
        let body = json!({"type": kind, "token": token});
        for path in [TOKENS, TOKENS, DELETE, DELETE] {
            assert_eq!(say(&server, path, &key, body.clone()).await.ok(), json!({}), "{kind}");
        }
        assert_eq!(say(&server, DELETE, &key, json!({"type": kind})).await.ok(), json!({}));
    }
}

#[tokio::test]
async fn what_is_no_token_is_refused_by_what_is_wrong_with_it() {
    let server = BackEnd::start().await;
    let key = session(&server, "bob").await;
    for (body, code) in [
        (json!({}), 400_105),
        (json!({"type": "web_push"}), 400_105),
        (json!({"type": "sms", "token": "a"}), 400_111),
        (json!({"type": 1, "token": "a"}), 400_100),
        (json!({"type": "fcm_voip", "token": 1}), 400_100),
        (json!({"type": "fcm_voip", "token": ""}), 400_111),
        (json!({"type": "fcm_voip", "token": "a b"}), 400_111),
        (json!({"type": "fcm_voip", "token": "a".repeat(4097)}), 400_110),
        (json!({"type": "apns_voip", "token": "../3"}), 400_111),
        (json!({"type": "apns_voip", "token": "a".repeat(201)}), 400_111),
        (json!({"type": "web_push", "token": "a"}), 400_111),
        (
            json!({"type": "web_push", "token": format!(r#"{{"endpoint":"http://push.example.org/1","keys":{KEYS}}}"#)}),
            400_111,
        ),
    ] {
        let refused = say(&server, TOKENS, &key, body.clone()).await;
        assert_eq!((refused.status, refused.code()), (400, code), "{body}");
    }
    for body in [
        json!({}),
        json!({"type": "sms"}),
        json!({"type": "web_push", "token": "a"}),
    ] {
        assert_eq!(say(&server, DELETE, &key, body.clone()).await.status, 400, "{body}");
    }
}

#[tokio::test]
async fn tokens_are_for_those_who_are_signed_in_on_a_page_that_may() {
    let server = BackEnd::start().await;
    let key = session(&server, "bob").await;
    let body = json!({"type": "fcm_voip", "token": "a"});
    for path in [TOKENS, DELETE] {
        say(&server, path, "no session", body.clone()).await.refused(400_303);
        let origins = ["https://app.example.org"];
        server.set(AccessTokenPermission::ReadWrite, &origins).await;
        let from = |origin: &str| {
            let request = server.request("POST", path).bearer_auth(&key).header("origin", origin);
            answer(request.json(&body))
        };
        from("https://elsewhere.example.org").await.refused(400_307);
        from("https://app.example.org").await.ok();
        server.set(AccessTokenPermission::ReadWrite, &[]).await;
        let preflight = server
            .request("OPTIONS", path)
            .header("origin", "https://app.example.org")
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "authorization,content-type");
        let allowed = preflight.send().await.unwrap();
        assert_eq!(allowed.headers()["access-control-allow-origin"], "*");
    }
}

async fn session(server: &BackEnd, user_id: &str) -> String {
    let body = json!({"app_id": server.application.id, "user_id": user_id});
    let signed_in = server.sign_in(body).await.ok();
    signed_in["session_key"].as_str().unwrap().to_owned()
}

async fn say(server: &BackEnd, path: &str, key: &str, body: Value) -> Answer {
    answer(server.request("POST", path).bearer_auth(key).json(&body)).await
}
