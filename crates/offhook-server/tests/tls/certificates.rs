//! Certificates in files: what is refused at the start, and what happens when they change.

use std::path::PathBuf;

use super::{Issuer, TlsClient, server};
use crate::program::{Program, command};

#[tokio::test]
async fn a_new_certificate_is_served_to_new_connections_while_those_that_run_go_on() {
    let (issuer, folder) = (Issuer::new(), tempfile::tempdir().unwrap());
    let server = server(&issuer, &folder).await;
    let https = server.node().https().unwrap();
    let mut before = TlsClient::connect(https, &issuer, &["http/1.1"]).await.unwrap();
    before.is_healthy().await;

    let next = issuer.issue();
    next.write(&folder.path().join("cert.pem"), &folder.path().join("key.pem"));
    serves(https, &issuer, &next.certificate_der).await;

    assert_ne!(before.certificate(), next.certificate_der);
    assert_eq!(before.is_healthy().await, "HTTP/1.1 200 OK");
    server.stop().await;
}

/// Connects until the server has this certificate: it looks at its files every few seconds.
pub async fn serves(https: std::net::SocketAddr, issuer: &Issuer, certificate: &[u8]) {
    let served = async {
        loop {
            let client = TlsClient::connect(https, issuer, &["http/1.1"]).await.unwrap();
            if client.certificate() == certificate {
                return;
            }
        }
    };
    let served = tokio::time::timeout(crate::server::PATIENCE, served).await;
    served.expect("the new certificate is not served");
}

#[tokio::test]
async fn a_bad_certificate_is_told_of_and_the_old_one_is_served_on() {
    let (issuer, folder) = (Issuer::new(), tempfile::tempdir().unwrap());
    let (certificate, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    let first = issuer.issue();
    first.write(&certificate, &key);
    let mut program = serve(&folder, &certificate, &key);
    let https = program.ready["https"].as_str().unwrap().parse().unwrap();

    // The certificate is there, and its key is not yet.
    let next = issuer.issue();
    std::fs::write(&certificate, &next.certificate_pem).unwrap();
    let refused = "the new certificate cannot be used, the old one is served on";
    let told = program.log_until(refused);
    assert_eq!(told.len(), 1, "{told:?}");
    let error = told[0]["fields"]["error"].as_str().unwrap();
    assert!(error.contains("key.pem does not belong"), "{error}");
    serves(https, &issuer, &first.certificate_der).await;

    std::fs::write(&key, "nonsense").unwrap();
    let told = program.log_until(refused);
    assert_eq!(told.len(), 1, "{told:?}");
    let error = told[0]["fields"]["error"].as_str().unwrap();
    assert!(error.contains("key.pem holds no key"), "{error}");

    std::fs::write(&key, &next.key_pem).unwrap();
    let replaced = program.log_until("the certificate was replaced");
    assert_eq!(replaced.len(), 1, "nothing is told of twice: {replaced:?}");
    serves(https, &issuer, &next.certificate_der).await;
}

#[tokio::test]
async fn a_hangup_is_a_look_at_the_files() {
    let (issuer, folder) = (Issuer::new(), tempfile::tempdir().unwrap());
    let (certificate, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    issuer.issue().write(&certificate, &key);
    let mut program = serve(&folder, &certificate, &key);
    let https = program.ready["https"].as_str().unwrap().parse().unwrap();
    std::fs::remove_file(&key).unwrap();
    // Asked, it answers each time, and at once.
    let refused = "the new certificate cannot be used, the old one is served on";
    for _ in 0..3 {
        program.hang_up();
        let told = program.log_until(refused);
        let error = told[0]["fields"]["error"].as_str().unwrap();
        assert!(error.contains("key.pem cannot be read"), "{error}");
    }
    let next = issuer.issue();
    next.write(&certificate, &key);
    program.hang_up();
    program.log_until("the certificate was replaced");
    serves(https, &issuer, &next.certificate_der).await;
}

#[tokio::test]
async fn when_the_certificate_ends_is_in_the_metrics() {
    let (issuer, folder) = (Issuer::new(), tempfile::tempdir().unwrap());
    let (certificate, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    let mut params = rcgen::CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    params.not_after = rcgen::date_time_ymd(2100, 1, 1);
    issuer.issue_for(params).write(&certificate, &key);
    let program = serve(&folder, &certificate, &key);
    let metrics = reqwest::get(format!("http://{}/metrics", program.ready["admin"].as_str().unwrap())).await;
    let metrics = metrics.unwrap().text().await.unwrap();
    let line = metrics
        .lines()
        .find(|line| line.starts_with("offhook_certificate_expires_at_seconds"));
    assert_eq!(line, Some("offhook_certificate_expires_at_seconds 4102444800"));
}

#[test]
fn files_that_make_no_certificate_are_refused_at_the_start_and_by_config_check() {
    let (issuer, folder) = (Issuer::new(), tempfile::tempdir().unwrap());
    let (one, other) = (issuer.issue(), issuer.issue());
    let garbled = one.certificate_pem.replace("MII", "M!I");
    // PEM of something that is no certificate.
    let no_certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let encrypted = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
    let no_key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    for (certificate, key, words) in [
        (None, Some(one.key_pem.as_str()), "cert.pem cannot be read"),
        (Some(one.certificate_pem.as_str()), None, "key.pem cannot be read"),
        (Some(""), Some(&one.key_pem), "cert.pem holds no certificate"),
        (Some(&one.key_pem), Some(&one.key_pem), "cert.pem holds no certificate"),
        (Some(&garbled), Some(&one.key_pem), "cert.pem is not a PEM file"),
        (
            Some(no_certificate),
            Some(&one.key_pem),
            "cert.pem cannot be read as one",
        ),
        (
            Some(&one.certificate_pem),
            Some(&one.certificate_pem),
            "key.pem holds no key",
        ),
        (Some(&one.certificate_pem), Some(encrypted), "not encrypted"),
        (Some(&one.certificate_pem), Some(no_key), "key.pem cannot be used"),
        (
            Some(&one.certificate_pem),
            Some(&other.key_pem),
            "key.pem does not belong",
        ),
    ] {
        let write = |name: &str, content: Option<&str>| -> PathBuf {
            let path = folder.path().join(name);
            _ = std::fs::remove_file(&path);
            if let Some(content) = content {
                std::fs::write(&path, content).unwrap();
            }
            path
        };
        let (certificate, key) = (write("cert.pem", certificate), write("key.pem", key));
        for arguments in [
            &["config", "check"][..],
            &["serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"],
        ] {
            let output = command(folder.path())
                .args(arguments)
                .env("OFFHOOK_TLS__CERTIFICATE", &certificate)
                .env("OFFHOOK_TLS__KEY", &key)
                .env("OFFHOOK_TLS__LISTEN", "127.0.0.1:0")
                .env("OFFHOOK_RELAY__LISTEN", "127.0.0.1:0")
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(1), "{words}: {said}");
            assert!(said.contains(words), "{words}: {said}");
        }
    }
}

fn serve(folder: &tempfile::TempDir, certificate: &std::path::Path, key: &std::path::Path) -> Program {
    let settings = [
        ("OFFHOOK_TLS__LISTEN", "127.0.0.1:0"),
        ("OFFHOOK_TLS__CERTIFICATE", certificate.to_str().unwrap()),
        ("OFFHOOK_TLS__KEY", key.to_str().unwrap()),
    ];
    Program::serve(folder.path(), &settings)
}
