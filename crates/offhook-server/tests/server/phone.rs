//! A device that speaks through the Rust client.

use std::time::Duration;

use offhook_client::{Call, Client, DialParams, Event, Events, Signal};
use offhook_proto::call::CallSnapshot;
use offhook_proto::socket::MediaState;

use super::PATIENCE;

/// A device, and what happens to it.
pub struct Phone {
    pub client: Client,
    events: Events,
}

impl Phone {
    pub fn new(client: Client, events: Events) -> Self {
        Self { client, events }
    }

    /// Calls somebody, by voice.
    pub async fn dial(&self, user_id: &str) -> Call {
        self.client.dial(DialParams::audio(user_id)).await.unwrap()
    }

    /// The next event that is about a call or the session must be this one. Gives its call.
    pub async fn expect(&mut self, wanted: &str) -> Call {
        let (name, call) = self.next().await;
        assert_eq!(name, wanted);
        call.expect("an event of a call")
    }

    /// Waits until the session is closed, however its calls ended; gives the code. Sooner than a server finds out
    /// that is not told by a doorbell.
    pub async fn session_closed(&mut self) -> u32 {
        let closed = tokio::time::timeout(Duration::from_secs(5), self.session_closed_at_last());
        closed.await.expect("the session is not closed in time")
    }

    /// The same, as long as it may take.
    pub async fn session_closed_at_last(&mut self) -> u32 {
        loop {
            if let Event::SessionClosed { code, .. } = self.next_event().await {
                return code;
            }
        }
    }

    /// The next peer message.
    pub async fn heard(&mut self) -> Signal {
        match self.next_event().await {
            Event::Peer { signal, .. } => signal,
            other => panic!("not a peer message, but {}", name(&other)),
        }
    }

    pub async fn next(&mut self) -> (&'static str, Option<Call>) {
        let event = self.next_event().await;
        let name = name(&event);
        let call = match event {
            Event::Ringing(call)
            | Event::DialReceived(call)
            | Event::Established(call)
            | Event::Connected(call)
            | Event::PartyMedia(call)
            | Event::ItemsChanged(call)
            | Event::Ended(call)
            | Event::Peer { call, .. } => Some(call),
            _ => None,
        };
        (name, call)
    }

    async fn next_event(&mut self) -> Event {
        loop {
            let next = tokio::time::timeout(PATIENCE, self.events.next()).await;
            match next.expect("nothing happens").expect("the client is gone") {
                Event::ConnectionStateChanged(_) => {}
                event => return event,
            }
        }
    }
}

/// Connects media on both sides.
pub async fn connect(caller: &Call, callee: &Call) {
    caller.report(MediaState::Connected, None).await.unwrap();
    callee.report(MediaState::Connected, None).await.unwrap();
}

/// Waits for what a call becomes, and no longer than a test may.
pub async fn wait_for(call: &Call, is_so: impl FnMut(&CallSnapshot) -> bool) -> CallSnapshot {
    let waited = tokio::time::timeout(PATIENCE, call.wait_for(is_so)).await;
    waited.expect("the call does not change").unwrap()
}

fn name(event: &Event) -> &'static str {
    match event {
        Event::Ringing(_) => "ringing",
        Event::DialReceived(_) => "dial received",
        Event::Established(_) => "established",
        Event::Connected(_) => "connected",
        Event::PartyMedia(_) => "party media",
        Event::ItemsChanged(_) => "items changed",
        Event::Ended(_) => "ended",
        Event::Peer { .. } => "peer",
        Event::ConnectionStateChanged(_) => "state",
        Event::SessionTokenRequired => "token required",
        Event::SessionTokenRefreshed => "token refreshed",
        Event::SessionClosed { .. } => "session closed",
    }
}
