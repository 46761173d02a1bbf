use offhook_core::administrator::Role;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;

use crate::operator::{Office, PASSWORD};

/// One entry, as [`Office::log`] gives it.
fn entry(actor: &str, action: &str, target: Option<&str>, is_allowed: bool) -> (String, String, Option<String>, bool) {
    (
        actor.to_owned(),
        action.to_owned(),
        target.map(str::to_owned),
        is_allowed,
    )
}

#[tokio::test]
async fn what_is_done_refused_or_failed_is_in_the_log_and_what_is_read_is_not() {
    let office = Office::start().await;
    let viewer = office.seat(Role::Viewer).await;
    let operator = office.seat(Role::Operator).await;
    office
        .try_to_sign_in(json!({"name": "viewer", "password": "wrong"}))
        .await;
    let users = format!("/applications/{}/v3/users", office.app_id);
    let bob = json!({"user_id": "bob", "nickname": "a secret of bob's", "profile_url": ""});
    viewer.ask("GET", &users, None).await.ok();
    viewer.ask("POST", &users, Some(bob.clone())).await;
    operator.ask("POST", &users, Some(bob.clone())).await.ok();
    operator.ask("POST", &users, Some(bob)).await.refused(400_202);
    operator.ask("DELETE", &format!("{users}/bob"), None).await.ok();
    operator.ask("DELETE", "/session", None).await.ok();
    let sign_in = "POST /admin/v1/session";
    assert_eq!(
        office.log().await,
        [
            entry("operator", "DELETE /admin/v1/session", None, true),
            entry("operator", "DELETE /v3/users/{user_id}", Some("bob"), true),
            entry("operator", "POST /v3/users", None, false),
            entry("operator", "POST /v3/users", None, true),
            entry("viewer", "POST /v3/users", None, false),
            entry("viewer", sign_in, None, false),
            entry("operator", sign_in, None, true),
            entry("viewer", sign_in, None, true),
        ]
    );
    let listed = viewer.ask("GET", "/audit?limit=100", None).await.ok().to_string();
    assert!(!listed.contains("a secret of bob's") && !listed.contains(PASSWORD));
}

#[tokio::test]
async fn the_log_is_read_by_pages_by_application_and_by_actor() {
    let office = Office::start().await;
    let owner = office.seat(Role::Owner).await;
    let users = format!("/applications/{}/v3/users", office.app_id);
    for name in ["anna", "bob", "carol"] {
        let user = json!({"user_id": name, "nickname": "", "profile_url": ""});
        owner.ask("POST", &users, Some(user)).await.ok();
    }
    let first = owner.ask("GET", "/audit?limit=2", None).await.ok();
    assert_eq!(
        (first["entries"].as_array().unwrap().len(), &first["has_next"]),
        (2, &json!(true))
    );
    let rest = format!("/audit?limit=2&next={}", first["next"].as_str().unwrap());
    let rest = owner.ask("GET", &rest, None).await.ok();
    assert_eq!((&rest["has_next"], &rest["next"]), (&json!(false), &json!("")));
    let actions: Vec<&Value> = rest["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| &entry["action"])
        .collect();
    assert_eq!(actions, ["POST /v3/users", "POST /admin/v1/session"]);
    assert_eq!(rest["entries"][0]["address"], "127.0.0.1");

    let count = async |query: &str| {
        let listed = owner.ask("GET", &format!("/audit?{query}"), None).await.ok();
        listed["entries"].as_array().unwrap().len()
    };
    assert_eq!(count(&format!("app_id={}", office.app_id)).await, 3);
    assert_eq!(count("app_id=OTHER").await, 0);
    assert_eq!((count("actor=owner").await, count("actor=nobody").await), (4, 0));
    for (query, code) in [
        ("limit=0", 400_113),
        ("limit=101", 400_113),
        ("limit=x", 400_101),
        ("next=x", 400_111),
    ] {
        owner.ask("GET", &format!("/audit?{query}"), None).await.refused(code);
    }
}

#[tokio::test]
async fn what_has_begun_is_done_though_nobody_waits_for_the_answer() {
    let office = Office::start().await;
    let owner = office.seat(Role::Owner).await;
    let body = json!({"name": "ben", "password": PASSWORD, "role": "viewer"}).to_string();
    let request = format!(
        "POST /admin/v1/administrators HTTP/1.1\r\nhost: a\r\ncookie: {}\r\nsec-fetch-site: same-origin\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        owner.cookie,
        body.len(),
    );
    let mut stream = tokio::net::TcpStream::connect(office.serving.http).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    // The password is being hashed when the browser goes.
    let begun = async {
        while !office
            .log()
            .await
            .iter()
            .any(|(_, action, ..)| action.ends_with("/administrators"))
        {}
    };
    let patience = std::time::Duration::from_secs(10);
    tokio::time::timeout(patience, begun).await.unwrap();
    drop(stream);
    let names = async || {
        let listed = office.node().store().list_administrators().await.unwrap();
        listed.into_iter().map(|one| one.name).collect::<Vec<_>>()
    };
    let made = async { while !names().await.contains(&"ben".to_owned()) {} };
    tokio::time::timeout(patience, made).await.unwrap();
}
