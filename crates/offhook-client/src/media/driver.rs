//! The tokio side of a call's media: carries out what the peer asks for, and tells it what comes back.

use std::sync::Arc;
use std::time::Instant;

use offhook_proto::call::{CallRole, CallSnapshot, CallState, PartyMedia};
use offhook_proto::socket::{MediaPath, MediaState};
use tokio::sync::{Notify, mpsc, watch};
use tokio::time::{Duration, sleep};

use super::frame::Frame;
use super::peer::{Output, Peer};
use super::sockets::{Arrival, Sockets};
use super::{Command, Link};
use crate::call::Call;
use crate::driver::sleep_until;
use crate::machine::Signal;

/// How long to wait before the server is told again what it could not be told.
const TELL_AGAIN: Duration = Duration::from_secs(1);

/// Where the face is told.
pub(super) struct Told {
    pub(super) frames: mpsc::Sender<Frame>,
    pub(super) link: watch::Sender<Link>,
    pub(super) keyframe_wanted: Arc<Notify>,
}

/// Runs until the call ends, or the face is gone.
pub(super) async fn run(
    call: Call,
    mut signals: mpsc::Receiver<Signal>,
    mut commands: mpsc::Receiver<Command>,
    told: Told,
    started: Instant,
) {
    let reporter = call.clone();
    let tell = move |media, path| {
        let call = reporter.clone();
        // Of a call that is over there is nothing to tell.
        async move { call.report(media, path).await.is_ok() || call.snapshot().state == CallState::Ended }
    };
    tokio::spawn(report(told.link.subscribe(), tell, TELL_AGAIN));
    let snapshot = call.snapshot();
    let mut driver = Driver {
        peer: Peer::new(snapshot.role, snapshot.is_video_call, started),
        sockets: Sockets::new(),
        seen: call.seen.clone(),
        call,
        told,
    };
    driver.carry_out().await;
    loop {
        let deadline = driver.peer.poll_timeout();
        tokio::select! {
            () = driver.told.frames.closed() => break,
            changed = driver.seen.changed() => if changed.is_err() || driver.seen.borrow().state == CallState::Ended {
                break;
            },
            signal = signals.recv() => match signal {
                Some(signal) => driver.peer.handle_signal(signal, Instant::now()),
                None => break,
            },
            Some(command) = commands.recv() => driver.handle_command(command),
            arrival = driver.sockets.next() => driver.handle_arrival(arrival),
            () = sleep_until(deadline) => driver.peer.handle_timeout(Instant::now()),
        }
        driver.carry_out().await;
    }
    // Whoever hears of the end finds that nothing can be sent any more.
    drop(commands);
    driver.told.link.send_replace(Link::Closed);
}

struct Driver {
    call: Call,
    seen: watch::Receiver<CallSnapshot>,
    peer: Peer,
    sockets: Sockets,
    told: Told,
}

impl Driver {
    fn handle_command(&mut self, command: Command) {
        let now = Instant::now();
        match command {
            Command::Send(frame) => {
                if self.may_send(frame.codec.is_video()) {
                    self.peer.handle_frame(&frame, now);
                }
            }
            Command::RequestKeyframe => self.peer.handle_request_keyframe(now),
        }
    }

    fn handle_arrival(&mut self, arrival: Arrival) {
        let now = Instant::now();
        match arrival {
            Arrival::Datagram { local, source, data } => self.peer.handle_datagram(local, source, &data, now),
            Arrival::StunServers(servers) => self.peer.handle_stun_servers(&servers, now),
            Arrival::RelayOpened(relay, access) => self.peer.handle_relay_opened(relay, &access, now),
            Arrival::RelayData(relay, data) => self.peer.handle_relay_data(relay, &data, now),
            Arrival::RelayClosed(relay) => self.peer.handle_relay_closed(relay),
        }
    }

    async fn carry_out(&mut self) {
        while let Some(output) = self.peer.poll_output() {
            match output {
                Output::Gather => self.gather().await,
                // Without a socket that is wanted the call is over for this device.
                Output::Signal(signal) => _ = self.call.signal(signal).await,
                Output::Datagram {
                    local,
                    destination,
                    data,
                } => self.sockets.send(local, destination, &data),
                Output::RelayData { relay, data } => self.sockets.write(relay, data),
                Output::Connected(path) => _ = self.told.link.send_replace(Link::Connected(path)),
                Output::Lost => _ = self.told.link.send_replace(Link::Lost),
                Output::Frame(frame) => {
                    if !self.is_held() {
                        // A program that takes none in time misses some.
                        _ = self.told.frames.try_send(frame);
                    }
                }
                Output::KeyframeWanted => self.told.keyframe_wanted.notify_one(),
            }
        }
    }

    async fn gather(&mut self) {
        let configuration = self.call.registry.ice_configuration();
        if let Some(ticket) = &configuration.ticket {
            // The relay opens by it all the same; what it carries would be counted for nobody.
            _ = self.call.use_ticket(ticket.clone()).await;
        }
        let addresses = self.sockets.gather(&configuration).await;
        self.peer.handle_bound(addresses, Instant::now());
    }

    fn is_held(&self) -> bool {
        let call = self.seen.borrow();
        call.caller.media.is_on_hold || call.callee.media.is_on_hold
    }

    fn may_send(&self, is_video: bool) -> bool {
        let own: PartyMedia = {
            let call = self.seen.borrow();
            match call.role {
                CallRole::Caller => call.caller.media,
                CallRole::Callee => call.callee.media,
            }
        };
        let is_on = if is_video { own.video_enabled } else { own.audio_enabled };
        is_on && !self.is_held()
    }
}

/// Tells the server how media stands, until it has heard it. Whoever stops without a word, as by a panic, has lost it.
async fn report<T: Future<Output = bool>>(
    mut link: watch::Receiver<Link>,
    tell: impl Fn(MediaState, Option<MediaPath>) -> T,
    again: Duration,
) {
    let mut has_stopped = false;
    loop {
        let (media, path) = match *link.borrow_and_update() {
            Link::Closed => return,
            Link::Lost => (Some(MediaState::Lost), None),
            _ if has_stopped => (Some(MediaState::Lost), None),
            Link::Connected(path) => (Some(MediaState::Connected), path),
            Link::Connecting => (None, None),
        };
        let is_told = match media {
            Some(media) => tell(media, path).await,
            None => true,
        };
        if has_stopped && is_told {
            return;
        }
        tokio::select! {
            changed = link.changed(), if !has_stopped => has_stopped = changed.is_err(),
            () = sleep(again), if !is_told => {}
        }
    }
}

#[cfg(test)]
mod tests;
