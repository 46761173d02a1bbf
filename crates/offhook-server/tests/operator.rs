//! A server with an administrator of each role, and what a browser does for them.

use offhook_client::{Client, Events, Host};
use offhook_core::administrator::Role;
use offhook_server::admin::password::Passwords;
use offhook_server::config::Config;
use offhook_server::node::{Node, Serving};
use offhook_store::{Administrator, NewAdministrator};
use serde_json::{Value, json};

use crate::back_end::{Answer, answer};

/// The password of everybody here.
pub const PASSWORD: &str = "correct horse battery";

/// A server that runs until it is dropped.
pub struct Office {
    pub serving: Serving,
    http: reqwest::Client,
    /// The application that is there.
    pub app_id: String,
    hash: String,
    _folder: tempfile::TempDir,
}

/// Somebody who is signed in.
#[derive(Clone)]
pub struct Desk {
    base: String,
    http: reqwest::Client,
    /// `name=value`.
    pub cookie: String,
}

impl Office {
    /// Starts one without anybody.
    pub async fn start() -> Self {
        Self::start_with(|config| config).await
    }

    /// The same, with another configuration.
    pub async fn start_with(change: impl FnOnce(Config) -> Config) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = change(Config::ephemeral(folder.path()));
        let serving = Node::serve(config, false).await.unwrap();
        let node = &serving.node;
        let wanted = offhook_server::credential::WantedApplication {
            app_id: Some("FIRST".parse().unwrap()),
            name: "First".to_owned(),
            permission: offhook_core::application::AccessTokenPermission::ReadWrite,
            allowed_origins: Vec::new(),
            is_relay_only: false,
        };
        let made =
            offhook_server::credential::create_application(node.store(), node.key(), wanted, node.clock().now()).await;
        Self {
            app_id: made.unwrap().0.id.to_string(),
            hash: Passwords::default().hash(PASSWORD).await.unwrap(),
            serving,
            http: reqwest::Client::new(),
            _folder: folder,
        }
    }

    pub fn node(&self) -> &Node {
        &self.serving.node
    }

    /// Makes an administrator.
    pub async fn hire(&self, name: &str, role: Role) -> Administrator {
        let new = NewAdministrator {
            name: name.to_owned(),
            role,
            password_hash: Some(self.hash.clone()),
            oidc_subject: None,
        };
        let made = self.node().store().create_administrator(new, self.node().clock().now());
        made.await.unwrap()
    }

    /// Makes an administrator of that role, named like it, and signs them in.
    pub async fn seat(&self, role: Role) -> Desk {
        self.hire(role.as_str(), role).await;
        self.sign_in(role.as_str()).await
    }

    /// The application that is there.
    pub async fn application(&self) -> offhook_store::Application {
        let id = self.app_id.parse().unwrap();
        self.node().store().application_by_id(&id).await.unwrap().unwrap()
    }

    /// A device that has not signed in.
    pub fn client(&self) -> (Client, Events) {
        let host = Host::new(&self.base(), &format!("ws://{}", self.serving.http)).unwrap();
        Client::init(&self.app_id, host).unwrap()
    }

    /// A device of a user, signed in without a token and connected.
    pub async fn device(&self, user_id: &str) -> (Client, Events) {
        let (client, events) = self.client();
        client.authenticate(user_id, None).await.unwrap();
        client.connect().await.unwrap();
        (client, events)
    }

    /// Signs in somebody who is there.
    pub async fn sign_in(&self, name: &str) -> Desk {
        let sent = self
            .session_request(&json!({"name": name, "password": PASSWORD}))
            .send();
        let response = sent.await.unwrap();
        assert_eq!(response.status(), 200);
        Desk {
            base: self.base(),
            http: self.http.clone(),
            cookie: cookie(&response),
        }
    }

    /// Tries to sign in.
    pub async fn try_to_sign_in(&self, body: Value) -> Answer {
        answer(self.session_request(&body)).await
    }

    /// The request that signs in.
    pub fn session_request(&self, body: &Value) -> reqwest::RequestBuilder {
        self.request("POST", "/admin/v1/session").json(body)
    }

    /// A request with everything left to the caller.
    pub fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let method = method.parse().unwrap();
        self.http.request(method, format!("{}{path}", self.base()))
    }

    /// Everything in the log, the latest first, as actor, action, target and whether it was done.
    pub async fn log(&self) -> Vec<(String, String, Option<String>, bool)> {
        let filter = offhook_store::AuditFilter {
            limit: 100,
            ..Default::default()
        };
        let page = self.node().store().list_audit(filter).await.unwrap();
        let entries = page.entries.into_iter();
        entries
            .map(|entry| (entry.actor, entry.action, entry.target, entry.is_allowed))
            .collect()
    }

    fn base(&self) -> String {
        format!("http://{}", self.serving.http)
    }
}

impl Desk {
    /// Asks as the dashboard does: a path from `/admin/v1` on.
    pub async fn ask(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        answer(self.request(method, path, body)).await
    }

    /// The request of it.
    pub fn request(&self, method: &str, path: &str, body: Option<Value>) -> reqwest::RequestBuilder {
        let url = format!("{}/admin/v1{path}", self.base);
        let request = self.http.request(method.parse().unwrap(), url);
        let request = request
            .header("cookie", &self.cookie)
            .header("content-type", "application/json")
            .header("sec-fetch-site", "same-origin");
        match body {
            Some(body) => request.body(body.to_string()),
            None => request,
        }
    }

    /// Whether the session still counts.
    pub async fn is_signed_in(&self) -> bool {
        self.ask("GET", "/session", None).await.status == 200
    }
}

/// The cookie that an answer sets, without its attributes.
pub fn cookie(response: &reqwest::Response) -> String {
    let header = response.headers()["set-cookie"].to_str().unwrap();
    header.split(';').next().unwrap().to_owned()
}
