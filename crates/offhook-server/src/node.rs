//! One running node: everything that its tasks share, assembled in one place.

mod start_error;

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt as _;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use offhook_core::id::{AppKey, CallId, UserKey};
use offhook_core::time::Timestamp;
use offhook_store::{CallChange, CallError, NodeId, Store};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::admin::Administration;
use crate::announced::Announced;
use crate::bus::{Bus, Doorbell};
use crate::clock::Clock;
use crate::config::Config;
use crate::dial_hook::DialHooks;
use crate::doctor::running::{self, Note};
use crate::http::admin::OverTls;
use crate::outbound::Outbound;
use crate::push::web::Vapid;
use crate::push::{self, Push};
use crate::quality::{self, QualityBox};
use crate::rate_limits::RateLimits;
use crate::relay::{self, Relay, RelayHandle, Surroundings};
use crate::secret::{self, ServerKey};
use crate::socket::{self, Devices};
use crate::throttle::SignInThrottle;
use crate::tickets::{Lifetimes, Tickets};
use crate::tls::port::TlsPort;
use crate::webhooks::Webhooks;
use crate::{events, http, retention, sweeper, tickets, webhooks};
use start_error::in_folder;

pub use start_error::StartError;

/// How long sockets may take to close when the program stops.
const CLOSE_DEADLINE: Duration = Duration::from_secs(5);

/// A handle on a node. Cheap to clone.
#[derive(Clone)]
pub struct Node(Arc<Shared>);

struct Shared {
    id: NodeId,
    started_at: Timestamp,
    config: Config,
    store: Store,
    key: ServerKey,
    clock: Clock,
    bus: Arc<Bus>,
    announced: Announced,
    devices: Arc<Devices>,
    throttle: SignInThrottle,
    administration: Administration,
    rate_limits: RateLimits,
    https: Option<SocketAddr>,
    relay: Option<RelayHandle>,
    tickets: Arc<Tickets>,
    outbound: Outbound,
    webhooks: Webhooks,
    dial_hooks: DialHooks,
    push: Push,
    quality: QualityBox,
    stopping: watch::Sender<bool>,
    is_demo: bool,
}

/// A node that serves.
pub struct Serving {
    /// The node.
    pub node: Node,
    /// Where HTTP is served.
    pub http: SocketAddr,
    /// Where HTTPS, and TURN over TLS, is served.
    pub https: Option<SocketAddr>,
    /// Where metrics are served.
    pub admin: SocketAddr,
    tasks: Vec<JoinHandle<()>>,
    relay: Option<Relay>,
    _lock: fs::File,
}

impl Node {
    /// Opens the store and the key of a data folder, making what is not there.
    ///
    /// # Errors
    /// If the folder, the key or the store cannot be used.
    pub fn open_store(config: &Config) -> Result<(Store, ServerKey), StartError> {
        make_folder(config)?;
        let key = ServerKey::open_or_create(&config.key_path()).map_err(in_folder(config))?;
        let store = Store::open(&config.database_path()).map_err(StartError::Store)?;
        Ok((store, key))
    }

    /// Starts serving.
    ///
    /// # Errors
    /// If the data folder, the store or an address cannot be used.
    pub async fn serve(config: Config, is_demo: bool) -> Result<Serving, StartError> {
        Self::serve_with(config, is_demo, Lifetimes::default()).await
    }

