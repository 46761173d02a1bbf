//! An authority that speaks ACME (RFC 8555) over HTTPS on a free port, with as much of it as gives a certificate. It
//! verifies what a real one does: nonces, signatures, the URL that was signed, who owns what, and the challenge.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime};

use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, head, post};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use rcgen::{CertificateParams, PKCS_ECDSA_P256_SHA256, PublicKeyData, SignatureAlgorithm};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};
use tokio_rustls::TlsAcceptor;
use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::prelude::FromDer as _;

use super::challenge;
use super::jws::{AccountKey, Signed, decode};
use crate::issuer::Issuer;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// The authority; it ends with this.
pub struct Authority {
    shared: Arc<Shared>,
    address: SocketAddr,
    /// Vouches for the authority's own HTTPS.
    pub https: Issuer,
    serving: AbortHandle,
}

struct Shared {
    /// Vouches for what is issued.
    issuer: Issuer,
    state: Mutex<World>,
    base: String,
    /// Where domains lead; challenges wait until somebody says.
    leads_to: watch::Sender<Option<SocketAddr>>,
    /// The certificates that were fetched, in DER.
    fetched: watch::Sender<Vec<Vec<u8>>>,
}

#[derive(Default)]
struct World {
    nonces: Vec<String>,
    last_number: u64,
    accounts: Vec<AccountKey>,
    contacts: Vec<Value>,
    orders: Vec<Order>,
    /// How old what is issued is already.
    age: Duration,
    refusals: Vec<String>,
}

struct Order {
    account: usize,
    authorizations: Vec<Authorization>,
    certificate: Option<(String, Vec<u8>)>,
}

#[derive(Debug)]
struct Authorization {
    domain: String,
    token: String,
    outcome: Option<Result<(), String>>,
}

type App = State<Arc<Shared>>;

