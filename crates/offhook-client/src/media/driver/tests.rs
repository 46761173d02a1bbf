use std::cell::{Cell, RefCell};
use std::time::Duration;

use offhook_proto::socket::{MediaPath, MediaState};
use tokio::sync::watch;
use tokio::task::yield_now;

use super::report;
use crate::media::Link;

#[tokio::test]
async fn media_that_stops_without_a_word_is_lost_and_media_of_a_call_that_is_over_is_not() {
    for (links, expected) in [
        (&[][..], &[(MediaState::Lost, None)][..]),
        (
            &[Link::Connected(Some(MediaPath::Direct))],
            &[
                (MediaState::Connected, Some(MediaPath::Direct)),
                (MediaState::Lost, None),
            ],
        ),
        (&[Link::Lost], &[(MediaState::Lost, None), (MediaState::Lost, None)]),
        (&[Link::Connected(None), Link::Closed], &[(MediaState::Connected, None)]),
        (&[Link::Closed], &[]),
    ] {
        assert_eq!(told(links, 0).await, expected, "{links:?}");
    }
}

#[tokio::test]
async fn what_the_server_could_not_be_told_it_is_told_again() {
    let lost = (MediaState::Lost, None);
    assert_eq!(told(&[], 2).await, [lost, lost, lost]);
}

/// What the server is told of media that stands so, one after the other, and then stops; it does not hear the first `deaf` reports.
async fn told(links: &[Link], deaf: usize) -> Vec<(MediaState, Option<MediaPath>)> {
    let (sender, link) = watch::channel(Link::Connecting);
    let (told, deaf) = (RefCell::new(Vec::new()), Cell::new(deaf));
    let tell = |media, path| {
        told.borrow_mut().push((media, path));
        let is_heard = deaf.get() == 0;
        deaf.set(deaf.get().saturating_sub(1));
        async move { is_heard }
    };
    let media = async {
        for link in links {
            yield_now().await;
            sender.send_replace(*link);
        }
        yield_now().await;
        drop(sender);
    };
    tokio::join!(report(link, tell, Duration::ZERO), media);
    told.into_inner()
}
