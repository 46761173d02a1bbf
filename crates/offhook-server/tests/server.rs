//! A server to test: on free ports, in a folder that is gone afterwards, with an application or two.

pub mod phone;
pub mod raw;

use std::time::Duration;

use offhook_client::{Client, Host};
use offhook_core::application::AccessTokenPermission;
use offhook_core::call::Input;
use offhook_core::id::{AppKey, CallId};
use offhook_core::session::{Credential, Session};
use offhook_core::time::Timestamp;
use offhook_server::config::Config;
use offhook_server::credential::{self, WantedApplication};
use offhook_server::node::{Node, Serving};
use offhook_server::tickets::Lifetimes;
use offhook_store::Actor;

use crate::receiver::Receiver;

pub use phone::Phone;
pub use raw::RawSocket;

/// Far above any limit that is tested: a test that waits this long has failed.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A running server and its folder.
pub struct Server {
    serving: Serving,
    config: Config,
    folder: tempfile::TempDir,
    app: AppKey,
    /// The id of the application that lets everybody in.
    pub app_id: String,
    /// What its back end says.
    pub api_token: String,
}

impl Server {
    /// Starts with one application, which makes unknown users when they sign in.
    pub async fn start() -> Self {
        Self::start_with(|config| config).await
    }

    /// The same, with another configuration.
    pub async fn start_with(change: impl FnOnce(Config) -> Config) -> Self {
        Self::start_for(Lifetimes::default(), change).await
    }

    /// The same, and it may send to these receivers although they are on this machine.
    pub async fn start_beside(receivers: &[&Receiver], change: impl FnOnce(Config) -> Config) -> Self {
        // Each receiver has an authority of its own.
        let roots: Vec<_> = receivers
            .iter()
            .map(|receiver| std::fs::read(receiver.ca()).unwrap())
            .collect();
        Self::start_with(|mut config| {
            let ca = config.data_dir.join("receivers.pem");
            std::fs::write(&ca, roots.concat()).unwrap();
            let hosts: Vec<_> = receivers.iter().map(|receiver| receiver.host()).collect();
            config.push.allowed_private_endpoints.clone_from(&hosts);
            config.outbound.allowed_private_hosts = hosts;
            config.outbound.ca = Some(ca);
            change(config)
        })
        .await
    }