impl Authority {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            issuer: Issuer::new(),
            state: Mutex::default(),
            base: format!("https://localhost:{}", address.port()),
            leads_to: watch::Sender::new(None),
            fetched: watch::Sender::default(),
        });
        let router = Router::new()
            .route("/directory", get(directory))
            .route(
                "/nonce",
                head(|State(shared): App| async move { shared.answer(StatusCode::OK, "") }),
            )
            .route("/account", post(account))
            .route("/order", post(new_order))
            .route("/order/{order}", post(order))
            .route("/authorization/{order}/{index}", post(authorization))
            .route("/challenge/{order}/{index}", post(respond))
            .route("/finalize/{order}", post(finalize))
            .route("/certificate/{order}", post(certificate))
            .with_state(Arc::clone(&shared));
        let https = Issuer::new();
        let acceptor = acceptor(&https);
        let serving = tokio::spawn(serve(listener, acceptor, router)).abort_handle();
        Self {
            shared,
            address,
            https,
            serving,
        }
    }

    /// What `tls.acme_directory` is to be.
    pub fn directory(&self) -> String {
        format!("https://localhost:{}/directory", self.address.port())
    }

    /// Vouches for what is issued.
    pub fn issuer(&self) -> &Issuer {
        &self.shared.issuer
    }

    /// Says where every domain leads. Challenges are checked from then on.
    pub fn domains_lead_to(&self, server: SocketAddr) {
        self.shared.leads_to.send_replace(Some(server));
    }

    /// Challenges wait again.
    pub fn domains_lead_nowhere_yet(&self) {
        self.shared.leads_to.send_replace(None);
    }

    /// What is issued from here on was issued so long ago; it is valid for 90 days.
    pub fn issue_certificates_of_age(&self, days: u32) {
        self.shared.world().age = DAY * days;
    }

    /// Waits for the certificate of this number, from 1, to be fetched.
    pub async fn certificate(&self, number: usize) -> Vec<u8> {
        let mut fetched = self.shared.fetched.subscribe();
        let fetched = tokio::time::timeout(crate::server::PATIENCE, fetched.wait_for(|all| all.len() >= number)).await;
        let world = self.shared.world();
        let outcomes: Vec<_> = world.orders.iter().flat_map(|order| &order.authorizations).collect();
        fetched
            .unwrap_or_else(|_| panic!("no certificate is fetched: {outcomes:?}, {:?}", world.refusals))
            .unwrap()[number - 1]
            .clone()
    }

    /// The contacts of all accounts there are.
    pub fn contacts(&self) -> Vec<Value> {
        self.shared.world().contacts.clone()
    }

    /// What was refused, and why.
    pub fn refusals(&self) -> Vec<String> {
        self.shared.world().refusals.clone()
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(listener: TcpListener, acceptor: TlsAcceptor, router: Router) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let (acceptor, service) = (acceptor.clone(), TowerToHyperService::new(router.clone()));
        connections.spawn(async move {
            let Ok(stream) = acceptor.accept(stream).await else {
                return;
            };
            let connection = hyper::server::conn::http1::Builder::new();
            _ = connection.serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

fn acceptor(https: &Issuer) -> TlsAcceptor {
    let own = https.issue();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![CertificateDer::from(own.certificate_der)],
            PrivateKeyDer::from_pem_slice(own.key_pem.as_bytes()).unwrap(),
        );
    TlsAcceptor::from(Arc::new(config.unwrap()))
}

#[expect(
    clippy::result_large_err,
    reason = "an error is the answer to a request, made once a request"
)]
impl Shared {
    fn world(&self) -> MutexGuard<'_, World> {
        self.state.lock().unwrap()
    }

    /// Every answer brings a nonce (RFC 8555 §6.5).
    fn answer(&self, status: StatusCode, body: impl ToString) -> Response {
        let mut world = self.world();
        world.last_number += 1;
        let nonce = format!("nonce{}", world.last_number);
        world.nonces.push(nonce.clone());
        let headers = [("replay-nonce", nonce), ("content-type", "application/json".to_owned())];
        (status, headers, body.to_string()).into_response()
    }

    fn located(&self, status: StatusCode, path: &str, body: &Value) -> Response {
        let mut response = self.answer(status, body);
        let location = format!("{}{path}", self.base).parse().unwrap();
        response.headers_mut().insert("location", location);
        response
    }

    fn refuse(&self, why: &str) -> Response {
        self.world().refusals.push(why.to_owned());
        self.answer(
            StatusCode::FORBIDDEN,
            json!({"type": "urn:ietf:params:acme:error:unauthorized", "detail": why}),
        )
    }

    /// Takes a request apart as RFC 8555 §6 wants it; gives who signed, with a key or as an account, and what.
    fn open(
        &self,
        path: &str,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<(Signed, AccountKey, Option<usize>), Response> {
        if headers
            .get("content-type")
            .is_none_or(|kind| kind != "application/jose+json")
        {
            return Err(self.refuse("not application/jose+json"));
        }
        if headers.get("user-agent").is_none() {
            return Err(self.refuse("no User-Agent"));
        }
        let signed = Signed::read(body);
        if signed.header["url"] != format!("{}{path}", self.base) {
            return Err(self.refuse("signed for another URL"));
        }
        let (key, account) = {
            let mut world = self.world();
            let Some(at) = world.nonces.iter().position(|nonce| signed.header["nonce"] == *nonce) else {
                drop(world);
                return Err(self.refuse("not a nonce of ours, or used before"));
            };
            world.nonces.remove(at);
            match (&signed.header["jwk"], signed.header["kid"].as_str()) {
                (jwk, None) => (AccountKey::read(jwk), None),
                (Value::Null, Some(kid)) => {
                    let number = kid.strip_prefix(&format!("{}/account/", self.base));
                    let number = number.and_then(|number| number.parse::<usize>().ok());
                    let key = number.and_then(|number| world.accounts.get(number).cloned());
                    (key, number)
                }
                _ => (None, None),
            }
        };
        match key {
            Some(key) if signed.is_by(&key) => Ok((signed, key, account)),
            _ => Err(self.refuse("not signed by whom it says")),
        }
    }

    /// The same of a request about an order, which must be the account's own.
    fn open_order(&self, path: &str, headers: &HeaderMap, body: &[u8], order: usize) -> Result<Signed, Response> {
        let (signed, _, account) = self.open(path, headers, body)?;
        let owner = self.world().orders.get(order).map(|order| order.account);
        if account.is_none() || account != owner {
            return Err(self.refuse("not the account's own order"));
        }
        Ok(signed)
    }

    fn describe(&self, number: usize) -> Value {
        let world = self.world();
        let order = &world.orders[number];
        let outcomes = || order.authorizations.iter().map(|authorization| &authorization.outcome);
        let status = if order.certificate.is_some() {
            "valid"
        } else if outcomes().any(|outcome| matches!(outcome, Some(Err(_)))) {
            "invalid"
        } else if outcomes().all(|outcome| matches!(outcome, Some(Ok(())))) {
            "ready"
        } else {
            "pending"
        };
        let base = &self.base;
        let authorizations: Vec<String> = (0..order.authorizations.len())
            .map(|index| format!("{base}/authorization/{number}/{index}"))
            .collect();
        let mut described = json!({
            "status": status, "authorizations": authorizations, "finalize": format!("{base}/finalize/{number}"),
        });
        if status == "valid" {
            described["certificate"] = json!(format!("{base}/certificate/{number}"));
        }
        described
    }

    fn describe_authorization(&self, number: usize, index: usize) -> Value {
        let world = self.world();
        let authorization = &world.orders[number].authorizations[index];
        let (status, error) = match &authorization.outcome {
            None => ("pending", Value::Null),
            Some(Ok(())) => ("valid", Value::Null),
            Some(Err(why)) => (
                "invalid",
                json!({"type": "urn:ietf:params:acme:error:tls", "detail": why}),
            ),
        };
        json!({
            "status": status,
            "identifier": {"type": "dns", "value": authorization.domain},
            "challenges": [
                {"type": "http-01", "url": format!("{}/challenge/none", self.base), "token": "unused", "status": status},
                {
                    "type": "tls-alpn-01", "url": format!("{}/challenge/{number}/{index}", self.base),
                    "token": authorization.token, "status": status, "error": error,
                },
            ],
        })
    }
}

