//! Tickets of the relay: handed out one ahead to each device, named by it for a call, gone with that call.
//!
//! [`table`] knows which ticket is whose, [`addresses`] what URLs clients are told. Here a ticket becomes a credential, a
//! revocation reaches the relay, and what the relay carried reaches the store.
//!
//! Nothing of a ticket is on disk but its number: a process that starts hands out new ones, and by its new secret the
//! relay takes none of the old. Under a secret that is configured an old ticket lasts until it expires.

mod addresses;
mod table;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use offhook_core::call::{Call, Role};
use offhook_core::id::{AppKey, CallId, SessionId, UserKey};
use offhook_core::time::{Timestamp, millis};
use offhook_proto::ice::{IceConfiguration, IceServer, IceTransportPolicy};
use offhook_store::{Relayed, StoreError};
use offhook_turn::{Credential, Secret, Ticket, Usage};
use tokio::sync::Notify;
use tokio::time::{MissedTickBehavior, interval, sleep};

use crate::config::Config;
use crate::node::{Node, stopped};
use crate::relay::RelayHandle;
use crate::secret;
use table::Table;

pub use addresses::Addresses;
pub use table::{Holder, Lifetimes, NotUsable};

/// How often the relay is asked what it carried: what a crash may lose.
const POLL: Duration = Duration::from_secs(5);
/// How soon after the last question the next is put, for tickets that were revoked: what it carried for them is wanted
/// soon, and the relay's thread has better things to do than to answer.
const POLL_AGAIN: Duration = Duration::from_millis(250);
/// Of the hexadecimal digits that tell the relay which application a ticket is of.
const TAG_BYTES: usize = 8;

/// The tickets of this node.
#[derive(Debug)]
pub struct Tickets {
    table: Mutex<Table>,
    issuer: Option<Issuer>,
    addresses: Addresses,
    /// Makes tags of applications, which mean nothing outside this process.
    tag_key: [u8; 32],
    has_revoked: Notify,
}

/// Who makes credentials of tickets.
#[derive(Debug)]
enum Issuer {
    /// The relay of this process, which can also be told to revoke.
    Here(RelayHandle),
    /// Relays elsewhere share this secret.
    Elsewhere(Secret),
}

/// What a device makes peer connections with, and when it is to get the next.
#[derive(Debug, Clone)]
pub struct Configuration {
    /// What it is told.
    pub ice: IceConfiguration,
    /// When the ticket has lived for half its time; never, where there is none.
    pub replace_at: Option<Timestamp>,
}

impl Tickets {
    /// Has handed out none yet. TURN over TLS is served on `https`.
    pub fn new(config: &Config, relay: Option<RelayHandle>, https: Option<SocketAddr>, lifetimes: Lifetimes) -> Self {
        let public = relay.as_ref().map_or(&[][..], RelayHandle::public_addresses);
        let addresses = Addresses::new(config, public, https);
        let elsewhere = || {
            let secret = config.relay.secret.as_ref().filter(|_| !config.relay.urls.is_empty())?;
            Some(Issuer::Elsewhere(Secret::new(secret.as_str())))
        };
        Self {
            table: Mutex::new(Table::new(lifetimes)),
            issuer: relay.map(Issuer::Here).or_else(elsewhere),
            addresses,
            tag_key: secret::random(),
            has_revoked: Notify::new(),
        }
    }

    /// Where clients are told to find STUN and TURN.
    pub const fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// Whether clients get a relay.
    pub fn has_relay(&self) -> bool {
        self.issuer.is_some() && !self.addresses.turn.is_empty()
    }

    /// Makes the credential that allows `ticket` to allocate until `expires_at`; none where there is no relay.
    pub fn credential(&self, ticket: &Ticket, expires_at: Timestamp) -> Option<Credential> {
        Some(match self.issuer.as_ref()? {
            Issuer::Here(relay) => relay.credential(ticket, expires_at),
            Issuer::Elsewhere(secret) => secret.credential(ticket, expires_at.as_millis() / 1000),
        })
    }

    /// A socket of a device is open. To be followed by one [`depart`](Self::depart).
    pub fn arrive(&self, holder: &Holder) {
        self.table().arrive(holder);
    }

    /// A socket of a device is gone.
    pub fn depart(&self, holder: &Holder, now: Timestamp) {
        self.table().depart(holder, now);
    }

    /// What a device is to make its next peer connection with: the ticket it has ahead, or a new one.
    pub fn configuration(&self, holder: Holder, is_relay_only: bool, now: Timestamp) -> Configuration {
        let policy = if is_relay_only {
            IceTransportPolicy::Relay
        } else {
            IceTransportPolicy::All
        };
        let mut ice = IceConfiguration {
            ice_transport_policy: policy,
            ..IceConfiguration::none()
        };
        // Where no direct path is taken, nobody needs to know how it looks from outside.
        if !is_relay_only && !self.addresses.stun.is_empty() {
            ice.ice_servers.push(IceServer {
                urls: self.addresses.stun.clone(),
                username: None,
                credential: None,
            });
        }
        let Some((handed, credential)) = self.ahead(holder, now) else {
            return Configuration { ice, replace_at: None };
        };
        ice.ice_servers.push(IceServer {
            urls: self.addresses.turn.clone(),
            username: Some(credential.username),
            credential: Some(credential.password),
        });
        ice.ticket = Some(handed.ticket.to_string());
        ice.expires_in_ms = Some(millis(handed.expires_at.since(now)));
        Configuration {
            ice,
            replace_at: Some(handed.replace_at),
        }
    }

