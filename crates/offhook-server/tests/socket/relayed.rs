//! Calls whose media is relayed: what becomes of it in the relay, over real sockets.

use std::net::SocketAddr;
use std::time::Duration;

use offhook_client::{Call, DialParams};
use offhook_proto::socket::{MediaPath, MediaState};
use offhook_server::config::Config;
use offhook_server::tickets::Lifetimes;
use offhook_turn::Credential;

use crate::relay::client::{Arrived, TurnClient};
use crate::server::{PATIENCE, Phone, Server};

#[tokio::test]
async fn what_was_relayed_is_in_the_record_of_the_call_and_ends_with_it() {
    let server = Server::start_with(to_loopback).await;
    let (mut talk, caller, _) = talking(&server).await;
    talk.alice.send(CHANNEL, &[7; 500]);
    assert_eq!(talk.bob.receive(), Arrived::OnChannel(CHANNEL, vec![7; 500]));
    caller.end().await.unwrap();
    assert!(is_gone(&mut talk.alice) && is_gone(&mut talk.bob));

    let record = record(&server, &caller, |record| record.caller_relayed.to_peer_bytes > 0).await;
    let (caller, callee) = (record.caller_relayed, record.callee_relayed);
    assert_eq!((caller.to_peer_bytes, caller.to_peer_packets), (500, 1));
    assert_eq!((callee.to_client_bytes, callee.to_client_packets), (500, 1));
    let paths: Vec<_> = (record.timeline.iter())
        .filter_map(|entry| Some((entry.role?.as_str(), entry.detail.as_deref()?)))
        .collect();
    assert_eq!(paths, [("dc_caller", "relayed"), ("dc_callee", "relayed")]);
    server.stop().await;
}

#[tokio::test]
async fn a_ticket_opens_the_relay_no_more_once_its_call_has_ended() {
    let server = Server::start_with(to_loopback).await;
    let (mut talk, caller, _) = talking(&server).await;
    let old = talk.credential.clone();
    caller.end().await.unwrap();
    assert!(is_gone(&mut talk.alice));
    let mut again = TurnClient::udp(relay(&server));
    assert!(again.allocate(old).is_err());
    // The next one does.
    let mut next = TurnClient::udp(relay(&server));
    next.allocate(credential(&talk.phone)).unwrap();
    server.stop().await;
}

#[tokio::test]
async fn a_relayed_call_ends_in_the_relay_when_a_user_is_revoked() {
    let server = Server::start_with(to_loopback).await;
    let (mut talk, caller, _) = talking(&server).await;
    let (mut carol, dave) = (server.phone("carol").await, server.phone("dave").await);
    let mut bystander = TurnClient::udp(relay(&server));
    bystander.allocate(credential(&carol)).unwrap();
    let others = carol.dial("dave").await;
    others.use_ticket(ticket(&carol)).await.unwrap();

    let store = server.node().store();
    let user = store.revoke_session_tokens(server.app(), "alice").await.unwrap();
    server.node().sessions_changed(server.app(), user.key).await.unwrap();
    caller.ended().await.unwrap();
    assert!(is_gone(&mut talk.alice), "who was revoked");
    assert!(is_gone(&mut talk.bob), "and the other side");
    assert_eq!(bystander.refresh(600), Ok(()), "nobody else");
    carol.expect("dial received").await;
    drop(dave);
    server.stop().await;
}

#[tokio::test]
async fn a_relayed_call_ends_in_the_relay_when_it_ends_by_time() {
    let server = Server::start_with(to_loopback).await;
    let (mut talk, caller, callee) = talking(&server).await;
    caller.report(MediaState::Lost, None).await.unwrap();
    server.expire(callee.id(), Duration::from_secs(61)).await;
    assert!(is_gone(&mut talk.alice) && is_gone(&mut talk.bob));
    server.stop().await;
}

#[tokio::test]
async fn a_relayed_call_outlives_its_credential() {
    let lifetimes = Lifetimes {
        credential: Duration::from_secs(4),
        ..Lifetimes::default()
    };
    let server = Server::start_for(lifetimes, to_loopback).await;
    let mut watch = server.raw().await;
    let key = server.session_key("carol").await;
    watch.hello(&key, 9, 9, &[]).await;
    let (mut talk, caller, _) = talking(&server).await;
    let credential = talk.credential.clone();
    // Each comes half a life after the one before.
    for _ in 0..4 {
        assert_eq!(watch.hear().await["type"], "ice_configuration");
    }
    let mut late = TurnClient::udp(relay(&server));
    assert!(late.allocate(credential).is_err(), "it lets nobody in");
    assert_eq!(talk.alice.refresh(600), Ok(()));
    assert_eq!(talk.alice.permit(talk.bobs_address), Ok(()));
    talk.alice.send(CHANNEL, b"still here");
    assert_eq!(talk.bob.receive(), Arrived::OnChannel(CHANNEL, b"still here".to_vec()));
    caller.end().await.unwrap();
    assert!(is_gone(&mut talk.alice));
    server.stop().await;
}

