use serde_json::{Value, json};

use crate::back_end::BackEnd;

#[tokio::test]
async fn users_are_listed_as_under_v3_by_pages_of_this_dialect() {
    let server = BackEnd::start().await;
    for user_id in ["anna", "ben", "carol"] {
        let new = json!({"user_id": user_id, "nickname": "N", "profile_url": ""});
        server.ask("POST", "/v3/users", Some(new)).await.ok();
    }
    let ids = |page: &Value| {
        let users = page["users"].as_array().unwrap().iter();
        users
            .map(|user| user["user_id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let first = server.ask("GET", "/v1/users?limit=2", None).await.ok();
    assert_eq!(
        (ids(&first), &first["has_next"]),
        (vec!["anna".to_owned(), "ben".to_owned()], &json!(true))
    );
    let path = format!("/v1/users?limit=2&next={}", first["next"].as_str().unwrap());
    let second = server.ask("GET", &path, None).await.ok();
    assert_eq!(ids(&second), ["carol"]);
    assert_eq!((&second["has_next"], &second["next"]), (&json!(false), &json!("")));
    let v3 = server.ask("GET", "/v3/users?limit=2", None).await.ok();
    assert_eq!(v3["users"], first["users"]);
    let chosen = server.ask("GET", "/v1/users?user_ids=ben,nobody", None).await.ok();
    assert_eq!(ids(&chosen), ["ben"]);
    for query in ["limit=0", "next=x", "active_mode=x", "metadatavalues_in=a"] {
        let refused = server.ask("GET", &format!("/v1/users?{query}"), None).await;
        refused.refused_v1(400, 400_100, "INVALID_PARAMS");
    }
    let refused = server.ask("GET", "/v1/users?metadatakey=a", None).await;
    refused.refused_v1(400, 400_111, "MISSING_PARAMS");
}
