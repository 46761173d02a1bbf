use offhook_core::administrator::Role;
use serde_json::{Value, json};

use crate::identity::Identity;
use crate::operator::Office;

/// What a browser brings back, and is answered.
struct Answered {
    status: u16,
    cookies: Vec<String>,
    page: String,
}

impl Answered {
    /// The session's cookie, as a browser sends it.
    fn session(&self) -> Option<String> {
        let own = self.cookies.iter().find(|cookie| cookie.starts_with("offhook_admin="));
        own.map(|cookie| cookie.split(';').next().unwrap().to_owned())
    }
}

fn owner() -> Value {
    json!({"sub": "42", "email": "anna@example.org", "email_verified": true, "groups": ["chiefs"]})
}

async fn office(identity: &Identity) -> Office {
    Office::start_with(|config| identity.configure(config)).await
}

/// Sends the browser off; gives where to, and the cookie to come back with.
async fn begin(office: &Office) -> (String, String) {
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let url = format!("http://{}/admin/v1/oidc/start", office.serving.http);
    let response = client.get(url).send().await.unwrap();
    assert_eq!(response.status(), 303);
    let cookie = response.headers()["set-cookie"].to_str().unwrap();
    assert!(
        cookie.ends_with("; Path=/; HttpOnly; SameSite=Lax; Max-Age=900"),
        "{cookie}"
    );
    let location = response.headers()["location"].to_str().unwrap().to_owned();
    (location, cookie.split(';').next().unwrap().to_owned())
}

async fn come_back(url: &str, cookie: Option<&str>) -> Answered {
    let mut request = reqwest::Client::new().get(url);
    if let Some(cookie) = cookie {
        request = request.header("cookie", cookie);
    }
    let response = request.send().await.unwrap();
    let cookies = response.headers().get_all("set-cookie").iter();
    Answered {
        status: response.status().as_u16(),
        cookies: cookies.map(|cookie| cookie.to_str().unwrap().to_owned()).collect(),
        page: response.text().await.unwrap(),
    }
}

async fn sign_in(office: &Office, identity: &Identity) -> Answered {
    let (url, cookie) = begin(office).await;
    come_back(&identity.authorize(&url), Some(&cookie)).await
}

async fn roles(office: &Office) -> Vec<(String, Role)> {
    let listed = office.node().store().list_administrators().await.unwrap();
    listed.into_iter().map(|one| (one.name, one.role)).collect()
}

#[tokio::test]
async fn who_comes_back_is_signed_in_by_a_page_that_moves_on() {
    let identity = Identity::start(owner()).await;
    let office = office(&identity).await;
    let options = crate::back_end::answer(office.request("GET", "/admin/v1/sign_in_options"))
        .await
        .ok();
    assert_eq!(
        options,
        json!({"has_administrators": false, "oidc": {"name": "Single sign-on"}})
    );

    let answered = sign_in(&office, &identity).await;
    assert_eq!(answered.status, 200, "{}", answered.page);
    assert!(
        answered
            .page
            .contains("http-equiv=\"refresh\" content=\"0; url=/dashboard\""),
        "{}",
        answered.page
    );
    assert!(
        answered.cookies[0].contains("SameSite=Strict"),
        "{:?}",
        answered.cookies
    );
    assert!(
        answered.cookies[1].starts_with("offhook_oidc=;"),
        "{:?}",
        answered.cookies
    );
    let session = office
        .request("GET", "/admin/v1/session")
        .header("cookie", answered.session().unwrap());
    let session = crate::back_end::answer(session).await.ok();
    assert_eq!(session["administrator"]["name"], "anna@example.org");
    assert_eq!(
        (&session["administrator"]["role"], &session["administrator"]["is_oidc"]),
        (&json!("owner"), &json!(true))
    );
    // Another time it is the same one, and the provider may have another key by then.
    identity.rotate_key();
    assert!(sign_in(&office, &identity).await.session().is_some());
    assert_eq!(roles(&office).await, [("anna@example.org".to_owned(), Role::Owner)]);
}

