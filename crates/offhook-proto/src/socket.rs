//! The socket: `GET /client/v1/socket`, JSON text frames.
//!
//! The first frame is [`ClientMessage::Hello`], within [`HELLO_DEADLINE_MS`] and at most [`MAX_HELLO_BYTES`] long. Then
//! either side sends what it likes. A message with an `id` is a request: exactly one [`ServerMessage::Reply`] or
//! [`ServerMessage::Refused`] carries the same `id` back. Requests are carried out in the order they arrive, and each
//! may be repeated: all are idempotent by the call's state, `dial` by its call id.
//!
//! The server tells a device of every change of its calls ([`ServerMessage::Call`]). A device keeps the snapshot with
//! the highest version, and of each party's media the highest revision (of equal ones that of the newer snapshot, since an
//! accept starts at 0 again); everything else is old news.

mod quality;
mod request;

use std::collections::BTreeMap;

use offhook_core::id::{CallId, DeviceId, PageId};
use serde::{Deserialize, Serialize};

use crate::call::{CallRole, CallSnapshot, PartyMedia};
use crate::ice::IceConfiguration;
use crate::webhook::CallWebhook;

pub use quality::{MAX_QUALITY_SAMPLES, MAX_SAMPLE_AGE_MS, QualitySample};
pub use request::CallRequest;

/// How long a socket may take to say hello.
pub const HELLO_DEADLINE_MS: u64 = 5_000;
/// The longest hello.
pub const MAX_HELLO_BYTES: usize = 4 * 1024;
/// The longest frame after it: room for an SDP and its wrapping.
pub const MAX_FRAME_BYTES: usize = 64 * 1024;
/// The longest body of a [`ClientMessage::Signal`].
pub const MAX_SIGNAL_BYTES: usize = 48 * 1024;
/// The most calls a hello names.
pub const MAX_KNOWN_CALLS: usize = 32;

