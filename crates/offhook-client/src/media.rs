//! Media of a call: encoded frames in, encoded frames out.
//!
//! ```text
//!   Media, MediaSender ──▶ driver (sockets, clock) ──▶ Peer (negotiation, ICE, DTLS, SRTP, relay) ── no I/O
//!   Player, Recorder   ──▶ Media
//! ```
//!
//! [`peer::Peer`] is the whole behaviour without a socket or a clock: WebRTC on str0m, the relay's client, and the rules of
//! the peer messages (docs/protocol.md). [`Media`] drives it on tokio. Nothing here encodes or decodes: what a program sends and gets
//! are Opus packets and VP8 or H.264 frames, from files ([`Player`], [`Recorder`]) or from wherever it has them.

mod driver;
pub mod files;
mod frame;
mod opus;
pub mod peer;
mod sockets;

use std::sync::Arc;
use std::time::{Duration, Instant};

use offhook_proto::call::{CallRole, CallState};
use offhook_proto::socket::MediaPath;
use tokio::sync::{Notify, mpsc, watch};

use crate::call::Call;
use crate::error::Error;

pub use files::{FileError, Player, Recorder};
pub use frame::{Codec, Frame};

/// How many frames wait, either way: a second of speech and pictures. Of those that come, what is beyond is dropped, as a network
/// would; who sends waits for room.
const QUEUE: usize = 128;

/// How media stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// Not connected yet.
    Connecting,
    /// Media flows, by this path where that is known.
    Connected(Option<MediaPath>),
    /// It was connected, and another way is being looked for.
    Lost,
    /// The call is over.
    Closed,
}

/// What media brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MediaEvent {
    /// Media flows, for the first time, again, or by another path; the first time it may not be known yet by which, and it is told again
    /// once it is.
    Connected(Option<MediaPath>),
    /// Media has stopped; another way is being looked for until the call ends.
    Lost,
    /// The other side sent this.
    Frame(Frame),
    /// The other side cannot decode what it gets: the next video frame is to be a key frame.
    KeyframeWanted,
}

/// The media of one call, from [`Call::media`] on. Dropping it stops media and leaves the call as it is.
#[derive(Debug)]
pub struct Media {
    frames: mpsc::Receiver<Frame>,
    link: watch::Receiver<Link>,
    keyframe_wanted: Arc<Notify>,
    sender: MediaSender,
    is_over: bool,
}

/// Sends into a call. Clones send into the same.
#[derive(Debug, Clone)]
pub struct MediaSender {
    commands: mpsc::Sender<Command>,
    link: watch::Receiver<Link>,
    started: Instant,
}

/// What the face asks of the driver.
#[derive(Debug)]
enum Command {
    Send(Frame),
    RequestKeyframe,
}

impl Call {
    /// Connects media, and keeps it connected until the call ends: negotiates, looks for another way after an outage, uses the
    /// relay where the network wants one, and tells the server how media stands. Once for a call: of a call that was dialled at any
    /// time, of one that rings here once it is accepted.
    ///
    /// What is held or switched off with [`Self::hold`] and [`Self::set_media`] is not sent, and nothing of a call on hold is handed out.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`], if the call is over, still rings here, or has its media already.
    pub fn media(&self) -> Result<Media, Error> {
        let call = self.snapshot();
        let rings_here = call.role == CallRole::Callee && call.state == CallState::Ringing;
        if rings_here || call.state == CallState::Ended {
            return Err(Error::InvalidParameter(
                "the media of a call that is not accepted, or over,",
            ));
        }
        let signals = self.registry.claim_signals(self.id).ok_or(Error::InvalidParameter(
            "the media of a call that has its media already",
        ))?;
        let (command_sender, commands) = mpsc::channel(QUEUE);
        let (frame_sender, frames) = mpsc::channel(QUEUE);
        let (link_sender, link) = watch::channel(Link::Connecting);
        let keyframe_wanted = Arc::new(Notify::new());
        let started = Instant::now();
        let told = driver::Told {
            frames: frame_sender,
            link: link_sender,
            keyframe_wanted: Arc::clone(&keyframe_wanted),
        };
        tokio::spawn(driver::run(self.clone(), signals, commands, told, started));
        let sender = MediaSender {
            commands: command_sender,
            link: link.clone(),
            started,
        };
        Ok(Media {
            frames,
            link,
            keyframe_wanted,
            sender,
            is_over: false,
        })
    }
}

impl Media {
    /// What sends into the call.
    pub fn sender(&self) -> MediaSender {
        self.sender.clone()
    }

    /// How media stands.
    pub fn link(&self) -> Link {
        *self.link.borrow()
    }

    /// What comes next; nothing once the call is over.
    pub async fn next(&mut self) -> Option<MediaEvent> {
        loop {
            if self.is_over {
                // What had come before the end is heard to the end.
                return self.frames.try_recv().ok().map(MediaEvent::Frame);
            }
            tokio::select! {
                biased;
                changed = self.link.changed() => {
                    let link = *self.link.borrow_and_update();
                    match link {
                        // Nobody is left who could change it.
                        _ if changed.is_err() => self.is_over = true,
                        Link::Connected(path) => return Some(MediaEvent::Connected(path)),
                        Link::Lost => return Some(MediaEvent::Lost),
                        Link::Connecting => {}
                        Link::Closed => self.is_over = true,
                    }
                }
                Some(frame) = self.frames.recv() => return Some(MediaEvent::Frame(frame)),
                () = self.keyframe_wanted.notified() => return Some(MediaEvent::KeyframeWanted),
            }
        }
    }
}

impl MediaSender {
    /// Sends a frame. Frames of one kind must come in the order of their times. While media is not connected, and while the call is on
    /// hold or the kind switched off, they are dropped; so are those of a codec that the other side does not take.
    ///
    /// # Errors
    /// [`Error::Internal`], once the call or its media is over.
    pub async fn send(&self, frame: Frame) -> Result<(), Error> {
        self.tell(Command::Send(frame)).await
    }

    /// Asks the other side for a key frame.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn request_keyframe(&self) -> Result<(), Error> {
        self.tell(Command::RequestKeyframe).await
    }

    /// How long ago media was opened: what the times of the frames of a live source may be.
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// Waits until media is connected.
    ///
    /// # Errors
    /// [`Error::Internal`], if the call is over before: nobody answered, say. [`Call::end_result`] tells.
    pub async fn connected(&self) -> Result<(), Error> {
        let mut link = self.link.clone();
        let settled = link
            .wait_for(|link| matches!(link, Link::Connected(_) | Link::Closed))
            .await;
        match settled.as_deref() {
            Ok(Link::Connected(_)) => Ok(()),
            _ => Err(OVER),
        }
    }

    async fn tell(&self, command: Command) -> Result<(), Error> {
        self.commands.send(command).await.map_err(|_| OVER)
    }
}

const OVER: Error = Error::Internal("the call is over, or its media was dropped");

#[cfg(test)]
mod tests;
