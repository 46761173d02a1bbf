//! What each ticket and each application has and has used.

use std::collections::HashMap;

use slab::Slab;

use crate::bucket::Bucket;
use crate::credential::Ticket;
use crate::hash::Keyed;
use crate::quota::Quotas;
use crate::time::Time;
use crate::usage::Usage;

/// Names a ticket's account while it is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountId(u32);

/// Which way a packet goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the client.
    ToPeer,
    /// To the client.
    ToClient,
}

/// Why there can be no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exceeded {
    /// The ticket or its application has what it may have.
    Own,
    /// The server has what it may have.
    Server,
}

/// How many tickets may wait for their usage to be taken, for each allocation that there may be; new tickets are refused beyond
/// them, so that no usage is ever forgotten.
const WAITING_PER_ALLOCATION: usize = 4;

/// All accounts.
#[derive(Debug)]
pub struct Accounts {
    quotas: Quotas,
    allocations: u32,
    by_ticket: HashMap<Ticket, u32, Keyed>,
    accounts: Slab<Account>,
    by_application: HashMap<Box<str>, u32, Keyed>,
    applications: Slab<Application>,
}

/// A ticket's account.
#[derive(Debug)]
struct Account {
    ticket: Ticket,
    application: u32,
    /// Allocations, and ports that are held for one.
    held: u32,
    /// The allocations that were made, to end them when the ticket is revoked.
    live: Vec<u32>,
    bucket: Bucket,
    usage: Usage,
}

/// An application's account.
#[derive(Debug)]
struct Application {
    name: Box<str>,
    held: u32,
    /// Tickets with an account.
    tickets: u32,
    bucket: Bucket,
}

impl Accounts {
    /// Makes an empty book.
    pub fn new(quotas: Quotas, hasher: &Keyed) -> Self {
        Self {
            quotas,
            allocations: 0,
            by_ticket: HashMap::with_hasher(hasher.clone()),
            accounts: Slab::new(),
            by_application: HashMap::with_hasher(hasher.clone()),
            applications: Slab::new(),
        }
    }

    /// Counts one allocation of a ticket, if it may have it.
    pub fn open(&mut self, ticket: &Ticket, now: Time) -> Result<AccountId, Exceeded> {
        if self.allocations >= self.quotas.allocations {
            return Err(Exceeded::Server);
        }
        let application = self.by_application.get(ticket.application()).copied();
        let held = |id: u32| {
            self.applications
                .get(id as usize)
                .map_or(0, |application| application.held)
        };
        if application.map_or(0, held) >= self.quotas.allocations_per_application {
            return Err(Exceeded::Own);
        }
        let id = match self.by_ticket.get(ticket) {
            Some(&id) => id,
            None if self.quotas.allocations_per_ticket == 0 => return Err(Exceeded::Own),
            None if self.accounts.len() / WAITING_PER_ALLOCATION >= self.quotas.allocations as usize => {
                return Err(Exceeded::Server);
            }
            None => self.add_account(ticket, application, now),
        };
        let account = self.accounts.get_mut(id as usize).ok_or(Exceeded::Server)?;
        if account.held >= self.quotas.allocations_per_ticket {
            return Err(Exceeded::Own);
        }
        account.held += 1;
        if let Some(application) = self.applications.get_mut(account.application as usize) {
            application.held += 1;
        }
        self.allocations += 1;
        Ok(AccountId(id))
    }

    /// Takes back what [`open`](Self::open) counted.
    pub fn close(&mut self, id: AccountId) {
        self.allocations = self.allocations.saturating_sub(1);
        let Some(account) = self.accounts.get_mut(id.0 as usize) else {
            return;
        };
        account.held = account.held.saturating_sub(1);
        if let Some(application) = self.applications.get_mut(account.application as usize) {
            application.held = application.held.saturating_sub(1);
        }
        self.remove_if_idle(id.0);
    }

    /// Notes an allocation, for [`allocations_of`](Self::allocations_of).
    pub fn add_allocation(&mut self, id: AccountId, allocation: u32) {
        if let Some(account) = self.accounts.get_mut(id.0 as usize) {
            account.live.push(allocation);
        }
    }

    /// Notes that an allocation is gone.
    pub fn remove_allocation(&mut self, id: AccountId, allocation: u32) {
        if let Some(account) = self.accounts.get_mut(id.0 as usize)
            && let Some(place) = account.live.iter().position(|live| *live == allocation)
        {
            account.live.swap_remove(place);
        }
    }

