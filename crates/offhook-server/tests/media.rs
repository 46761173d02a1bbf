//! Media of the Rust SDK: two programs that talk, over real sockets, directly and over the relay of a real server.

use std::path::Path;
use std::time::Duration;

use offhook_client::media::files::{OggReader, OggWriter};
use offhook_client::media::{Codec, Frame, Media, MediaEvent, Player, Recorder};
use offhook_client::{Call, DialParams};
use offhook_proto::call::CallState;
use offhook_proto::socket::MediaPath;
use offhook_server::config::Config;
use offhook_server::config::relay::RelayConfig;
use offhook_store::ApplicationPatch;
use tokio::time::timeout;

use crate::server::phone::wait_for;
use crate::server::{PATIENCE, Phone, Server};

/// A call that was accepted, with media on both sides.
struct Talk {
    alice: Phone,
    bob: Phone,
    hers: (Call, Media),
    his: (Call, Media),
}

async fn talk(server: &Server, params: DialParams) -> Talk {
    let (alice, mut bob) = (server.phone("alice").await, server.phone("bob").await);
    let is_video = params.is_video_call;
    let call = alice.client.dial(params).await.unwrap();
    let media = call.media().unwrap();
    let ring = bob.expect("ringing").await;
    assert!(
        ring.media().is_err(),
        "nothing of the callee's network leaves while it rings"
    );
    // The offer and its candidates have come before there is media to take them.
    tokio::time::sleep(Duration::from_millis(100)).await;
    ring.accept(true, is_video).await.unwrap();
    let answered = ring.media().unwrap();
    assert!(ring.media().is_err(), "one call has one media");
    Talk {
        alice,
        bob,
        hers: (call, media),
        his: (ring, answered),
    }
}

fn sound(at: Duration, byte: u8) -> Frame {
    Frame {
        codec: Codec::Opus,
        time: at,
        is_keyframe: true,
        data: vec![0xfc, byte].into(),
    }
}

async fn next_frame(media: &mut Media) -> Frame {
    let found = timeout(PATIENCE, async {
        loop {
            match media.next().await {
                Some(MediaEvent::Frame(frame)) => return frame,
                Some(_) => {}
                None => panic!("the call is over"),
            }
        }
    });
    found.await.expect("no frame comes")
}

