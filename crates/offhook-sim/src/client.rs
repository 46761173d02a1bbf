//! A client: one page of one device, which does what a browser's SDK does, for a user of little patience.

mod hear;

use std::collections::BTreeMap;

use offhook_core::custom_items::CustomItems;
use offhook_core::id::{CallId, DeviceId, PageId, UserKey};
use offhook_proto::PROTOCOL;
use offhook_proto::call::{CallEndResult, CallRole, CallSnapshot, CallState, PartyMedia};
use offhook_proto::socket::{ClientMessage, MediaPath, MediaState};

use crate::network::SocketId;
use crate::random::Random;
use crate::store::user_key;
use crate::world::Millis;

/// How long a request may wait for its answer, and a socket for any sign of life.
pub(crate) const PATIENCE: Millis = 15_000;

pub(crate) struct Client {
    pub user: u8,
    pub device: DeviceId,
    /// Counts the pages of all clients.
    pub page: u64,
    pub presence: Presence,
    pub calls: BTreeMap<CallId, Known>,
    /// Since when nothing stands between it and its node.
    pub reachable_since: Option<Millis>,
    pending: BTreeMap<u32, Pending>,
    last_request: u32,
    heard_at: Millis,
    does_compare_versions: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    /// The page is closed.
    Closed,
    Offline,
    /// Hello is said.
    Greeting(SocketId),
    Online(SocketId),
}

struct Pending {
    message: ClientMessage,
    sent_at: Millis,
}

/// What a page knows of a call.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub role: CallRole,
    /// Zero before the server said anything.
    pub version: u32,
    pub state: CallState,
    pub end_result: Option<CallEndResult>,
    pub ended_by: Option<CallRole>,
    /// Whether the server refused to make it.
    pub has_failed: bool,
    /// What the application attached.
    pub custom_items: CustomItems,
    /// What it sends itself.
    pub own: PartyMedia,
    /// What the other side sends, and the version that said so.
    pub remote: Option<(PartyMedia, u32)>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Timer {
    Connect,
    LookAround,
    Accept(CallId),
    HangUp(CallId),
    /// What the peer connection says.
    Media(CallId, MediaState, Option<MediaPath>),
}

pub(crate) enum ClientEffect {
    Send(ClientMessage),
    Wait(Millis, Timer),
    /// Looks for a node.
    Connect,
    /// Gives the socket up.
    Drop,
    /// Its side of the media is ready.
    Ready(CallId, CallRole),
    /// It was told something of a call; what it knew before is handed over.
    Saw(Option<Box<Known>>, Box<CallSnapshot>),
    Answered(ClientMessage, Box<CallSnapshot>),
    Refused(ClientMessage),
    /// The server does not know a call of its own.
    Forgotten(CallId),
}

type Effects = Vec<ClientEffect>;

impl Client {
    pub fn new(user: u8, device: DeviceId, does_compare_versions: bool) -> Self {
        Self {
            user,
            device,
            page: 0,
            presence: Presence::Closed,
            calls: BTreeMap::new(),
            reachable_since: None,
            pending: BTreeMap::new(),
            last_request: 0,
            heard_at: 0,
            does_compare_versions,
        }
    }

    pub fn user_key(&self) -> UserKey {
        user_key(self.user)
    }

    pub fn socket(&self) -> Option<SocketId> {
        match self.presence {
            Presence::Closed | Presence::Offline => None,
            Presence::Greeting(socket) | Presence::Online(socket) => Some(socket),
        }
    }

    pub fn live_calls(&self) -> Vec<CallId> {
        (self.calls.iter())
            .filter(|(_, known)| known.state != CallState::Ended)
            .map(|(id, _)| *id)
            .collect()
    }

    /// Loads the page: all that the one before knew is gone.
    pub fn load(&mut self, page: u64) -> Effects {
        self.page = page;
        self.presence = Presence::Offline;
        self.calls.clear();
        self.pending.clear();
        vec![
            ClientEffect::Wait(0, Timer::Connect),
            ClientEffect::Wait(5_000, Timer::LookAround),
        ]
    }

    /// Says hello on a socket that is open.
    pub fn greet(&mut self, socket: SocketId, now: Millis) -> Effects {
        self.presence = Presence::Greeting(socket);
        self.heard_at = now;
        self.last_request += 1;
        vec![ClientEffect::Send(ClientMessage::Hello {
            id: self.last_request,
            protocol: PROTOCOL,
            session_key: String::new(),
            device_id: self.device,
            page_id: PageId::from_bytes(u128::from(self.page).to_be_bytes()),
            known_calls: self.live_calls(),
        })]
    }

    /// The socket is gone: comes back after up to a second.
    pub fn lose_socket(&mut self, random: &mut Random) -> Effects {
        if self.presence == Presence::Closed {
            return Vec::new();
        }
        self.presence = Presence::Offline;
        self.reachable_since = None;
        vec![ClientEffect::Wait(random.between(0..=1_000), Timer::Connect)]
    }

