use offhook_core::administrator::Role;
use offhook_server::http::admin::access::{Access, OF_AN_APPLICATION, OWN};
use serde_json::json;

use crate::operator::{Desk, Office};

/// What stands in a path for its names: nothing of it exists, so that nothing is changed by asking.
fn filled(path: &str, app_id: &str) -> String {
    let parts = path.split('/').map(|part| match part {
        "{app_id}" | "{application_id}" => app_id,
        "{administrator_id}" | "{token_number}" | "{delivery_id}" => "999999",
        "{type}" => "gcm",
        named if named.starts_with('{') => "00000000000000000000000000000000",
        word => word,
    });
    parts.collect::<Vec<_>>().join("/")
}

async fn status(desk: &Desk, method: &str, path: &str) -> u16 {
    let body = (method != "GET").then(|| json!({}));
    desk.request(method, path, body).send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn each_role_may_use_what_the_table_says_and_nothing_else() {
    let office = Office::start().await;
    let mut desks = Vec::new();
    for role in Role::ALL {
        desks.push((role, office.seat(role).await));
    }
    let mut nobody = desks[0].1.clone();
    nobody.cookie = "offhook_admin=AAAA".to_owned();
    let mut walked = 0;
    let own = OWN
        .iter()
        .map(|(method, path, access)| (method, (*path).to_owned(), access));
    let of_application = OF_AN_APPLICATION
        .iter()
        .map(|(method, path, access)| (method, format!("/applications/{{app_id}}{path}"), access));
    for (method, path, access) in own.chain(of_application) {
        let Access::From(least) = access else { continue };
        // What would end what the test goes by.
        let is_destructive = matches!(
            (*method, path.as_str()),
            ("DELETE", "/session" | "/applications/{app_id}")
        );
        let path = filled(&path, &office.app_id);
        let of_nobody = status(&nobody, method, &path).await;
        assert_eq!(of_nobody, 401, "{method} {path}");
        walked += 1;
        for (role, desk) in &desks {
            if *role < *least {
                assert_eq!(status(desk, method, &path).await, 403, "{method} {path} by {role:?}");
            } else if !is_destructive {
                let answer = desk
                    .request(method, &path, (*method != "GET").then(|| json!({})))
                    .send()
                    .await
                    .unwrap();
                let status = answer.status().as_u16();
                let body = answer.text().await.unwrap();
                assert!(
                    status != 401 && status != 403 && status != 500,
                    "{method} {path} by {role:?}: {status}"
                );
                // Whoever is allowed comes to somebody who answers.
                assert!(!body.contains("400404"), "{method} {path} by {role:?}: {body}");
            }
        }
    }
    assert!(walked >= 60, "{walked}");
}

#[tokio::test]
async fn what_another_site_could_send_is_refused_before_anything_is_looked_at() {
    let office = Office::start().await;
    let desk = office.seat(Role::Owner).await;
    let path = format!("/admin/v1/applications/{}/v3/users", office.app_id);
    let user = json!({"user_id": "eve", "nickname": "", "profile_url": ""}).to_string();
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("content-type", "text/plain"),
        ("content-type", "application/x-www-form-urlencoded"),
        ("content-type", "multipart/form-data"),
    ] {
        let mut request = office
            .request("POST", &path)
            .header("cookie", &desk.cookie)
            .body(user.clone());
        if name != "content-type" {
            request = request.header("content-type", "application/json");
        }
        let refused = crate::back_end::answer(request.header(name, value)).await;
        assert_eq!((refused.status, refused.code()), (403, 1_500_106), "{name}: {value}");
    }
    let own = office.request("POST", &path).header("cookie", &desk.cookie).body(user);
    let own = own
        .header("content-type", "application/json")
        .header("origin", format!("http://{}", office.serving.http));
    crate::back_end::answer(own).await.ok();
}

#[tokio::test]
async fn a_cookie_opens_nothing_of_back_ends_and_an_api_token_nothing_of_the_dashboard() {
    let office = Office::start().await;
    let desk = office.seat(Role::Owner).await;
    let by_cookie = office.request("GET", "/v3/users").header("cookie", &desk.cookie);
    assert_eq!(crate::back_end::answer(by_cookie).await.code(), 400_401);
    let node = office.node();
    let app = node
        .store()
        .application_by_id(&office.app_id.parse().unwrap())
        .await
        .unwrap()
        .unwrap();
    let token = offhook_server::credential::api_token(node.store(), node.key(), app.key)
        .await
        .unwrap();
    let path = format!("/admin/v1/applications/{}/v3/users", office.app_id);
    let by_token = office.request("GET", &path).header("Api-Token", token);
    assert_eq!(crate::back_end::answer(by_token).await.code(), 1_500_101);
}

#[tokio::test]
async fn behind_a_trusted_proxy_that_speaks_https_the_cookie_is_for_https_only() {
    let trusting = Office::start_with(|mut config| {
        config.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
        config
    })
    .await;
    for (office, proto, is_secure) in [
        (&trusting, Some("https"), true),
        (&trusting, Some("http"), false),
        (&trusting, None, false),
        (&Office::start().await, Some("https"), false),
    ] {
        if office
            .node()
            .store()
            .administrator_by_name("anna")
            .await
            .unwrap()
            .is_none()
        {
            office.hire("anna", Role::Viewer).await;
        }
        let body = json!({"name": "anna", "password": crate::operator::PASSWORD});
        let mut request = office.session_request(&body);
        if let Some(proto) = proto {
            request = request.header("x-forwarded-proto", proto);
        }
        let response = request.send().await.unwrap();
        let cookie = response.headers()["set-cookie"].to_str().unwrap();
        assert_eq!(cookie.starts_with("__Host-offhook_admin="), is_secure, "{cookie}");
        assert_eq!(cookie.contains("; Secure"), is_secure, "{cookie}");
    }
}
