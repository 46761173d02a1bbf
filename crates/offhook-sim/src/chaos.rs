//! What befalls the world while it is not left in peace.

use offhook_core::id::CallId;
use offhook_proto::call::CallState;

use crate::client::{Client, Presence};
use crate::store::user_id;
use crate::world::{Event, Millis, World};

/// How a world comes to rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rest {
    /// Everybody hangs up.
    HangUp,
    /// Every page is closed for good.
    Close,
    /// Nobody has a network for five minutes.
    Away,
    /// Every other client cannot reach a node for two and a half minutes, while its media flows.
    Apart,
}

impl World {
    pub fn befall(&mut self) {
        let clients: Vec<usize> = (0..self.clients.len()).collect();
        let Some(client) = self.random.pick(&clients) else {
            return;
        };
        match self.random.between(0..=99) {
            0..30 => self.dial(client),
            30..42 => self.drop_socket(client),
            42..47 => self.reload(client),
            47..51 => self.close_for_a_while(client),
            51..56 => self.slow_down(client),
            56..60 => self.take_network(client),
            60..64 => self.kill_any_node(),
            95..98 => self.leave_nodes_for_a_while(client),
            64..74 => self.break_any_media(),
            74..90 => self.act_on_any_call(client),
            90..95 => self.change_any_items(),
            _ => {}
        }
        let next = self.random.between(50..=1_000);
        self.after(next, Event::Chaos);
    }

    fn dial(&mut self, index: usize) {
        let callees: Vec<u8> = (0..self.users).collect();
        let Some(callee) = self.random.pick(&callees) else {
            return;
        };
        let call_id = CallId::from_bytes(self.random.bytes());
        let Some(client) = self.clients.get_mut(index) else {
            return;
        };
        if callee == client.user || !matches!(client.presence, Presence::Online(_)) {
            return;
        }
        let effects = client.dial(call_id, user_id(callee), &mut self.random, self.now);
        self.note(|| format!("client {index} dials {} by {call_id}", user_id(callee)));
        self.carry_out(index, effects);
    }

    fn act_on_any_call(&mut self, index: usize) {
        let Some(client) = self.clients.get_mut(index) else {
            return;
        };
        if client.presence == Presence::Closed {
            return;
        }
        let live: Vec<CallId> = client.live_calls();
        let Some(call_id) = self.random.pick(&live) else { return };
        let is_mine = client.calls.get(&call_id).is_some_and(|known| {
            known.state != CallState::Ringing || known.role == offhook_proto::call::CallRole::Caller
        });
        let effects = if self.random.in_thousand(400) {
            client.end(call_id, self.now)
        } else if is_mine {
            client.configure(call_id, &mut self.random, self.now)
        } else {
            Vec::new()
        };
        self.carry_out(index, effects);
    }

    fn change_any_items(&mut self) {
        let known = |(index, client): (usize, &Client)| client.live_calls().into_iter().map(move |id| (index, id));
        let live: Vec<(usize, CallId)> = self.clients.iter().enumerate().flat_map(known).collect();
        let Some((index, call_id)) = self.random.pick(&live) else {
            return;
        };
        if let Some(client) = self.clients.get_mut(index) {
            let effects = client.change_items(call_id, &mut self.random, self.now);
            self.carry_out(index, effects);
        }
    }

    fn reload(&mut self, index: usize) {
        self.close_page(index);
        let pause = self.random.between(50..=3_000);
        self.after(pause, Event::Load(index));
    }

    fn close_for_a_while(&mut self, index: usize) {
        self.close_page(index);
        let pause = self.random.between(5_000..=90_000);
        self.after(pause, Event::Load(index));
    }

    fn slow_down(&mut self, index: usize) {
        let until = self.now + self.random.between(1_000..=5_000);
        let Some(client) = self.clients.get_mut(index) else {
            return;
        };
        if let Some(socket) = client.socket() {
            self.network.slow_down(socket, until);
            let well_from = self.network.well_from(socket);
            client.reachable_since = client.reachable_since.map(|_| well_from);
        }
    }

    fn take_network(&mut self, index: usize) {
        let pause = self.random.between(1_000..=40_000);
        self.offline(index, pause);
    }

    /// Takes the network of a client away, and the media with it.
    pub fn offline(&mut self, index: usize, pause: Millis) {
        self.lose_nodes(index, pause);
        let page = self.page_of(index);
        for call in self.media.flowing() {
            if self
                .media
                .get(call)
                .is_some_and(|media| media.pages().any(|one| Some(one) == page))
            {
                self.break_media(call, Some(pause + 5_000));
            }
        }
    }

    fn leave_nodes_for_a_while(&mut self, index: usize) {
        let pause = self.random.between(1_000..=100_000);
        self.lose_nodes(index, pause);
    }

    /// Takes the way to the nodes away; media goes on.
    fn lose_nodes(&mut self, index: usize, pause: Millis) {
        self.drop_socket(index);
        if let Some(until) = self.offline_until.get_mut(index) {
            *until = (*until).max(self.now + pause);
        }
    }

    fn kill_any_node(&mut self) {
        let slots: Vec<usize> = (0..self.nodes.len()).collect();
        if let Some(slot) = self.random.pick(&slots) {
            self.kill_node(slot);
        }
    }

    fn break_any_media(&mut self) {
        let flowing = self.media.flowing();
        if let Some(call) = self.random.pick(&flowing) {
            let comes_back = self.random.in_thousand(700);
            let pause = self.random.between(4_000..=90_000);
            self.break_media(call, comes_back.then_some(pause));
        }
    }

    /// Chaos is over: all nodes serve, and the world comes to rest in one of four ways.
    pub fn calm(&mut self) {
        self.is_calm = true;
        for slot in 0..self.nodes.len() {
            self.start_node(slot);
        }
        self.rest = self
            .random
            .pick(&[Rest::HangUp, Rest::Close, Rest::Away, Rest::Apart])
            .unwrap_or(Rest::HangUp);
        self.note(|| "calm".to_owned());
        match self.rest {
            Rest::HangUp => self.after(0, Event::Return),
            Rest::Close => {
                for index in 0..self.clients.len() {
                    self.close_page(index);
                }
                self.after(400_000, Event::Finish);
            }
            Rest::Away => {
                for index in 0..self.clients.len() {
                    self.offline(index, 300_000);
                }
                self.after(299_000, Event::CheckAllEnded);
                self.after(300_000, Event::Return);
            }
            Rest::Apart => {
                for index in (0..self.clients.len()).step_by(2) {
                    self.lose_nodes(index, 150_000);
                }
                self.after(150_000, Event::Return);
            }
        }
    }

    /// Everybody is there and has a network again; all hang up, a second time for calls that rang only then.
    pub fn come_back(&mut self) {
        self.offline_until.fill(self.now);
        for index in 0..self.clients.len() {
            self.load(index);
        }
        self.after(20_000, Event::HangUpAll);
        self.after(35_000, Event::HangUpAll);
        self.after(50_000, Event::Finish);
    }

    pub fn hang_up_all(&mut self) {
        for index in 0..self.clients.len() {
            let Some(client) = self.clients.get_mut(index) else {
                continue;
            };
            let live = client.live_calls();
            let effects = live.into_iter().flat_map(|call| client.end(call, self.now)).collect();
            self.carry_out(index, effects);
        }
    }
}
