use offhook_core::administrator::Role;
use serde_json::json;

use crate::operator::{Office, PASSWORD};

#[tokio::test]
async fn an_owner_makes_changes_and_deletes_others() {
    let office = Office::start().await;
    let owner = office.seat(Role::Owner).await;
    let new = json!({"name": "ben", "password": PASSWORD, "role": "operator"});
    let made = owner.ask("POST", "/administrators", Some(new.clone())).await.ok();
    assert_eq!(
        (&made["name"], &made["role"], &made["has_totp"]),
        (&json!("ben"), &json!("operator"), &json!(false))
    );
    owner.ask("POST", "/administrators", Some(new)).await.refused(400_202);
    let ben = office.sign_in("ben").await;
    let path = format!("/administrators/{}", made["administrator_id"].as_str().unwrap());

    let changed = owner.ask("PUT", &path, Some(json!({"role": "viewer"}))).await.ok();
    assert_eq!(changed["role"], "viewer");
    assert!(!ben.is_signed_in().await, "a session of the former role goes on");
    let ben = office.sign_in("ben").await;
    let other = "another good password";
    owner.ask("PUT", &path, Some(json!({"password": other}))).await.ok();
    assert!(!ben.is_signed_in().await);
    let old = office
        .try_to_sign_in(json!({"name": "ben", "password": PASSWORD}))
        .await;
    assert_eq!(old.status, 401);
    office
        .try_to_sign_in(json!({"name": "ben", "password": other}))
        .await
        .ok();

    let listed = owner.ask("GET", "/administrators", None).await.ok();
    let names: Vec<_> = listed["administrators"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["name"])
        .collect();
    assert_eq!(names, ["owner", "ben"]);
    assert!(!listed.to_string().contains("argon2"), "{listed}");
    owner.ask("DELETE", &path, None).await.ok();
    owner.ask("DELETE", &path, None).await.refused(400_201);
    let gone = office.try_to_sign_in(json!({"name": "ben", "password": other})).await;
    assert_eq!(gone.code(), 1_500_102);
}

#[tokio::test]
async fn the_last_owner_stays() {
    let office = Office::start().await;
    let owner = office.seat(Role::Owner).await;
    let me = owner.ask("GET", "/session", None).await.ok();
    let path = format!(
        "/administrators/{}",
        me["administrator"]["administrator_id"].as_str().unwrap()
    );
    owner.ask("DELETE", &path, None).await.refused(1_500_108);
    owner
        .ask("PUT", &path, Some(json!({"role": "viewer"})))
        .await
        .refused(1_500_108);
    assert!(owner.is_signed_in().await);
    office.hire("ben", Role::Owner).await;
    owner.ask("DELETE", &path, None).await.ok();
    assert!(!owner.is_signed_in().await);
}

#[tokio::test]
async fn what_cannot_be_a_name_a_password_or_a_role_is_refused() {
    let office = Office::start().await;
    let owner = office.seat(Role::Owner).await;
    for (body, code) in [
        (json!({"password": PASSWORD, "role": "viewer"}), 400_105),
        (json!({"name": "", "password": PASSWORD, "role": "viewer"}), 400_111),
        (
            json!({"name": "x".repeat(81), "password": PASSWORD, "role": "viewer"}),
            400_111,
        ),
        (
            json!({"name": "ben", "password": "too short", "role": "viewer"}),
            400_111,
        ),
        (
            json!({"name": "benbenbenben", "password": "BENBENBENBEN", "role": "viewer"}),
            400_111,
        ),
        (json!({"name": "ben", "password": PASSWORD, "role": "god"}), 400_111),
        (json!({"name": "ben", "password": PASSWORD}), 400_105),
        (json!({"name": 7, "password": PASSWORD, "role": "viewer"}), 400_100),
    ] {
        owner.ask("POST", "/administrators", Some(body)).await.refused(code);
    }
    assert_eq!(office.node().store().list_administrators().await.unwrap().len(), 1);
}
