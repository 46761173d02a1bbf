//! What a device asks of a call. Each request is decided and committed before it is answered.

use std::sync::Arc;

use offhook_core::call::{Happening, Input, Role};
use offhook_core::id::CallId;
use offhook_proto::call::CallSnapshot;
use offhook_proto::error::ErrorCode;
use offhook_proto::socket::{CallRequest, ClientMessage, MAX_QUALITY_SAMPLES, QualitySample, ServerMessage};
use offhook_store::{Actor, CallChange, CallError};
use tracing::Instrument as _;

use super::dials::{Answered, Dial, Dials};
use super::hello::Device;
use super::wire::{self, RawSignal};
use crate::bus::{Doorbell, Signal};
use crate::http::error::ApiError;
use crate::node::Node;
use crate::quality::measuring_side;
use crate::telemetry::spans;
use crate::{sign_in, webhooks};

/// Carries out a request; gives what to say, in this order. A dial that waits for the application's word is not answered here.
pub async fn carry_out(
    node: &Node,
    device: &mut Device,
    dials: &mut Dials,
    message: ClientMessage,
) -> Result<Vec<ServerMessage>, ApiError> {
    let (user, device_id) = (device.signed_in.user.key, device.id);
    // Numbered, or not answered.
    let id = message.id().unwrap_or_default();
    let message = match message {
        ClientMessage::UseTicket { call_id, ticket } => return use_ticket(node, device, call_id, &ticket).await,
        ClientMessage::Quality { call_id, samples } => {
            return measure(node, device, call_id, &samples).map(|()| Vec::new());
        }
        message => message,
    };
    let (app, session) = (device.signed_in.application.key, device.signed_in.session.id);
    let now = node.clock().now();
    let change = match message.into_call_request(user, device_id) {
        Some(CallRequest::Dial {
            user_id,
            request,
            webhook,
        }) => {
            let prepare =
                |webhook| webhooks::request::prepare(node.outbound(), node.key(), app, request.call_id, webhook);
            let webhook = webhook.map(prepare).transpose()?;
            let dial = Dial {
                session,
                user_id,
                request,
                webhook,
            };
            match dial.commit(node, false).await {
                Err(CallError::AskFirst(hook)) => {
                    dials.begin(node, device, *hook, id, dial)?;
                    return Ok(Vec::new());
                }
                dialed => dialed,
            }
        }
        Some(CallRequest::Move(call_id, input)) => {
            let actor = Actor::Session(session);
            let applied = node.store().apply(app, call_id, actor, input, now);
            applied.instrument(spans::commit(call_id)).await
        }
        Some(CallRequest::Read(call_id)) => return read(node, device, id, call_id).await,
        Some(CallRequest::ChangeItems(call_id, input)) => return change_items(node, device, id, call_id, input).await,
        // A second hello means nothing, `renew` is the task's own, and signals do not come this way.
        None => return Err(ErrorCode::INVALID_VALUE.into()),
    };
    tell(node, device, id, change.map_err(refusal)?).map(|reply| vec![reply])
}

/// Tells of a dial that waited for the application's word.
pub fn answer_dial(node: &Node, device: &mut Device, answered: Answered) -> Result<ServerMessage, ApiError> {
    tell(node, device, answered.id, *answered.outcome?)
}

/// Answers the device and rings both parties' devices.
fn tell(node: &Node, device: &mut Device, id: u32, change: CallChange) -> Result<ServerMessage, ApiError> {
    node.announce(&change);
    let call = Arc::new(change.call);
    let reply = reply(node, device, id, &call)?;
    device.known.note(call);
    Ok(reply)
}

