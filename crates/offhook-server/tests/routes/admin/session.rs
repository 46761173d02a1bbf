use offhook_core::administrator::Role;
use serde_json::json;

use crate::operator::{Office, PASSWORD};

#[tokio::test]
async fn the_first_owner_signs_in_works_and_signs_out() {
    let office = Office::start().await;
    let options = office.request("GET", "/admin/v1/sign_in_options");
    let options = crate::back_end::answer(options).await.ok();
    assert_eq!(options, json!({"has_administrators": false}));

    office.hire("anna", Role::Owner).await;
    let sent = office
        .session_request(&json!({"name": "anna", "password": PASSWORD}))
        .send();
    let response = sent.await.unwrap();
    let cookie = response.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.starts_with("offhook_admin="), "{cookie}");
    assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Strict"), "{cookie}");
    let body: serde_json::Value = response.json().await.unwrap();
    assert_eq!(body["administrator"]["name"], "anna");
    assert_eq!(body["administrator"]["role"], "owner");

    let desk = office.sign_in("anna").await;
    let session = desk.ask("GET", "/session", None).await.ok();
    assert_eq!(session["administrator"]["name"], "anna");
    let app = format!("/applications/{}", office.app_id);
    let new = json!({"user_id": "bob", "nickname": "Bob", "profile_url": ""});
    desk.ask("POST", &format!("{app}/v3/users"), Some(new)).await.ok();
    let bob = desk.ask("GET", &format!("{app}/v3/users/bob"), None).await.ok();
    assert_eq!(bob["nickname"], "Bob");
    let other = desk.ask("GET", "/applications/NONE/v3/users", None).await;
    other.refused(400_304);

    let left = desk.request("DELETE", "/session", None).send().await.unwrap();
    assert!(left.headers()["set-cookie"].to_str().unwrap().contains("Max-Age=0"));
    let gone = desk.ask("GET", "/session", None).await;
    assert_eq!((gone.status, gone.code()), (401, 1_500_101));
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_are_refused_alike() {
    let office = Office::start().await;
    office.hire("anna", Role::Owner).await;
    let wrong = office
        .try_to_sign_in(json!({"name": "anna", "password": "wrong"}))
        .await;
    assert_eq!((wrong.status, wrong.code()), (401, 1_500_102));
    let unknown = office
        .try_to_sign_in(json!({"name": "hunter2", "password": PASSWORD}))
        .await;
    assert_eq!(unknown, wrong);
    let long = office
        .try_to_sign_in(json!({"name": "anna", "password": "x".repeat(100_000)}))
        .await;
    assert_eq!(long, wrong);
    // What was typed in place of a name may be a password.
    assert!(!format!("{:?}", office.log().await).contains("hunter2"));
    assert!(office.sign_in("anna").await.is_signed_in().await);
}
