//! Certificates by ACME, from an authority that is written for it and checks what a real one does.

mod authority;
mod challenge;
mod jws;

use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use offhook_server::config::Config;
use offhook_server::config::tls::TlsConfig;
use offhook_server::node::Node;
use tokio::net::TcpStream;

use self::authority::Authority;
use super::{Issuer, TlsClient, client};
use crate::program::Program;
use crate::server::PATIENCE;

const DOMAINS: [&str; 2] = ["calls.example.org", "www.calls.example.org"];

#[tokio::test]
async fn a_certificate_comes_by_acme_and_until_then_http_is_served() {
    let (authority, folder) = (Authority::start().await, tempfile::tempdir().unwrap());
    let serving = Node::serve(config(&authority, folder.path()), false).await.unwrap();
    let https = serving.https.unwrap();
    // Nobody has said yet where the domains lead, so there is no certificate.
    let healthy = reqwest::get(format!("http://{}/healthz", serving.http)).await.unwrap();
    assert_eq!(healthy.status(), 200);
    assert!(connect(https, authority.issuer(), DOMAINS[0], &["h2"]).await.is_err());

    authority.domains_lead_to(https);
    let issued = authority.certificate(1).await;
    for domain in DOMAINS {
        serves(https, &authority, domain, &issued).await;
    }
    assert_eq!(authority.refusals(), [""; 0]);
    assert_eq!(
        authority.contacts(),
        [serde_json::json!(["mailto:operator@example.org"])]
    );
    // The challenge is over.
    assert!(
        connect(https, authority.issuer(), DOMAINS[0], &["acme-tls/1"])
            .await
            .is_err()
    );
    let other = connect(https, authority.issuer(), "other.example.org", &["h2"]).await;
    assert!(other.is_err(), "the certificate is for its own names");
    serving.stop().await;
}

#[tokio::test]
async fn after_a_restart_the_kept_certificate_is_served_at_once_and_renewed_when_it_is_time() {
    let (authority, folder) = (Authority::start().await, tempfile::tempdir().unwrap());
    // 25 of 90 days are left: it is time.
    authority.issue_certificates_of_age(65);
    let serving = Node::serve(config(&authority, folder.path()), false).await.unwrap();
    authority.domains_lead_to(serving.https.unwrap());
    let old = authority.certificate(1).await;
    serves(serving.https.unwrap(), &authority, DOMAINS[0], &old).await;
    kept(folder.path()).await;
    serving.stop().await;

    authority.domains_lead_nowhere_yet();
    authority.issue_certificates_of_age(0);
    let serving = Node::serve(config(&authority, folder.path()), false).await.unwrap();
    let https = serving.https.unwrap();
    serves(https, &authority, DOMAINS[0], &old).await;
    let mut before = connect(https, authority.issuer(), DOMAINS[0], &["http/1.1"])
        .await
        .unwrap();
    authority.domains_lead_to(https);
    let new = authority.certificate(2).await;
    serves(https, &authority, DOMAINS[0], &new).await;
    assert_eq!(before.is_healthy().await, "HTTP/1.1 200 OK");
    assert_eq!(authority.contacts().len(), 1, "the account is the same");
    assert_eq!(authority.refusals(), [""; 0]);
    serving.stop().await;
}