/// Answers with the items, and tells the device the call right behind: an older snapshot that is on its way to it must
/// not take back what it was answered.
async fn change_items(
    node: &Node,
    device: &mut Device,
    id: u32,
    call_id: CallId,
    input: Input,
) -> Result<Vec<ServerMessage>, ApiError> {
    let signed_in = &device.signed_in;
    let (app, actor) = (signed_in.application.key, Actor::Session(signed_in.session.id));
    let now = node.clock().now();
    let applied = node.store().apply(app, call_id, actor, input, now);
    let change = applied.instrument(spans::commit(call_id)).await;
    let change = change.map_err(refusal)?;
    node.announce(&change);
    let affected_keys = change.happened.into_iter().find_map(|happening| {
        let Happening::ItemsChanged(_, keys) = happening else {
            return None;
        };
        Some(keys)
    });
    let answer = ServerMessage::CustomItems {
        id,
        custom_items: change.call.custom_items.clone(),
        affected_keys: affected_keys.unwrap_or_default(),
    };
    let news = device.known.learn(change.call.into(), now);
    Ok(std::iter::once(answer).chain(news).collect())
}

async fn read(node: &Node, device: &mut Device, id: u32, call_id: CallId) -> Result<Vec<ServerMessage>, ApiError> {
    let found = node.store().call(device.signed_in.application.key, call_id).await;
    let call = found
        .map_err(|error| ApiError::internal(&error))?
        .ok_or(ErrorCode::CALL_DOES_NOT_EXIST)?;
    let reply = reply(node, device, id, &call)?;
    // It may not have been told of the call before: from here on it is.
    if device
        .known
        .call(call_id)
        .is_none_or(|known| known.version <= call.version)
    {
        device.known.note(call.into());
    }
    Ok(vec![reply])
}

fn reply(node: &Node, device: &Device, id: u32, call: &offhook_core::call::Call) -> Result<ServerMessage, ApiError> {
    let snapshot = CallSnapshot::of(call, device.signed_in.user.key, device.id, node.clock().now());
    Ok(ServerMessage::Reply {
        id,
        call: snapshot.ok_or(ErrorCode::CALL_DOES_NOT_EXIST)?,
    })
}

/// Passes a message to the other side, unread. Only a device that takes part in a live call may send.
pub fn pass_on(node: &Node, device: &Device, signal: &RawSignal) -> Result<(), ApiError> {
    let span = spans::signal(signal.call_id);
    let passed_on = span.in_scope(|| ring_peer(node, device, signal));
    if let Err(error) = &passed_on {
        span.record("error.code", error.code().code);
    }
    passed_on
}

fn ring_peer(node: &Node, device: &Device, signal: &RawSignal) -> Result<(), ApiError> {
    if signal.is_too_long {
        return Err(ErrorCode::VALUE_TOO_LONG.into());
    }
    let (user, call_id) = (device.signed_in.user.key, signal.call_id);
    let call = device
        .known
        .call(call_id)
        .filter(|call| !call.is_ended() && call.is_participant(user, device.id));
    let call = call.ok_or(ErrorCode::CALL_DOES_NOT_EXIST)?;
    let role = call.role_of(user).ok_or(ErrorCode::CALL_DOES_NOT_EXIST)?;
    let to = match role {
        Role::Caller => call.callee_device(),
        Role::Callee => Some(call.caller_device),
    };
    let peer = call.party(role.other()).user;
    let text = wire::signal(signal, device.id);
    let signal = Arc::new(Signal { call_id, to, text });
    node.bus().ring(peer, Doorbell::Signal(signal));
    Ok(())
}

/// Takes what the one device that carries a side of an accepted call measured.
fn measure(node: &Node, device: &Device, call_id: CallId, samples: &[QualitySample]) -> Result<(), ApiError> {
    if samples.len() > MAX_QUALITY_SAMPLES {
        return Err(ErrorCode::TOO_MANY_ITEMS.into());
    }
    if !samples.iter().all(QualitySample::is_plausible) {
        return Err(ErrorCode::OUT_OF_RANGE.into());
    }
    let now = node.clock().now();
    let call = device.known.call(call_id).ok_or(ErrorCode::CALL_DOES_NOT_EXIST)?;
    let role = measuring_side(call, device.signed_in.user.key, device.id, now);
    node.quality()
        .take(call, role.ok_or(ErrorCode::CALL_DOES_NOT_EXIST)?, samples, now);
    Ok(())
}

