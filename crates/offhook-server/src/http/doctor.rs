//! The page `/doctor`, which tests the way of calls from the visitor's own browser, and what it asks:
//! `GET /client/v1/doctor` says whether there is a relay, `POST /client/v1/doctor` opens it to whoever has a key.

use std::time::Duration;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use offhook_core::time::millis;
use offhook_proto::error::ErrorCode;
use offhook_proto::ice::IceServer;
use offhook_turn::Ticket;
use serde::{Deserialize, Serialize};

use super::bundle::{self, Bundle};
use crate::address::ClientAddress;
use crate::doctor::key::{self, InvalidKey};
use crate::http::error::ApiError;
use crate::http::fields::{Fields, arrived, required};
use crate::node::Node;
use crate::secret;
use crate::tickets::Addresses;

/// Runs scripts and styles of its own only; talks to its own server.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                      connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// The longest body: a key and room to spare.
const MAX_BYTES: usize = 1024;
/// How long the credential lets in: a test takes a minute, on a slow network.
const CREDENTIAL_LIFETIME: Duration = Duration::from_secs(5 * 60);

/// What everybody may know: STUN answers anybody anyway.
#[derive(Debug, Serialize, Deserialize)]
pub struct Announced {
    /// Whether clients get a relay from this server.
    pub has_relay: bool,
    /// STUN.
    pub ice_servers: Vec<IceServer>,
}

/// What a key opens.
#[derive(Debug, Serialize, Deserialize)]
pub struct Opened {
    /// TURN, an entry a transport, so that each can be tested by itself.
    pub ice_servers: Vec<IceServer>,
    /// How long the relay takes the credentials.
    pub expires_in_ms: u64,
}

/// `GET /doctor`.
pub async fn page() -> Response {
    file(Path("index.html".to_owned())).await
}

/// `GET /doctor/{path}`.
pub async fn file(Path(path): Path<String>) -> Response {
    let mut response = bundle::answer(Bundle::Doctor.get(&path), &path);
    response
        .headers_mut()
        .insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}

/// Says whether there is a relay, and where STUN is.
pub async fn get(State(node): State<Node>) -> Json<Announced> {
    let tickets = node.tickets();
    let stun = stun_of(tickets.addresses());
    let server = |urls| IceServer {
        urls,
        username: None,
        credential: None,
    };
    Json(Announced {
        has_relay: tickets.has_relay(),
        ice_servers: (!stun.is_empty()).then(|| server(stun)).into_iter().collect(),
    })
}

/// Opens the relay for a while to whoever has a key.
pub async fn post(
    State(node): State<Node>,
    address: ClientAddress,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Opened>, ApiError> {
    let body = arrived(body)?;
    if body.len() > MAX_BYTES {
        return Err(ErrorCode::VALUE_TOO_LONG.into());
    }
    let fields = Fields::read(&body)?;
    let text = required("key", fields.text("key")?)?;
    let now = node.clock().now();
    if let Err(invalid) = key::check(node.key(), text, now) {
        node.throttle().count_wrong_key(address).map_err(ApiError::throttled)?;
        return Err(refused(invalid));
    }
    let tickets = node.tickets();
    let ice_servers = match tickets.credential(&ticket()?, now + CREDENTIAL_LIFETIME) {
        Some(credential) => {
            let with_credential = |url: &String| IceServer {
                urls: vec![url.clone()],
                username: Some(credential.username.clone()),
                credential: Some(credential.password.clone()),
            };
            tickets.addresses().turn.iter().map(with_credential).collect()
        }
        None => Vec::new(),
    };
    Ok(Json(Opened {
        ice_servers,
        expires_in_ms: millis(CREDENTIAL_LIFETIME),
    }))
}

/// A ticket of no application: what it relays is nobody's.
fn ticket() -> Result<Ticket, ApiError> {
    let text = format!("doctor.{}", secret::encode(&secret::random::<16>()));
    Ticket::new(&text).map_err(|error| ApiError::internal(&error))
}

/// Where clients learn their address: where they are told to, else from a relay, for each over UDP answers STUN, too.
fn stun_of(addresses: &Addresses) -> Vec<String> {
    if !addresses.stun.is_empty() {
        return addresses.stun.clone();
    }
    addresses.turn.iter().filter_map(|url| stun_beside(url)).collect()
}

fn stun_beside(url: &str) -> Option<String> {
    let rest = url.strip_prefix("turn:")?;
    let (server, query) = rest.split_once('?').unwrap_or((rest, ""));
    (!query.contains("transport=tcp")).then(|| format!("stun:{server}"))
}

fn refused(invalid: InvalidKey) -> ApiError {
    match invalid {
        InvalidKey::NotOurs => ApiError::new(
            ErrorCode::INVALID_SESSION_KEY,
            "This key is none of this server's: run `offhook doctor` there, and open the link that it prints.",
        ),
        InvalidKey::Expired => ApiError::new(
            ErrorCode::SESSION_EXPIRED,
            "This key has expired: run `offhook doctor` again, and open the link that it prints.",
        ),
    }
}
