//! What devices ask for.

use offhook_core::call::{Call, DialRequest, Refusal};
use offhook_core::id::{DeviceId, UserKey};
use offhook_core::time::Timestamp;
use offhook_proto::error::ErrorCode;
use offhook_proto::socket::{CallRequest, ClientMessage};

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
        let (call_id, input) = match message.into_call_request(user, device) {
            Some(CallRequest::Dial { user_id, request, .. }) => {
                return dial((user, device), &user_id, request, now, around);
            }
            Some(CallRequest::Move(call_id, input)) => (call_id, input),
            Some(CallRequest::Read(call_id)) => {
                let call = around.store.call(call_id).cloned();
                return call.ok_or(ErrorCode::CALL_DOES_NOT_EXIST);
            }
            None => return Err(ErrorCode::CALL_INTERNAL_ERROR),
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
    user_id: &str,
    request: DialRequest,
    now: Timestamp,
    around: &mut Surroundings<'_>,
) -> Result<Call, ErrorCode> {
    let dialed = around.store.dial(from, user_id, request, now);
    let (call, is_new) = dialed.map_err(|_| ErrorCode::RATE_LIMIT_EXCEEDED)?;
    if is_new {
        around.effects.push(NodeEffect::Ring(call.clone()));
    }
    Ok(call)
}
