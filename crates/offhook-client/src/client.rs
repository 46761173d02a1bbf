//! The face: what an application calls.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use futures_util::Stream;
use offhook_proto::call::CallLogPage;
use offhook_proto::ice::IceConfiguration;
use offhook_proto::id::{CallId, DeviceId};
use offhook_proto::session::SignedInUser;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::call::Call;
use crate::driver::{Command, Driver, Registry};
use crate::error::Error;
use crate::host::Host;
use crate::machine::{Answer, CallLogQuery, ChangedItems, ConnectionState, DialParams, Machine, Signal, VerbId};

/// How many verbs may wait for the driver, and how many events for the application.
const QUEUE: usize = 256;

/// One device of one user. Clones are the same device; the device is gone when all of them and its calls are dropped.
#[derive(Debug, Clone)]
pub struct Client {
    commands: Commands,
    registry: Arc<Registry>,
}

/// What happens to a client, in order; a ring counts as shown once it is here. Read it: a client whose events nobody takes stops listening to the server; one
/// whose events were dropped tells nobody.
#[derive(Debug)]
pub struct Events {
    events: mpsc::Receiver<Event>,
    driver: Option<JoinHandle<()>>,
}

/// What happened.
#[derive(Debug, Clone)]
pub enum Event {
    /// Somebody calls; the caller is told that it rings here.
    Ringing(Call),
    /// A device of the callee has shown the ring.
    DialReceived(Call),
    /// Accepted; media is to be connected.
    Established(Call),
    /// Media is connected on both sides.
    Connected(Call),
    /// The other party changed what it sends, or what it does with the call: hold, recording.
    PartyMedia(Call),
    /// The other party, or another device, changed the custom items; of an ended call, too.
    ItemsChanged(Call),
    /// It is over, for this device at least.
    Ended(Call),
    /// The other side's device says something.
    Peer {
        /// In which call.
        call: Call,
        /// Which of the other side's devices.
        from_device: DeviceId,
        /// What.
        signal: Signal,
    },
    /// The socket came or went.
    ConnectionStateChanged(ConnectionState),
    /// The session token ends soon: hand a new one to [`Client::renew`].
    SessionTokenRequired,
    /// The new token was taken.
    SessionTokenRefreshed,
    /// The session is over, and its calls with it: sign in again.
    SessionClosed {
        /// 400309 expired or revoked, 400300 deactivated, 400303 signed out or replaced.
        code: u32,
        /// Why.
        message: String,
    },
}

impl Client {
    /// Starts a device of an application; it is signed out. Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`], if the application id cannot be one.
    pub fn init(app_id: &str, host: Host) -> Result<(Self, Events), Error> {
        let machine = Machine::new(app_id, Box::new(crate::driver::dice))?;
        let (command_sender, commands) = mpsc::channel(QUEUE);
        let (event_sender, events) = mpsc::channel(QUEUE);
        let registry = Arc::new(Registry::default());
        let weak_commands = command_sender.downgrade();
        let driver = Driver::new(
            machine,
            host,
            commands,
            weak_commands,
            event_sender,
            Arc::clone(&registry),
        )?;
        let driver = tokio::spawn(driver.run());
        let client = Self {
            commands: Commands(command_sender),
            registry,
        };
        let events = Events {
            events,
            driver: Some(driver),
        };
        Ok((client, events))
    }

    /// Signs in with an access token or a session token; `None` and empty mean none. A session that is there stays until
    /// the new one is.
    ///
    /// # Errors
    /// The server's refusal with its code (400302 a wrong token, 400301 an unknown user …), or a local code.
    pub async fn authenticate(&self, user_id: &str, token: Option<&str>) -> Result<SignedInUser, Error> {
        let (user_id, token) = (user_id.to_owned(), token.map(str::to_owned));
        let authenticate =
            move |machine: &mut Machine, now| machine.handle_authenticate(&user_id, token.as_deref(), now);
        match self.commands.run(authenticate).await? {
            Answer::Authenticated(user) => Ok(user),
            _ => Err(Error::Internal("an answer to another question")),
        }
    }

    /// Opens the socket, and keeps one open from then on. Waits for a sign-in that is under way, and, where a socket was open and is
    /// looked for anew, until it is found.
    ///
    /// # Errors
    /// 1800303 while signed out, 1800202 if the socket cannot be opened, or the server's refusal.
    pub async fn connect(&self) -> Result<(), Error> {
        self.commands.run(Machine::handle_connect).await.map(|_| ())
    }

    /// Signs out: ends the calls that this device carries, deletes the session, closes the socket, forgets all of them. A sign-in
    /// that is under way is given up.
    ///
    /// # Errors
    /// If the server could not be told; everything is forgotten here all the same.
    pub async fn deauthenticate(&self) -> Result<(), Error> {
        self.commands.run(Machine::handle_deauthenticate).await.map(|_| ())
    }

