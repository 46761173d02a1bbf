use serde_json::json;

use crate::back_end::{BackEnd, TestApplication};

const PATH: &str = "/v3/applications/api_tokens";

#[tokio::test]
async fn a_secondary_token_does_all_but_make_and_revoke_tokens() {
    let server = BackEnd::start().await;
    let made = server.ask("POST", PATH, None).await.ok();
    let secondary = TestApplication {
        api_token: made["token"].as_str().unwrap().to_owned(),
        ..server.application.clone()
    };
    assert!(made["created_at"].as_u64().unwrap() > 1_700_000_000_000);
    let new = json!({"user_id": "anna", "nickname": "", "profile_url": ""});
    server.ask_as(&secondary, "POST", "/v3/users", Some(new)).await.ok();

    let one = format!("{PATH}/{}", secondary.api_token);
    for (method, path) in [("POST", PATH), ("GET", PATH), ("GET", &one), ("DELETE", &one)] {
        server.ask_as(&secondary, method, path, None).await.refused(400_108);
    }
    let listed = server.ask("GET", PATH, None).await.ok();
    let shown = listed["api_tokens"][0]["token"].as_str().unwrap();
    assert_ne!(shown, secondary.api_token);
    assert_eq!(
        shown[shown.len() - 4..],
        secondary.api_token[secondary.api_token.len() - 4..]
    );
    assert_eq!(server.ask("GET", &one, None).await.ok(), made);

    assert_eq!(server.ask("DELETE", &one, None).await.ok(), json!({}));
    let refused = server.ask_as(&secondary, "GET", "/v3/users", None).await;
    assert_eq!((refused.status, refused.code()), (401, 400_401));
    server.ask("DELETE", &one, None).await.refused(400_201);
    server.ask("GET", "/v3/users/anna", None).await.ok();
}

#[tokio::test]
async fn the_master_stays_and_nobody_touches_anothers_tokens() {
    let server = BackEnd::start().await;
    let master = format!("{PATH}/{}", server.application.api_token);
    server.ask("DELETE", &master, None).await.refused(400_111);
    server.ask("GET", &master, None).await.refused(400_201);
    let other = server.application("other").await;
    let made = server.ask_as(&other, "POST", PATH, None).await.ok();
    let theirs = format!("{PATH}/{}", made["token"].as_str().unwrap());
    server.ask("GET", &theirs, None).await.refused(400_201);
    server.ask("DELETE", &theirs, None).await.refused(400_201);
    assert_eq!(server.ask("GET", PATH, None).await.ok(), json!({"api_tokens": []}));
    assert_eq!(server.ask_as(&other, "GET", &theirs, None).await.ok(), made);
}