#[tokio::test]
async fn another_browsers_sign_in_is_not_taken() {
    let identity = Identity::start(owner()).await;
    let office = office(&identity).await;
    let (url, cookie) = begin(&office).await;
    let back = identity.authorize(&url);
    let (_, others) = begin(&office).await;
    for (url, cookie) in [
        (back.clone(), None),
        (back.clone(), Some(others.as_str())),
        (back.clone(), Some("offhook_oidc=AAAA")),
        (back.replace("state=", "state=x"), Some(cookie.as_str())),
        (back.split('?').next().unwrap().to_owned(), Some(cookie.as_str())),
    ] {
        let answered = come_back(&url, cookie).await;
        assert_eq!((answered.status, answered.session()), (403, None), "{url}");
        assert!(
            answered.page.contains("did not begin in this browser"),
            "{}",
            answered.page
        );
    }
    assert_eq!(roles(&office).await, []);
    assert!(come_back(&back, Some(&cookie)).await.session().is_some());
}

#[tokio::test]
async fn the_role_follows_the_groups_and_none_is_no_entry() {
    let identity = Identity::start(owner()).await;
    let office = office(&identity).await;
    office.hire("boss", Role::Owner).await;
    let first = sign_in(&office, &identity).await.session().unwrap();
    let is_open = async |cookie: &str| {
        let request = office.request("GET", "/admin/v1/session").header("cookie", cookie);
        request.send().await.unwrap().status() == 200
    };
    assert!(is_open(&first).await);
    let says = |groups: Value| {
        let mut claims = owner();
        claims["groups"] = groups;
        identity.says(claims);
    };
    says(json!(["guests"]));
    let second = sign_in(&office, &identity).await.session().unwrap();
    // What was opened by the greater role is gone.
    assert!(!is_open(&first).await && is_open(&second).await);
    assert_eq!(roles(&office).await[1].1, Role::Viewer);

    says(json!(["others"]));
    let refused = sign_in(&office, &identity).await;
    assert_eq!((refused.status, refused.session()), (403, None));
    assert!(refused.page.contains("may not sign in here"), "{}", refused.page);
}

#[tokio::test]
async fn a_name_of_somebody_else_is_not_taken_over() {
    let identity = Identity::start(json!({"sub": "7", "preferred_username": "boss", "groups": ["chiefs"]})).await;
    let office = office(&identity).await;
    office.hire("boss", Role::Owner).await;
    let refused = sign_in(&office, &identity).await;
    assert_eq!((refused.status, refused.session()), (403, None));
    assert!(refused.page.contains("Somebody else has your name"), "{}", refused.page);
    // The name and an empty password open nothing either.
    identity.says(owner());
    assert!(sign_in(&office, &identity).await.session().is_some());
    let by_password = office
        .try_to_sign_in(json!({"name": "anna@example.org", "password": ""}))
        .await;
    assert_eq!((by_password.status, by_password.code()), (401, 1_500_102));
}

#[tokio::test]
async fn a_token_of_another_sign_in_or_client_is_not_believed() {
    let identity = Identity::start(owner()).await;
    let office = office(&identity).await;
    for (claim, value) in [
        ("nonce", json!("another")),
        ("aud", json!("another")),
        ("iss", json!("http://evil.example")),
        ("exp", json!(1_000_000_000)),
    ] {
        let mut claims = owner();
        claims[claim] = value;
        identity.says(claims);
        let refused = sign_in(&office, &identity).await;
        assert_eq!((refused.status, refused.session()), (403, None), "{claim}");
        assert!(refused.page.contains("cannot be used"), "{claim}: {}", refused.page);
    }
    identity.says(owner());
    assert!(sign_in(&office, &identity).await.session().is_some());
}

#[tokio::test]
async fn a_provider_on_a_private_address_is_not_asked_unless_that_is_allowed() {
    let identity = Identity::start(owner()).await;
    let office = Office::start_with(|config| {
        let mut config = identity.configure(config);
        config.outbound.allowed_private_hosts.clear();
        config
    })
    .await;
    let response = office.request("GET", "/admin/v1/oidc/start").send().await.unwrap();
    assert_eq!(response.status(), 403);
    assert!(response.text().await.unwrap().contains("does not answer as it should"));
}

#[tokio::test]
async fn without_a_provider_there_is_no_such_way() {
    let office = Office::start().await;
    for path in ["/admin/v1/oidc/start", "/admin/v1/oidc/callback"] {
        let refused = crate::back_end::answer(office.request("GET", path)).await;
        assert_eq!((refused.status, refused.code()), (404, 400_404));
    }
}