/// What a device says.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ClientMessage {
    /// The first message: who this is and which calls it knows. A device that comes back without a call it carried has
    /// left that call. Answered by [`ServerMessage::Welcome`].
    Hello {
        /// Numbers the request.
        id: u32,
        /// [`crate::PROTOCOL`].
        protocol: u32,
        /// From `authenticate`.
        session_key: String,
        /// Kept over reloads of the page.
        #[cfg_attr(feature = "ts", ts(type = "string"))]
        device_id: DeviceId,
        /// Drawn anew by each page.
        #[cfg_attr(feature = "ts", ts(type = "string"))]
        page_id: PageId,
        /// The calls this device carries and has not seen ended.
        #[cfg_attr(feature = "ts", ts(type = "Array<string>"))]
        known_calls: Vec<CallId>,
    },
    /// Makes a call and rings the callee's devices. Answered by the call.
    Dial {
        /// Numbers the request.
        id: u32,
        /// 128 random bits as a lower-case UUID.
        #[cfg_attr(feature = "ts", ts(type = "string"))]
        call_id: CallId,
        /// Whom.
        user_id: String,
        /// Whether with video.
        is_video_call: bool,
        /// What the caller will send.
        media: PartyMedia,
        /// What the application attaches.
        #[serde(default)]
        custom_items: BTreeMap<String, String>,
        /// The channel of the application's chat that the call belongs to, 1 to 255 characters: for the application's own server.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "ts", ts(optional))]
        chat_channel_url: Option<String>,
        /// How long to ring, in seconds: 5 to 300, else 60.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "ts", ts(optional))]
        ringing_timeout_s: Option<u32>,
        /// How long connecting may take after accept, in seconds: 5 to 300, else 60.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "ts", ts(optional))]
        connection_timeout_s: Option<u32>,
        /// Where the application's own server is told of this call.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "ts", ts(optional))]
        webhook: Option<CallWebhook>,
    },
    /// The callee's application has been told of the ring. Answered by the call.
    Ringing {
        /// Numbers the request.
        id: u32,
        /// Which call.
        #[cfg_attr(feature = "ts", ts(type = "string"))]
        call_id: CallId,
    },
    /// Accepts on this device. Answered by the call.
    Accept {
        /// Numbers the request.
        id: u32,
        /// Which call.
        #[cfg_attr(feature = "ts", ts(type = "string"))]
        call_id: CallId,
        /// What the callee will send.
        media: PartyMedia,
    },
    /// Cancels, declines or hangs up. Answered by the call.
    End {
        /// Numbers the request.
        id: u32,
        /// Which call.
        #[cfg_attr(feature = "ts", ts(type = "string"))]
        call_id: CallId,
    },
    /// Says how this device's media is, from ICE and DTLS state. Answered by the call.
    Report {
        /// Numbers the request.
        id: u32,
        /// Which call.
        #[cfg_attr(feature = "ts", ts(type = "string"))]
        call_id: CallId,
        /// How it is.
        media: MediaState,
        /// Which way it takes, from the selected candidate pair; only with [`MediaState::Connected`], where it is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "ts", ts(optional))]
        path: Option<MediaPath>,
    },
    /// Says what this device sends (mute, camera). Answered by the call.
    SetMedia {
        /// Numbers the request.
        id: u32,
        /// Which call.
        #[cfg_attr(feature = "ts", ts(type = "string"))]
        call_id: CallId,
        /// What it sends now.
        media: PartyMedia,
    },
    /// Asks for a call's present state. Answered by the call.
    Read {
        /// Numbers the request.
        id: u32,
        /// Which call.
        #[cfg_attr(feature = "ts", ts(type = "string"))]
        call_id: CallId,
    },
    /// Passes a message to the other side's device or devices (see [`crate::peer`]). Not answered: the peer acknowledges.
    Signal {
        /// Which call.
        #[cfg_attr(feature = "ts", ts(type = "string"))]
        call_id: CallId,
        /// A [`crate::peer::PeerMessage`] as JSON; the server does not look inside.
        body: String,
    },
    /// Sets custom items of a call, of which the others stay. Any device of either party may, of an ended call too.
    /// Answered by [`ServerMessage::CustomItems`].
    UpdateCustomItems {
        /// Numbers the request.
        id: u32,
        /// Which call.
        #[cfg_attr(feature = "ts", ts(type = "string"))]
        call_id: CallId,
        /// What to set.
        custom_items: BTreeMap<String, String>,
    },
    /// Takes custom items away from a call, as [`Self::UpdateCustomItems`] sets them.
    DeleteCustomItems {
        /// Numbers the request.
        id: u32,
        /// Which call.
        #[cfg_attr(feature = "ts", ts(type = "string"))]
        call_id: CallId,
        /// Which; all of them if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "ts", ts(optional))]
        keys: Option<Vec<String>>,
    },
    /// Says how good the media of a call was, for its timeline. Not answered.
    Quality {
        /// Which call.
        #[cfg_attr(feature = "ts", ts(type = "string"))]
        call_id: CallId,
        /// What was measured, oldest first: at most [`MAX_QUALITY_SAMPLES`].
        samples: Vec<QualitySample>,
    },
    /// Names the ticket that a call's peer connection was made with, so that the relay's bytes are counted for the call and
    /// end with it. Not answered; refused without an `id` if the ticket cannot be used for the call.
    UseTicket {
        /// Which call.
        #[cfg_attr(feature = "ts", ts(type = "string"))]
        call_id: CallId,
        /// Of an [`IceConfiguration`] that this session was given.
        ticket: String,
    },
    /// Prolongs a session with a new session token. Answered by [`ServerMessage::Renewed`].
    Renew {
        /// Numbers the request.
        id: u32,
        /// The new token.
        access_token: String,
    },
}