    /// The same, with tickets of the relay that last so long: for tests, which do not wait.
    ///
    /// # Errors
    /// As [`serve`](Self::serve).
    pub async fn serve_with(config: Config, is_demo: bool, lifetimes: Lifetimes) -> Result<Serving, StartError> {
        http::health::recorder();
        // Whatever may refuse comes before the store: a start that fails must not have moved it to another version.
        make_folder(&config)?;
        let lock = lock(&config)?;
        let (http_listener, http) = listen("listen", config.listen).await?;
        let (admin_listener, admin) = listen("admin_listen", config.admin_listen).await?;
        let tls_port = TlsPort::bind(&config).await?;
        push::check_keys(&config)?;
        let https = tls_port.as_ref().map(TlsPort::address);
        let listeners: Vec<SocketAddr> = [http, admin].into_iter().chain(https).collect();
        let outbound = Outbound::new(
            &config.outbound,
            relay::not_reached_from_here(&config.relay, &listeners),
        )?;
        let administration = Administration::new(&config.admin, &outbound)?;
        let relay = start_relay(&config, listeners, is_demo)?;
        let note = Note {
            relay: relay
                .as_ref()
                .map_or_else(Vec::new, |relay| relay.handle().addresses().to_vec()),
            https,
            ..Note::of_this_process(http, admin)
        };
        note.write(&lock).map_err(in_folder(&config))?;

        let (store, key) = Self::open_store(&config)?;
        let clock = Clock::start();
        let id = NodeId::from_bits(i64::from_be_bytes(secret::random()));
        let now = clock.now();
        // Nobody served until now: that time is held against nobody's connection.
        let last_served = store.start_node(id, now).await?;
        store.resume_all(last_served.unwrap_or(now), now).await?;

        let vapid = Vapid::open_or_create(&store, &key, now).await?;
        let push = Push::new(&config, vapid, outbound.clone())?;
        let devices = Arc::new(Devices::new(config.max_sockets, config.max_unauthenticated_sockets));
        let relay_handle = relay.as_ref().map(|relay| relay.handle().clone());
        let tickets = Arc::new(Tickets::new(&config, relay_handle.clone(), https, lifetimes));
        let rate_limits = RateLimits::new(&config.rate_limits);
        let node = Self(Arc::new(Shared {
            id,
            started_at: now,
            config,
            store,
            key,
            clock,
            bus: Arc::default(),
            announced: Announced::default(),
            devices,
            throttle: SignInThrottle::default(),
            administration,
            rate_limits,
            https,
            relay: relay_handle,
            tickets,
            outbound,
            webhooks: Webhooks::default(),
            dial_hooks: DialHooks::default(),
            push,
            quality: QualityBox::default(),
            stopping: watch::Sender::new(false),
            is_demo,
        }));
        let mut tasks = vec![
            tokio::spawn(http::serve(
                http_listener,
                http::router(node.clone()),
                node.config().trusted_proxies.clone(),
                node.stopping(),
            )),
            tokio::spawn(http::serve(
                admin_listener,
                http::admin_router(node.clone()),
                node.config().trusted_proxies.clone(),
                node.stopping(),
            )),
            tokio::spawn(sweeper::run(node.clone())),
            tokio::spawn(socket::watch::run(node.clone())),
            tokio::spawn(tickets::run(node.clone())),
            tokio::spawn(webhooks::run(node.clone())),
            tokio::spawn(webhooks::upkeep::run(node.clone())),
            tokio::spawn(push::courier::run(node.clone())),
            tokio::spawn(quality::run(node.clone())),
            tokio::spawn(retention::run(node.clone())),
        ];
        if let Some(port) = tls_port {
            let router = http::router(node.clone()).layer(Extension(OverTls));
            let served = port.serve(router, node.relay().cloned(), node.stopping());
            tasks.push(tokio::spawn(served));
        }
        Ok(Serving {
            node,
            http,
            https,
            admin,
            tasks,
            relay,
            _lock: lock,
        })
    }

    /// The number of this node in the store.
    pub fn id(&self) -> NodeId {
        self.0.id
    }

    /// When this run began.
    pub fn started_at(&self) -> Timestamp {
        self.0.started_at
    }

    /// What was configured.
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// The truth.
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// What seals and opens secrets.
    pub fn key(&self) -> &ServerKey {
        &self.0.key
    }

    /// The time.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// The doorbell.
    pub fn bus(&self) -> &Arc<Bus> {
        &self.0.bus
    }

    /// The changes of calls that were announced here.
    pub fn announced(&self) -> &Announced {
        &self.0.announced
    }

    /// The devices connected here.
    pub fn devices(&self) -> &Arc<Devices> {
        &self.0.devices
    }

    /// What slows down guessing.
    pub fn throttle(&self) -> &SignInThrottle {
        &self.0.throttle
    }

    /// What signing in to the dashboard needs.
    pub fn administration(&self) -> &Administration {
        &self.0.administration
    }

    /// How fast back ends may ask.
    pub fn rate_limits(&self) -> &RateLimits {
        &self.0.rate_limits
    }

    /// Where HTTPS, and TURN over TLS, is served.
    pub fn https(&self) -> Option<SocketAddr> {
        self.0.https
    }

    /// The relay, if there is one in this process.
    pub fn relay(&self) -> Option<&RelayHandle> {
        self.0.relay.as_ref()
    }

    /// What devices use the relay with.
    pub fn tickets(&self) -> &Arc<Tickets> {
        &self.0.tickets
    }

    /// What sends requests out.
    pub fn outbound(&self) -> &Outbound {
        &self.0.outbound
    }

    /// What tells applications' servers of calls.
    pub fn webhooks(&self) -> &Webhooks {
        &self.0.webhooks
    }

    /// What asks applications' servers whether calls may ring.
    pub fn dial_hooks(&self) -> &DialHooks {
        &self.0.dial_hooks
    }

    /// What pushes to devices.
    pub fn push(&self) -> &Push {
        &self.0.push
    }

    /// What devices have measured and the store does not have yet.
    pub fn quality(&self) -> &QualityBox {
        &self.0.quality
    }

    /// Whether `/demo` is served.
    pub fn is_demo(&self) -> bool {
        self.0.is_demo
    }

    /// Whether the node stops.
    pub fn is_stopping(&self) -> bool {
        *self.0.stopping.borrow()
    }

