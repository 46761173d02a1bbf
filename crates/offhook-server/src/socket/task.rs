//! The task of one device's socket, from hello to goodbye.

use std::time::Duration;

use axum::extract::ws::WebSocket;
use offhook_core::call::Input;
use offhook_proto::error::ErrorCode;
use offhook_proto::socket::{ClientMessage, ServerMessage};
use offhook_store::StoreError;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep};
use tracing::Instrument as _;

use super::devices::Visit;
use super::dials::{Answered, Dials};
use super::hello::{self, Device};
use super::limits::{Limits, Verdict};
use super::requests;
use super::wire::{Gone, Incoming, Wire};
use crate::bus::{Doorbell, Lagged, Signal};
use crate::http::error::ApiError;
use crate::node::{Node, stopped};
use crate::telemetry::spans;
use crate::{secret, sign_in};

/// How often the server says something, whatever happens.
pub const PING: Duration = Duration::from_secs(25);
/// A device that says nothing for this long is gone. Browsers answer pings even in hidden tabs; this is the patience
/// for a network that is away.
const QUIET: Duration = Duration::from_secs(150);
/// How often a session is looked at, in case the doorbell of its end was lost.
const SESSION_CHECK: Duration = Duration::from_secs(10);
/// The sockets of a stopping node come back spread over this time.
const DRAIN_SPREAD_MS: u32 = 2_000;

/// Why a socket ended.
#[derive(Debug)]
enum End {
    /// The device is gone, or was cut.
    Gone,
    /// The same page has come back on another socket.
    Replaced,
    /// The session is over.
    SessionClosed,
    /// The node stops.
    Draining,
}

impl From<Gone> for End {
    fn from(_: Gone) -> Self {
        Self::Gone
    }
}

/// Runs a socket to its end.
pub async fn run(node: Node, socket: WebSocket, mut visit: Visit, origin: Option<String>) {
    let mut wire = Wire::new(socket);
    let Some(device) = hello::receive(&node, &mut wire, &mut visit, origin.as_deref()).await else {
        wire.close("refused").await;
        return;
    };
    let span = tracing::info_span!("socket", session.id = %device.signed_in.session.id, app.id = %device.signed_in.application.id);
    let is_kept_by_call = device.known.has_live_call();
    let mut task = Task {
        node,
        is_kept_by_call,
        wire,
        device,
        dials: Dials::default(),
        limits: Limits::default(),
        heard: Instant::now(),
    };
    async {
        tracing::debug!("device connected");
        let end = task.serve().await;
        tracing::debug!(reason = ?end, "device disconnected");
        task.finish(end).await;
    }
    .instrument(span)
    .await;
    // Counted until here, so that a stopping node waits for the last word.
    drop(visit);
}

struct Task {
    node: Node,
    wire: Wire,
    device: Device,
    dials: Dials,
    limits: Limits,
    heard: Instant,
    /// Whether the device was in a call: an expired session is kept for as long.
    is_kept_by_call: bool,
}

impl Task {
    async fn serve(&mut self) -> End {
        let mut stopping = self.node.stopping();
        let mut ping = interval_at(Instant::now() + PING, PING);
        let mut session_check = interval_at(Instant::now() + SESSION_CHECK, SESSION_CHECK);
        session_check.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // It may have ended between hello and the first doorbell. Here, since a timer of no time may yet come after a request.
        if let Err(end) = self.check_session().await {
            return end;
        }
        loop {
            let replace_ticket_at = self.device.replace_ticket_at;
            let ticket_age = replace_ticket_at.map(|at| at.since(self.node.clock().now()));
            let step = tokio::select! {
                biased;
                () = stopped(&mut stopping) => return self.drain().await,
                () = self.device.seat.replaced() => return End::Replaced,
                // Before what comes in: who talks without end is looked at all the same.
                _ = session_check.tick() => self.check_session().await,
                _ = ping.tick() => self.ping().await,
                () = passed(ticket_age) => self.replace_ticket().await,
                doorbell = self.device.doorbells.next() => self.answer_doorbell(doorbell).await,
                answered = self.dials.next() => self.answer_dial(answered).await,
                incoming = self.wire.next() => self.answer(incoming).await,
            };
            if let Err(end) = step {
                return end;
            }
        }
    }

