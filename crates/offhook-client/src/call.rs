//! A call, as an application holds it.

#[cfg(feature = "media")]
use std::sync::Arc;
use std::time::Duration;

use offhook_proto::call::{CallEndResult, CallRole, CallSnapshot, CallState};
use offhook_proto::id::CallId;
use offhook_proto::socket::{MediaPath, MediaState};
use tokio::sync::{oneshot, watch};

use crate::client::{CLOSED, Commands};
#[cfg(feature = "media")]
use crate::driver::Registry;
use crate::error::Error;
use crate::machine::{Answer, ChangedItems, Signal};

/// A call of this device. Clones are the same call; dropping it does not end it.
#[derive(Clone)]
pub struct Call {
    pub(crate) id: CallId,
    pub(crate) seen: watch::Receiver<CallSnapshot>,
    pub(crate) commands: Commands,
    #[cfg(feature = "media")]
    pub(crate) registry: Arc<Registry>,
}

impl std::fmt::Debug for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let call = self.seen.borrow();
        f.debug_struct("Call")
            .field("id", &self.id)
            .field("role", &call.role)
            .field("state", &call.state)
            .field("end_result", &call.end_result)
            .finish_non_exhaustive()
    }
}

impl Call {
    /// The call's id.
    pub const fn id(&self) -> CallId {
        self.id
    }

    /// All that is known of it.
    pub fn snapshot(&self) -> CallSnapshot {
        self.seen.borrow().clone()
    }

    /// Where it stands.
    pub fn state(&self) -> CallState {
        self.seen.borrow().state
    }

    /// The side of this device.
    pub fn role(&self) -> CallRole {
        self.seen.borrow().role
    }

    /// How it ended; nothing while it lasts, nor where only the server knows.
    pub fn end_result(&self) -> Option<CallEndResult> {
        self.seen.borrow().end_result
    }

    /// How long it has lasted since it was accepted, to this moment or to its end.
    ///
    /// # Errors
    /// [`Error::Internal`], if the client was closed.
    pub async fn duration(&self) -> Result<Duration, Error> {
        let (id, (reply, answer)) = (self.id, oneshot::channel());
        self.commands
            .tell(move |machine, now| _ = reply.send(machine.call_duration(id, now)))
            .await?;
        let known = answer.await.map_err(|_| CLOSED)?;
        // The machine forgets calls that are over; this handle does not.
        Ok(known.unwrap_or_else(|| Duration::from_millis(self.seen.borrow().duration_ms)))
    }

    /// Waits until what is known of it satisfies `is_so`, and returns that. Never comes back if it never does: of a
    /// call that has ended only the custom items change.
    ///
    /// # Errors
    /// [`Error::Internal`], if the client was closed before.
    pub async fn wait_for(&self, is_so: impl FnMut(&CallSnapshot) -> bool) -> Result<CallSnapshot, Error> {
        let mut seen = self.seen.clone();
        let found = seen.wait_for(is_so).await.map(|call| call.clone());
        found.map_err(|_| Error::Internal("the client was closed, or forgot the call"))
    }

    /// Waits until it is over.
    ///
    /// # Errors
    /// As [`Self::wait_for`].
    pub async fn ended(&self) -> Result<CallSnapshot, Error> {
        self.wait_for(|call| call.state == CallState::Ended).await
    }

    /// Accepts on this device. An audio call ignores the camera.
    ///
    /// # Errors
    /// 1400101 if another device was first or the call is over, and the local codes of [`Error`].
    pub async fn accept(&self, audio_enabled: bool, video_enabled: bool) -> Result<CallSnapshot, Error> {
        let id = self.id;
        let accept = move |machine: &mut crate::machine::Machine, now| {
            machine.handle_accept(id, audio_enabled, video_enabled, now)
        };
        self.commands.run(accept).await?.into_call()
    }

    /// Cancels, declines or hangs up; does nothing to a call that has ended.
    ///
    /// # Errors
    /// 1400101 if another device accepted, and the local codes of [`Error`].
    pub async fn end(&self) -> Result<CallSnapshot, Error> {
        let id = self.id;
        self.commands
            .run(move |machine, now| machine.handle_end(id, now))
            .await?
            .into_call()
    }