/// What the server says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerMessage {
    /// The socket is open for calls.
    Welcome {
        /// Of the hello.
        id: u32,
        /// The protocol both speak.
        protocol: u32,
        /// Every live call that this device carries or is rung by, and every call of `known_calls`, ended ones too.
        calls: Vec<CallSnapshot>,
        /// Calls of `known_calls` that this device has no part in.
        #[cfg_attr(feature = "ts", ts(type = "Array<string>"))]
        unknown_calls: Vec<CallId>,
        /// The server says something at least this often: a longer silence means the socket is dead.
        silence_ms: u32,
        /// What to make peer connections with.
        ice_configuration: IceConfiguration,
    },
    /// What to make peer connections with from now on: the last ticket is in use, or past half its life.
    IceConfiguration {
        /// The next one.
        ice_configuration: IceConfiguration,
    },
    /// A request was carried out.
    Reply {
        /// Of the request.
        id: u32,
        /// The call after it.
        call: CallSnapshot,
    },
    /// A request was refused and changed nothing.
    Refused {
        /// Of the request; left out if the message could not be read.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "ts", ts(optional))]
        id: Option<u32>,
        /// From the table in [`crate::error`].
        code: u32,
        /// What happened and what to do.
        message: String,
    },
    /// A call of this device changed, or rings.
    Call {
        /// The call.
        call: CallSnapshot,
    },
    /// A party changed what it sends.
    PartyMedia {
        /// Which call.
        #[cfg_attr(feature = "ts", ts(type = "string"))]
        call_id: CallId,
        /// Which side.
        role: CallRole,
        /// What it sends now.
        media: PartyMedia,
    },
    /// A message from the other side's device.
    Signal {
        /// Which call.
        #[cfg_attr(feature = "ts", ts(type = "string"))]
        call_id: CallId,
        /// Which of the other side's devices: each numbers its own messages.
        #[cfg_attr(feature = "ts", ts(type = "string"))]
        from_device: DeviceId,
        /// As it was sent.
        body: String,
    },
    /// Custom items were changed by this device.
    CustomItems {
        /// Of the request.
        id: u32,
        /// All custom items of the call after it.
        custom_items: BTreeMap<String, String>,
        /// The keys that were set to something new, or taken away.
        affected_keys: Vec<String>,
    },
    /// A session was prolonged.
    Renewed {
        /// Of the request.
        id: u32,
        /// How long the new token stays valid, in milliseconds.
        #[cfg_attr(feature = "ts", ts(type = "number"))]
        token_expires_in_ms: u64,
    },
    /// Nothing happened. Not answered.
    Ping {},
    /// The session is over; the socket closes. Do not come back with this key.
    SessionClosed {
        /// 400309 expired or revoked, 400300 deactivated, 400303 signed out or replaced.
        code: u32,
        /// Why.
        message: String,
    },
    /// The server is about to stop: connect anew after this time. Calls go on.
    Drain {
        /// When to come back.
        reconnect_after_ms: u32,
    },
}

/// How a device's media is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "snake_case")]
pub enum MediaState {
    /// It flows.
    Connected,
    /// It stopped.
    Lost,
}

/// Which way a device's media takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "snake_case")]
pub enum MediaPath {
    /// From device to device, with no relay between.
    Direct,
    /// Over a relay on either side.
    Relayed,
}

impl std::fmt::Debug for ClientMessage {
    /// Names the message without what it carries: keys, tokens and SDP never reach a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Hello { .. } => "hello",
            Self::Dial { .. } => "dial",
            Self::Ringing { .. } => "ringing",
            Self::Accept { .. } => "accept",
            Self::End { .. } => "end",
            Self::Report { .. } => "report",
            Self::SetMedia { .. } => "set_media",
            Self::Read { .. } => "read",
            Self::Signal { .. } => "signal",
            Self::UpdateCustomItems { .. } => "update_custom_items",
            Self::DeleteCustomItems { .. } => "delete_custom_items",
            Self::Quality { .. } => "quality",
            Self::UseTicket { .. } => "use_ticket",
            Self::Renew { .. } => "renew",
        })
    }
}

impl ClientMessage {
    /// The number of the request; messages that are not answered have none.
    pub const fn id(&self) -> Option<u32> {
        match self {
            Self::Hello { id, .. }
            | Self::Dial { id, .. }
            | Self::Ringing { id, .. }
            | Self::Accept { id, .. }
            | Self::End { id, .. }
            | Self::Report { id, .. }
            | Self::SetMedia { id, .. }
            | Self::Read { id, .. }
            | Self::UpdateCustomItems { id, .. }
            | Self::DeleteCustomItems { id, .. }
            | Self::Renew { id, .. } => Some(*id),
            Self::Signal { .. } | Self::Quality { .. } | Self::UseTicket { .. } => None,
        }
    }
}
