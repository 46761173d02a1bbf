mod custom_items;
mod end;
mod get;
mod list;
mod timeline;

use std::time::Duration;

use offhook_client::{Call, Client, DialParams, Event, Events};
use offhook_proto::socket::MediaState;

use crate::back_end::BackEnd;

/// Three users, each with a device.
pub struct Town {
    pub server: BackEnd,
    pub alice: (Client, Events),
    pub bob: (Client, Events),
    /// Her device is only there to be rung.
    _carol: (Client, Events),
}

impl Town {
    pub async fn start() -> Self {
        let server = BackEnd::start().await;
        Self {
            alice: server.device("alice", None).await,
            bob: server.device("bob", None).await,
            _carol: server.device("carol", None).await,
            server,
        }
    }

    /// A call that alice dials and bob accepts, with media on both sides.
    pub async fn connected(&mut self) -> (Call, Call) {
        let dialed = self.alice.0.dial(DialParams::audio("bob")).await.unwrap();
        let ring = rung(&mut self.bob.1).await;
        ring.accept(true, false).await.unwrap();
        dialed
            .wait_for(|call| call.duration_ms > 0 || call.version > 1)
            .await
            .unwrap();
        for call in [&dialed, &ring] {
            call.report(MediaState::Connected, None).await.unwrap();
        }
        (dialed, ring)
    }
}

/// The next call that rings.
pub async fn rung(events: &mut Events) -> Call {
    expect(events, |event| match event {
        Event::Ringing(call) => Some(call),
        _ => None,
    })
    .await
}

/// Waits for an event.
pub async fn expect<T>(events: &mut Events, is_it: impl Fn(Event) -> Option<T>) -> T {
    let told = async {
        loop {
            if let Some(found) = is_it(events.next().await.expect("the client is there")) {
                return found;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), told)
        .await
        .expect("it is told")
}
