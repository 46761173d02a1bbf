//! The first message: who this is, where it sits, and which calls it still knows.

use std::sync::Arc;
use std::time::Duration;

use offhook_core::call::{Call, Input};
use offhook_core::id::{CallId, DeviceId, PageId};
use offhook_core::time::Timestamp;
use offhook_proto::PROTOCOL;
use offhook_proto::call::CallSnapshot;
use offhook_proto::error::ErrorCode;
use offhook_proto::ice::IceConfiguration;
use offhook_proto::socket::{ClientMessage, HELLO_DEADLINE_MS, MAX_HELLO_BYTES, MAX_KNOWN_CALLS, ServerMessage};
use offhook_store::{Actor, ConnectionId, SignedIn, StoreError};

use super::devices::{Seat, SeatRefusal, Visit};
use super::known::Known;
use super::wire::{Incoming, Wire};
use crate::bus::{Doorbell, Subscription};
use crate::http::error::ApiError;
use crate::node::Node;
use crate::sign_in;
use crate::tickets::Holder;

/// How long a reloaded page waits for the socket of its former self to be known as closed.
const SEAT_PATIENCE: Duration = Duration::from_secs(1);
/// A device that hears nothing for this long takes its socket for dead; more than two pings of [`super::task::PING`].
const SILENCE_MS: u32 = 60_000;

/// A device that has said who it is.
pub struct Device {
    /// Its session, user and application.
    pub signed_in: SignedIn,
    /// Its id.
    pub id: DeviceId,
    /// Its entry in the store.
    pub connection: ConnectionId,
    /// Its place.
    pub seat: Seat,
    /// Its user's doorbells.
    pub doorbells: Subscription,
    /// What it has been told.
    pub known: Known,
    /// When its ticket of the relay is to be replaced; never, where there is none.
    pub replace_ticket_at: Option<Timestamp>,
}

impl Device {
    /// As what it holds tickets.
    pub fn holder(&self) -> Holder {
        Holder {
            app: self.signed_in.session.app,
            user: self.signed_in.user.key,
            session: self.signed_in.session.id,
            device: self.id,
        }
    }

    /// What it is to make its next peer connection with, to be told now.
    pub fn ice_configuration(&mut self, node: &Node) -> IceConfiguration {
        let is_relay_only = self.signed_in.application.is_relay_only;
        let configuration = node
            .tickets()
            .configuration(self.holder(), is_relay_only, node.clock().now());
        self.replace_ticket_at = configuration.replace_at;
        configuration.ice
    }
}

struct Hello {
    id: u32,
    protocol: u32,
    session_key: String,
    device: DeviceId,
    page: PageId,
    known_calls: Vec<CallId>,
}

/// Waits for the hello and opens the device; a refusal is sent to it.
pub async fn receive(node: &Node, wire: &mut Wire, visit: &mut Visit, origin: Option<&str>) -> Option<Device> {
    let deadline = Duration::from_millis(HELLO_DEADLINE_MS);
    let hello = match tokio::time::timeout(deadline, wait_for_hello(wire)).await {
        Ok(Ok(hello)) => hello,
        Ok(Err((id, code))) => {
            _ = wire.refuse(id, code).await;
            return None;
        }
        Err(_) => {
            _ = wire.refuse(None, ErrorCode::INVALID_SESSION_KEY).await;
            return None;
        }
    };
    let id = hello.id;
    match open(node, hello, origin).await {
        Ok((device, welcome)) => {
            visit.is_authenticated();
            if wire.send(&welcome).await.is_err() {
                disconnect(node, &device).await;
                return None;
            }
            Some(device)
        }
        Err(error) => {
            _ = wire.refuse(Some(id), error).await;
            None
        }
    }
}

async fn wait_for_hello(wire: &mut Wire) -> Result<Hello, (Option<u32>, ErrorCode)> {
    loop {
        let incoming = wire.next().await.map_err(|_| (None, ErrorCode::INVALID_JSON))?;
        return match incoming {
            Incoming::Message(_, bytes) | Incoming::Signal(_, bytes) if bytes > MAX_HELLO_BYTES => {
                Err((None, ErrorCode::VALUE_TOO_LONG))
            }
            Incoming::Message(message, _) => hello(*message),
            Incoming::Signal(..) => Err((None, ErrorCode::INVALID_SESSION_KEY)),
            Incoming::Nonsense(id, _) => Err((id, ErrorCode::INVALID_JSON)),
            Incoming::Ping => continue,
        };
    }
}

fn hello(message: ClientMessage) -> Result<Hello, (Option<u32>, ErrorCode)> {
    match message {
        ClientMessage::Hello {
            id,
            protocol,
            session_key,
            device_id,
            page_id,
            known_calls,
        } => {
            if known_calls.len() > MAX_KNOWN_CALLS {
                return Err((Some(id), ErrorCode::TOO_MANY_ITEMS));
            }
            Ok(Hello {
                id,
                protocol,
                session_key,
                device: device_id,
                page: page_id,
                known_calls,
            })
        }
        message => Err((message.id(), ErrorCode::INVALID_SESSION_KEY)),
    }
}