    async fn answer(&mut self, incoming: Result<Incoming, Gone>) -> Result<(), End> {
        self.heard = Instant::now();
        let incoming = incoming?;
        match (self.limits.count(incoming.bytes()), incoming) {
            (Verdict::Flood, _) => Err(End::Gone),
            (Verdict::TooMuch, incoming) => {
                let too_much = ErrorCode::RATE_LIMIT_EXCEEDED;
                Ok(self.wire.refuse(incoming.id(), too_much).await?)
            }
            (Verdict::Allowed, Incoming::Ping) => Ok(()),
            (Verdict::Allowed, Incoming::Nonsense(id, _)) => Ok(self.wire.refuse(id, ErrorCode::INVALID_JSON).await?),
            (Verdict::Allowed, Incoming::Message(message, _)) => self.carry_out(message).await,
        }
    }

    async fn carry_out(&mut self, message: ClientMessage) -> Result<(), End> {
        let id = message.id();
        if let ClientMessage::Renew { id, access_token } = message {
            return self.renew(id, &access_token).await;
        }
        let span = spans::socket_request(&message);
        let carried_out = requests::carry_out(&self.node, &mut self.device, &mut self.dials, message);
        match carried_out.instrument(span.clone()).await {
            Ok(messages) => {
                self.is_kept_by_call |= self.device.known.has_live_call();
                for message in &messages {
                    self.wire.send(message).await?;
                }
                Ok(())
            }
            Err(error) => {
                span.record("error.code", error.code().code);
                Ok(self.wire.refuse(id, error).await?)
            }
        }
    }

    async fn answer_dial(&mut self, answered: Answered) -> Result<(), End> {
        let id = answered.id;
        match requests::answer_dial(&self.node, &mut self.device, answered) {
            Ok(reply) => {
                self.is_kept_by_call |= self.device.known.has_live_call();
                Ok(self.wire.send(&reply).await?)
            }
            Err(error) => Ok(self.wire.refuse(Some(id), error).await?),
        }
    }

    async fn renew(&mut self, id: u32, access_token: &str) -> Result<(), End> {
        match sign_in::renew(&self.node, &self.device.signed_in, access_token).await {
            Ok((signed_in, token_expires_in_ms)) => {
                self.device.signed_in = signed_in;
                Ok(self
                    .wire
                    .send(&ServerMessage::Renewed {
                        id,
                        token_expires_in_ms,
                    })
                    .await?)
            }
            Err(error) => Ok(self.wire.refuse(Some(id), error).await?),
        }
    }

    async fn answer_doorbell(&mut self, doorbell: Result<Doorbell, Lagged>) -> Result<(), End> {
        match doorbell {
            Ok(Doorbell::Call(call)) => {
                let now = self.node.clock().now();
                if let Some(message) = self.device.known.learn(call, now) {
                    self.wire.send(&message).await?;
                }
                // Once, when its last call ends: a call that has ended changes on, by its items, as often as somebody likes.
                let was_kept = std::mem::replace(&mut self.is_kept_by_call, self.device.known.has_live_call());
                if was_kept && !self.is_kept_by_call {
                    self.check_session().await
                } else {
                    Ok(())
                }
            }
            Ok(Doorbell::Signal(signal)) => self.pass(&signal).await,
            Ok(Doorbell::Sessions) => self.check_session().await,
            Ok(Doorbell::Resumed) => self.appear().await,
            Err(Lagged) => self.read_calls().await,
        }
    }

    async fn pass(&mut self, signal: &Signal) -> Result<(), End> {
        let (user, device) = (self.device.signed_in.user.key, self.device.id);
        let is_for_us = signal.to.is_none_or(|to| to == device)
            && self
                .device
                .known
                .call(signal.call_id)
                .is_some_and(|call| call.is_participant(user, device));
        if is_for_us {
            let (call_id, from_device, body) = (signal.call_id, signal.from, signal.body.clone());
            self.wire
                .send(&ServerMessage::Signal {
                    call_id,
                    from_device,
                    body,
                })
                .await?;
        }
        Ok(())
    }

    /// Doorbells were missed: the store knows.
    async fn read_calls(&mut self) -> Result<(), End> {
        let (app, user) = (self.device.signed_in.application.key, self.device.signed_in.user.key);
        let mut calls = match self.node.store().live_calls_of(app, user).await {
            Ok(calls) => calls,
            Err(error) => return fail(&error),
        };
        for call_id in self.device.known.live_calls() {
            if calls.iter().all(|call| call.id != call_id) {
                match self.node.store().call(app, call_id).await {
                    Ok(call) => calls.extend(call),
                    Err(error) => return fail(&error),
                }
            }
        }
        for call in calls {
            let now = self.node.clock().now();
            if let Some(message) = self.device.known.learn(call.into(), now) {
                self.wire.send(&message).await?;
            }
        }
        Ok(())
    }