async fn say_until_heard(from: &Media, to: &mut Media, byte: u8) {
    let sender = from.sender();
    sender.connected().await.unwrap();
    let speaking = tokio::spawn(async move {
        loop {
            if sender.send(sound(sender.elapsed(), byte)).await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    while next_frame(to).await.data.last() != Some(&byte) {}
    speaking.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn two_programs_talk_directly_and_the_server_knows_how() {
    let server = Server::start().await;
    let mut talk = talk(&server, DialParams::audio("bob")).await;
    say_until_heard(&talk.hers.1, &mut talk.his.1, 7).await;
    say_until_heard(&talk.his.1, &mut talk.hers.1, 8).await;
    wait_for(&talk.hers.0, |call| call.state == CallState::Connected).await;
    assert!(matches!(
        talk.hers.1.link(),
        offhook_client::media::Link::Connected(Some(MediaPath::Direct))
    ));

    talk.his.0.end().await.unwrap();
    let over = timeout(PATIENCE, async { while talk.hers.1.next().await.is_some() {} }).await;
    over.expect("the end of the call is the end of its media");
    assert!(talk.hers.1.sender().send(sound(Duration::ZERO, 1)).await.is_err());
    assert!(talk.hers.0.media().is_err());
    drop((talk.alice, talk.bob));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_that_takes_the_relay_only_is_heard_over_udp_and_its_bytes_are_counted() {
    heard_over_the_relay("udp").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_that_takes_the_relay_only_is_heard_over_tcp_and_its_bytes_are_counted() {
    heard_over_the_relay("tcp").await;
}

async fn heard_over_the_relay(transport: &str) {
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let server = Server::start_with(|config| Config {
        relay: RelayConfig {
            listen: vec![free],
            urls: vec![format!("turn:{free}?transport={transport}")],
            allowed_peers: vec!["127.0.0.0/8".parse().unwrap()],
            ..config.relay
        },
        ..config
    })
    .await;
    let changes = ApplicationPatch {
        is_relay_only: Some(true),
        ..ApplicationPatch::default()
    };
    server
        .node()
        .store()
        .update_application(server.app(), changes)
        .await
        .unwrap();
    let mut talk = talk(&server, DialParams::audio("bob")).await;
    say_until_heard(&talk.hers.1, &mut talk.his.1, 7).await;
    say_until_heard(&talk.his.1, &mut talk.hers.1, 8).await;
    for media in [&talk.hers.1, &talk.his.1] {
        assert!(matches!(
            media.link(),
            offhook_client::media::Link::Connected(Some(MediaPath::Relayed))
        ));
    }
    let call_id = talk.hers.0.id();
    talk.hers.0.end().await.unwrap();
    let counted = async {
        loop {
            let record = server
                .node()
                .store()
                .call_record(server.app(), call_id)
                .await
                .unwrap()
                .unwrap();
            let bytes = [record.caller_relayed, record.callee_relayed]
                .into_iter()
                .map(|relayed| relayed.to_peer_bytes.min(relayed.to_client_bytes));
            if bytes.min().is_some_and(|least| least > 0) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(PATIENCE, counted)
        .await
        .expect("what the relay carried is counted");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sent_while_muted_or_held_and_it_goes_on_afterwards() {
    let server = Server::start().await;
    let mut talk = talk(&server, DialParams::audio("bob")).await;
    say_until_heard(&talk.hers.1, &mut talk.his.1, 1).await;
    let sender = talk.hers.1.sender();
    for (number, quiet) in [(2, true), (3, false)] {
        // Muted here; then held by the other side.
        if quiet {
            talk.hers.0.set_media(false, false).await.unwrap();
        } else {
            talk.his.0.hold(true).await.unwrap();
            wait_for(&talk.hers.0, |call| call.callee.media.is_on_hold).await;
        }
        for _ in 0..10 {
            sender.send(sound(sender.elapsed(), number)).await.unwrap();
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        if quiet {
            talk.hers.0.set_media(true, false).await.unwrap();
        } else {
            talk.his.0.hold(false).await.unwrap();
            wait_for(&talk.hers.0, |call| !call.callee.media.is_on_hold).await;
        }
        let speaking = talk.hers.1.sender();
        let after = number + 10;
        let task = tokio::spawn(async move {
            while speaking.send(sound(speaking.elapsed(), after)).await.is_ok() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
        loop {
            let frame = next_frame(&mut talk.his.1).await;
            let byte = *frame.data.last().unwrap();
            assert_ne!(byte, number, "what was said in the meantime");
            if byte == after {
                break;
            }
        }
        task.abort();
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_played_is_recorded_at_the_other_side() {
    let server = Server::start().await;
    let folder = tempfile::tempdir().unwrap();
    let (played, recorded) = (folder.path().join("played.opus"), folder.path().join("recorded.opus"));
    write_sound(&played);
    let mut talk = talk(&server, DialParams::audio("bob")).await;
    let sender = talk.hers.1.sender();
    let call = talk.hers.0.clone();
    let playing = tokio::spawn(async move {
        sender.connected().await.unwrap();
        Player::open(&played).unwrap().play(&sender).await.unwrap();
        call.end().await.unwrap();
    });
    let mut recorder = Recorder::create(&recorded).unwrap();
    while let Some(event) = timeout(PATIENCE, talk.his.1.next()).await.unwrap() {
        if let MediaEvent::Frame(frame) = event {
            recorder.write(&frame).unwrap();
        }
    }
    playing.await.unwrap();
    recorder.finish().unwrap();
    let bytes: Vec<u8> = read_sound(&recorded)
        .iter()
        .map(|frame| *frame.data.last().unwrap())
        .collect();
    // The first may have gone while the other side's keys were not there yet.
    let first = usize::from(*bytes.first().unwrap());
    assert!(first < 50, "{bytes:?}");
    assert_eq!(bytes, (u8::try_from(first).unwrap()..100).collect::<Vec<_>>());
    server.stop().await;
}

/// Two seconds, each packet another.
fn write_sound(path: &Path) {
    let mut writer = OggWriter::new(std::fs::File::create(path).unwrap()).unwrap();
    for n in 0..100_u8 {
        writer
            .write(&sound(Duration::from_millis(20 * u64::from(n)), n))
            .unwrap();
    }
    writer.finish().unwrap();
}

fn read_sound(path: &Path) -> Vec<Frame> {
    let mut reader = OggReader::new(std::fs::File::open(path).unwrap()).unwrap();
    std::iter::from_fn(|| reader.next_frame().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_restarts_leaves_media_as_it_is() {
    let server = Server::start().await;
    let mut talk = talk(&server, DialParams::audio("bob")).await;
    say_until_heard(&talk.hers.1, &mut talk.his.1, 1).await;
    let server = server.restart().await;
    say_until_heard(&talk.hers.1, &mut talk.his.1, 2).await;
    timeout(PATIENCE, talk.hers.0.end()).await.unwrap().unwrap();
    server.stop().await;
}
