//! A server for a test: in a folder of its own, on free ports, with one application.

use offhook_store::ApplicationPatch;
use std::net::SocketAddr;

use offhook_client::{Client, Events, Host};
use offhook_core::application::AccessTokenPermission;
use offhook_server::config::Config;
use offhook_server::credential::{WantedApplication, create_application};
use offhook_server::node::{Node, Serving};
use serde_json::Value;

/// A server that runs until it is dropped.
pub struct BackEnd {
    serving: Serving,
    /// The first application, which lets anybody in who has never had a token.
    pub application: TestApplication,
    http: reqwest::Client,
    _folder: tempfile::TempDir,
}

/// An application and the token that opens it.
#[derive(Debug, Clone)]
pub struct TestApplication {
    /// Its id.
    pub id: String,
    /// Its API token.
    pub api_token: String,
}

/// What was answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The JSON body.
    pub body: Value,
}

impl BackEnd {
    /// Starts one.
    pub async fn start() -> Self {
        Self::start_with(|config| config).await
    }

    /// The same, with another configuration.
    pub async fn start_with(change: impl FnOnce(Config) -> Config) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = change(Config::ephemeral(folder.path()));
        let serving = Node::serve(config, false).await.unwrap();
        let application = make_application(&serving.node, "first").await;
        Self {
            serving,
            application,
            http: reqwest::Client::new(),
            _folder: folder,
        }
    }

    /// Changes what users of the first application may do without a token, and where its pages come from.
    pub async fn set(&self, permission: AccessTokenPermission, origins: &[&str]) {
        let store = self.serving.node.store();
        let id = self.application.id.parse().unwrap();
        let application = store.application_by_id(&id).await.unwrap().unwrap();
        store
            .update_application(
                application.key,
                ApplicationPatch {
                    permission: Some(permission),
                    ..ApplicationPatch::default()
                },
            )
            .await
            .unwrap();
        let origins = origins.iter().map(|origin| (*origin).to_owned()).collect();
        store
            .update_application(
                application.key,
                ApplicationPatch {
                    allowed_origins: Some(origins),
                    ..ApplicationPatch::default()
                },
            )
            .await
            .unwrap();
    }

    /// A sign-in, as an SDK asks for it.
    pub async fn sign_in(&self, body: Value) -> Answer {
        answer(self.request("POST", "/client/v1/authenticate").json(&body)).await
    }

    /// The node.
    pub fn node(&self) -> &Node {
        &self.serving.node
    }

    /// The address of the metrics.
    pub fn admin(&self) -> SocketAddr {
        self.serving.admin
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("http://{}", self.serving.http)
    }

    /// Makes one more application.
    pub async fn application(&self, id: &str) -> TestApplication {
        make_application(&self.serving.node, id).await
    }

    /// A request with everything left to the caller.
    pub fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let method = method.parse().unwrap();
        self.http.request(method, format!("http://{}{path}", self.serving.http))
    }

    /// A request of the first application's back end.
    pub async fn ask(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        self.ask_as(&self.application, method, path, body).await
    }

    /// A request of an application's back end.
    pub async fn ask_as(&self, application: &TestApplication, method: &str, path: &str, body: Option<Value>) -> Answer {
        let mut request = self.request(method, path).header("Api-Token", &application.api_token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        answer(request).await
    }

    /// A device of a user of the first application, signed in and connected.
    pub async fn device(&self, user_id: &str, token: Option<&str>) -> (Client, Events) {
        let (client, events) = self.client();
        client.authenticate(user_id, token).await.unwrap();
        client.connect().await.unwrap();
        (client, events)
    }

    /// A device that has not signed in.
    pub fn client(&self) -> (Client, Events) {
        let host = format!("http://{}", self.serving.http);
        let socket = format!("ws://{}", self.serving.http);
        Client::init(&self.application.id, Host::new(&host, &socket).unwrap()).unwrap()
    }
}

/// Sends a request and reads the JSON that comes.
pub async fn answer(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let body = response.bytes().await.unwrap();
    let body = serde_json::from_slice(&body).unwrap_or_else(|error| panic!("{error} in {body:?}"));
    Answer { status, body }
}

impl Answer {
    /// The body of a success.
    pub fn ok(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.body);
        self.body
    }

    /// The code of an error, whose body has nothing but what belongs there.
    pub fn code(&self) -> u64 {
        let fields = self.body.as_object().unwrap();
        let names: Vec<_> = fields.keys().map(String::as_str).collect();
        assert_eq!(names, ["code", "error", "message"], "{self:?}");
        assert_eq!(fields["error"], true);
        assert!(!fields["message"].as_str().unwrap().is_empty());
        fields["code"].as_u64().unwrap()
    }

    /// Checks that it is an error of `/v1`, whose body has nothing but what belongs there.
    pub fn refused_v1(&self, status: u16, code: u64, kind: &str) {
        let fields = self.body.as_object().unwrap();
        let names: Vec<_> = fields.keys().map(String::as_str).collect();
        assert_eq!(names, ["code", "error", "message", "type"], "{self:?}");
        assert_eq!(fields["error"], true);
        assert!(!fields["message"].as_str().unwrap().is_empty());
        let told = (
            self.status,
            fields["code"].as_u64().unwrap(),
            fields["type"].as_str().unwrap(),
        );
        assert_eq!(told, (status, code, kind), "{self:?}");
    }

    /// Checks that it is an error of the caller.
    pub fn refused(&self, code: u64) {
        assert_eq!((self.status, self.code()), (400, code), "{self:?}");
    }
}

async fn make_application(node: &Node, id: &str) -> TestApplication {
    let wanted = WantedApplication {
        app_id: Some(id.parse().unwrap()),
        name: String::new(),
        permission: AccessTokenPermission::ReadWrite,
        allowed_origins: Vec::new(),
        is_relay_only: false,
    };
    let now = node.clock().now();
    let (application, api_token) = create_application(node.store(), node.key(), wanted, now).await.unwrap();
    TestApplication {
        id: application.id.to_string(),
        api_token,
    }
}