    /// The same, with tickets of the relay that last so long.
    pub async fn start_for(lifetimes: Lifetimes, change: impl FnOnce(Config) -> Config) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = change(Config::ephemeral(folder.path()));
        let serving = Node::serve_with(config.clone(), false, lifetimes).await.unwrap();
        let (app, app_id, api_token) = create_application(&serving, AccessTokenPermission::ReadWrite).await;
        Self {
            serving,
            config,
            folder,
            app,
            app_id,
            api_token,
        }
    }

    /// Makes another application; gives its id.
    pub async fn create_application(&self, permission: AccessTokenPermission) -> String {
        create_application(&self.serving, permission).await.1
    }

    pub fn node(&self) -> &Node {
        &self.serving.node
    }

    pub fn app(&self) -> AppKey {
        self.app
    }

    pub fn host(&self) -> Host {
        format!("http://{}", self.serving.http).parse().unwrap()
    }

    pub fn address(&self) -> String {
        self.serving.http.to_string()
    }

    /// Where the metrics are.
    pub fn admin(&self) -> std::net::SocketAddr {
        self.serving.admin
    }

    /// Waits until a number that the server publishes is so high.
    pub async fn counted(&self, name: &str, least: f64) {
        let url = format!("http://{}/metrics", self.admin());
        let reached = async {
            loop {
                let metrics = reqwest::get(&url).await.unwrap().text().await.unwrap();
                let mut numbers = metrics.lines().filter_map(|line| line.rsplit_once(' '));
                let number = numbers.find_map(|(found, number)| (found == name).then_some(number));
                if number.is_some_and(|number| number.parse::<f64>().unwrap() >= least) {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let waited = tokio::time::timeout(PATIENCE, reached).await;
        waited.unwrap_or_else(|_| panic!("{name} is never {least}"));
    }

    /// A device that is not signed in.
    pub fn device(&self, app_id: &str) -> Phone {
        let (client, events) = Client::init(app_id, self.host()).unwrap();
        Phone::new(client, events)
    }

    /// A device of a user of the first application, signed in and connected.
    pub async fn phone(&self, user_id: &str) -> Phone {
        self.phone_in(&self.app_id, user_id).await
    }

    /// The same, of another application.
    pub async fn phone_in(&self, app_id: &str, user_id: &str) -> Phone {
        let phone = self.device(app_id);
        phone.client.authenticate(user_id, None).await.unwrap();
        phone.client.connect().await.unwrap();
        phone
    }

    /// A session token of a user, who is made by signing in if need be.
    pub async fn session_token(&self, user_id: &str) -> String {
        let (store, key, now) = (self.node().store(), self.node().key(), self.node().clock().now());
        if store.user(self.app, user_id).await.unwrap().is_none() {
            self.device(&self.app_id)
                .client
                .authenticate(user_id, None)
                .await
                .unwrap();
        }
        let issued = credential::issue_session_token(store, key, self.app, user_id, None, now).await;
        issued.unwrap().0
    }

    /// Lets the session tokens of a user's sessions run out, as if their time had come.
    pub async fn expire_session_tokens(&self, user_id: &str) {
        let store = self.node().store();
        let user = store.user(self.app, user_id).await.unwrap().unwrap();
        let now = self.node().clock().now();
        for session in store.sessions_of(user.key).await.unwrap() {
            let Credential::SessionToken { generation, .. } = session.credential else {
                continue;
            };
            let expired = Session {
                credential: Credential::SessionToken {
                    generation,
                    expires_at: now,
                },
                expires_at: now,
                ..session
            };
            // Written a moment ago, when it was still good.
            let before = Timestamp::from_millis(now.as_millis() - 1);
            store.renew_session(expired, before).await.unwrap();
        }
        self.node().sessions_changed(self.app(), user.key).await.unwrap();
    }

    /// A session key, as `authenticate` gives it.
    pub async fn session_key(&self, user_id: &str) -> String {
        raw::session_key(&self.address(), &self.app_id, user_id).await
    }

    /// A connection that has not said anything.
    pub async fn raw(&self) -> RawSocket {
        RawSocket::open(&self.address()).await.unwrap()
    }

    /// Lets a call's deadline come: `after` this moment has passed, as far as the call knows.
    pub async fn expire(&self, call_id: CallId, after: Duration) {
        let now = self.node().clock().now() + after;
        let change = self
            .node()
            .store()
            .apply(self.app, call_id, Actor::System, Input::Expire, now)
            .await;
        self.node().announce(&change.unwrap());
    }

    /// Stops, and starts again in the same folder and at the same address.
    pub async fn restart(self) -> Self {
        let Self {
            serving,
            config,
            folder,
            app,
            app_id,
            api_token,
        } = self;
        let listen = serving.http;
        serving.stop().await;
        let config = Config { listen, ..config };
        let serving = Node::serve(config.clone(), false).await.unwrap();
        Self {
            serving,
            config,
            folder,
            app,
            app_id,
            api_token,
        }
    }

    /// Stops.
    pub async fn stop(self) {
        self.serving.stop().await;
        self.folder.close().unwrap();
    }
}

async fn create_application(serving: &Serving, permission: AccessTokenPermission) -> (AppKey, String, String) {
    let node = &serving.node;
    let wanted = WantedApplication {
        app_id: None,
        name: "a test".to_owned(),
        permission,
        allowed_origins: Vec::new(),
        is_relay_only: false,
    };
    let created = credential::create_application(node.store(), node.key(), wanted, node.clock().now()).await;
    let (application, api_token) = created.unwrap();
    (application.key, application.id.to_string(), api_token)
}
