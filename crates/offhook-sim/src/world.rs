//! The world: time, and what happens next.

mod clients;
mod nodes;
mod peers;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use offhook_core::id::{CallId, DeviceId};
use offhook_proto::socket::{ClientMessage, ServerMessage};

use crate::Faults;
use crate::chaos::Rest;
use crate::client::{Client, ClientEffect, Presence, Timer};
use crate::invariants::{Tally, Violation, Witness};
use crate::media::{AllMedia, Page};
use crate::network::{Network, SocketId};
use crate::node::{Instance, Node, NodeInput};
use crate::random::Random;
use crate::store::Store;

/// True time, in milliseconds from the beginning of the world.
pub(crate) type Millis = u64;

/// What the nodes' clocks show at the beginning of the world, if they are half a second behind.
pub(crate) const EPOCH: Millis = 1_800_000_000_000;

pub(crate) enum Event {
    Node(Instance, NodeInput),
    ToNode(SocketId, ClientMessage),
    ToClient(SocketId, Box<ServerMessage>),
    /// A client hears that its socket is gone.
    Reset(SocketId),
    Timer(Page, Timer),
    Load(usize),
    StartNode(usize),
    MediaUp(CallId),
    PathChange(CallId),
    LookAround,
    Chaos,
    Calm,
    CheckAllEnded,
    Return,
    HangUpAll,
    Finish,
}

pub(crate) struct World {
    seed: u64,
    pub now: Millis,
    pub random: Random,
    /// Sorted by time and then by number, so that order is settled.
    queue: BinaryHeap<Reverse<(Millis, u64)>>,
    events: BTreeMap<u64, Event>,
    last_event: u64,
    pub users: u8,
    store: Store,
    pub nodes: Vec<Option<Node>>,
    last_instance: u64,
    pub clients: Vec<Client>,
    last_page: u64,
    pub offline_until: Vec<Millis>,
    pub network: Network,
    pub media: AllMedia,
    witness: Witness,
    faults: Faults,
    pub is_calm: bool,
    pub rest: Rest,
    is_finished: bool,
    trace: Option<Vec<String>>,
    played: u64,
}

impl World {
    pub fn new(seed: u64, faults: Faults, is_traced: bool) -> Self {
        let mut random = Random::new(seed);
        let users = u8::try_from(random.between(2..=4)).unwrap_or(2);
        let mut clients = Vec::new();
        for user in 0..users {
            for _ in 0..random.between(1..=3) {
                let device = DeviceId::from_bytes(random.bytes());
                clients.push(Client::new(user, device, !faults.nobody_compares_versions));
            }
        }
        let nodes = random.between(1..=3);
        let mut world = Self {
            seed,
            now: 0,
            queue: BinaryHeap::new(),
            events: BTreeMap::new(),
            last_event: 0,
            users,
            store: Store::new(users, faults),
            nodes: (0..nodes).map(|_| None).collect(),
            last_instance: 0,
            offline_until: vec![0; clients.len()],
            clients,
            last_page: 0,
            network: Network::default(),
            media: AllMedia::default(),
            witness: Witness::default(),
            faults,
            is_calm: false,
            rest: Rest::HangUp,
            is_finished: false,
            trace: is_traced.then(Vec::new),
            played: 0,
            random,
        };
        for slot in 0..world.nodes.len() {
            world.start_node(slot);
        }
        for index in 0..world.clients.len() {
            world.load(index);
        }
        world.after(2_000, Event::Chaos);
        world.after(500, Event::LookAround);
        let calm = world.random.between(30_000..=60_000);
        world.after(calm, Event::Calm);
        world
    }

    pub fn play(mut self) -> Result<Tally, Box<Violation>> {
        while let (false, Some(Reverse((at, number)))) = (self.is_finished, self.queue.pop()) {
            self.now = at;
            self.played += 1;
            if let Some(event) = self.events.remove(&number) {
                self.handle(event);
            }
            if let Some((invariant, what)) = self.witness.broken.take() {
                let mut trace = self.trace.unwrap_or_default();
                trace.drain(..trace.len().saturating_sub(150));
                return Err(Box::new(Violation {
                    seed: self.seed,
                    invariant,
                    what,
                    trace,
                }));
            }
        }
        let tally = self.witness.tally(&self.store);
        Ok(Tally {
            node_starts: self.last_instance,
            sockets: self.network.opened(),
            events: self.played,
            ..tally
        })
    }

