//! What goes with time or with whoever is deleted, and what is never kept, by a server that serves.

use std::path::Path;
use std::time::Duration;

use offhook_client::Signal;
use offhook_core::time::Timestamp;
use offhook_proto::peer::PeerCandidate;
use offhook_server::retention;
use offhook_store::ApplicationPatch;

use crate::server::phone::connect;
use crate::server::{Phone, Server};

/// What stands in descriptions and candidates of this call, and nowhere else in the world.
const MARKERS: [&str; 4] = [
    "203.0.113.77",
    "2001:db8::77",
    "marker-of-an-offer",
    "marker-of-an-answer",
];
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[tokio::test]
async fn descriptions_and_addresses_of_devices_are_in_no_file_of_the_server() {
    let server = Server::start().await;
    let (mut alice, mut bob) = (server.phone("alice").await, server.phone("bob").await);
    let call = alice.dial("bob").await;
    let ring = bob.expect("ringing").await;
    alice.expect("dial received").await;
    let offer = "v=0\r\no=- 1 1 IN IP4 203.0.113.77\r\ns=marker-of-an-offer\r\n";
    let offer = Signal::Offer {
        generation: 0,
        connection: 0,
        sdp: offer.to_owned(),
    };
    call.signal(offer.clone()).await.unwrap();
    assert_eq!(bob.heard().await, offer);
    ring.accept(true, false).await.unwrap();
    bob.expect("established").await;
    alice.expect("established").await;
    let answer = Signal::Answer {
        generation: 0,
        sdp: "v=0\r\ns=marker-of-an-answer\r\nc=IN IP6 2001:db8::77\r\n".to_owned(),
    };
    ring.signal(answer.clone()).await.unwrap();
    assert_eq!(alice.heard().await, answer);
    let candidates = Signal::Candidates {
        generation: 0,
        candidates: ["203.0.113.77", "2001:db8::77"]
            .map(|address| PeerCandidate {
                candidate: format!("candidate:1 1 udp 2122260223 {address} 50000 typ host"),
                sdp_mid: Some("0".to_owned()),
                sdp_m_line_index: Some(0),
            })
            .to_vec(),
    };
    for (from, to) in [(&call, &mut bob), (&ring, &mut alice)] {
        from.signal(candidates.clone()).await.unwrap();
        assert_eq!(to.heard().await, candidates);
    }
    connect(&call, &ring).await;
    call.end().await.unwrap();

    let folder = server.node().config().data_dir.clone();
    // What is looked for would be found: the call is in there.
    assert!(mentions(&folder, "dc_caller") && mentions(&folder, "alice"));
    for marker in MARKERS {
        assert!(!mentions(&folder, marker), "{marker} beside the running server");
    }
    let node = server.node().clone();
    server.node().store().close().await;
    drop(node);
    for marker in MARKERS {
        assert!(!mentions(&folder, marker), "{marker} once the log is put away");
    }
}

#[tokio::test]
async fn a_sweep_goes_by_the_settings_of_each_application() {
    let server = Server::start().await;
    let (mut alice, mut bob) = (server.phone("alice").await, server.phone("bob").await);
    talk(&mut alice, &mut bob).await;
    let live = alice.dial("bob").await;
    bob.expect("ringing").await;
    let (store, now) = (server.node().store(), server.node().clock().now());
    let sweep = async |now: Timestamp| retention::sweep(store, now).await.unwrap();
    assert_eq!(
        sweep(now + DAY * 10_000).await.old,
        0,
        "without a setting calls are kept for ever"
    );
    let patch = ApplicationPatch {
        call_retention_days: Some(Some(30)),
        ..ApplicationPatch::default()
    };
    store.update_application(server.app(), patch).await.unwrap();
    assert_eq!(sweep(now + DAY * 29).await.old, 0);
    assert!(sweep(now + DAY * 31).await.old > 0);
    let alice = store.user(server.app(), "alice").await.unwrap().unwrap();
    let log = store.call_log(alice.key, offhook_store::LogFilter::default(), None, 10);
    assert_eq!(log.await.unwrap().calls, []);
    assert!(store.call(server.app(), live.id()).await.unwrap().is_some());
    server.stop().await;
}

#[tokio::test]
async fn a_user_who_is_deleted_is_forgotten_by_the_calls_of_the_past() {
    let server = Server::start().await;
    let (mut mallory, mut bob) = (server.phone("mallory-77").await, server.phone("bob").await);
    talk(&mut mallory, &mut bob).await;
    let url = format!("http://{}/v3/users/mallory-77", server.address());
    let request = reqwest::Client::new()
        .delete(url)
        .header("Api-Token", &server.api_token);
    assert_eq!(request.send().await.unwrap().status(), 200);
    let (store, now) = (server.node().store(), server.node().clock().now());
    assert_eq!(retention::sweep(store, now).await.unwrap().forgotten, 1);
    let bob = store.user(server.app(), "bob").await.unwrap().unwrap();
    let log = store
        .call_log(bob.key, offhook_store::LogFilter::default(), None, 10)
        .await
        .unwrap();
    let other = &log.calls[0].call.caller.profile;
    assert_eq!((other.user_id.as_str(), other.nickname.as_str()), ("", "Deleted user"));
    server.stop().await;
}

#[tokio::test]
async fn a_deleted_applications_calls_end_its_devices_are_signed_out_and_it_goes() {
    let server = Server::start().await;
    let (mut alice, mut bob) = (server.phone("alice").await, server.phone("bob").await);
    alice.dial("bob").await;
    bob.expect("ringing").await;
    let (node, app) = (server.node(), server.app());
    retention::delete_application(node, app).await.unwrap();
    alice.session_closed().await;
    bob.session_closed().await;
    assert!(retention::delete_application(node, app).await.is_err());
    let refused = server.device(&server.app_id).client.authenticate("alice", None).await;
    assert_eq!(refused.unwrap_err().code(), 400_304);
    assert!(
        retention::sweep(node.store(), node.clock().now())
            .await
            .unwrap()
            .of_applications
            > 0
    );
    assert_eq!(node.store().deleted_applications().await.unwrap(), []);
    server.stop().await;
}

async fn talk(caller: &mut Phone, callee: &mut Phone) {
    let call = caller.dial("bob").await;
    let ring = callee.expect("ringing").await;
    ring.accept(true, false).await.unwrap();
    connect(&call, &ring).await;
    call.end().await.unwrap();
    for phone in [caller, callee] {
        while !matches!(phone.next().await, ("ended", _)) {}
    }
}

/// Whether a word stands in any file of a folder, the database's log with it.
fn mentions(folder: &Path, word: &str) -> bool {
    std::fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        let Ok(bytes) = std::fs::read(&path) else {
            return path.is_dir() && mentions(&path, word);
        };
        bytes.windows(word.len()).any(|window| window == word.as_bytes())
    })
}