    /// Hands over a new session token.
    ///
    /// # Errors
    /// The server's refusal, or a local code; the session stays as it was.
    pub async fn renew(&self, session_token: &str) -> Result<(), Error> {
        let token = session_token.to_owned();
        let renew = move |machine: &mut Machine, now| machine.handle_session_token(&token, now);
        self.commands.run(renew).await.map(|_| ())
    }

    /// Makes a call and rings the callee's devices. If this future is dropped before it is done, the call is ended.
    ///
    /// # Errors
    /// 1400103 to 1400106 for the callee, 429100 for too many calls, or a local code.
    pub async fn dial(&self, params: DialParams) -> Result<Call, Error> {
        let call = self.commands.dial(params).await?.into_call()?;
        self.call(call.call_id)
            .ok_or(Error::Internal("the call was forgotten at once"))
    }

    /// A call that this device knows.
    pub fn call(&self, call_id: CallId) -> Option<Call> {
        self.registry.call(call_id, &self.commands)
    }

    /// The calls that have not ended, ringing ones too.
    pub fn ongoing_calls(&self) -> Vec<Call> {
        self.registry.ongoing(&self.commands)
    }

    /// Reads a page of the call log, newest first.
    ///
    /// # Errors
    /// The server's refusal, or a local code.
    pub async fn call_log(&self, query: CallLogQuery) -> Result<CallLogPage, Error> {
        match self
            .commands
            .run(move |machine, now| machine.handle_call_log(&query, now))
            .await?
        {
            Answer::CallLog(page) => Ok(page),
            _ => Err(Error::Internal("an answer to another question")),
        }
    }

    /// Sets custom items of a call of this user, on whichever device it is, and after its end, too; the others stay.
    ///
    /// # Errors
    /// 1400102 if the user has no part in it, 400111 beyond 10 items of 128 characters each, and the local codes.
    pub async fn update_custom_items(
        &self,
        call_id: CallId,
        custom_items: BTreeMap<String, String>,
    ) -> Result<ChangedItems, Error> {
        self.commands
            .run(move |machine, now| machine.handle_update_items(call_id, custom_items, now))
            .await?
            .into_items()
    }

    /// Takes custom items of these keys away, or all of them.
    ///
    /// # Errors
    /// 1400102 if the user has no part in the call, and the local codes.
    pub async fn delete_custom_items(&self, call_id: CallId, keys: Option<Vec<String>>) -> Result<ChangedItems, Error> {
        self.commands
            .run(move |machine, now| machine.handle_delete_items(call_id, keys, now))
            .await?
            .into_items()
    }

    /// The network is back: a wait for the next try to reconnect ends.
    ///
    /// # Errors
    /// [`Error::Internal`], if the client was closed.
    pub async fn online(&self) -> Result<(), Error> {
        self.commands.tell(Machine::handle_online).await
    }

    /// What to make the next peer connection with: the server's last word, kept while the socket is away; no server at all
    /// before the first socket of a session is open.
    pub fn ice_configuration(&self) -> IceConfiguration {
        self.registry.ice_configuration()
    }

    /// How the socket is.
    pub fn connection_state(&self) -> ConnectionState {
        self.registry.connection_state()
    }
}

impl Events {
    /// The next event; nothing when the client is gone.
    pub async fn next(&mut self) -> Option<Event> {
        self.events.recv().await
    }

    /// Waits until the client, all of whose handles were dropped, has closed its socket.
    pub async fn closed(mut self) {
        // Only the driver's own fault could be reported here, and it has none to tell.
        if let Some(driver) = self.driver.take() {
            drop(self.events);
            _ = driver.await;
        }
    }
}

impl Stream for Events {
    type Item = Event;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Event>> {
        self.events.poll_recv(context)
    }
}

/// The way to the driver.
#[derive(Debug, Clone)]
pub(crate) struct Commands(pub(crate) mpsc::Sender<Command>);

impl Commands {
    /// Runs a verb and waits for what it comes to.
    pub(crate) async fn run(
        &self,
        verb: impl FnOnce(&mut Machine, Instant) -> VerbId + Send + 'static,
    ) -> Result<Answer, Error> {
        let (reply, answer) = oneshot::channel();
        self.send(Command::Verb(Box::new(verb), reply)).await?;
        answer.await.map_err(|_| CLOSED)?
    }

    async fn dial(&self, params: DialParams) -> Result<Answer, Error> {
        let (reply, answer) = oneshot::channel();
        self.send(Command::Dial(params, reply)).await?;
        answer.await.map_err(|_| CLOSED)?
    }

    /// Runs a verb that comes to nothing.
    pub(crate) async fn tell(&self, verb: impl FnOnce(&mut Machine, Instant) + Send + 'static) -> Result<(), Error> {
        self.send(Command::Tell(Box::new(verb))).await
    }

    async fn send(&self, command: Command) -> Result<(), Error> {
        self.0.send(command).await.map_err(|_| CLOSED)
    }
}

pub(crate) const CLOSED: Error = Error::Internal("the client was closed");
