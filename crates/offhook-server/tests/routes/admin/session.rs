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

#[tokio::test]
async fn who_guesses_waits_and_nobody_else_does() {
    let office = Office::start().await;
    office.hire("anna", Role::Owner).await;
    office.hire("ben", Role::Owner).await;
    for _ in 0..10 {
        let wrong = office
            .try_to_sign_in(json!({"name": "anna", "password": "wrong"}))
            .await;
        assert_eq!(wrong.status, 401);
    }
    // Whether this one is right is not even looked at.
    let sent = office
        .session_request(&json!({"name": "anna", "password": PASSWORD}))
        .send();
    let refused = sent.await.unwrap();
    assert_eq!(refused.status(), 429);
    let wait: u64 = refused.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=61).contains(&wait), "{wait}");
    assert!(office.sign_in("ben").await.is_signed_in().await);
}

#[tokio::test]
async fn an_authenticator_is_asked_for_once_it_has_shown_a_code() {
    let office = Office::start().await;
    let desk = office.seat(Role::Owner).await;
    let other = office.sign_in("owner").await;
    desk.ask("PUT", "/session/totp", Some(json!({"code": "123456"})))
        .await
        .refused(1_500_110);
    let enrolment = desk.ask("POST", "/session/totp", None).await.ok();
    let secret = unbase32(enrolment["secret"].as_str().unwrap());
    assert!(
        enrolment["uri"]
            .as_str()
            .unwrap()
            .starts_with("otpauth://totp/Offhook:owner?secret=")
    );
    // Not set up yet: nothing is asked.
    office.sign_in("owner").await;
    let code = |step: i64| {
        let now = office.node().clock().now().as_millis() / 30_000;
        offhook_server::admin::totp::code_of(&secret, u32::try_from(now as i64 + step).unwrap())
    };
    let wrong = desk
        .ask("PUT", "/session/totp", Some(json!({"code": code(1000)})))
        .await;
    wrong.refused(1_500_104);
    let confirmed = desk
        .ask("PUT", "/session/totp", Some(json!({"code": code(-1)})))
        .await
        .ok();
    assert_eq!(confirmed["administrator"]["has_totp"], true);
    assert!(desk.is_signed_in().await && !other.is_signed_in().await);

    let attempt = async |code: Option<String>| {
        let mut body = json!({"name": "owner", "password": PASSWORD});
        if let Some(code) = code {
            body["code"] = json!(code);
        }
        office.try_to_sign_in(body).await
    };
    let asked = attempt(None).await;
    assert_eq!((asked.status, asked.code()), (401, 1_500_103));
    let wrong = office
        .try_to_sign_in(json!({"name": "owner", "password": "wrong", "code": code(0)}))
        .await;
    assert_eq!(wrong.code(), 1_500_102, "the code alone tells nothing");
    attempt(Some(code(1000))).await.refused(1_500_104);
    attempt(Some(code(1))).await.ok();
    // Seen over a shoulder, it is of no use.
    attempt(Some(code(1))).await.refused(1_500_104);

    desk.ask("DELETE", "/session/totp", Some(json!({"password": "wrong"})))
        .await
        .refused(1_500_107);
    desk.ask("DELETE", "/session/totp", Some(json!({"password": PASSWORD})))
        .await
        .ok();
    attempt(None).await.ok();
}

#[tokio::test]
async fn codes_can_be_tried_a_few_times_only() {
    let office = Office::start().await;
    let desk = office.seat(Role::Owner).await;
    desk.ask("POST", "/session/totp", None).await.ok();
    for _ in 0..5 {
        desk.ask("PUT", "/session/totp", Some(json!({"code": "x"})))
            .await
            .refused(1_500_104);
    }
    let sixth = desk.ask("PUT", "/session/totp", Some(json!({"code": "x"}))).await;
    assert_eq!(sixth.status, 429);
}

#[tokio::test]
async fn ones_own_password_is_changed_by_whoever_knows_it_and_other_sessions_end() {
    let office = Office::start().await;
    let desk = office.seat(Role::Viewer).await;
    let other = office.sign_in("viewer").await;
    let change = |current: &str, new: &str| Some(json!({"current": current, "new": new}));
    let new = "another good password";
    desk.ask("PUT", "/session/password", change("wrong", new))
        .await
        .refused(1_500_107);
    desk.ask("PUT", "/session/password", change(PASSWORD, "short"))
        .await
        .refused(400_111);
    assert!(other.is_signed_in().await);
    desk.ask("PUT", "/session/password", change(PASSWORD, new)).await.ok();
    assert!(desk.is_signed_in().await && !other.is_signed_in().await);
    let old = office
        .try_to_sign_in(json!({"name": "viewer", "password": PASSWORD}))
        .await;
    assert_eq!(old.code(), 1_500_102);
    office
        .try_to_sign_in(json!({"name": "viewer", "password": new}))
        .await
        .ok();
}

fn unbase32(text: &str) -> Vec<u8> {
    let mut bits = String::new();
    for letter in text.bytes() {
        let value = if letter >= b'A' {
            letter - b'A'
        } else {
            letter - b'2' + 26
        };
        bits.push_str(&format!("{value:05b}"));
    }
    let bytes = bits.as_bytes().chunks_exact(8);
    bytes
        .map(|byte| u8::from_str_radix(std::str::from_utf8(byte).unwrap(), 2).unwrap())
        .collect()
}
