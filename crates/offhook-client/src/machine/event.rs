//! What a machine tells.

use offhook_proto::call::{CallLogPage, CallSnapshot};
use offhook_proto::id::{CallId, DeviceId};
use offhook_proto::session::SignedInUser;

use super::http::HttpRequest;
use super::items::ChangedItems;
use super::peer_link::Signal;

/// What happened, for the application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Somebody calls. Handing this out acknowledges the ring to the caller.
    Ringing(CallSnapshot),
    /// A device of the callee has shown the ring.
    DialReceived(CallSnapshot),
    /// Accepted; media is to be connected.
    Established(CallSnapshot),
    /// Media is connected on both sides.
    Connected(CallSnapshot),
    /// The other party changed what it sends, or what it does with the call: hold, recording.
    PartyMedia(CallSnapshot),
    /// The other party, or another device, changed the custom items; of an ended call, too.
    ItemsChanged(CallSnapshot),
    /// It is over, for this device at least.
    Ended(CallSnapshot),
    /// The other side's device says something; in order, each once.
    Peer {
        /// Which call.
        call_id: CallId,
        /// Which of the other side's devices.
        from_device: DeviceId,
        /// What it says.
        signal: Signal,
    },
    /// The socket came or went.
    ConnectionStateChanged(ConnectionState),
    /// The session token ends soon: hand over a new one.
    SessionTokenRequired,
    /// The new token was taken.
    SessionTokenRefreshed,
    /// The session is over; its calls are, too.
    SessionClosed {
        /// 400309 expired or revoked, 400300 deactivated, 400303 signed out or replaced.
        code: u32,
        /// Why.
        message: String,
    },
}

/// How the socket is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectionState {
    /// There is none and none is wanted.
    Disconnected,
    /// The first one is being opened.
    Connecting,
    /// It is open for calls.
    Connected,
    /// It was lost; the next one is being opened.
    Reconnecting,
}

/// Names a verb that is answered later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VerbId(pub(super) u64);

/// Names one socket: news of an earlier one is ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SocketId(pub(super) u32);

/// What a verb came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Signed in.
    Authenticated(SignedInUser),
    /// The socket is open for calls.
    Connected,
    /// Signed out.
    Deauthenticated,
    /// The call after it.
    Call(Box<CallSnapshot>),
    /// What became of the custom items.
    ItemsChanged(ChangedItems),
    /// The peer message is on its way.
    Signalled,
    /// The session token was taken.
    Renewed,
    /// A page of the call log.
    CallLog(CallLogPage),
}

/// What the driver is to do, in this order.
#[derive(Clone, PartialEq, Eq)]
pub enum Action {
    /// Make a request and bring its outcome to [`super::Machine::handle_http`].
    Http(HttpRequest),
    /// Open a socket at `/client/v1/socket`.
    OpenSocket(SocketId),
    /// Send a text frame.
    Send(SocketId, String),
    /// Close it, after what was sent before.
    CloseSocket(SocketId),
}

impl std::fmt::Debug for Action {
    /// Leaves out what a frame says: keys and tokens never reach a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Http(request) => request.fmt(f),
            Self::OpenSocket(SocketId(id)) => write!(f, "open {id}"),
            Self::Send(SocketId(id), frame) => write!(f, "send {} bytes on {id}", frame.len()),
            Self::CloseSocket(SocketId(id)) => write!(f, "close {id}"),
        }
    }
}
