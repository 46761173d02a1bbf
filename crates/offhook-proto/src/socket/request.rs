//! What a device asks of its calls, in the words of the rules.

use std::time::Duration;

use offhook_core::call::{DialRequest, Input, MediaReport, Path};
use offhook_core::custom_items::ItemsChange;
use offhook_core::id::{CallId, DeviceId, UserKey};

use super::{ClientMessage, MediaPath, MediaState};
use crate::webhook::CallWebhook;

/// What a message asks of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallRequest {
    /// Make one. Answered by the call, as is what follows.
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
    /// Change the custom items of one. Answered by them.
    ChangeItems(CallId, Input),
}

impl ClientMessage {
    /// What `device` of `user` asks of a call by this message; nothing, where it is about something else.
    pub fn into_call_request(self, user: UserKey, device: DeviceId) -> Option<CallRequest> {
        let (call_id, input) = match self {
            Self::Dial {
                id: _,
                call_id,
                user_id,
                is_video_call,
                media,
                custom_items,
                chat_channel_url,
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
                    chat_channel_url,
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
            Self::UpdateCustomItems {
                id: _,
                call_id,
                custom_items,
            } => {
                let change = ItemsChange::Set(custom_items);
                return Some(CallRequest::ChangeItems(
                    call_id,
                    Input::ChangeItems {
                        user: Some(user),
                        change,
                    },
                ));
            }
            Self::DeleteCustomItems { id: _, call_id, keys } => {
                let change = keys.map_or(ItemsChange::Clear, ItemsChange::Remove);
                return Some(CallRequest::ChangeItems(
                    call_id,
                    Input::ChangeItems {
                        user: Some(user),
                        change,
                    },
                ));
            }
            Self::Hello { .. }
            | Self::Signal { .. }
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