/// Notes which ticket of the relay a call is made with; the device gets another, if it was the one ahead.
async fn use_ticket(
    node: &Node,
    device: &mut Device,
    call_id: CallId,
    ticket: &str,
) -> Result<Vec<ServerMessage>, ApiError> {
    let user = device.signed_in.user.key;
    let known = device.known.call(call_id);
    let known = known.filter(|call| !call.is_ended() && call.is_participant(user, device.id));
    let role = known.and_then(|call| call.role_of(user));
    let role = role.ok_or(ErrorCode::INVALID_TICKET)?;
    let holder = device.holder();
    let was_ahead = node.tickets().bind(ticket, &holder, call_id, role, node.clock().now());
    let was_ahead = was_ahead.map_err(|_| ErrorCode::INVALID_TICKET)?;
    // The call may have ended before the ticket was named, and then nobody looked for it.
    let call = node.store().call(holder.app, call_id).await;
    let call = call.map_err(|error| ApiError::internal(&error))?;
    if let Some(call) = call {
        node.tickets().follow(&call);
    }
    let next = was_ahead.then(|| ServerMessage::IceConfiguration {
        ice_configuration: device.ice_configuration(node),
    });
    Ok(next.into_iter().collect())
}

/// Says in the client's words why the store did not do it.
pub fn refusal(error: CallError) -> ApiError {
    use offhook_core::call::{DialRefusal, Refusal};
    match error {
        CallError::NoSuchCall | CallError::Refused(Refusal::NoSuchCall) => ErrorCode::CALL_DOES_NOT_EXIST.into(),
        CallError::Refused(Refusal::InvalidStatus) => ErrorCode::INVALID_CALL_STATUS.into(),
        CallError::Refused(Refusal::CustomItems(error)) => ApiError::new(ErrorCode::INVALID_VALUE, sentence(&error)),
        CallError::WebhookHostNotAllowed => ApiError::new(ErrorCode::ORIGIN_NOT_ALLOWED, error.to_string()),
        CallError::NoSuchSession => ErrorCode::INVALID_SESSION_KEY.into(),
        CallError::IdTaken => ErrorCode::RESOURCE_ALREADY_EXISTS.into(),
        CallError::Dial(DialRefusal::CalleeDoesNotExist) => ErrorCode::CALLEE_DOES_NOT_EXIST.into(),
        CallError::Dial(DialRefusal::DialMyself) => ErrorCode::DIAL_MYSELF.into(),
        CallError::Dial(DialRefusal::NoPermission) | CallError::AskFirst(_) => ErrorCode::NO_PERMISSION.into(),
        CallError::Dial(DialRefusal::CalleeNeverAuthenticated) => ErrorCode::CALLEE_NEVER_AUTHENTICATED.into(),
        CallError::Dial(DialRefusal::TooMany) => ErrorCode::RATE_LIMIT_EXCEEDED.into(),
        CallError::Dial(error @ (DialRefusal::CustomItems(_) | DialRefusal::ChatChannel)) => {
            ApiError::new(ErrorCode::INVALID_VALUE, sentence(&error))
        }
        CallError::Session(refusal) => sign_in::refusal(refusal),
        CallError::Store(error) => {
            let internal = ApiError::internal(&error);
            ApiError::new(ErrorCode::CALL_INTERNAL_ERROR, internal.message())
        }
    }
}

/// The words of a rule, as people are told them.
fn sentence(error: &dyn std::error::Error) -> String {
    let words = error.to_string();
    let mut letters = words.chars();
    let first = letters.next().map(char::to_uppercase).into_iter().flatten();
    first.chain(letters).chain(std::iter::once('.')).collect()
}