#[tokio::test]
async fn what_was_allocated_and_not_named_is_gone_in_time() {
    let lifetimes = Lifetimes {
        unnamed: Duration::ZERO,
        ..Lifetimes::default()
    };
    let server = Server::start_for(lifetimes, to_loopback).await;
    let alice = server.phone("alice").await;
    let before = ticket(&alice);
    let mut client = TurnClient::udp(relay(&server));
    client.allocate(credential(&alice)).unwrap();
    // The relay is asked once in a while.
    let gone = tokio::time::timeout(PATIENCE, async {
        while client.refresh(600).is_ok() {
            tokio::task::yield_now().await;
        }
    });
    gone.await.expect("it is still there");
    // The device is looked at once in a while, and when its sessions may have changed.
    let store = server.node().store();
    let user = store.user(server.app(), "alice").await.unwrap().unwrap();
    server.node().sessions_changed(server.app(), user.key).await.unwrap();
    let told = tokio::time::timeout(PATIENCE, async {
        while ticket(&alice) == before {
            tokio::task::yield_now().await;
        }
    });
    told.await.expect("no other follows");
    server.stop().await;
}

const CHANNEL: u16 = 0x4001;

/// A call of Alice and Bob, both of whom are relayed, with a channel from each to the other.
struct Talk {
    alice: TurnClient,
    bob: TurnClient,
    bobs_address: SocketAddr,
    credential: Credential,
    phone: Phone,
    _bob: Phone,
}

/// Alice by a session token.
async fn talking(server: &Server) -> (Talk, Call, Call) {
    let token = server.session_token("alice").await;
    let mut phone = server.device(&server.app_id);
    phone.client.authenticate("alice", Some(&token)).await.unwrap();
    phone.client.connect().await.unwrap();
    let mut bobs = server.phone("bob").await;
    let (mut alice, mut bob) = (TurnClient::udp(relay(server)), TurnClient::udp(relay(server)));
    let (alices_credential, alices_ticket) = (credential(&phone), ticket(&phone));
    let (bobs_credential, bobs_ticket) = (credential(&bobs), ticket(&bobs));
    let alices = alice.allocate(alices_credential.clone()).unwrap();
    let bobs_address = bob.allocate(bobs_credential).unwrap();

    let caller = phone.client.dial(DialParams::audio("bob")).await.unwrap();
    caller.use_ticket(alices_ticket).await.unwrap();
    let callee = bobs.expect("ringing").await;
    callee.accept(true, false).await.unwrap();
    callee.use_ticket(bobs_ticket).await.unwrap();
    phone.expect("dial received").await;
    phone.expect("established").await;
    alice.bind(CHANNEL, bobs_address).unwrap();
    bob.bind(CHANNEL, alices).unwrap();
    for call in [&caller, &callee] {
        call.report(MediaState::Connected, Some(MediaPath::Relayed))
            .await
            .unwrap();
    }
    let talk = Talk {
        alice,
        bob,
        bobs_address,
        credential: alices_credential,
        phone,
        _bob: bobs,
    };
    (talk, caller, callee)
}

/// Whether the allocation ends: the relay hears of it at once, but not before everything that is said to it.
fn is_gone(client: &mut TurnClient) -> bool {
    (0..1000).any(|_| client.refresh(600).is_err())
}

/// Waits for the record of a call to become so.
async fn record(
    server: &Server,
    call: &Call,
    is_so: impl Fn(&offhook_store::CallRecord) -> bool,
) -> offhook_store::CallRecord {
    let store = server.node().store();
    let wait = async {
        loop {
            let record = store.call_record(server.app(), call.id()).await.unwrap().unwrap();
            if is_so(&record) {
                return record;
            }
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.expect("the record stays")
}

/// A relay that relays to this machine.
fn to_loopback(mut config: Config) -> Config {
    config.relay.allowed_peers = vec!["127.0.0.0/8".parse().unwrap()];
    config
}

fn relay(server: &Server) -> SocketAddr {
    server.node().relay().unwrap().addresses()[0]
}

fn ticket(phone: &Phone) -> String {
    phone.client.ice_configuration().ticket.unwrap()
}

fn credential(phone: &Phone) -> Credential {
    let configuration = phone.client.ice_configuration();
    let turn = configuration.ice_servers.last().unwrap();
    Credential {
        username: turn.username.clone().unwrap(),
        password: turn.credential.clone().unwrap(),
    }
}