    /// Whether the device has a ticket ahead that need not be replaced, or needs none.
    pub fn has_ahead(&self, holder: &Holder, now: Timestamp) -> bool {
        self.issuer.is_none() || self.table().ahead(holder, now).is_some()
    }

    /// Notes that a call's peer connection was made with this ticket. Says whether another is to be handed out.
    ///
    /// # Errors
    /// [`NotUsable`] if the ticket was not handed to this device by this session, or serves another call, or if there were too many
    /// in a short time.
    pub fn bind(
        &self,
        ticket: &str,
        holder: &Holder,
        call: CallId,
        role: Role,
        now: Timestamp,
    ) -> Result<bool, NotUsable> {
        let bound = self.table().bind(ticket, holder, call, role, now)?;
        self.revoke(bound.revoked);
        Ok(bound.was_ahead)
    }

    /// Looks at a call as it is now: when it has ended, its tickets and all they opened are gone from the relay, and those
    /// of devices that rang while another accepted are gone before.
    pub fn follow(&self, call: &Call) {
        let over = self.table().follow(call);
        self.revoke(over);
    }

    /// A session is over: its tickets open nothing any more.
    pub fn end_session(&self, session: SessionId) {
        let over = self.table().end_session(session);
        self.revoke(over);
    }

    /// The sessions of a user that hold tickets.
    pub fn sessions_of(&self, user: UserKey) -> Vec<SessionId> {
        self.table().sessions_of(user)
    }

    fn ahead(&self, holder: Holder, now: Timestamp) -> Option<(table::Handed, Credential)> {
        self.issuer.as_ref()?;
        let known = self.table().ahead(&holder, now).cloned();
        let handed = match known {
            Some(handed) => handed,
            None => {
                let number = i64::from_be_bytes(secret::random());
                let ticket = self.draw(holder.app);
                let over = self.table().hand(holder, ticket, number, now);
                self.revoke(over);
                self.table().ahead(&holder, now).cloned()?
            }
        };
        // Drawn here, of fewer characters than the most: it is one.
        let ticket = Ticket::new(&handed.ticket).ok()?;
        let credential = self.credential(&ticket, handed.expires_at)?;
        Some((handed, credential))
    }

    /// A tag of the application, by which the relay counts, and 128 random bits.
    fn draw(&self, app: AppKey) -> Arc<str> {
        let tag = secret::authenticate(&self.tag_key, &app.0.to_be_bytes());
        let tag = tag.as_ref().iter().take(TAG_BYTES);
        let random = secret::random::<16>();
        let hex = |bytes: &mut dyn Iterator<Item = &u8>| bytes.map(|byte| format!("{byte:02x}")).collect::<String>();
        format!("{}.{}", hex(&mut tag.into_iter()), hex(&mut random.iter())).into()
    }

    fn revoke(&self, tickets: Vec<Arc<str>>) {
        if tickets.is_empty() {
            return;
        }
        if let Some(Issuer::Here(relay)) = &self.issuer {
            for ticket in tickets.iter().filter_map(|ticket| Ticket::new(ticket).ok()) {
                relay.revoke(ticket);
            }
        }
        self.has_revoked.notify_one();
    }

    /// Takes what the relay carried and puts it on disk; then nothing more is to come of what was revoked before.
    async fn poll(&self, node: &Node) -> Result<(), StoreError> {
        let now = node.clock().now();
        let late = self.table().sweep(now);
        self.revoke(late);
        // Revoked before the question is put, so the answer is the last there is of them.
        let revoked = self.table().revoked();
        if let Some(Issuer::Here(relay)) = &self.issuer {
            let carried = relay.take_usage().await;
            let mut table = self.table();
            for (ticket, usage) in carried {
                table.add(ticket.as_str(), relayed(usage), now);
            }
        }
        let unnoted = self.table().unnoted();
        if !unnoted.is_empty() {
            node.store().note_relay_usage(unnoted.clone()).await?;
        }
        let mut table = self.table();
        table.settle(&unnoted, &revoked);
        metrics::gauge!("offhook_tickets").set(u32::try_from(table.len()).unwrap_or(u32::MAX));
        Ok(())
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Keeps the books until the node stops.
pub async fn run(node: Node) {
    let tickets = Arc::clone(node.tickets());
    let mut stopping = node.stopping();
    let mut poll = interval(POLL);
    poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let is_last = tokio::select! {
            _ = poll.tick() => false,
            () = tickets.has_revoked.notified() => false,
            () = stopped(&mut stopping) => true,
        };
        if let Err(error) = tickets.poll(&node).await {
            // It is kept, and noted with the next.
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "what the relay carried could not be noted"
            );
        }
        if is_last {
            return;
        }
        tokio::select! {
            () = sleep(POLL_AGAIN) => {}
            () = stopped(&mut stopping) => {}
        }
    }
}

const fn relayed(usage: Usage) -> Relayed {
    Relayed {
        to_peer_bytes: usage.to_peer_bytes,
        to_peer_packets: usage.to_peer_packets,
        to_client_bytes: usage.to_client_bytes,
        to_client_packets: usage.to_client_packets,
    }
}