async fn directory(State(shared): App) -> Response {
    let base = &shared.base;
    let directory = json!({
        "newNonce": format!("{base}/nonce"), "newAccount": format!("{base}/account"), "newOrder": format!("{base}/order"),
    });
    shared.answer(StatusCode::OK, directory)
}

/// RFC 8555 §7.3: the same key is the same account.
async fn account(State(shared): App, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let (signed, key, account) = match shared.open(uri.path(), &headers, &body) {
        Ok(opened) => opened,
        Err(refusal) => return refusal,
    };
    let wanted: Value = serde_json::from_slice(&signed.payload).unwrap();
    if account.is_some() || wanted["termsOfServiceAgreed"] != true {
        return shared.refuse("not a new account that agrees");
    }
    let (number, is_new) = {
        let mut world = shared.world();
        match world.accounts.iter().position(|known| *known == key) {
            Some(number) => (number, false),
            None => {
                world.accounts.push(key);
                world.contacts.push(wanted["contact"].clone());
                (world.accounts.len() - 1, true)
            }
        }
    };
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    shared.located(status, &format!("/account/{number}"), &json!({"status": "valid"}))
}

async fn new_order(State(shared): App, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let (signed, account) = match shared.open(uri.path(), &headers, &body) {
        Ok((signed, _, Some(account))) => (signed, account),
        Ok(_) => return shared.refuse("no account"),
        Err(refusal) => return refusal,
    };
    let wanted: Value = serde_json::from_slice(&signed.payload).unwrap();
    let number = {
        let mut world = shared.world();
        let number = world.orders.len();
        let identifiers = wanted["identifiers"].as_array().unwrap().iter().enumerate();
        let authorizations = identifiers.map(|(index, identifier)| {
            assert_eq!(identifier["type"], "dns");
            Authorization {
                domain: identifier["value"].as_str().unwrap().to_owned(),
                token: format!("token-{number}-{index}"),
                outcome: None,
            }
        });
        let authorizations = authorizations.collect();
        world.orders.push(Order {
            account,
            authorizations,
            certificate: None,
        });
        number
    };
    shared.located(
        StatusCode::CREATED,
        &format!("/order/{number}"),
        &shared.describe(number),
    )
}

async fn order(State(shared): App, Path(number): Path<usize>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    match shared.open_order(uri.path(), &headers, &body, number) {
        Ok(_) => shared.answer(StatusCode::OK, shared.describe(number)),
        Err(refusal) => refusal,
    }
}

async fn authorization(
    State(shared): App,
    Path((number, index)): Path<(usize, usize)>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match shared.open_order(uri.path(), &headers, &body, number) {
        Ok(_) => shared.answer(StatusCode::OK, shared.describe_authorization(number, index)),
        Err(refusal) => refusal,
    }
}