    pub fn after(&mut self, delay: Millis, event: Event) {
        self.at(self.now + delay, event);
    }

    fn at(&mut self, at: Millis, event: Event) {
        self.last_event += 1;
        self.events.insert(self.last_event, event);
        self.queue.push(Reverse((at, self.last_event)));
    }

    pub fn note(&mut self, line: impl FnOnce() -> String) {
        if let Some(trace) = &mut self.trace {
            trace.push(format!("{:>7} {}", self.now, line()));
        }
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Node(instance, input) => self.wake_node(instance, input),
            Event::ToNode(socket, message) => self.deliver_to_node(socket, message),
            Event::ToClient(socket, message) => {
                let Some(index) = self.client_on(socket) else { return };
                self.note(|| format!("client {index} hears {}", heard(&message)));
                if matches!(*message, ServerMessage::Ping {}) {
                    self.send_to_node(socket, NodeInput::Pong(socket));
                }
                let Some(client) = self.clients.get_mut(index) else {
                    return;
                };
                let was_reachable = client.reachable_since.is_some();
                let effects = client.handle_message(*message, &mut self.random, self.now);
                if !was_reachable {
                    let well_from = self.network.well_from(socket);
                    client.reachable_since = client.reachable_since.map(|since| since.max(well_from));
                }
                self.carry_out(index, effects);
            }
            Event::Reset(socket) => {
                if let Some(index) = self.client_on(socket) {
                    self.drop_socket(index);
                }
            }
            Event::Timer(page, timer) => {
                if !self.is_open(page) {
                    return;
                }
                let Some(client) = self.clients.get_mut(page.client) else {
                    return;
                };
                let effects = client.handle_timer(timer, &mut self.random, self.now);
                self.carry_out(page.client, effects);
            }
            Event::Load(index) => self.load(index),
            Event::StartNode(slot) => self.start_node(slot),
            Event::MediaUp(call) => self.media_up(call),
            Event::PathChange(call) => self.path_change(call),
            Event::LookAround => {
                let nodes = &self.nodes;
                let is_connected = |client: &Client| {
                    let is_on = |socket| nodes.iter().flatten().any(|node| node.has(socket));
                    client.socket().is_some_and(is_on)
                };
                self.witness
                    .check_rings(&self.store, &self.clients, self.now, is_connected);
                self.witness
                    .check_presence(&self.store, &self.clients, self.now, is_connected);
                self.witness
                    .check_items(&self.store, &self.clients, self.now, is_connected);
                self.after(500, Event::LookAround);
            }
            Event::Chaos if self.is_calm => {}
            Event::Chaos => self.befall(),
            Event::Calm => self.calm(),
            Event::CheckAllEnded => self.witness.check_all_ended(&self.store),
            Event::Return => self.come_back(),
            Event::HangUpAll => self.hang_up_all(),
            Event::Finish => {
                self.witness.check_end(&self.store, &self.clients);
                self.is_finished = true;
            }
        }
    }

    fn client_on(&self, socket: SocketId) -> Option<usize> {
        let index = self.network.socket(socket)?.client;
        (self.clients.get(index)?.socket() == Some(socket)).then_some(index)
    }
}

fn heard(message: &ServerMessage) -> String {
    match message {
        ServerMessage::Welcome {
            calls, unknown_calls, ..
        } => format!("welcome: {} calls, unknown {unknown_calls:?}", calls.len()),
        ServerMessage::Reply { call, .. } | ServerMessage::Call { call } => {
            format!(
                "{} version {} {:?} {:?}",
                call.call_id, call.version, call.state, call.end_result
            )
        }
        other => format!("{other:?}"),
    }
}
