//! The tokio side: carries out what the machine asks for, and tells it what comes back.

mod registry;

use std::collections::HashMap;
use std::time::{Duration, Instant};
use std::{future, pin::Pin, sync::Arc};

use futures_util::stream::{FuturesUnordered, StreamExt};
use futures_util::{Future, SinkExt};
use offhook_proto::id::CallId;
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{timeout, timeout_at};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::client::{Commands, Event};
use crate::error::Error;
use crate::host::Host;
use crate::machine::{
    Action, Answer, DialParams, HttpOutcome, HttpRequest, Machine, Method, REQUEST_TIMEOUT, SocketId, VerbId,
};

pub(crate) use registry::Registry;

/// How long a socket may take to say goodbye.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);
/// The longest answer to a request, and the longest message on the socket: a page of a hundred calls is far below.
const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;
type Verb = Box<dyn FnOnce(&mut Machine, Instant) -> VerbId + Send>;
type Word = Box<dyn FnOnce(&mut Machine, Instant) + Send>;
type Reply = oneshot::Sender<Result<Answer, Error>>;
type Later<T> = FuturesUnordered<Pin<Box<dyn Future<Output = T> + Send>>>;

/// What the face asks for.
pub(crate) enum Command {
    /// A verb that is answered.
    Verb(Verb, Reply),
    /// A dial, which is taken back if nobody waits for it any more.
    Dial(DialParams, Reply),
    /// A word that is not answered.
    Tell(Word),
}

impl std::fmt::Debug for Command {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Command")
    }
}

/// Owns the machine, the socket and the requests under way.
pub(crate) struct Driver {
    machine: Machine,
    host: Host,
    http_client: reqwest::Client,
    commands: mpsc::Receiver<Command>,
    /// For the calls in events; weak, so that the driver ends when the application has dropped everything.
    own_commands: mpsc::WeakSender<Command>,
    events: mpsc::Sender<Event>,
    registry: Arc<Registry>,
    replies: HashMap<VerbId, (Reply, Option<CallId>)>,
    http: Later<(VerbId, HttpOutcome)>,
    opening: Later<(SocketId, Result<Socket, tungstenite::Error>)>,
    closing: Later<()>,
    socket: Option<(SocketId, Socket)>,
}

