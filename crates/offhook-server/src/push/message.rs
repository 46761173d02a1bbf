//! What a device is told: the same text through every service.

use offhook_core::call::Call;
use offhook_proto::push::{PushCall, PushMessage};
use offhook_store::{Notice, PushDelivery};

/// What fits everywhere: FCM takes 4096 bytes of data, a Web Push record as many with all that is around the text.
pub(super) const MAX_TEXT_BYTES: usize = 3800;

/// The message as JSON. A picture's address that makes it too long is left out.
pub(super) fn text(delivery: &PushDelivery) -> Option<String> {
    let call = describe(delivery);
    let text = write(delivery.notice, call.clone())?;
    if text.len() <= MAX_TEXT_BYTES {
        return Some(text);
    }
    let caller_profile_url = String::new();
    write(
        delivery.notice,
        PushCall {
            caller_profile_url,
            ..call
        },
    )
}

fn write(notice: Notice, call: PushCall) -> Option<String> {
    let message = match notice {
        Notice::Ring => PushMessage::Ring { call },
        Notice::Stop => PushMessage::Stop { call },
        Notice::Missed => PushMessage::Missed { call },
    };
    serde_json::to_string(&message).ok()
}

fn describe(delivery: &PushDelivery) -> PushCall {
    let call: &Call = &delivery.call;
    let caller = &call.caller.profile;
    PushCall {
        app_id: delivery.app_id.to_string(),
        call_id: call.id,
        callee_id: call.callee.profile.user_id.clone(),
        caller_id: caller.user_id.clone(),
        caller_nickname: caller.nickname.clone(),
        caller_profile_url: caller.profile_url.clone(),
        is_video_call: call.is_video,
        started_at: i64::try_from(call.dialed_at.as_millis()).unwrap_or(i64::MAX),
    }
}
