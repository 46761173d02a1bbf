//! STUN and TURN: one thread that owns every socket of the relay and drives the machine of `offhook-turn`.
//!
//! ```text
//!   UDP listeners, relay sockets ─┐                      ┌─▶ many sockets (sendmmsg, UDP segmentation)
//!   TCP listeners, connections  ──┼─▶ worker: turn after turn ─▶ connections' buffers
//!   RelayHandle (commands, waker) ┘      └─ offhook_turn::Server: a packet in, a step out
//! ```
//!
//! Start reading at [`worker`], then [`datagrams`] and [`connections`].
//!
//! Invariants: a packet over UDP takes no lock and no heap allocation. Every socket gets bounded work before the next has
//! its turn, so that a flood at one starves no other. Nobody who reads slowly is waited for.

mod acceptor;
mod accounts;
mod clock;
mod commands;
mod connection;
mod connections;
mod datagrams;
mod files;
mod load;
mod ready;
mod surroundings;
mod worker;

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use offhook_core::time::Timestamp;
use offhook_turn::{Credential, Secret, Ticket, Usage};

use self::commands::{Adopted, Command, Commands};
use self::datagrams::Datagrams;
use self::load::LoadMeter;
pub use self::load::RelayLoad;
pub use self::surroundings::{Surroundings, not_reached_from_here};
use self::worker::Worker;
use crate::config::relay::RelayConfig;
use crate::secret;

/// Why the relay did not start.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    /// The address cannot be listened on.
    #[error("the relay cannot listen on {address} (`listen` of `[relay]` in the configuration)")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The operating system refuses what the relay cannot do without.
    #[error("the relay cannot start")]
    System(#[from] io::Error),
}

/// The running relay. Its thread ends with [`stop`](Self::stop), or when this is dropped.
#[derive(Debug)]
pub struct Relay {
    handle: RelayHandle,
    thread: Option<thread::JoinHandle<()>>,
}

/// What the rest of the program says to the relay. Cheap to clone; without effect once the relay has stopped.
#[derive(Debug, Clone)]
pub struct RelayHandle(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    commands: Commands,
    secret: Secret,
    addresses: Vec<SocketAddr>,
    public_addresses: Vec<SocketAddr>,
    load: Arc<LoadMeter>,
}

impl Relay {
    /// Listens, and starts the thread.
    ///
    /// # Errors
    /// If an address cannot be listened on.
    pub fn start(config: &RelayConfig, surroundings: &Surroundings) -> Result<Self, RelayError> {
        files::allow(config.max_allocations);
        let poll = mio::Poll::new()?;
        let (commands, receiver) = commands::channel(poll.registry())?;
        let mut datagrams = Datagrams::new();
        let acceptors = acceptor::listen(config, poll.registry(), &mut datagrams)?;
        let addresses = datagrams.addresses();

        let secret = Secret::new(match &config.secret {
            Some(secret) => secret.as_str().to_owned(),
            None => secret::new_key(),
        });
        let turn = surroundings::describe(config, secret.clone(), &addresses, surroundings);
        let public_addresses = surroundings::public(&addresses, &turn);
        let server = offhook_turn::Server::new(turn, secret::random());
        let worker = Worker::new(
            poll,
            server,
            datagrams,
            acceptors,
            receiver,
            surroundings.are_tickets_logged,
        );
        let load = worker.load();
        let thread = thread::Builder::new()
            .name("relay".to_owned())
            .spawn(move || worker.run())?;
        tracing::info!("relay started");
        tracing::debug!(addresses = ?addresses, "relay listens");
        let shared = Shared {
            commands,
            secret,
            addresses,
            public_addresses,
            load,
        };
        Ok(Self {
            handle: RelayHandle(Arc::new(shared)),
            thread: Some(thread),
        })
    }

    /// What others talk to it by.
    pub fn handle(&self) -> &RelayHandle {
        &self.handle
    }

    /// Ends all allocations and connections, and waits until the thread is gone, which takes a moment.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.handle.0.commands.say(Command::Stop);
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the relay's thread did not end well");
        }
    }
}

impl RelayHandle {
    /// The addresses that are listened on, over UDP and TCP both, with their real ports.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.0.addresses
    }

    /// The same as clients reach them: external addresses where there are some, and none that is unspecified.
    pub fn public_addresses(&self) -> &[SocketAddr] {
        &self.0.public_addresses
    }

    /// How much it has to do. The rate is that since this was last asked.
    pub fn load(&self) -> RelayLoad {
        self.0.load.read(Instant::now())
    }

    /// Makes the credential that allows `ticket` to allocate until `expires_at`.
    pub fn credential(&self, ticket: &Ticket, expires_at: Timestamp) -> Credential {
        self.0.secret.credential(ticket, expires_at.as_millis() / 1000)
    }

    /// Ends all allocations of a ticket, which can make no more. Waits where very much else was said at once, for the
    /// relay is never slow to listen.
    pub fn revoke(&self, ticket: Ticket) {
        self.0.commands.say(Command::Revoke(ticket));
    }

    /// Takes what each ticket's allocations carried since it was last taken. Tickets that made an allocation since are there,
    /// too, with nothing; others that carried nothing are left out.
    /// Cancelling it loses what would have been returned.
    pub async fn take_usage(&self) -> Vec<(Ticket, Usage)> {
        let (reply, usage) = tokio::sync::oneshot::channel();
        self.0.commands.say(Command::TakeUsage(reply));
        // A relay that has stopped carried nothing more.
        usage.await.unwrap_or_default()
    }

    /// Takes over a connection that was accepted elsewhere and speaks TURN: `tls` after its handshake, `first_bytes` what
    /// was already read, decrypted. One connection too many is closed.
    pub fn adopt(
        &self,
        stream: TcpStream,
        tls: Option<Box<rustls::ServerConnection>>,
        first_bytes: Vec<u8>,
        local: SocketAddr,
        remote: SocketAddr,
    ) {
        self.0.commands.try_say(Command::Adopt(Adopted {
            stream,
            tls,
            first_bytes,
            local,
            remote,
        }));
    }
}
