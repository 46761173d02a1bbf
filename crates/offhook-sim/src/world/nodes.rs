//! The nodes' side of the world.

use offhook_core::call::Call;
use offhook_core::id::CallId;
use offhook_proto::socket::{ClientMessage, ServerMessage};

use super::{Event, Millis, Page, World};
use crate::invariants::Wellness;
use crate::network::{Network, SocketId, Way};
use crate::node::{Instance, Node, NodeEffect, NodeInput, Surroundings};

const POLL_EVERY: Millis = 1_000;
const SWEEP_EVERY: Millis = 1_000;
const BEAT_EVERY: Millis = 5_000;

impl World {
    /// Starts a node that is down.
    pub fn start_node(&mut self, slot: usize) {
        let skew = self.random.between(0..=999);
        let Some(place @ None) = self.nodes.get_mut(slot) else {
            return;
        };
        self.last_instance += 1;
        let instance = Instance(self.last_instance);
        *place = Some(Node::start(instance, skew, &mut self.store, self.now, self.faults));
        self.note(|| format!("node {slot} starts as {instance:?}"));
        self.look_at_commits();
        if !self.faults.nobody_polls {
            let first = self.random.between(0..=POLL_EVERY);
            self.after(first, Event::Node(instance, NodeInput::Poll));
        }
        let first = self.random.between(0..=SWEEP_EVERY);
        self.after(first, Event::Node(instance, NodeInput::Sweep));
        self.after(BEAT_EVERY, Event::Node(instance, NodeInput::Beat));
    }

    /// Kills a node: what it was about to say is never said. Most of its clients hear that their sockets are gone.
    pub fn kill_node(&mut self, slot: usize) {
        let Some(node) = self.nodes.get_mut(slot).and_then(Option::take) else {
            return;
        };
        self.note(|| format!("node {slot} is killed"));
        for (socket, _) in self.network.sockets_to(node.instance) {
            if self.random.in_thousand(700) {
                let delay = self.random.between(1..=100);
                self.after(delay, Event::Reset(socket));
            }
        }
        let is_long = self.random.in_thousand(150);
        let pause = self
            .random
            .between(if is_long { 20_000..=45_000 } else { 1_000..=12_000 });
        self.after(pause, Event::StartNode(slot));
    }

    fn slot_of(&self, instance: Instance) -> Option<usize> {
        self.nodes
            .iter()
            .position(|node| node.as_ref().is_some_and(|node| node.instance == instance))
    }

    pub(super) fn wake_node(&mut self, instance: Instance, input: NodeInput) {
        let Some(slot) = self.slot_of(instance) else { return };
        let again = match &input {
            NodeInput::Poll => Some((POLL_EVERY, NodeInput::Poll)),
            NodeInput::Sweep => Some((SWEEP_EVERY, NodeInput::Sweep)),
            NodeInput::Beat => Some((BEAT_EVERY, NodeInput::Beat)),
            _ => None,
        };
        if let Some((pause, input)) = again {
            self.after(pause, Event::Node(instance, input));
        }
        let Some(Some(node)) = self.nodes.get_mut(slot) else {
            return;
        };
        let mut around = Surroundings {
            store: &mut self.store,
            random: &mut self.random,
            now: self.now,
            effects: Vec::new(),
        };
        node.handle(input, &mut around);
        let effects = around.effects;
        let has_committed = self.look_at_commits();
        if has_committed && !self.is_calm && self.random.in_thousand(3) {
            self.note(|| format!("{instance:?} dies after its commit"));
            self.kill_node(slot);
            return;
        }
        for effect in effects {
            match effect {
                NodeEffect::Send(socket, message) => self.send_to_client(socket, message),
                NodeEffect::Ring(call) => self.ring(&call),
                NodeEffect::ReadSoon(socket) => {
                    // Now and then the store is slow.
                    let is_slow = self.random.in_thousand(100);
                    let delay = self.random.between(if is_slow { 500..=2_500 } else { 1..=40 });
                    self.after(delay, Event::Node(instance, NodeInput::Read(socket)));
                }
            }
        }
    }

    pub(super) fn deliver_to_node(&mut self, socket: SocketId, message: ClientMessage) {
        if !self.network.arrives(socket) {
            return;
        }
        let Some((index, instance)) = self
            .network
            .socket(socket)
            .map(|socket| (socket.client, socket.instance))
        else {
            return;
        };
        let Some(client) = self.clients.get(index) else { return };
        let from = (client.user_key(), client.device);
        self.note(|| format!("{instance:?} hears {message:?} of client {index} on {socket:?}"));
        self.wake_node(instance, NodeInput::Message(socket, from, Box::new(message)));
    }

    fn send_to_client(&mut self, socket: SocketId, message: ServerMessage) {
        if let Some(at) = self.network.arrival(socket, Way::ToClient, self.now, &mut self.random) {
            self.at(at, Event::ToClient(socket, Box::new(message)));
        }
    }

    /// Sends a sign of life, which may get lost with its socket.
    pub(super) fn send_to_node(&mut self, socket: SocketId, input: NodeInput) {
        let Some(instance) = self.network.socket(socket).map(|socket| socket.instance) else {
            return;
        };
        if let Some(at) = self.network.arrival(socket, Way::ToNode, self.now, &mut self.random) {
            self.at(at, Event::Node(instance, input));
        }
    }

    fn ring(&mut self, call: &Call) {
        let listening: Vec<Instance> = (self.nodes.iter().flatten())
            .filter(|node| node.listens_for(call))
            .map(|node| node.instance)
            .collect();
        for instance in listening {
            match Network::doorbell(self.now, &mut self.random) {
                Some(at) => self.at(at, Event::Node(instance, NodeInput::Doorbell(Box::new(call.clone())))),
                None => self.note(|| format!("the doorbell for {} to {instance:?} is lost", call.id)),
            }
        }
    }

    /// Shows the witness what was committed. Returns whether anything was.
    fn look_at_commits(&mut self) -> bool {
        let commits = std::mem::take(&mut self.store.news);
        for commit in &commits {
            let id = commit.call.id;
            self.note(|| format!("commit {id} version {}: {:?}", commit.call.version, commit.happened));
            let wellness = self.wellness(id);
            self.witness.committed(commit, self.media.get(id), wellness, self.now);
        }
        !commits.is_empty()
    }

    /// How well a call is.
    fn wellness(&self, call: CallId) -> Wellness {
        let Some((media, up_since)) = self.media.get(call).and_then(|media| Some((media, media.up_since?))) else {
            return Wellness::default();
        };
        let reachable = |page: Page| {
            let client = self.clients.get(page.client)?;
            let socket = client.socket()?;
            let is_welcome = self.nodes.iter().flatten().any(|node| node.has(socket));
            let since = client.reachable_since?.max(up_since);
            (is_welcome && self.is_open(page)).then_some(since)
        };
        let sides: Vec<Option<Millis>> = media.pages().map(reachable).collect();
        let both: Option<Vec<Millis>> = sides.iter().copied().collect();
        Wellness {
            both_since: both.and_then(|both| both.into_iter().max()),
            one_since: sides.into_iter().flatten().min(),
        }
    }
}