async fn open(node: &Node, hello: Hello, origin: Option<&str>) -> Result<(Device, ServerMessage), ApiError> {
    // This version speaks its own protocol and the one before, of which there is none yet.
    if hello.protocol != PROTOCOL {
        return Err(ErrorCode::PROTOCOL_NOT_SUPPORTED.into());
    }
    let signed_in = sign_in::find_session(node, &hello.session_key).await?;
    sign_in::check_origin(&signed_in.application, origin)?;
    // Before anything is done with its calls: a refused hello changes nothing.
    signed_in.validity(node.clock().now()).map_err(sign_in::refusal)?;
    let (user, app) = (signed_in.user.key, signed_in.application.key);
    let session = signed_in.session.id;
    let holder = Holder {
        app,
        user,
        session,
        device: hello.device,
    };
    let seat = node
        .devices()
        .wait_for_seat(holder, hello.page, SEAT_PATIENCE)
        .await
        .map_err(|refusal| match refusal {
            SeatRefusal::InUse => ErrorCode::DEVICE_IN_USE,
            SeatRefusal::TooMany => ErrorCode::TOO_MANY_SOCKETS,
        })?;

    // Who sat here has been taken over from.
    node.bus().ring(user, Doorbell::Seats);

    // Listen first, then read: what happens in between is heard twice, never missed.
    let doorbells = node.bus().subscribe(user);
    let now = node.clock().now();
    let connection = node.store().connect_device(node.id(), session, hello.device, now).await;
    let connection = connection
        .map_err(|error| ApiError::internal(&error))?
        .ok_or(ErrorCode::INVALID_SESSION_KEY)?;
    let known = Known::new(user, hello.device);
    let mut device = Device {
        signed_in,
        id: hello.device,
        connection,
        seat,
        doorbells,
        known,
        replace_ticket_at: None,
    };
    node.tickets().arrive(&device.holder());
    let opened = match gather_calls(node, &device, app, &hello.known_calls).await {
        Ok((calls, unknown_calls)) => {
            // A session that has run out may carry on the calls it has, and nothing else.
            let has_live_call = calls.iter().any(|call| !call.is_ended());
            sign_in::check_session(&device.signed_in, has_live_call, node.clock().now())
                .map(|()| (calls, unknown_calls))
        }
        Err(error) => Err(ApiError::internal(&error)),
    };
    let (calls, unknown_calls) = match opened {
        Ok(opened) => opened,
        Err(error) => {
            disconnect(node, &device).await;
            return Err(error);
        }
    };
    let now = node.clock().now();
    let snapshots = calls
        .iter()
        .filter_map(|call| CallSnapshot::of(call, user, hello.device, now))
        .collect();
    for call in calls {
        device.known.note(call);
    }
    let silence_ms = SILENCE_MS;
    let ice_configuration = device.ice_configuration(node);
    Ok((
        device,
        ServerMessage::Welcome {
            id: hello.id,
            protocol: PROTOCOL,
            calls: snapshots,
            unknown_calls,
            silence_ms,
            ice_configuration,
        },
    ))
}

/// Takes back that a device is connected; if it was its last socket, the calls it carries are told.
pub async fn disconnect(node: &Node, device: &Device) {
    let now = node.clock().now();
    node.tickets().depart(&device.holder(), now);
    match node.store().disconnect_device(device.connection, now, now).await {
        Ok(changes) => changes.iter().for_each(|change| node.announce(change)),
        Err(error) => tracing::error!(
            session.id = %device.signed_in.session.id,
            error = &error as &dyn std::error::Error,
            "a device could not be signed off"
        ),
    }
}

/// Reads what the device must be told: the live calls it carries or is rung by, and whatever became of those it knows.
/// A live call that it carries but does not know is one it has left: its page was reloaded.
async fn gather_calls(
    node: &Node,
    device: &Device,
    app: offhook_core::id::AppKey,
    known: &[CallId],
) -> Result<(Vec<Arc<Call>>, Vec<CallId>), StoreError> {
    let user = device.signed_in.user.key;
    let mut calls = Vec::new();
    for call in node.store().live_calls_of(app, user).await? {
        if !call.is_participant(user, device.id) {
            continue;
        }
        let input = match (call.is_carried_by(user, device.id), known.contains(&call.id)) {
            (true, true) => Input::Appear {
                user,
                device: device.id,
            },
            (true, false) => Input::Leave {
                user,
                device: device.id,
            },
            (false, _) => {
                calls.push(Arc::new(call));
                continue;
            }
        };
        let is_left = matches!(input, Input::Leave { .. });
        let call = apply(node, call, input).await?;
        if !is_left {
            calls.push(Arc::new(call));
        }
    }
    let mut unknown = Vec::new();
    for call_id in known {
        if calls.iter().any(|call| call.id == *call_id) {
            continue;
        }
        match node.store().call(app, *call_id).await? {
            Some(call) if call.view(user, device.id).is_some() => calls.push(Arc::new(call)),
            Some(_) | None => unknown.push(*call_id),
        }
    }
    Ok((calls, unknown))
}

/// Commits an input that is the server's own observation of a device, and rings. A refusal leaves the call as it was.
pub async fn apply(node: &Node, call: Call, input: Input) -> Result<Call, StoreError> {
    match node
        .store()
        .apply(call.app, call.id, Actor::System, input, node.clock().now())
        .await
    {
        Ok(change) => {
            node.announce(&change);
            Ok(change.call)
        }
        Err(offhook_store::CallError::Store(error)) => Err(error),
        Err(error) => {
            tracing::debug!(error = %error, call.id = %call.id, "an observation was refused");
            Ok(call)
        }
    }
}
