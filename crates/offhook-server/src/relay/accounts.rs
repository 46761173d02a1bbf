//! What was carried: for each ticket until somebody takes it, and in all for the metrics.

use std::collections::HashMap;
use std::sync::Arc;

use metrics::{Counter, Gauge, counter, gauge};
use offhook_turn::{Ticket, Usage};
use offhook_udp::Sent;

use super::load::LoadMeter;

/// Tickets whose usage is kept until it is taken. A program that takes it each minute has far fewer.
const MOST_TICKETS: usize = 65_536;

/// The books.
pub struct Accounts {
    untaken: HashMap<Ticket, Usage>,
    /// Allocations of each ticket, and what the ticket carried in all, where that is logged.
    live: HashMap<Ticket, Live>,
    allocations: u64,
    are_tickets_logged: bool,
    meters: Meters,
    load: Arc<LoadMeter>,
}

#[derive(Default)]
struct Live {
    allocations: u32,
    carried: Usage,
}

/// The metrics' handles, looked up once.
struct Meters {
    allocations: Gauge,
    connections: Gauge,
    to_peer_bytes: Counter,
    to_peer_packets: Counter,
    to_client_bytes: Counter,
    to_client_packets: Counter,
    dropped_by_bitrate: Counter,
    dropped_by_slow_client: Counter,
    dropped_by_full_socket: Counter,
    dropped_by_refusal: Counter,
}

impl Accounts {
    /// Opens the books.
    pub fn new(are_tickets_logged: bool) -> Self {
        let dropped = |reason| counter!("offhook_relay_dropped_total", "reason" => reason);
        Self {
            untaken: HashMap::new(),
            live: HashMap::new(),
            allocations: 0,
            are_tickets_logged,
            load: Arc::default(),
            meters: Meters {
                allocations: gauge!("offhook_relay_allocations"),
                connections: gauge!("offhook_relay_connections"),
                to_peer_bytes: counter!("offhook_relay_bytes_total", "direction" => "to_peer"),
                to_peer_packets: counter!("offhook_relay_packets_total", "direction" => "to_peer"),
                to_client_bytes: counter!("offhook_relay_bytes_total", "direction" => "to_client"),
                to_client_packets: counter!("offhook_relay_packets_total", "direction" => "to_client"),
                dropped_by_bitrate: dropped("bitrate"),
                dropped_by_slow_client: dropped("slow_client"),
                dropped_by_full_socket: dropped("full_socket"),
                dropped_by_refusal: dropped("refused_by_system"),
            },
        }
    }

    /// Where it is seen how much there is to do.
    pub fn load(&self) -> Arc<LoadMeter> {
        Arc::clone(&self.load)
    }

    /// An allocation was made.
    pub fn allocated(&mut self, ticket: Ticket) {
        tracing::debug!(ticket = %ticket, "allocated");
        self.allocations += 1;
        if !self.are_tickets_logged && self.untaken.len() < MOST_TICKETS {
            // Whoever takes the usage hears of a ticket that is used, though it has carried nothing yet.
            self.untaken.entry(ticket.clone()).or_default();
        }
        self.live.entry(ticket).or_default().allocations += 1;
    }

    /// An allocation is gone; what it carried must have been booked before.
    pub fn released(&mut self, ticket: &Ticket) {
        tracing::debug!(ticket = %ticket, "released");
        self.allocations = self.allocations.saturating_sub(1);
        let Some(live) = self.live.get_mut(ticket) else { return };
        live.allocations = live.allocations.saturating_sub(1);
        if live.allocations > 0 {
            return;
        }
        if self.are_tickets_logged {
            live.log(ticket);
        }
        self.live.remove(ticket);
    }

    /// Closes the books: the allocations that are left end with the relay.
    pub fn close(self) {
        if self.are_tickets_logged {
            self.live.iter().for_each(|(ticket, live)| live.log(ticket));
        }
    }

    /// Books what the machine counted.
    pub fn book(&mut self, usage: Vec<(Ticket, Usage)>) {
        for (ticket, usage) in usage {
            self.meters.add(&usage);
            self.load.carried(usage.to_peer_bytes + usage.to_client_bytes);
            if let Some(live) = self.live.get_mut(&ticket) {
                add(&mut live.carried, &usage);
            }
            // Where tickets are logged nobody takes them.
            if self.are_tickets_logged {
                continue;
            }
            if self.untaken.len() >= MOST_TICKETS && !self.untaken.contains_key(&ticket) {
                tracing::warn!("the usage of a ticket is lost: nobody takes it");
                continue;
            }
            add(self.untaken.entry(ticket).or_default(), &usage);
        }
    }

    /// Books what became of datagrams and of messages to slow connections, and shows how many there are now.
    pub fn show(&self, sent: Sent, dropped_by_slow_client: u64, connections: usize) {
        self.meters.dropped_by_full_socket.increment(sent.crowded as u64);
        self.meters.dropped_by_refusal.increment(sent.refused as u64);
        self.meters.dropped_by_slow_client.increment(dropped_by_slow_client);
        self.load.has_allocations(self.allocations);
        self.meters.allocations.set(self.allocations as f64);
        self.meters.connections.set(connections as f64);
    }

    /// Takes what each ticket carried since it was last taken.
    pub fn take(&mut self) -> Vec<(Ticket, Usage)> {
        self.untaken.drain().collect()
    }
}

impl Live {
    fn log(&self, ticket: &Ticket) {
        let Usage {
            to_peer_bytes,
            to_client_bytes,
            to_peer_packets,
            to_client_packets,
            ..
        } = self.carried;
        tracing::info!(ticket = %ticket, to_peer_bytes, to_client_bytes, to_peer_packets, to_client_packets, "ticket's last allocation ended");
    }
}

impl Meters {
    fn add(&self, usage: &Usage) {
        self.to_peer_bytes.increment(usage.to_peer_bytes);
        self.to_peer_packets.increment(usage.to_peer_packets);
        self.to_client_bytes.increment(usage.to_client_bytes);
        self.to_client_packets.increment(usage.to_client_packets);
        self.dropped_by_bitrate.increment(usage.dropped_packets);
    }
}

fn add(sum: &mut Usage, more: &Usage) {
    sum.to_peer_bytes += more.to_peer_bytes;
    sum.to_peer_packets += more.to_peer_packets;
    sum.to_client_bytes += more.to_client_bytes;
    sum.to_client_packets += more.to_client_packets;
    sum.dropped_packets += more.dropped_packets;
}