#[tokio::test]
async fn a_domain_that_leads_elsewhere_is_told_of_with_advice() {
    let (authority, folder) = (Authority::start().await, tempfile::tempdir().unwrap());
    let (issuer, ca) = (Issuer::new(), folder.path().join("ca.pem"));
    std::fs::write(&ca, authority.https.pem()).unwrap();
    let elsewhere = super::server(&issuer, &folder).await;
    authority.domains_lead_to(elsewhere.node().https().unwrap());
    let settings = [
        ("OFFHOOK_TLS__LISTEN", "127.0.0.1:0"),
        ("OFFHOOK_TLS__DOMAINS", "calls.example.org"),
        ("OFFHOOK_TLS__ACME_DIRECTORY", &authority.directory()),
        ("OFFHOOK_TLS__ACME_CA", ca.to_str().unwrap()),
    ];
    let mut program = Program::serve(folder.path(), &settings);
    let (told, program) = tokio::task::spawn_blocking(move || {
        let told = program.log_until("there is no certificate, so TLS is not served");
        (told, program)
    })
    .await
    .unwrap();
    let fields = &told.last().unwrap()["fields"];
    let (error, advice) = (fields["error"].as_str().unwrap(), fields["advice"].as_str().unwrap());
    assert!(error.contains("calls.example.org"), "{error}");
    assert!(advice.contains("port 443") && advice.contains("DNS"), "{advice}");
    assert_eq!(fields["next_try_in_s"], 60);
    let http = program.ready["http"].as_str().unwrap();
    assert_eq!(
        reqwest::get(format!("http://{http}/healthz")).await.unwrap().status(),
        200
    );
    elsewhere.stop().await;
}

#[tokio::test]
async fn an_authority_that_nobody_vouches_for_is_told_of_with_advice() {
    let (authority, folder) = (Authority::start().await, tempfile::tempdir().unwrap());
    let settings = [
        ("OFFHOOK_TLS__LISTEN", "127.0.0.1:0"),
        ("OFFHOOK_TLS__DOMAINS", "calls.example.org"),
        ("OFFHOOK_TLS__ACME_DIRECTORY", &authority.directory()),
    ];
    let mut program = Program::serve(folder.path(), &settings);
    let told =
        tokio::task::spawn_blocking(move || program.log_until("there is no certificate, so TLS is not served")).await;
    let told = told.unwrap();
    let advice = told.last().unwrap()["fields"]["advice"].as_str().unwrap().to_owned();
    assert!(advice.contains("tls.acme_ca"), "{advice}");
}

/// A server that gets its certificate from this authority.
fn config(authority: &Authority, folder: &Path) -> Config {
    let ca = folder.join("ca.pem");
    std::fs::write(&ca, authority.https.pem()).unwrap();
    let tls = TlsConfig {
        listen: Some("127.0.0.1:0".parse().unwrap()),
        domains: DOMAINS.map(str::to_owned).to_vec(),
        acme_contact: Some("operator@example.org".to_owned()),
        acme_directory: authority.directory(),
        acme_ca: Some(ca),
        ..TlsConfig::default()
    };
    Config {
        tls,
        ..Config::ephemeral(&folder.join("data"))
    }
}

async fn connect(https: SocketAddr, issuer: &Issuer, name: &str, protocols: &[&str]) -> std::io::Result<TlsClient> {
    let stream = TcpStream::connect(https).await?;
    TlsClient::over(stream, client::config(issuer.roots(), protocols), name).await
}

/// Connects until the server has this certificate: it was fetched, and is deployed in a moment.
async fn serves(https: SocketAddr, authority: &Authority, domain: &str, certificate: &[u8]) {
    let served = async {
        loop {
            let connected = connect(https, authority.issuer(), domain, &["http/1.1"]).await;
            if connected.is_ok_and(|client| client.certificate() == certificate) {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    let served = tokio::time::timeout(PATIENCE, served).await;
    served.expect("the certificate is not served");
}

/// Waits until account and certificate are on disk, and looks who can read them.
async fn kept(folder: &Path) {
    let folder = folder.join("data").join("acme");
    let complete = async {
        loop {
            let names = std::fs::read_dir(&folder).map(|entries| entries.flatten().collect());
            let names: Vec<std::fs::DirEntry> = names.unwrap_or_default();
            let is_whole = names.iter().all(|entry| entry.path().extension().is_none());
            if names.len() == 2 && is_whole {
                return names;
            }
            tokio::task::yield_now().await;
        }
    };
    let names = tokio::time::timeout(PATIENCE, complete).await.expect("nothing is kept");
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    assert!(names.iter().all(|entry| mode(&entry.path()) == 0o600));
}
