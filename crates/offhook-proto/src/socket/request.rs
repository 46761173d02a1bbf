//! What a device asks of its calls, in the words of the rules.

use std::time::Duration;

use offhook_core::call::{DialRequest, Input, MediaReport, Path};
use offhook_core::id::{CallId, DeviceId, UserKey};

use super::{ClientMessage, MediaPath, MediaState};
use crate::webhook::CallWebhook;

/// A message that is answered by a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallRequest {
    /// Make one.
    Dial {
        /// Whom to ring.
        user_id: String,
        /// The rest.
        request: DialRequest,
        /// Where its events are told.
        webhook: Option<CallWebhook>,
    },
    /// Move one.
    Move(CallId, Input),
    /// Look at one.
    Read(CallId),
}

impl ClientMessage {
    /// What `device` of `user` asks of a call by this message; nothing, where it is not answered by one.
    pub fn into_call_request(self, user: UserKey, device: DeviceId) -> Option<CallRequest> {
        let (call_id, input) = match self {
            Self::Dial {
                id: _,
                call_id,
                user_id,
                is_video_call,
                media,
                custom_items,
                ringing_timeout_s,
                connection_timeout_s,
                webhook,
            } => {
                let seconds = |seconds: u32| Duration::from_secs(seconds.into());
                let request = DialRequest {
                    call_id,
                    device,
                    is_video: is_video_call,
                    settings: media.into(),
                    custom_items,
                    ringing_timeout: ringing_timeout_s.map(seconds),
                    connection_timeout: connection_timeout_s.map(seconds),
                };
                return Some(CallRequest::Dial {
                    user_id,
                    request,
                    webhook,
                });
            }
            Self::Read { id: _, call_id } => return Some(CallRequest::Read(call_id)),
            Self::Ringing { id: _, call_id } => (call_id, Input::Acknowledge { user }),
            Self::Accept { id: _, call_id, media } => {
                let settings = media.into();
                (call_id, Input::Accept { user, device, settings })
            }
            Self::End { id: _, call_id } => (call_id, Input::End { user, device }),
            Self::Report {
                id: _,
                call_id,
                media,
                path,
            } => {
                let media = match media {
                    MediaState::Connected => MediaReport::Connected {
                        path: path.map(Path::from),
                    },
                    MediaState::Lost => MediaReport::Lost,
                };
                (call_id, Input::Report { user, device, media })
            }
            Self::SetMedia { id: _, call_id, media } => {
                let settings = media.into();
                (call_id, Input::Configure { user, device, settings })
            }
            Self::Hello { .. }
            | Self::Signal { .. }
            | Self::UpdateCustomItems { .. }
            | Self::DeleteCustomItems { .. }
            | Self::Quality { .. }
            | Self::UseTicket { .. }
            | Self::Renew { .. } => return None,
        };
        Some(CallRequest::Move(call_id, input))
    }
}

impl From<MediaPath> for Path {
    fn from(path: MediaPath) -> Self {
        match path {
            MediaPath::Direct => Self::Direct,
            MediaPath::Relayed => Self::Relayed,
        }
    }
}
