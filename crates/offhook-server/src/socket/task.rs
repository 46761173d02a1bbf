//! The task of one device's socket, from hello to goodbye.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::WebSocket;
use offhook_core::call::Input;
use offhook_core::session::Validity;
use offhook_proto::error::ErrorCode;
use offhook_proto::socket::{ClientMessage, ServerMessage};
use offhook_store::StoreError;
use tokio::time::{Instant, Sleep, sleep};
use tracing::Instrument as _;

use super::devices::Visit;
use super::dials::{Answered, Dials};
use super::hello::{self, Device};
use super::limits::{Limits, Verdict};
use super::requests;
use super::wire::{Gone, Incoming, Wire};
use crate::bus::{Doorbell, Lagged, Signal};
use crate::http::error::ApiError;
use crate::node::Node;
use crate::telemetry::spans;
use crate::{secret, sign_in};

/// How often the server says something, whatever happens.
pub const PING: Duration = Duration::from_secs(25);
/// A device that says nothing to so many pings, for two and a half minutes, is gone. Browsers answer pings even in hidden tabs; this
/// is the patience for a network that is away.
const MOST_UNANSWERED: u32 = 6;
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

/// Takes over an upgraded connection, and runs its socket to its end.
///
/// For hours most sockets only wait. So the task that waits is one of its own, with room for that and no more; what is done at once
/// is boxed for as long as it takes.
pub async fn run(node: Node, socket: WebSocket, visit: Visit, origin: Option<String>) {
    let opening = Box::pin(open(node, socket, visit, origin));
    if let Some(task) = opening.await {
        tokio::spawn(task.run());
    }
}

async fn open(node: Node, socket: WebSocket, mut visit: Visit, origin: Option<String>) -> Option<Box<Task>> {
    let mut wire = Wire::new(socket);
    let Some(device) = hello::receive(&node, &mut wire, &mut visit, origin.as_deref()).await else {
        wire.close("refused").await;
        return None;
    };
    Some(Box::new(Task {
        is_kept_by_call: device.known.has_live_call(),
        ping_at: Instant::now() + PING,
        // The first time is now, and then it is known when the next one is.
        timer: Box::pin(sleep(Duration::ZERO)),
        node,
        wire,
        device,
        dials: Dials::default(),
        limits: Limits::default(),
        unanswered: 0,
        _visit: visit,
    }))
}

struct Task {
    node: Node,
    wire: Wire,
    device: Device,
    dials: Dials,
    limits: Limits,
    /// Pings since the device said something.
    unanswered: u32,
    ping_at: Instant,
    /// One for all that has its time: to set another for each message costs a part of what passing it does.
    timer: Pin<Box<Sleep>>,
    /// Whether the device was in a call: an expired session is kept for as long.
    is_kept_by_call: bool,
    /// Counted until the last word is said, so that a stopping node waits for it.
    _visit: Visit,
}

/// What a socket has waited for.
enum Moment {
    Time,
    Doorbell(Result<Doorbell, Lagged>),
    Dial(Answered),
    Incoming(Result<Incoming, Gone>),
}

impl Task {
    async fn run(mut self: Box<Self>) {
        let (session, app) = (self.device.signed_in.session.id, self.device.signed_in.session.app);
        tracing::debug!(session.id = %session, app.key = app.0, "device connected");
        let end = self.serve().await;
        tracing::debug!(session.id = %session, app.key = app.0, reason = ?end, "device disconnected");
        let finishing = Box::pin(self.finish(end));
        finishing.await;
    }

    async fn serve(&mut self) -> End {
        let beginning = Box::pin(self.begin());
        if let Err(end) = beginning.await {
            return end;
        }
        loop {
            let moment = self.moment().await;
            if let Err(end) = self.step(moment).await {
                return end;
            }
        }
    }

    /// What may have happened between hello and the first doorbell.
    async fn begin(&mut self) -> Result<(), End> {
        self.wire.settle().await?;
        self.look_at_seat().await?;
        self.check_session().await
    }

    async fn look_at_seat(&mut self) -> Result<(), End> {
        if self.node.is_stopping() {
            Err(self.drain().await)
        } else if self.device.seat.is_replaced() {
            Err(End::Replaced)
        } else {
            Ok(())
        }
    }

    async fn moment(&mut self) -> Moment {
        tokio::select! {
            biased;
            // Before what comes in: who talks without end is looked at all the same.
            () = self.timer.as_mut() => Moment::Time,
            doorbell = self.device.doorbells.next() => Moment::Doorbell(doorbell),
            answered = self.dials.next() => Moment::Dial(answered),
            incoming = self.wire.next() => Moment::Incoming(incoming),
        }
    }

    /// What passes between parties is most of what is said: it takes no more room than waiting does.
    async fn step(&mut self, moment: Moment) -> Result<(), End> {
        match moment {
            Moment::Doorbell(Ok(Doorbell::Signal(signal))) => self.pass(signal).await,
            Moment::Incoming(incoming) => self.hear(incoming?).await,
            Moment::Doorbell(doorbell) => Box::pin(self.answer_doorbell(doorbell)).await,
            Moment::Dial(answered) => Box::pin(self.answer_dial(answered)).await,
            Moment::Time => Box::pin(self.keep_time()).await,
        }
    }

