//! The clients' side of the world.

use super::{ClientEffect, Event, Page, Presence, Timer, World};
use crate::chaos::Rest;
use crate::network::Way;
use crate::node::NodeInput;

impl World {
    /// Loads a page where none is open.
    pub fn load(&mut self, index: usize) {
        let is_left_alone = self.is_calm && self.rest == Rest::Close;
        let Some(client) = self.clients.get_mut(index) else {
            return;
        };
        if client.presence != Presence::Closed || is_left_alone {
            return;
        }
        self.last_page += 1;
        let effects = client.load(self.last_page);
        self.note(|| format!("client {index} loads its page"));
        self.carry_out(index, effects);
    }

    pub fn close_page(&mut self, index: usize) {
        let Some(page) = self.page_of(index) else { return };
        self.cut(index);
        let Some(client) = self.clients.get_mut(index) else {
            return;
        };
        client.presence = Presence::Closed;
        client.reachable_since = None;
        self.note(|| format!("client {index} closes its page"));
        self.media_of_closed(page);
    }

    /// The page of a client, if one is open.
    pub fn page_of(&self, index: usize) -> Option<Page> {
        let client = self.clients.get(index)?;
        (client.presence != Presence::Closed).then_some(Page {
            client: index,
            number: client.page,
        })
    }

    pub(super) fn is_open(&self, page: Page) -> bool {
        self.page_of(page.client) == Some(page)
    }

    /// Breaks the socket of a client, which then comes back.
    pub fn drop_socket(&mut self, index: usize) {
        self.cut(index);
        let Some(client) = self.clients.get_mut(index) else {
            return;
        };
        if client.socket().is_some() {
            let effects = client.lose_socket(&mut self.random);
            self.note(|| format!("client {index} lost its socket"));
            self.carry_out(index, effects);
        }
    }

    fn cut(&mut self, index: usize) {
        let Some(socket) = self.clients.get(index).and_then(|client| client.socket()) else {
            return;
        };
        let Some(instance) = self.network.socket(socket).map(|socket| socket.instance) else {
            return;
        };
        if let Some(at) = self.network.cut(socket, self.now, &mut self.random) {
            self.at(at, Event::Node(instance, NodeInput::Closed(socket)));
        }
    }

    fn connect(&mut self, index: usize) {
        let is_offline = self.offline_until.get(index).is_some_and(|until| *until > self.now);
        let instances: Vec<_> = self.nodes.iter().flatten().map(|node| node.instance).collect();
        let instance = self
            .random
            .pick(&instances)
            .filter(|_| !is_offline && !self.random.in_thousand(50));
        let Some(instance) = instance else {
            let pause = self.random.between(200..=2_000);
            self.set_timer(index, pause, Timer::Connect);
            return;
        };
        let socket = self.network.open(index, instance);
        let Some(client) = self.clients.get_mut(index) else {
            return;
        };
        let effects = client.greet(socket, self.now);
        self.note(|| format!("client {index} opens {socket:?} to {instance:?}"));
        self.carry_out(index, effects);
    }

    fn set_timer(&mut self, index: usize, pause: super::Millis, timer: Timer) {
        if let Some(page) = self.page_of(index) {
            self.after(pause, Event::Timer(page, timer));
        }
    }

    pub fn carry_out(&mut self, index: usize, effects: Vec<ClientEffect>) {
        for effect in effects {
            let Some(client) = self.clients.get(index) else { return };
            match effect {
                ClientEffect::Send(message) => {
                    let Some(socket) = client.socket() else { continue };
                    // A request may be made twice; each is idempotent.
                    let times = if self.random.in_thousand(50) { 2 } else { 1 };
                    for _ in 0..times {
                        if let Some(at) = self.network.arrival(socket, Way::ToNode, self.now, &mut self.random) {
                            self.at(at, Event::ToNode(socket, message.clone()));
                        }
                    }
                }
                ClientEffect::Wait(pause, timer) => self.set_timer(index, pause, timer),
                ClientEffect::Connect => self.connect(index),
                ClientEffect::Drop => self.drop_socket(index),
                ClientEffect::Ready(call, role) => self.media_ready(call, role, index),
                ClientEffect::Saw(before, snapshot) => self.witness.saw(client, before.as_deref(), &snapshot),
                ClientEffect::Answered(request, snapshot) => {
                    self.witness.answered(client.device, &request, &snapshot, &self.store);
                }
                ClientEffect::Refused(request) => self.note(|| format!("client {index} is refused {request:?}")),
                ClientEffect::Forgotten(call) => self.witness.forgotten(call),
            }
        }
    }
}