    pub fn dial(&mut self, call_id: CallId, callee: String, random: &mut Random, now: Millis) -> Effects {
        let own = PartyMedia {
            audio_enabled: true,
            video_enabled: random.in_thousand(500),
            is_on_hold: false,
            is_recording: false,
            revision: 0,
        };
        let known = Known {
            role: CallRole::Caller,
            version: 0,
            state: CallState::Ringing,
            end_result: None,
            ended_by: None,
            has_failed: false,
            custom_items: CustomItems::new(),
            own,
            remote: None,
        };
        self.calls.insert(call_id, known);
        let ringing_timeout_s = u32::try_from(random.between(5..=90)).ok();
        let connection_timeout_s = u32::try_from(random.between(5..=60)).ok();
        self.request(now, |id| ClientMessage::Dial {
            id,
            call_id,
            user_id: callee,
            is_video_call: own.video_enabled,
            media: own,
            custom_items: BTreeMap::new(),
            chat_channel_url: None,
            ringing_timeout_s,
            connection_timeout_s,
            webhook: None,
        })
    }

    pub fn end(&mut self, call_id: CallId, now: Millis) -> Effects {
        self.request(now, |id| ClientMessage::End { id, call_id })
    }

    /// Mutes or unmutes, or holds or goes on.
    pub fn configure(&mut self, call_id: CallId, random: &mut Random, now: Millis) -> Effects {
        let Some(known) = self.calls.get_mut(&call_id) else {
            return Vec::new();
        };
        if random.in_thousand(400) {
            known.own.is_on_hold = !known.own.is_on_hold;
        } else {
            known.own.audio_enabled = !known.own.audio_enabled;
        }
        known.own.revision += 1;
        let media = known.own;
        self.request(now, |id| ClientMessage::SetMedia { id, call_id, media })
    }

    /// Sets a custom item, or takes one or all away.
    pub fn change_items(&mut self, call_id: CallId, random: &mut Random, now: Millis) -> Effects {
        let key = random.between(0..=11).to_string();
        match random.between(0..=9) {
            0 => self.request(now, |id| ClientMessage::DeleteCustomItems {
                id,
                call_id,
                keys: None,
            }),
            1..=3 => self.request(now, |id| ClientMessage::DeleteCustomItems {
                id,
                call_id,
                keys: Some(vec![key]),
            }),
            _ => {
                let custom_items = [(key, random.between(0..=99).to_string())].into();
                self.request(now, |id| ClientMessage::UpdateCustomItems {
                    id,
                    call_id,
                    custom_items,
                })
            }
        }
    }

    fn request(&mut self, now: Millis, message: impl FnOnce(u32) -> ClientMessage) -> Effects {
        self.last_request += 1;
        let message = message(self.last_request);
        self.pending.insert(
            self.last_request,
            Pending {
                message: message.clone(),
                sent_at: now,
            },
        );
        match self.presence {
            Presence::Online(_) => vec![ClientEffect::Send(message)],
            Presence::Closed | Presence::Offline | Presence::Greeting(_) => Vec::new(),
        }
    }

    pub fn handle_timer(&mut self, timer: Timer, random: &mut Random, now: Millis) -> Effects {
        match timer {
            Timer::Connect if self.presence == Presence::Offline => vec![ClientEffect::Connect],
            Timer::Connect => Vec::new(),
            Timer::LookAround => {
                let mut effects = vec![ClientEffect::Wait(5_000, Timer::LookAround)];
                let is_waiting_long = self.pending.values().any(|pending| pending.sent_at + PATIENCE < now);
                if self.socket().is_some() && (self.heard_at + PATIENCE < now || is_waiting_long) {
                    effects.push(ClientEffect::Drop);
                }
                effects
            }
            Timer::Accept(call_id) => self.accept(call_id, random, now),
            Timer::HangUp(call_id) => match self.calls.get(&call_id) {
                Some(known) if known.state != CallState::Ended => self.end(call_id, now),
                Some(_) | None => Vec::new(),
            },
            Timer::Media(call_id, media, path) => match self.calls.get(&call_id) {
                Some(known) if matches!(known.state, CallState::Established | CallState::Connected) => {
                    self.request(now, |id| ClientMessage::Report {
                        id,
                        call_id,
                        media,
                        path,
                    })
                }
                Some(_) | None => Vec::new(),
            },
        }
    }

    fn accept(&mut self, call_id: CallId, random: &mut Random, now: Millis) -> Effects {
        let Some(known) = self.calls.get_mut(&call_id) else {
            return Vec::new();
        };
        if known.state != CallState::Ringing {
            return Vec::new();
        }
        known.own = PartyMedia {
            audio_enabled: random.in_thousand(700),
            video_enabled: true,
            is_on_hold: false,
            is_recording: false,
            revision: 0,
        };
        let media = known.own;
        self.request(now, |id| ClientMessage::Accept { id, call_id, media })
    }
}
