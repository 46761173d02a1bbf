//! `offhook demo --lan`, by running it.

use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Stdio};

use aws_lc_rs::digest::{SHA256, digest};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use tokio::net::{TcpStream, UdpSocket};

use super::{TlsClient, client};
use crate::program::command;
use crate::server::PATIENCE;

#[tokio::test]
async fn the_demo_for_the_local_network_serves_https_with_the_certificate_whose_fingerprint_it_prints() {
    let demo = Demo::start("127.0.0.1:0");
    let links: Vec<&String> = demo
        .said
        .iter()
        .filter(|line| line.contains("/demo#app=DEMO"))
        .collect();
    assert_eq!(links.len(), 2, "{:?}", demo.said);
    assert!(
        links.iter().all(|link| link.contains("https://127.0.0.1:")),
        "{links:?}"
    );
    let https = demo.https();

    // Nobody vouches for the certificate but itself.
    let unknown = connect(https, RootCertStore::empty(), "127.0.0.1").await;
    assert!(unknown.err().unwrap().to_string().contains("UnknownIssuer"));
    let certificate = demo.certificate().await;
    let hash = digest(&SHA256, &certificate);
    let bytes: Vec<String> = hash.as_ref().iter().map(|byte| format!("{byte:02X}")).collect();
    let fingerprint = bytes.join(":");
    assert!(
        demo.said.iter().any(|line| line.trim() == fingerprint),
        "{:?}",
        demo.said
    );

    // Who trusts it is served, by both of its names.
    for name in ["127.0.0.1", "localhost"] {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from(certificate.clone())).unwrap();
        let mut client = connect(https, roots, name).await.unwrap();
        assert_eq!(client.is_healthy().await, "HTTP/1.1 200 OK", "{name}");
    }
}

#[tokio::test]
async fn the_demo_for_the_local_network_relays_at_the_same_address_and_says_to_whom() {
    let demo = Demo::start("127.0.0.1:0");
    let line = demo.said.iter().find(|line| line.starts_with("The relay at ")).unwrap();
    assert!(line.contains("10.0.0.0/8") && line.contains("192.168.0.0/16"), "{line}");
    let relay: SocketAddr = line.split(' ').nth(3).unwrap().parse().unwrap();
    assert_eq!(relay.ip(), demo.https().ip());
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let request = super::relay::binding(1);
    socket.send_to(&request, relay).await.unwrap();
    let mut answer = [0; 200];
    let heard = tokio::time::timeout(PATIENCE, socket.recv_from(&mut answer)).await;
    assert_eq!(heard.expect("no answer").unwrap().1, relay);
    assert_eq!(answer[..2], [0x01, 0x01]);
}

#[test]
fn a_port_that_is_in_use_is_replaced_by_another() {
    let occupied = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = occupied.local_addr().unwrap();
    let demo = Demo::start(&taken.to_string());
    assert_eq!(demo.https().ip(), taken.ip());
    assert_ne!(demo.https().port(), taken.port());
}

/// A demo that is killed with the test, and what it said.
struct Demo {
    child: Child,
    said: Vec<String>,
    _folder: tempfile::TempDir,
}

impl Demo {
    fn start(listen: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut child = command(folder.path())
            .args(["demo", "--lan", "--listen", listen])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = Vec::new();
        for line in BufReader::new(child.stdout.as_mut().unwrap()).lines() {
            said.push(line.unwrap());
            if said.last().unwrap().starts_with("The server forgets everything") {
                break;
            }
        }
        Self {
            child,
            said,
            _folder: folder,
        }
    }

    fn https(&self) -> SocketAddr {
        let link = self.said.iter().find_map(|line| line.split("https://").nth(1)).unwrap();
        link.split('/').next().unwrap().parse().unwrap()
    }

    /// What it serves with, taken on trust.
    async fn certificate(&self) -> Vec<u8> {
        let stream = TcpStream::connect(self.https()).await.unwrap();
        let mut config = client::config(RootCertStore::empty(), &[]);
        client::trust_anything(&mut config);
        let connected = TlsClient::over(stream, config, "127.0.0.1").await.unwrap();
        connected.certificate()
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

async fn connect(https: SocketAddr, roots: RootCertStore, name: &str) -> std::io::Result<TlsClient> {
    let stream = TcpStream::connect(https).await?;
    TlsClient::over(stream, client::config(roots, &[]), name).await
}
