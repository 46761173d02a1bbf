//! An identity provider on this machine, and a browser that goes there and back.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use offhook_server::config::Config;
use offhook_server::outbound::Url;
use offhook_server::secret;
use serde_json::{Value, json};

/// What the server says to prove that it is the client.
pub const SECRET: &str = "s/e cret";

/// A provider that runs until it is dropped.
pub struct Identity {
    address: SocketAddr,
    shared: Arc<Shared>,
    server: tokio::task::JoinHandle<()>,
}

struct Shared {
    issuer: String,
    state: Mutex<Known>,
}

struct Known {
    key: EcdsaKeyPair,
    key_id: u32,
    /// What it says of whoever comes.
    claims: Value,
    /// Of the sign-in under way.
    nonce: String,
    challenge: String,
    redirect_url: String,
}

impl Identity {
    /// Starts one, which says this of whoever comes.
    pub async fn start(claims: Value) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            issuer: format!("http://{address}"),
            state: Mutex::new(Known {
                key: new_key(),
                key_id: 1,
                claims,
                nonce: String::new(),
                challenge: String::new(),
                redirect_url: String::new(),
            }),
        });
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/keys", get(keys))
            .route("/token", post(token))
            .with_state(Arc::clone(&shared));
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            address,
            shared,
            server,
        }
    }

    /// A server's configuration that trusts it.
    pub fn configure(&self, mut config: Config) -> Config {
        let secret = config.data_dir.join("oidc-secret");
        std::fs::write(&secret, format!("{SECRET}\n")).unwrap();
        config.outbound.allowed_private_hosts = vec![self.address.to_string()];
        let oidc = &mut config.admin.oidc;
        oidc.issuer = Some(self.shared.issuer.clone());
        oidc.client_id = Some("offhook".to_owned());
        oidc.client_secret_file = Some(secret);
        oidc.owner_groups = vec!["chiefs".to_owned()];
        oidc.viewer_groups = vec!["guests".to_owned()];
        config
    }

    /// Says something else from now on.
    pub fn says(&self, claims: Value) {
        self.shared.state.lock().unwrap().claims = claims;
    }

    /// Has another key from now on.
    pub fn rotate_key(&self) {
        let mut known = self.shared.state.lock().unwrap();
        known.key = new_key();
        known.key_id += 1;
    }

    /// What its page does when somebody has signed in there: gives the address to go back to.
    pub fn authorize(&self, url: &str) -> String {
        let url: Url = url.parse().unwrap();
        assert_eq!(url.origin().ascii_serialization(), self.shared.issuer);
        assert_eq!(url.path(), "/authorize");
        let of = |name: &str| {
            url.query_pairs()
                .find(|(found, _)| found == name)
                .unwrap()
                .1
                .into_owned()
        };
        assert_eq!(
            (of("response_type"), of("client_id")),
            ("code".to_owned(), "offhook".to_owned())
        );
        assert_eq!(
            (of("scope"), of("code_challenge_method")),
            ("openid email profile".to_owned(), "S256".to_owned())
        );
        let mut known = self.shared.state.lock().unwrap();
        known.nonce = of("nonce");
        known.challenge = of("code_challenge");
        known.redirect_url = of("redirect_uri");
        format!("{}?code=the-code&state={}", known.redirect_url, of("state"))
    }
}

impl Drop for Identity {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn new_key() -> EcdsaKeyPair {
    EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap()
}

async fn discovery(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let issuer = &shared.issuer;
    Json(json!({
        "issuer": issuer, "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"), "jwks_uri": format!("{issuer}/keys"),
    }))
}

async fn keys(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let known = shared.state.lock().unwrap();
    let point = known.key.public_key().as_ref();
    let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    Json(json!({"keys": [{
        "kty": "EC", "crv": "P-256", "use": "sig", "kid": known.key_id.to_string(),
        "x": part(&point[1..33]), "y": part(&point[33..]),
    }]}))
}

/// Gives the token to whoever has the code, the client's secret, and what the challenge was made of.
async fn token(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: String) -> Result<Json<Value>, StatusCode> {
    let known = shared.state.lock().unwrap();
    let fields: Url = format!("http://form/?{body}").parse().unwrap();
    let of = |name: &str| {
        fields
            .query_pairs()
            .find(|(found, _)| found == name)
            .map(|(_, value)| value.into_owned())
    };
    let basic = format!("Basic {}", STANDARD.encode("offhook:s%2Fe%20cret"));
    let verifier = of("code_verifier").unwrap_or_default();
    let is_right = headers.get("authorization").is_some_and(|value| *value == basic)
        && of("grant_type").as_deref() == Some("authorization_code")
        && of("code").as_deref() == Some("the-code")
        && of("redirect_uri").as_ref() == Some(&known.redirect_url)
        && secret::encode(&secret::hash(&verifier)) == known.challenge;
    if !is_right {
        return Err(StatusCode::BAD_REQUEST);
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let mut claims = json!({
        "iss": shared.issuer, "aud": "offhook", "nonce": known.nonce,
        "iat": now.as_secs(), "exp": (now + Duration::from_secs(60)).as_secs(),
    });
    claims
        .as_object_mut()
        .unwrap()
        .extend(known.claims.as_object().unwrap().clone());
    let header = json!({"alg": "ES256", "kid": known.key_id.to_string()});
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(&header), part(&claims));
    let signature = known.key.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
    let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()));
    Ok(Json(
        json!({"access_token": "unused", "token_type": "Bearer", "id_token": token}),
    ))
}
