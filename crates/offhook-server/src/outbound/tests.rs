use std::net::SocketAddr;
use std::time::Instant;

use axum::http::{HeaderValue, header};

use super::*;
use receiver::{Receiver, Reply};

#[expect(dead_code, reason = "other tests use the rest")]
#[path = "../../tests/issuer.rs"]
mod issuer;
#[expect(dead_code, reason = "other tests use the rest")]
#[path = "../../tests/receiver.rs"]
mod receiver;

const PATIENCE: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_public_host_gets_the_body_over_tls_and_its_answer_comes_back() {
    let mut receiver = Receiver::answering(|_, _| Reply::Status(201)).await;
    let outbound = public(&receiver, &[receiver.address.ip()]);
    let mut headers = HeaderMap::new();
    headers.insert("x-purpose", HeaderValue::from_static("test"));
    let url = url(&format!(
        "https://receiver.example:{}/in?key=1",
        receiver.address.port()
    ));
    let answer = outbound.post(&url, headers, b"hello".to_vec(), PATIENCE).await.unwrap();
    assert_eq!((answer.status, answer.is_success()), (201, true));
    let received = receiver.next().await;
    assert_eq!((received.path.as_str(), &*received.body), ("/in?key=1", &b"hello"[..]));
    assert_eq!(received.headers["x-purpose"], "test");
    assert!(received.headers.get(header::REFERER).is_none());
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_refused() {
    let mut receiver = Receiver::start().await;
    let other = Receiver::start().await;
    let outbound = public(&other, &[receiver.address.ip()]);
    let url = url(&format!("https://receiver.example:{}/", receiver.address.port()));
    let error = post(&outbound, &url).await.unwrap_err();
    assert!(matches!(error, OutboundError::NotConnected(_)), "{error:?}");
    assert!(receiver.is_idle());
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_not_followed() {
    let mut target = Receiver::start().await;
    let to = target.url("/elsewhere");
    let mut receiver = Receiver::answering(move |_, _| Reply::Redirect(to.clone())).await;
    let outbound = allowing(&receiver, &[&receiver.host(), &target.host()]);
    let answer = post(&outbound, &url(&receiver.url("/"))).await.unwrap();
    assert_eq!((answer.status, answer.is_success()), (307, false));
    receiver.next().await;
    assert!(target.is_idle());
}

#[tokio::test]
async fn private_addresses_are_refused_however_they_are_written() {
    let mut receiver = Receiver::start().await;
    let port = receiver.address.port();
    let outbound = allowing(&receiver, &[]);
    for host in [
        "127.0.0.1",
        "2130706433",
        "0x7f.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "0.0.0.0",
        "localhost",
        "localhost.",
        "10.1.2.3",
        "169.254.169.254",
        "[fd00:ec2::254]",
    ] {
        let url = url(&format!("https://{host}:{port}/"));
        let error = post(&outbound, &url).await.unwrap_err();
        let reason = match error {
            OutboundError::NotReachable(reason) => reason,
            other => panic!("{host}: {other:?}"),
        };
        // Some resolvers do not know the name with a dot behind it.
        let is_refused = reason == NotReachable::Private || host == "localhost.";
        assert!(is_refused, "{host}: {reason:?}");
    }
    assert!(receiver.is_idle());

    let outbound = allowing(&receiver, &[&receiver.host()]);
    assert_eq!(post(&outbound, &url(&receiver.url("/"))).await.unwrap().status, 200);
    receiver.next().await;
}

#[tokio::test]
async fn of_two_addresses_of_a_name_only_the_public_one_is_connected_to() {
    let mut public_one = Receiver::at(SocketAddr::from(([127, 0, 0, 2], 0)), |_, _| Reply::Status(200)).await;
    let port = public_one.address.port();
    let mut private_one = Receiver::at(SocketAddr::from(([127, 0, 0, 3], port)), |_, _| Reply::Status(200)).await;
    let addresses = [private_one.address.ip(), public_one.address.ip()];
    let policy = policy(&[public_one.address.ip()]);
    let outbound = with_names(&public_one, policy, &addresses);
    let url = url(&format!("https://receiver.example:{port}/"));
    assert_eq!(post(&outbound, &url).await.unwrap().status, 200);
    public_one.next().await;
    assert!(private_one.is_idle());

    let outbound = with_names(&public_one, Policy::default(), &addresses);
    let error = post(&outbound, &url).await.unwrap_err();
    assert!(
        matches!(error, OutboundError::NotReachable(NotReachable::Private)),
        "{error:?}"
    );
    let outbound = with_names(&public_one, Policy::default(), &[]);
    let error = post(&outbound, &url).await.unwrap_err();
    assert!(
        matches!(error, OutboundError::NotReachable(NotReachable::Unknown)),
        "{error:?}"
    );
}

#[tokio::test]
async fn what_the_operator_denies_is_not_reached_by_name_or_by_number() {
    let mut receiver = Receiver::start().await;
    let (ip, port) = (receiver.address.ip(), receiver.address.port());
    let policy = Policy {
        denied: vec![ip.into()],
        ..policy(&[ip])
    };
    let outbound = with_names(&receiver, policy, &[ip]);
    for host in ["receiver.example", "127.0.0.1", "[::ffff:127.0.0.1]"] {
        let error = post(&outbound, &url(&format!("https://{host}:{port}/")))
            .await
            .unwrap_err();
        let is_refused = matches!(error, OutboundError::NotReachable(NotReachable::Private));
        assert!(is_refused, "{host}: {error:?}");
    }
    let denied: Vec<IpNet> = vec!["203.0.113.0/24".parse().unwrap(), "1.1.1.0/24".parse().unwrap()];
    let outbound = Outbound::new(&OutboundConfig::default(), denied).unwrap();
    let error = post(&outbound, &url("https://1.1.1.1/")).await.unwrap_err();
    assert!(
        matches!(error, OutboundError::NotReachable(NotReachable::Private)),
        "{error:?}"
    );
    assert!(receiver.is_idle());
}

#[tokio::test]
async fn a_list_of_private_hosts_counts_for_its_own_requests_only() {
    let mut receiver = Receiver::start().await;
    let outbound = allowing(&receiver, &[&receiver.host()]);
    let others = outbound.allowing_only(&[]);
    let error = post(&others, &url(&receiver.url("/"))).await.unwrap_err();
    assert!(
        matches!(
            error,
            OutboundError::NotHttps | OutboundError::NotReachable(NotReachable::Private)
        ),
        "{error:?}"
    );
    assert!(receiver.is_idle());
    assert_eq!(post(&outbound, &url(&receiver.url("/"))).await.unwrap().status, 200);
    receiver.next().await;
}

#[tokio::test]
async fn an_endless_answer_is_cut() {
    let receiver = Receiver::answering(|_, _| Reply::Endless).await;
    let outbound = allowing(&receiver, &[&receiver.host()]);
    let answer = post(&outbound, &url(&receiver.url("/"))).await.unwrap();
    assert_eq!((answer.status, answer.body.len()), (200, MAX_ANSWER_BYTES));
}

#[tokio::test]
async fn a_slow_answer_is_cut_and_its_status_counts() {
    let receiver = Receiver::answering(|_, _| Reply::Dripping).await;
    let outbound = allowing(&receiver, &[&receiver.host()]);
    let began = Instant::now();
    let deadline = Duration::from_millis(400);
    let answer = outbound
        .post(&url(&receiver.url("/")), HeaderMap::new(), Vec::new(), deadline)
        .await
        .unwrap();
    assert_eq!(answer.status, 200);
    assert!(began.elapsed() < PATIENCE);
}

#[tokio::test]
async fn a_silent_receiver_times_out() {
    let receiver = Receiver::answering(|_, _| Reply::Silence).await;
    let outbound = allowing(&receiver, &[&receiver.host()]);
    let deadline = Duration::from_millis(200);
    let url = url(&receiver.url("/"));
    let posted = outbound.post(&url, HeaderMap::new(), Vec::new(), deadline).await;
    assert!(matches!(posted.unwrap_err(), OutboundError::TimedOut));
}

#[tokio::test]
async fn without_tls_only_allowed_hosts_are_spoken_to() {
    let receiver = Receiver::start().await;
    let outbound = allowing(&receiver, &["127.0.0.1:9"]);
    for refused in ["http://example.org/", "ftp://example.org/", "http://127.0.0.1:10/"] {
        let error = post(&outbound, &url(refused)).await.unwrap_err();
        assert!(matches!(error, OutboundError::NotHttps), "{refused}: {error:?}");
    }
    // Nobody listens there, but it was tried.
    let error = post(&outbound, &url("http://127.0.0.1:9/")).await.unwrap_err();
    assert!(matches!(error, OutboundError::NotConnected(_)), "{error:?}");
}

#[tokio::test]
async fn an_error_does_not_tell_the_address() {
    let receiver = Receiver::start().await;
    let outbound = allowing(&receiver, &["127.0.0.1:9"]);
    for secret in [
        "http://127.0.0.1:9/SECRET?key=SECRET",
        "https://127.0.0.1:10/SECRET",
        "http://x/SECRET",
    ] {
        let error = post(&outbound, &url(secret)).await.unwrap_err();
        assert!(!format!("{error} {error:?}").contains("SECRET"), "{error:?}");
    }
}

#[test]
fn a_file_without_certificates_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ca.pem");
    let config = OutboundConfig {
        ca: Some(path.clone()),
        ..OutboundConfig::default()
    };
    assert!(Outbound::new(&config, Vec::new()).is_err());
    fs::write(&path, "nothing").unwrap();
    assert!(Outbound::new(&config, Vec::new()).is_err());
}

async fn post(outbound: &Outbound, url: &Url) -> Result<Answer, OutboundError> {
    outbound.post(url, HeaderMap::new(), b"{}".to_vec(), PATIENCE).await
}

fn url(text: &str) -> Url {
    text.parse().unwrap()
}

/// Trusts the receiver's authority, and reaches private hosts that are named.
fn allowing(receiver: &Receiver, hosts: &[&str]) -> Outbound {
    Outbound::new(
        &OutboundConfig {
            allowed_private_hosts: hosts.iter().map(|host| (*host).to_owned()).collect(),
            ca: Some(receiver.ca()),
        },
        Vec::new(),
    )
    .unwrap()
}

/// Trusts the receiver's authority, and takes addresses of this machine for public ones.
fn public(receiver: &Receiver, addresses: &[IpAddr]) -> Outbound {
    with_names(receiver, policy(addresses), addresses)
}

fn with_names(receiver: &Receiver, policy: Policy, addresses: &[IpAddr]) -> Outbound {
    let config = OutboundConfig {
        ca: Some(receiver.ca()),
        ..OutboundConfig::default()
    };
    Outbound::with(&config, policy, Arc::new(Fixed(addresses.to_vec()))).unwrap()
}

fn policy(allowed: &[IpAddr]) -> Policy {
    Policy {
        allowed: allowed.iter().map(|address| (*address).into()).collect(),
        ..Policy::default()
    }
}

/// Every name has these addresses.
struct Fixed(Vec<IpAddr>);

impl Lookup for Fixed {
    fn look_up(&self, _: String) -> names::Looking {
        let addresses = self.0.clone();
        Box::pin(async move { Ok(addresses) })
    }
}
