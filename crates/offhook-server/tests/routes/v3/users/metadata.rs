use serde_json::{Value, json};

use crate::back_end::BackEnd;

#[tokio::test]
async fn items_are_added_set_shown_and_deleted() {
    let server = started().await;
    let ask = async |method, path: &str, body| {
        server
            .ask(method, &format!("/v3/users/anna/metadata{path}"), body)
            .await
            .ok()
    };
    let metadata = |items: Value| Some(json!({"metadata": items}));
    assert_eq!(ask("GET", "", None).await, json!({}));
    assert_eq!(
        ask("POST", "", metadata(json!({"a": "1", "b": "2"}))).await,
        json!({"a": "1", "b": "2"})
    );
    assert_eq!(ask("POST", "", metadata(json!({"c": "3"}))).await, json!({"c": "3"}));
    assert_eq!(ask("GET", "", None).await, json!({"a": "1", "b": "2", "c": "3"}));
    assert_eq!(ask("GET", "/b", None).await, json!({"b": "2"}));
    // Without upsert only what is there changes.
    assert_eq!(
        ask("PUT", "", metadata(json!({"a": "10", "z": "9"}))).await,
        json!({"a": "10"})
    );
    let upsert = Some(json!({"metadata": {"a": "11", "z": "9"}, "upsert": true}));
    assert_eq!(ask("PUT", "", upsert).await, json!({"a": "11", "z": "9"}));
    assert_eq!(ask("PUT", "/b", Some(json!({"value": "20"}))).await, json!({"b": "20"}));
    assert_eq!(ask("PUT", "/new", Some(json!({"value": "5"}))).await, json!({}));
    let upsert = Some(json!({"value": "5", "upsert": true}));
    assert_eq!(ask("PUT", "/n%C3%A4%2Fw", upsert).await, json!({"nä/w": "5"}));
    assert_eq!(ask("DELETE", "/a", None).await, json!({}));
    assert_eq!(ask("DELETE", "/not-there", None).await, json!({}));
    assert_eq!(
        ask("GET", "", None).await,
        json!({"b": "20", "c": "3", "nä/w": "5", "z": "9"})
    );
    assert_eq!(ask("DELETE", "", None).await, json!({}));
    assert_eq!(ask("GET", "", None).await, json!({}));
}

#[tokio::test]
async fn each_mistake_has_its_code_and_changes_nothing() {
    let server = started().await;
    let five = json!({"metadata": {"a": "1", "b": "2", "c": "3", "d": "4", "e": "5"}});
    server
        .ask("POST", "/v3/users/anna/metadata", Some(five.clone()))
        .await
        .ok();
    for (method, path, body, code) in [
        ("POST", "", json!({"metadata": {"a": "9", "f": "9"}}), 400_202),
        ("POST", "", json!({"metadata": {"f": "9"}}), 400_203),
        ("POST", "", json!({}), 400_105),
        ("POST", "", json!({"metadata": "a"}), 400_103),
        ("POST", "", json!({"metadata": {"f": null}}), 400_100),
        ("PUT", "", json!({"metadata": {"f": "9"}, "upsert": true}), 400_203),
        ("PUT", "", json!({"metadata": {"a": "9"}, "upsert": "yes"}), 400_104),
        ("PUT", "", json!({"metadata": {"a": "v".repeat(191)}}), 400_110),
        ("PUT", "/a", json!({}), 400_105),
        ("PUT", "/a", json!({"value": 1}), 400_100),
        ("PUT", "/a%2Cb", json!({"value": "1", "upsert": true}), 400_151),
        ("PUT", "/f", json!({"value": "1", "upsert": true}), 400_203),
        ("GET", "/f", json!({}), 400_201),
    ] {
        let refused = server
            .ask(method, &format!("/v3/users/anna/metadata{path}"), Some(body.clone()))
            .await;
        assert_eq!((refused.status, refused.code()), (400, code), "{method} {path} {body}");
    }
    let kept = server.ask("GET", "/v3/users/anna/metadata", None).await.ok();
    assert_eq!(kept, five["metadata"]);
}

async fn started() -> BackEnd {
    let server = BackEnd::start().await;
    let new = json!({"user_id": "anna", "nickname": "", "profile_url": ""});
    server.ask("POST", "/v3/users", Some(new)).await.ok();
    server
}