    /// The allocations of a ticket.
    pub fn allocations_of(&self, ticket: &Ticket) -> Vec<u32> {
        let id = self.by_ticket.get(ticket);
        id.and_then(|id| self.accounts.get(*id as usize))
            .map_or_else(Vec::new, |account| account.live.clone())
    }

    /// Whose account it is.
    pub fn ticket(&self, id: AccountId) -> Option<&Ticket> {
        self.accounts.get(id.0 as usize).map(|account| &account.ticket)
    }

    /// Counts a packet, if the bit rates of its ticket and its application allow it.
    pub fn admit(&mut self, id: AccountId, direction: Direction, size_bytes: usize, now: Time) -> bool {
        let bits = size_bytes as u64 * 8;
        let Some(account) = self.accounts.get_mut(id.0 as usize) else {
            return false;
        };
        let Some(application) = self.applications.get_mut(account.application as usize) else {
            return false;
        };
        let ticket_holds = account.bucket.holds(bits, self.quotas.bitrate_per_ticket_bps, now);
        let application_holds = application
            .bucket
            .holds(bits, self.quotas.bitrate_per_application_bps, now);
        if !ticket_holds || !application_holds {
            account.usage.dropped_packets += 1;
            return false;
        }
        account.bucket.take(bits);
        application.bucket.take(bits);
        match direction {
            Direction::ToPeer => {
                account.usage.to_peer_bytes += size_bytes as u64;
                account.usage.to_peer_packets += 1;
            }
            Direction::ToClient => {
                account.usage.to_client_bytes += size_bytes as u64;
                account.usage.to_client_packets += 1;
            }
        }
        true
    }

    /// Takes what was carried since the last time.
    pub fn take_usage(&mut self) -> Vec<(Ticket, Usage)> {
        let mut taken = Vec::new();
        let mut idle = Vec::new();
        for (id, account) in &mut self.accounts {
            let usage = std::mem::take(&mut account.usage);
            if usage != Usage::default() {
                taken.push((account.ticket.clone(), usage));
            }
            if account.held == 0 {
                idle.push(id as u32);
            }
        }
        for id in idle {
            self.remove_if_idle(id);
        }
        taken
    }

    /// Takes what one ticket carried since the last time.
    pub fn take_usage_of(&mut self, ticket: &Ticket) -> Usage {
        let Some(&id) = self.by_ticket.get(ticket) else {
            return Usage::default();
        };
        let account = self.accounts.get_mut(id as usize);
        let usage = account.map_or_else(Usage::default, |account| std::mem::take(&mut account.usage));
        self.remove_if_idle(id);
        usage
    }

    /// Opens an account.
    fn add_account(&mut self, ticket: &Ticket, application: Option<u32>, now: Time) -> u32 {
        let application = application.unwrap_or_else(|| {
            let name: Box<str> = ticket.application().into();
            let id = self.applications.insert(Application {
                name: name.clone(),
                held: 0,
                tickets: 0,
                bucket: Bucket::new(self.quotas.bitrate_per_application_bps, now),
            }) as u32;
            self.by_application.insert(name, id);
            id
        });
        if let Some(application) = self.applications.get_mut(application as usize) {
            application.tickets += 1;
        }
        let id = self.accounts.insert(Account {
            ticket: ticket.clone(),
            application,
            held: 0,
            live: Vec::new(),
            bucket: Bucket::new(self.quotas.bitrate_per_ticket_bps, now),
            usage: Usage::default(),
        }) as u32;
        self.by_ticket.insert(ticket.clone(), id);
        id
    }

    /// Closes an account that holds nothing and has nothing to tell.
    fn remove_if_idle(&mut self, id: u32) {
        let is_idle = |account: &Account| account.held == 0 && account.usage == Usage::default();
        if !self.accounts.get(id as usize).is_some_and(is_idle) {
            return;
        }
        let account = self.accounts.remove(id as usize);
        self.by_ticket.remove(&account.ticket);
        let Some(application) = self.applications.get_mut(account.application as usize) else {
            return;
        };
        application.tickets = application.tickets.saturating_sub(1);
        if application.tickets == 0 {
            let application = self.applications.remove(account.application as usize);
            self.by_application.remove(&application.name);
        }
    }
}