    /// Says how this device's media is, from ICE and DTLS state, and which way a connected one takes, from the selected
    /// candidate pair, where that is known.
    ///
    /// # Errors
    /// 1400101 while the call rings, and the local codes of [`Error`].
    pub async fn report(&self, media: MediaState, path: Option<MediaPath>) -> Result<CallSnapshot, Error> {
        let id = self.id;
        self.commands
            .run(move |machine, now| machine.handle_report(id, media, path, now))
            .await?
            .into_call()
    }

    /// Names the ticket that the call's peer connection was made with: that of the configuration it was given. To be said as
    /// soon as the peer connection is made, and again when an ICE restart took a newer one; the client repeats it after a
    /// reconnect. A call that has ended is left as it is.
    ///
    /// # Errors
    /// [`Error::Internal`], if the client was closed.
    pub async fn use_ticket(&self, ticket: impl Into<String>) -> Result<(), Error> {
        let (id, ticket) = (self.id, ticket.into());
        self.commands
            .tell(move |machine, _| machine.handle_use_ticket(id, ticket))
            .await
    }

    /// Switches microphone and camera. It counts here whether or not the server is reached in time: a server that was away hears
    /// it when it is back.
    ///
    /// # Errors
    /// 1400101 at the callee before accept, and the local codes of [`Error`].
    pub async fn set_media(&self, audio_enabled: bool, video_enabled: bool) -> Result<CallSnapshot, Error> {
        let id = self.id;
        let set = move |machine: &mut crate::machine::Machine, now| {
            machine.handle_set_media(id, audio_enabled, video_enabled, now)
        };
        self.commands.run(set).await?.into_call()
    }

    /// Holds the call, or goes on. What the other side does stays as it is: both must go on. It counts here whether or not the
    /// server is reached in time: a server that was away hears it when it is back.
    ///
    /// # Errors
    /// 1400101 at the callee before accept, and the local codes of [`Error`].
    pub async fn hold(&self, is_on_hold: bool) -> Result<CallSnapshot, Error> {
        let id = self.id;
        self.commands
            .run(move |machine, now| machine.handle_hold(id, is_on_hold, now))
            .await?
            .into_call()
    }

    /// Tells the other side whether this device records the call.
    ///
    /// # Errors
    /// 1400101 at the callee before accept, and the local codes of [`Error`].
    pub async fn set_recording(&self, is_recording: bool) -> Result<CallSnapshot, Error> {
        let id = self.id;
        self.commands
            .run(move |machine, now| machine.handle_recording(id, is_recording, now))
            .await?
            .into_call()
    }

    /// Asks the server for the call's present state.
    ///
    /// # Errors
    /// 1400102 if this device has no part in it, and the local codes of [`Error`].
    pub async fn read(&self) -> Result<CallSnapshot, Error> {
        let id = self.id;
        self.commands
            .run(move |machine, now| machine.handle_read(id, now))
            .await?
            .into_call()
    }

    /// Says something to the other side's device: numbered, kept, and sent again until the peer has it. The callee may do
    /// so once it has accepted.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] if it is too long or the call is not this device's to speak in, [`Error::Internal`] if
    /// too much waits for the peer.
    pub async fn signal(&self, signal: Signal) -> Result<(), Error> {
        let id = self.id;
        match self
            .commands
            .run(move |machine, now| machine.handle_signal(id, signal, now))
            .await?
        {
            Answer::Signalled => Ok(()),
            _ => Err(Error::Internal("an answer to another question")),
        }
    }
}

impl Answer {
    pub(crate) fn into_items(self) -> Result<ChangedItems, Error> {
        match self {
            Self::ItemsChanged(changed) => Ok(changed),
            _ => Err(Error::Internal("an answer to another question")),
        }
    }

    pub(crate) fn into_call(self) -> Result<CallSnapshot, Error> {
        match self {
            Self::Call(call) => Ok(*call),
            _ => Err(Error::Internal("an answer to another question")),
        }
    }
}