impl Driver {
    pub(crate) fn new(
        machine: Machine,
        host: Host,
        commands: mpsc::Receiver<Command>,
        own_commands: mpsc::WeakSender<Command>,
        events: mpsc::Sender<Event>,
        registry: Arc<Registry>,
    ) -> Result<Self, Error> {
        let http_client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| Error::Http(error.to_string()))?;
        Ok(Self {
            machine,
            host,
            http_client,
            commands,
            own_commands,
            events,
            registry,
            replies: HashMap::new(),
            http: Later::new(),
            opening: Later::new(),
            closing: Later::new(),
            socket: None,
        })
    }

    /// Runs until the application has dropped the client and its calls.
    pub(crate) async fn run(mut self) {
        while self.step().await {
            self.carry_out().await;
        }
        self.close_socket();
        while self.closing.next().await.is_some() {}
    }

    /// Waits for one thing to happen, and tells the machine. False when nobody is left to serve.
    async fn step(&mut self) -> bool {
        let has_event = self.machine.has_event();
        let deadline = self.machine.poll_timeout();
        tokio::select! {
            command = self.commands.recv() => match command {
                Some(command) => self.handle_command(command),
                None => return false,
            },
            () = room(&self.events), if has_event => self.hand_out(),
            Some((id, outcome)) = self.http.next(), if !self.http.is_empty() => {
                self.machine.handle_http(id, outcome, Instant::now());
            }
            Some((id, opened)) = self.opening.next(), if !self.opening.is_empty() => match opened {
                Ok(socket) => {
                    self.socket = Some((id, socket));
                    self.machine.handle_socket_opened(id);
                }
                Err(error) => self.machine.handle_socket_closed(id, &error.to_string(), Instant::now()),
            },
            Some(()) = self.closing.next(), if !self.closing.is_empty() => {}
            // A slow application holds back the server, not its own memory.
            (id, frame) = next_frame(&mut self.socket), if self.socket.is_some() && !has_event => {
                self.handle_frame(id, frame);
            }
            () = sleep_until(deadline) => self.machine.handle_timeout(Instant::now()),
        }
        true
    }

    fn hand_out(&mut self) {
        let event = self.machine.poll_event(Instant::now());
        if let (Some(event), Some(commands)) = (event, self.own_commands.upgrade())
            && let Some(event) = self.registry.event(event, &Commands(commands))
        {
            // There is room, since nobody else sends; an application that dropped its events wants none.
            _ = self.events.try_send(event);
        }
    }

    fn handle_command(&mut self, command: Command) {
        let now = Instant::now();
        match command {
            Command::Verb(verb, reply) => {
                let id = verb(&mut self.machine, now);
                self.replies.insert(id, (reply, None));
            }
            Command::Dial(params, reply) => {
                let (id, call_id) = self.machine.handle_dial(params, now);
                self.replies.insert(id, (reply, Some(call_id)));
            }
            Command::Tell(verb) => verb(&mut self.machine, now),
        }
    }

    fn handle_frame(&mut self, id: SocketId, frame: Option<Result<Message, tungstenite::Error>>) {
        let now = Instant::now();
        match frame {
            Some(Ok(Message::Text(text))) => self.machine.handle_socket_frame(id, &text, now),
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Binary(_) | Message::Frame(_))) => {
                self.machine.handle_socket_alive(id, now);
            }
            Some(Ok(Message::Close(frame))) => {
                let why = frame.map_or_else(|| "closed".to_owned(), |frame| frame.reason.to_string());
                self.lose_socket(id, &why, now);
            }
            Some(Err(error)) => self.lose_socket(id, &error.to_string(), now),
            None => self.lose_socket(id, "closed", now),
        }
    }

    fn lose_socket(&mut self, id: SocketId, why: &str, now: Instant) {
        self.close_socket();
        self.machine.handle_socket_closed(id, why, now);
    }

    /// Does what the machine asks for, until it asks for nothing.
    async fn carry_out(&mut self) {
        // A server that reads slowly holds nobody up for longer, however much there is to say.
        let until = tokio::time::Instant::now() + REQUEST_TIMEOUT;
        loop {
            self.registry.refresh(&self.machine);
            while let Some((id, answer)) = self.machine.poll_answer() {
                self.reply(id, answer);
            }
            let Some(action) = self.machine.poll_action() else {
                return;
            };
            match action {
                Action::Http(request) => self.http.push(Box::pin(perform(self.prepare(&request), request.verb))),
                Action::OpenSocket(id) => self.open_socket(id),
                Action::CloseSocket(_) => self.close_socket(),
                Action::Send(id, text) => self.send(id, text, until).await,
            }
        }
    }

    fn reply(&mut self, id: VerbId, answer: Result<Answer, Error>) {
        let Some((reply, dialled)) = self.replies.remove(&id) else {
            return;
        };
        let was_made = answer.is_ok();
        let is_unheard = reply.send(answer).is_err();
        if let Some(call_id) = dialled.filter(|_| is_unheard && was_made) {
            self.machine.handle_end(call_id, Instant::now());
        }
    }

    fn prepare(&self, request: &HttpRequest) -> reqwest::RequestBuilder {
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Delete => reqwest::Method::DELETE,
        };
        let mut builder = self
            .http_client
            .request(method, self.host.request(&request.path))
            .timeout(REQUEST_TIMEOUT);
        if let Some(key) = &request.bearer {
            builder = builder.bearer_auth(key);
        }
        if let Some(body) = &request.body {
            builder = builder
                .header(reqwest::header::CONTENT_TYPE, "application/json")
                .body(body.clone());
        }
        builder
    }

    fn open_socket(&mut self, id: SocketId) {
        let address = self.host.socket();
        self.opening = Later::new();
        self.opening.push(Box::pin(async move {
            let limits = WebSocketConfig::default()
                .max_message_size(Some(MAX_BODY_BYTES))
                .max_frame_size(Some(MAX_BODY_BYTES));
            let opened = tokio_tungstenite::connect_async_with_config(address, Some(limits), false).await;
            (id, opened.map(|(socket, _)| socket))
        }));
    }

    /// Says goodbye beside everything else: what was sent before is to arrive.
    fn close_socket(&mut self) {
        self.opening = Later::new();
        if let Some((_, mut socket)) = self.socket.take() {
            self.closing.push(Box::pin(async move {
                let goodbye = async {
                    if socket.close(None).await.is_ok() {
                        while let Some(Ok(_)) = socket.next().await {}
                    }
                };
                // One that does not answer is dropped.
                _ = timeout(CLOSE_TIMEOUT, goodbye).await;
            }));
        }
    }

    async fn send(&mut self, id: SocketId, text: String, until: tokio::time::Instant) {
        let Some((open, socket)) = &mut self.socket else {
            return;
        };
        if *open != id {
            return;
        }
        let why = match timeout_at(until, socket.send(Message::text(text))).await {
            Ok(Ok(())) => return,
            Ok(Err(error)) => error.to_string(),
            Err(_) => "the server reads too slowly".to_owned(),
        };
        self.lose_socket(id, &why, Instant::now());
    }
}

/// Waits until an event can be handed out, or nobody wants any.
async fn room(events: &mpsc::Sender<Event>) {
    _ = events.reserve().await;
}

async fn next_frame(
    socket: &mut Option<(SocketId, Socket)>,
) -> (SocketId, Option<Result<Message, tungstenite::Error>>) {
    match socket {
        Some((id, socket)) => (*id, socket.next().await),
        None => future::pending().await,
    }
}

pub(crate) async fn sleep_until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
        None => future::pending().await,
    }
}

async fn perform(request: reqwest::RequestBuilder, id: VerbId) -> (VerbId, HttpOutcome) {
    let outcome = match fetch(request).await {
        Ok((status, body)) => HttpOutcome::Answer { status, body },
        // The address may hold what should not be shown.
        Err(error) => HttpOutcome::Failed(with_causes(&error.without_url())),
    };
    (id, outcome)
}

/// An error with what it comes from: the last cause is the one that helps.
fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let said = next.to_string();
        if !text.ends_with(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        cause = next.source();
    }
    text
}

async fn fetch(request: reqwest::RequestBuilder) -> Result<(u16, Vec<u8>), reqwest::Error> {
    let mut response = request.send().await?;
    let status = response.status().as_u16();
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > MAX_BODY_BYTES {
            break;
        }
        body.extend_from_slice(&chunk);
    }
    Ok((status, body))
}

/// Uniform numbers from the system.
pub(crate) fn dice() -> u64 {
    let mut bytes = [0; 8];
    // The system's source does not fail once the program runs; if it does, a known number must never be an id.
    if aws_lc_rs::rand::fill(&mut bytes).is_err() {
        std::process::abort();
    }
    u64::from_be_bytes(bytes)
}