    /// Service came back after an outage in which this socket stayed: the device is here.
    async fn appear(&mut self) -> Result<(), End> {
        let (user, device) = (self.device.signed_in.user.key, self.device.id);
        observe(&self.node, &self.device, Input::Appear { user, device })
            .await
            .or_else(|error| fail(&error))
    }

    async fn check_session(&mut self) -> Result<(), End> {
        let found = self.node.store().session(self.device.signed_in.session.id).await;
        let checked = match found {
            Ok(Some(signed_in)) => {
                let was_relay_only = self.device.signed_in.application.is_relay_only;
                self.device.signed_in = signed_in;
                let now = self.node.clock().now();
                let checked = sign_in::check_session(&self.device.signed_in, self.device.known.has_live_call(), now);
                // One that was used and not named in time is gone. A session that is over gets none.
                let has_ahead = self.node.tickets().has_ahead(&self.device.holder(), now);
                let is_other = was_relay_only != self.device.signed_in.application.is_relay_only;
                if checked.is_ok() && (!has_ahead || is_other) {
                    self.replace_ticket().await?;
                }
                checked
            }
            Ok(None) => Err(ErrorCode::INVALID_SESSION_KEY.into()),
            Err(error) => return fail(&error),
        };
        let Err(error) = checked else {
            return match sign_in::prolong(&self.node, &self.device.signed_in).await {
                Ok(()) => Ok(()),
                Err(error) => fail(&error),
            };
        };
        self.close_session(&error).await
    }

    async fn replace_ticket(&mut self) -> Result<(), End> {
        let ice_configuration = self.device.ice_configuration(&self.node);
        let message = ServerMessage::IceConfiguration { ice_configuration };
        Ok(self.wire.send(&message).await?)
    }

    async fn close_session(&mut self, error: &ApiError) -> Result<(), End> {
        let (code, message) = (error.code().code, error.message().to_owned());
        // Whether or not the device hears it, its session is over and its calls end.
        _ = self.wire.send(&ServerMessage::SessionClosed { code, message }).await;
        Err(End::SessionClosed)
    }

    async fn ping(&mut self) -> Result<(), End> {
        if self.heard.elapsed() > QUIET {
            return Err(End::Gone);
        }
        Ok(self.wire.ping().await?)
    }

    async fn drain(&mut self) -> End {
        let spread = u32::from_be_bytes(secret::random()) % DRAIN_SPREAD_MS;
        _ = self
            .wire
            .send(&ServerMessage::Drain {
                reconnect_after_ms: spread,
            })
            .await;
        End::Draining
    }

    async fn finish(self, end: End) {
        let (user, device) = (self.device.signed_in.user.key, self.device.id);
        if matches!(end, End::SessionClosed) {
            self.node.tickets().end_session(self.device.signed_in.session.id);
        }
        if matches!(end, End::SessionClosed)
            && let Err(error) = observe(&self.node, &self.device, Input::Leave { user, device }).await
        {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "calls of a closed session could not be ended"
            );
        }
        // On a stopping node nobody has left: whoever serves next looks after the deadlines.
        if !matches!(end, End::Draining) {
            hello::disconnect(&self.node, &self.device).await;
        }
        self.wire
            .close(match end {
                End::Gone => "gone",
                End::Replaced => "replaced",
                End::SessionClosed => "session closed",
                End::Draining => "draining",
            })
            .await;
    }
}

/// Waits for so long, or for ever. Cancelling it loses nothing.
async fn passed(time: Option<Duration>) {
    match time {
        Some(time) => sleep(time).await,
        None => std::future::pending().await,
    }
}

/// The store failed: the device comes back when it can.
fn fail(error: &StoreError) -> Result<(), End> {
    tracing::error!(
        error = error as &dyn std::error::Error,
        "a socket could not read the store"
    );
    Err(End::Gone)
}

/// Applies an observation of a device to every live call that it carries.
async fn observe(node: &Node, device: &Device, input: Input) -> Result<(), StoreError> {
    let (app, user) = (device.signed_in.application.key, device.signed_in.user.key);
    for call in node.store().live_calls_of(app, user).await? {
        if call.is_carried_by(user, device.id) {
            hello::apply(node, call, input.clone()).await?;
        }
    }
    Ok(())
}