    async fn hear(&mut self, incoming: Incoming) -> Result<(), End> {
        self.unanswered = 0;
        let (id, error) = match (self.limits.count(incoming.bytes()), incoming) {
            (Verdict::Flood, _) => return Err(End::Gone),
            (Verdict::TooMuch, incoming) => (incoming.id(), ErrorCode::RATE_LIMIT_EXCEEDED.into()),
            (Verdict::Allowed, Incoming::Ping) => return Ok(()),
            (Verdict::Allowed, Incoming::Nonsense(id, _)) => (id, ErrorCode::INVALID_JSON.into()),
            (Verdict::Allowed, Incoming::Message(message, _)) => return Box::pin(self.carry_out(message)).await,
            (Verdict::Allowed, Incoming::Signal(signal, _)) => {
                match requests::pass_on(&self.node, &self.device, &signal) {
                    Ok(()) => return Ok(()),
                    Err(error) => (None, error),
                }
            }
        };
        Ok(Box::pin(self.wire.refuse(id, error)).await?)
    }

    async fn carry_out(&mut self, message: Box<ClientMessage>) -> Result<(), End> {
        let id = message.id();
        let message = match *message {
            ClientMessage::Renew { id, access_token } => return self.renew(id, &access_token).await,
            message => message,
        };
        let span = spans::socket_request(&message);
        let carried_out = requests::carry_out(&self.node, &mut self.device, &mut self.dials, message);
        match carried_out.instrument(span.clone()).await {
            Ok(messages) => {
                self.is_kept_by_call |= self.device.known.has_live_call();
                Ok(self.wire.send_all(&messages).await?)
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
                let was_relay_only = self.device.signed_in.application.is_relay_only;
                self.device.signed_in = signed_in;
                if was_relay_only != self.device.signed_in.application.is_relay_only {
                    self.replace_ticket().await?;
                }
                let renewed = ServerMessage::Renewed {
                    id,
                    token_expires_in_ms,
                };
                Ok(self.wire.send(&renewed).await?)
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
                // A session that only its calls kept ends with the last of them. What else may end one rings.
                let was_kept = std::mem::replace(&mut self.is_kept_by_call, self.device.known.has_live_call());
                if was_kept && !self.is_kept_by_call && self.device.signed_in.validity(now) != Ok(Validity::Full) {
                    self.check_session().await
                } else {
                    Ok(())
                }
            }
            Ok(Doorbell::Signal(signal)) => self.pass(signal).await,
            Ok(Doorbell::Sessions) => self.check_session().await,
            Ok(Doorbell::Resumed) => self.appear().await,
            Ok(Doorbell::Seats) => self.look_at_seat().await,
            Err(Lagged) => {
                self.look_at_seat().await?;
                self.read_calls().await?;
                self.check_session().await
            }
        }
    }

    async fn pass(&mut self, signal: Arc<Signal>) -> Result<(), End> {
        let (user, device) = (self.device.signed_in.user.key, self.device.id);
        let is_for_us = signal.to.is_none_or(|to| to == device)
            && self
                .device
                .known
                .call(signal.call_id)
                .is_some_and(|call| call.is_participant(user, device));
        if is_for_us {
            // Most are for one socket, and then they are not shared.
            let text = Arc::try_unwrap(signal).map_or_else(|shared| shared.text.clone(), |signal| signal.text);
            self.wire.pass(text).await?;
        }
        Ok(())
    }

    /// Doorbells were missed: the store knows.
    async fn read_calls(&mut self) -> Result<(), End> {
        let (app, user) = (self.device.signed_in.application.key, self.device.signed_in.user.key);
        let mut calls = match self.node.store().live_calls_of(app, user).await {
            Ok(calls) => calls,
            Err(error) => return fail(&self.device, &error),
        };
        for call_id in self.device.known.live_calls() {
            if calls.iter().all(|call| call.id != call_id) {
                match self.node.store().call(app, call_id).await {
                    Ok(call) => calls.extend(call),
                    Err(error) => return fail(&self.device, &error),
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
            .or_else(|error| fail(&self.device, &error))
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
            Err(error) => return fail(&self.device, &error),
        };
        let Err(error) = checked else {
            return match sign_in::prolong(&self.node, &self.device.signed_in).await {
                Ok(()) => Ok(()),
                Err(error) => fail(&self.device, &error),
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

    /// Does what is due, and sets the timer for what is next.
    async fn keep_time(&mut self) -> Result<(), End> {
        if self.ping_at <= Instant::now() {
            if self.unanswered >= MOST_UNANSWERED {
                return Err(End::Gone);
            }
            self.unanswered += 1;
            self.wire.ping().await?;
            self.ping_at = Instant::now() + PING;
        }
        let now = self.node.clock().now();
        if self.device.replace_ticket_at.is_some_and(|at| at <= now) {
            self.replace_ticket().await?;
        }
        let replacing = self.device.replace_ticket_at.map(|at| Instant::now() + at.since(now));
        let next_at = replacing.map_or(self.ping_at, |at| at.min(self.ping_at));
        self.timer.as_mut().reset(next_at);
        Ok(())
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

    async fn finish(self: Box<Self>, end: End) {
        let (user, device) = (self.device.signed_in.user.key, self.device.id);
        if matches!(end, End::SessionClosed) {
            self.node.tickets().end_session(self.device.signed_in.session.id);
        }
        if matches!(end, End::SessionClosed)
            && let Err(error) = observe(&self.node, &self.device, Input::Leave { user, device }).await
        {
            tracing::error!(
                session.id = %self.device.signed_in.session.id,
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

/// The store failed: the device comes back when it can.
fn fail(device: &Device, error: &StoreError) -> Result<(), End> {
    tracing::error!(
        session.id = %device.signed_in.session.id,
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