    /// Turns true once the node stops.
    pub fn stopping(&self) -> watch::Receiver<bool> {
        self.0.stopping.subscribe()
    }

    /// After sessions of `user` may have ended: every socket of the user looks whether its own still holds, and calls of
    /// devices that are away and have lost theirs end.
    ///
    /// # Errors
    /// If the store fails. The sockets look all the same.
    pub async fn sessions_changed(&self, app: AppKey, user: UserKey) -> Result<(), CallError> {
        self.bus().ring(user, Doorbell::Sessions);
        let now = self.clock().now();
        for change in self.store().end_calls_of_lost_sessions(app, user, now).await? {
            self.announce(&change);
        }
        // Of devices that are away, too, and that nobody asks.
        for session in self.tickets().sessions_of(user) {
            let signed_in = self.store().session(session).await?;
            if signed_in.is_none_or(|signed_in| signed_in.validity(now).is_err()) {
                self.tickets().end_session(session);
            }
        }
        Ok(())
    }

    /// Tells the world of a step that is committed: the log and the metrics once, the relay, both parties' devices by
    /// doorbell.
    pub fn announce(&self, change: &CallChange) {
        if let Some(number) = change.number {
            self.announced().note(number);
            events::record(change);
            self.tickets().follow(&change.call);
            if change.owed.webhooks {
                self.webhooks().ring();
            }
            if change.owed.pushes {
                self.push().ring();
            }
            self.bus().ring_call(change.call.clone());
        }
    }

    /// Ends the part of `user` in every live call: the user may not call any more.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn expel(&self, app: AppKey, user: UserKey) -> Result<(), CallError> {
        let calls: Vec<CallId> = self
            .store()
            .live_calls_of(app, user)
            .await
            .map_err(CallError::Store)?
            .iter()
            .map(|call| call.id)
            .collect();
        for call_id in calls {
            let input = offhook_core::call::Input::Expel { user };
            let change = self
                .store()
                .apply(app, call_id, offhook_store::Actor::System, input, self.clock().now())
                .await?;
            self.announce(&change);
        }
        Ok(())
    }
}

impl Serving {
    /// Stops: tells every socket to go elsewhere, lets running requests end, and closes the store. Calls go on: their
    /// media does not pass through here, and their state is in the store.
    pub async fn stop(self) {
        // In this order: a socket that opens meanwhile sees the one or hears the other.
        self.node.0.stopping.send_replace(true);
        self.node.bus().ring_all(&Doorbell::Seats);
        for task in self.tasks {
            if let Err(error) = task.await {
                tracing::error!(error = %error, "a task did not end well");
            }
        }
        if tokio::time::timeout(CLOSE_DEADLINE, self.node.devices().all_gone())
            .await
            .is_err()
        {
            tracing::warn!("some sockets did not close in time");
        }
        self.node.quality().keep(&self.node).await;
        self.node.store().close().await;
        // The last to go: relayed calls go on for as long as there is a process to relay them.
        if let Some(relay) = self.relay
            && let Err(error) = tokio::task::spawn_blocking(|| relay.stop()).await
        {
            tracing::error!(error = %error, "the relay did not end well");
        }
    }
}

/// Waits until the node stops. Cancelling it loses nothing.
pub async fn stopped(stopping: &mut watch::Receiver<bool>) {
    // A node that is gone without a word has stopped, too.
    _ = stopping.wait_for(|is_stopping| *is_stopping).await;
}

/// Makes the data folder, if there is none.
pub(crate) fn make_folder(config: &Config) -> Result<(), StartError> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&config.data_dir)
        .map_err(in_folder(config))
}

/// Takes the lock that a running server holds, for as long as the file is open.
pub(crate) fn lock(config: &Config) -> Result<fs::File, StartError> {
    let path = config.data_dir.join(running::LOCK);
    let file = fs::OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(in_folder(config))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => Err(StartError::InUse {
            path: config.data_dir.display().to_string(),
        }),
        Err(fs::TryLockError::Error(source)) => Err(in_folder(config)(source)),
    }
}

fn start_relay(config: &Config, listeners: Vec<SocketAddr>, is_demo: bool) -> Result<Option<Relay>, StartError> {
    if !config.relay.is_on() {
        return Ok(None);
    }
    let surroundings = Surroundings {
        listeners,
        // In a demo on one machine. What others reach must not lead them to services of this machine.
        are_loopback_peers_allowed: is_demo && config.relay.listen.iter().all(|address| address.ip().is_loopback()),
        are_tickets_logged: false,
    };
    let relay = Relay::start(&config.relay, &surroundings).map_err(StartError::Relay)?;
    Ok(Some(relay))
}

/// Listens; gives the address, whose port the system may have chosen.
async fn listen(setting: &'static str, address: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    let failed = |source| StartError::Listen {
        setting,
        address,
        source,
    };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}
