use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{Notify, mpsc, watch};

use super::{Codec, Frame, Link, Media, MediaEvent, MediaSender};

#[tokio::test]
async fn what_came_before_the_end_is_handed_out_before_it() {
    let mut bench = bench();
    for byte in 1..=3 {
        bench.frames.try_send(sound(byte)).unwrap();
    }
    bench.link.send_replace(Link::Closed);
    for byte in 1..=3 {
        assert_eq!(bench.media.next().await, Some(MediaEvent::Frame(sound(byte))));
    }
    assert_eq!(bench.media.next().await, None);
}

#[tokio::test]
async fn frames_come_before_the_wish_for_a_key_frame() {
    let mut bench = bench();
    bench.keyframe_wanted.notify_one();
    bench.frames.try_send(sound(1)).unwrap();
    assert_eq!(bench.media.next().await, Some(MediaEvent::Frame(sound(1))));
    assert_eq!(bench.media.next().await, Some(MediaEvent::KeyframeWanted));
}

/// The face of media, and what its driver holds.
struct Bench {
    media: Media,
    frames: mpsc::Sender<Frame>,
    link: watch::Sender<Link>,
    keyframe_wanted: Arc<Notify>,
}

fn bench() -> Bench {
    let (frame_sender, frames) = mpsc::channel(8);
    let (link_sender, link) = watch::channel(Link::Connecting);
    let keyframe_wanted = Arc::new(Notify::new());
    let sender = MediaSender {
        commands: mpsc::channel(1).0,
        link: link.clone(),
        started: Instant::now(),
    };
    Bench {
        media: Media {
            frames,
            link,
            keyframe_wanted: Arc::clone(&keyframe_wanted),
            sender,
            is_over: false,
        },
        frames: frame_sender,
        link: link_sender,
        keyframe_wanted,
    }
}

fn sound(byte: u8) -> Frame {
    Frame {
        codec: Codec::Opus,
        time: Duration::ZERO,
        is_keyframe: true,
        data: vec![0xfc, byte].into(),
    }
}
