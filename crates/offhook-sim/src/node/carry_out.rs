//! What devices ask for.

use std::time::Duration;

use offhook_core::call::{Call, DialRequest, Input, MediaReport, Refusal};
use offhook_core::id::{DeviceId, UserKey};
use offhook_core::time::Timestamp;
use offhook_proto::error::ErrorCode;
use offhook_proto::socket::{ClientMessage, MediaState};

use super::{Node, NodeEffect, Surroundings};

impl Node {
    pub(super) fn carry_out(
        &self,
        user: UserKey,
        device: DeviceId,
        message: ClientMessage,
        around: &mut Surroundings<'_>,
    ) -> Result<Call, ErrorCode> {
        let now = self.clock(around.now);
        let (call_id, input) = match message {
            ClientMessage::Dial { .. } => return dial((user, device), message, now, around),
            ClientMessage::Read { call_id, .. } => {
                return around
                    .store
                    .call(call_id)
                    .cloned()
                    .ok_or(ErrorCode::CALL_DOES_NOT_EXIST);
            }
            ClientMessage::Ringing { call_id, .. } => (call_id, Input::Acknowledge { user }),
            ClientMessage::Accept { call_id, media, .. } => (
                call_id,
                Input::Accept {
                    user,
                    device,
                    settings: media.into(),
                },
            ),
            ClientMessage::End { call_id, .. } => (call_id, Input::End { user, device }),
            ClientMessage::Report { call_id, media, .. } => {
                let media = match media {
                    MediaState::Connected => MediaReport::Connected,
                    MediaState::Lost => MediaReport::Lost,
                };
                (call_id, Input::Report { user, device, media })
            }
            ClientMessage::SetMedia { call_id, media, .. } => (
                call_id,
                Input::Configure {
                    user,
                    device,
                    settings: media.into(),
                },
            ),
            ClientMessage::Hello { .. }
            | ClientMessage::Signal { .. }
            | ClientMessage::UseTicket { .. }
            | ClientMessage::Renew { .. } => {
                return Err(ErrorCode::CALL_INTERNAL_ERROR);
            }
        };
        let is_lost = self.faults.commits_get_lost && around.random.in_thousand(20);
        let applied = around.store.apply(call_id, input, now, is_lost);
        let (call, is_change) = applied.map_err(|refusal| match refusal {
            Refusal::NoSuchCall => ErrorCode::CALL_DOES_NOT_EXIST,
            Refusal::InvalidStatus => ErrorCode::INVALID_CALL_STATUS,
        })?;
        if is_change {
            around.effects.push(NodeEffect::Ring(call.clone()));
        }
        Ok(call)
    }
}

fn dial(
    from: (UserKey, DeviceId),
    message: ClientMessage,
    now: Timestamp,
    around: &mut Surroundings<'_>,
) -> Result<Call, ErrorCode> {
    let ClientMessage::Dial {
        call_id,
        user_id,
        is_video_call,
        media,
        custom_items,
        ringing_timeout_s,
        connection_timeout_s,
        ..
    } = message
    else {
        return Err(ErrorCode::CALL_INTERNAL_ERROR);
    };
    let seconds = |seconds: u32| Duration::from_secs(seconds.into());
    let request = DialRequest {
        call_id,
        device: from.1,
        is_video: is_video_call,
        settings: media.into(),
        custom_items,
        ringing_timeout: ringing_timeout_s.map(seconds),
        connection_timeout: connection_timeout_s.map(seconds),
    };
    let dialed = around.store.dial(from, &user_id, request, now);
    let (call, is_new) = dialed.map_err(|_| ErrorCode::RATE_LIMIT_EXCEEDED)?;
    if is_new {
        around.effects.push(NodeEffect::Ring(call.clone()));
    }
    Ok(call)
}