/// The challenge is to be checked (RFC 8555 §7.5.1): this one answers when it has been.
async fn respond(
    State(shared): App,
    Path((number, index)): Path<(usize, usize)>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let key = match shared.open(uri.path(), &headers, &body) {
        Ok((_, key, Some(account))) if shared.world().orders[number].account == account => key,
        Ok(_) => return shared.refuse("not the account's own challenge"),
        Err(refusal) => return refusal,
    };
    let mut leads_to = shared.leads_to.subscribe();
    let server = leads_to.wait_for(Option::is_some).await.unwrap().unwrap();
    let (domain, authorization) = {
        let world = shared.world();
        let authorization = &world.orders[number].authorizations[index];
        (authorization.domain.clone(), key.authorization(&authorization.token))
    };
    let outcome = challenge::check(server, &domain, &authorization).await;
    shared.world().orders[number].authorizations[index].outcome = Some(outcome);
    let described = shared.describe_authorization(number, index);
    shared.answer(StatusCode::OK, &described["challenges"][1])
}

async fn finalize(
    State(shared): App,
    Path(number): Path<usize>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let signed = match shared.open_order(uri.path(), &headers, &body, number) {
        Ok(signed) => signed,
        Err(refusal) => return refusal,
    };
    if shared.describe(number)["status"] != "ready" {
        return shared.refuse("the order is not ready");
    }
    let wanted: Value = serde_json::from_slice(&signed.payload).unwrap();
    let request = decode(wanted["csr"].as_str().unwrap());
    let domains: Vec<String> = {
        let world = shared.world();
        let authorizations = world.orders[number].authorizations.iter();
        authorizations
            .map(|authorization| authorization.domain.clone())
            .collect()
    };
    let age = shared.world().age;
    let issued = match issue(&shared.issuer, &request, &domains, age) {
        Ok(issued) => issued,
        Err(why) => return shared.refuse(why),
    };
    let chain = format!("{}{}", issued.pem(), shared.issuer.pem());
    shared.world().orders[number].certificate = Some((chain, issued.der().to_vec()));
    shared.answer(StatusCode::OK, shared.describe(number))
}

async fn certificate(
    State(shared): App,
    Path(number): Path<usize>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Err(refusal) = shared.open_order(uri.path(), &headers, &body, number) {
        return refusal;
    }
    let certificate = shared.world().orders[number].certificate.clone();
    let Some((chain, der)) = certificate else {
        return shared.refuse("the order has no certificate");
    };
    shared.fetched.send_modify(|fetched| fetched.push(der));
    shared.answer(StatusCode::OK, chain)
}

/// A certificate for whom a request (RFC 2986) says, if it says what was ordered and its key signed it.
fn issue(
    issuer: &Issuer,
    request: &[u8],
    domains: &[String],
    age: Duration,
) -> Result<rcgen::Certificate, &'static str> {
    let (_, request) = X509CertificationRequest::from_der(request).map_err(|_| "not a request")?;
    let mut names = Vec::new();
    for extension in request.requested_extensions().into_iter().flatten() {
        if let ParsedExtension::SubjectAlternativeName(asked) = extension {
            names.extend(asked.general_names.iter().map(|name| match name {
                GeneralName::DNSName(name) => (*name).to_owned(),
                other => format!("{other:?}"),
            }));
        }
    }
    if names != domains {
        return Err("the request is for other names than the order");
    }
    let info = &request.certification_request_info;
    let key = AskedKey(info.subject_pki.subject_public_key.data.to_vec());
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, &key.0)
        .verify(info.raw, &request.signature_value.data)
        .map_err(|_| "the request is not signed by its key")?;
    let mut params = CertificateParams::new(names).map_err(|_| "not names")?;
    let since = SystemTime::now() - age;
    params.not_before = since.into();
    params.not_after = (since + 90 * DAY).into();
    Ok(issuer.sign(params, &key))
}

/// The public key in a request.
struct AskedKey(Vec<u8>);

impl PublicKeyData for AskedKey {
    fn der_bytes(&self) -> &[u8] {
        &self.0
    }

    fn algorithm(&self) -> &SignatureAlgorithm {
        &PKCS_ECDSA_P256_SHA256
    }
}
