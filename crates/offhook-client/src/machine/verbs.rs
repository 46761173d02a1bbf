//! The verbs of a direct call.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use offhook_proto::call::{CallSnapshot, PartyMedia};
use offhook_proto::id::{CallId, DeviceId};
use offhook_proto::peer::PeerMessage;
use offhook_proto::socket::{ClientMessage, MAX_SIGNAL_BYTES, MediaPath, MediaState};

use super::event::{Answer, Event, VerbId};
use super::peer_link::Signal;
use super::{Machine, sixteen};
use crate::error::Error;

/// Whom to call, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DialParams {
    /// Whom.
    pub user_id: String,
    /// Whether with video.
    pub is_video_call: bool,
    /// Whether the microphone is on.
    pub audio_enabled: bool,
    /// Whether the camera is on; an audio call ignores it.
    pub video_enabled: bool,
    /// What the application attaches.
    pub custom_items: BTreeMap<String, String>,
    /// The channel of the application's chat that the call belongs to.
    pub chat_channel_url: Option<String>,
    /// How long to ring, in whole seconds: 5 s to 300 s, else 60 s.
    pub ringing_timeout: Option<Duration>,
    /// How long connecting may take after accept, in whole seconds: 5 s to 300 s, else 60 s.
    pub connection_timeout: Option<Duration>,
}

impl DialParams {
    /// An audio call with the microphone on.
    pub fn audio(user_id: impl Into<String>) -> Self {
        Self {
            user_id: user_id.into(),
            is_video_call: false,
            audio_enabled: true,
            video_enabled: true,
            custom_items: BTreeMap::new(),
            chat_channel_url: None,
            ringing_timeout: None,
            connection_timeout: None,
        }
    }

    /// A video call with microphone and camera on.
    pub fn video(user_id: impl Into<String>) -> Self {
        Self {
            is_video_call: true,
            ..Self::audio(user_id)
        }
    }
}

impl Machine {
    /// Makes a call and rings the callee's devices. The id is the call's from now on. Answered by the call.
    pub fn handle_dial(&mut self, params: DialParams, now: Instant) -> (VerbId, CallId) {
        let call_id = CallId::from_bytes(sixteen(&mut self.dice));
        let refusal = if params.user_id.is_empty() {
            Some(Error::InvalidParameter("the callee's user id"))
        } else if self.user().is_some_and(|user| user.user_id == params.user_id) {
            Some(Error::DialMyself)
        } else {
            None
        };
        if let Some(error) = refusal {
            let verb = self.new_verb();
            self.answer(verb, Err(error));
            return (verb, call_id);
        }
        let seconds = |time: Duration| u32::try_from(time.as_secs()).unwrap_or(u32::MAX);
        let verb = self.request(
            |id| ClientMessage::Dial {
                id,
                call_id,
                user_id: params.user_id,
                is_video_call: params.is_video_call,
                media: PartyMedia {
                    audio_enabled: params.audio_enabled,
                    video_enabled: params.is_video_call && params.video_enabled,
                    is_on_hold: false,
                    is_recording: false,
                    revision: 0,
                },
                custom_items: params.custom_items,
                chat_channel_url: params.chat_channel_url,
                ringing_timeout_s: params.ringing_timeout.map(seconds),
                connection_timeout_s: params.connection_timeout.map(seconds),
                webhook: None,
            },
            now,
        );
        (verb, call_id)
    }

    /// Accepts on this device. Answered by the call.
    pub fn handle_accept(&mut self, call_id: CallId, audio_enabled: bool, video_enabled: bool, now: Instant) -> VerbId {
        let is_video_call = self.call(call_id).is_none_or(|call| call.is_video_call);
        let media = PartyMedia {
            audio_enabled,
            video_enabled: is_video_call && video_enabled,
            is_on_hold: false,
            is_recording: false,
            revision: 0,
        };
        self.request(|id| ClientMessage::Accept { id, call_id, media }, now)
    }

    /// Cancels, declines or hangs up. Answered by the call; a call that has ended is left as it is.
    pub fn handle_end(&mut self, call_id: CallId, now: Instant) -> VerbId {
        if let Some(entry) = self.calls.entry(call_id).filter(|entry| !entry.is_live()) {
            let call = Box::new(entry.snapshot.clone());
            let verb = self.new_verb();
            self.answer(verb, Ok(Answer::Call(call)));
            return verb;
        }
        self.request(|id| ClientMessage::End { id, call_id }, now)
    }

    /// Says how this device's media is, and which way it takes. Answered by the call.
    pub fn handle_report(
        &mut self,
        call_id: CallId,
        media: MediaState,
        path: Option<MediaPath>,
        now: Instant,
    ) -> VerbId {
        self.request(
            |id| ClientMessage::Report {
                id,
                call_id,
                media,
                path,
            },
            now,
        )
    }

    /// Names the ticket of the relay that a live call's peer connection was made with. Not answered; said again on every
    /// new socket while the call lives.
    pub fn handle_use_ticket(&mut self, call_id: CallId, relay_ticket: String) {
        if let Some(entry) = self.calls.live_mut(call_id) {
            entry.relay_ticket = Some(relay_ticket);
            self.name_ticket(call_id);
        }
    }

    pub(super) fn name_tickets(&mut self) {
        let live: Vec<_> = self.calls.live().map(|(id, _)| id).collect();
        for call_id in live {
            self.name_ticket(call_id);
        }
    }

    fn name_ticket(&mut self, call_id: CallId) {
        let ticket = self.calls.entry(call_id).and_then(|entry| entry.relay_ticket.clone());
        if let (Some(ticket), Some(socket)) = (ticket, self.link.open()) {
            self.send_on(socket, &ClientMessage::UseTicket { call_id, ticket });
        }
    }

    /// Switches microphone and camera. Answered by the call.
    pub fn handle_set_media(
        &mut self,
        call_id: CallId,
        audio_enabled: bool,
        video_enabled: bool,
        now: Instant,
    ) -> VerbId {
        let switch = |own: &mut PartyMedia, is_video_call| {
            own.audio_enabled = audio_enabled;
            own.video_enabled = video_enabled && is_video_call;
        };
        self.configure(call_id, switch, now)
    }

    /// Holds a call, or goes on. Answered by the call.
    pub fn handle_hold(&mut self, call_id: CallId, is_on_hold: bool, now: Instant) -> VerbId {
        self.configure(call_id, |own, _| own.is_on_hold = is_on_hold, now)
    }

    /// Says whether this device records the call. Answered by the call.
    pub fn handle_recording(&mut self, call_id: CallId, is_recording: bool, now: Instant) -> VerbId {
        self.configure(call_id, |own, _| own.is_recording = is_recording, now)
    }

    fn configure(&mut self, call_id: CallId, change: impl FnOnce(&mut PartyMedia, bool), now: Instant) -> VerbId {
        let mut media = PartyMedia {
            audio_enabled: true,
            video_enabled: true,
            is_on_hold: false,
            is_recording: false,
            revision: 0,
        };
        // Of any other call the server knows better what to answer.
        let carried = self.calls.live_mut(call_id).filter(|entry| entry.is_carried());
        let is_video_call = carried.is_none_or(|entry| {
            media = *entry.own_media();
            entry.snapshot.is_video_call
        });
        change(&mut media, is_video_call);
        media.revision = media.revision.saturating_add(1);
        let (verb, is_under_way) = self.ask(|id| ClientMessage::SetMedia { id, call_id, media }, now);
        let carried = self.calls.live_mut(call_id).filter(|entry| entry.is_carried());
        if let Some(entry) = carried.filter(|_| is_under_way) {
            *entry.own_media() = media;
        }
        verb
    }

    /// What this device sends is what it last said, whether or not the server has heard it: one that has not, hears it as soon as it is
    /// back, and through it the other side. `told` is the revision that it knows.
    pub(super) fn say_own_media(&mut self, call_id: CallId, told: u32, now: Instant) {
        let carried = self.calls.live_mut(call_id).filter(|entry| entry.is_carried());
        let Some(media) = carried.map(|entry| *entry.own_media()) else {
            return;
        };
        let is_under_way = self
            .requests
            .iter()
            .any(|request| matches!(&request.message, ClientMessage::SetMedia { call_id: of, .. } if *of == call_id));
        if media.revision > told && !is_under_way {
            _ = self
                .requests
                .add(None, |id| ClientMessage::SetMedia { id, call_id, media }, now);
        }
    }

    /// Asks for a call's present state. Answered by the call.
    pub fn handle_read(&mut self, call_id: CallId, now: Instant) -> VerbId {
        self.request(|id| ClientMessage::Read { id, call_id }, now)
    }

    /// Says something to the other side's device. Answered by [`Answer::Signalled`] at once: it is numbered, kept, and
    /// sent again until the peer has it.
    pub fn handle_signal(&mut self, call_id: CallId, signal: Signal, now: Instant) -> VerbId {
        let verb = self.new_verb();
        let answer = self.signal(call_id, signal, now);
        self.answer(verb, answer.map(|()| Answer::Signalled));
        verb
    }

    fn signal(&mut self, call_id: CallId, signal: Signal, now: Instant) -> Result<(), Error> {
        let is_wanted = self.link.is_wanted();
        let entry = self
            .calls
            .live_mut(call_id)
            .filter(|entry| entry.is_carried())
            .ok_or(Error::InvalidParameter("the call"))?;
        if !is_wanted {
            return Err(Error::SocketNotConnected);
        }
        if signal.size() > MAX_SIGNAL_BYTES {
            return Err(Error::InvalidParameter("the size of the peer message"));
        }
        let message = entry.peer.send(signal)?;
        self.send_to_peer(call_id, &message, now);
        self.expect_acks(call_id, now);
        Ok(())
    }

    /// Asks the server; answered when it does.
    pub(super) fn request(&mut self, make: impl FnOnce(u32) -> ClientMessage, now: Instant) -> VerbId {
        self.ask(make, now).0
    }

    /// The same; says whether it is under way, or refused already.
    fn ask(&mut self, make: impl FnOnce(u32) -> ClientMessage, now: Instant) -> (VerbId, bool) {
        let verb = self.new_verb();
        let added = if self.session.is_none() {
            Err(Error::NotAuthenticated)
        } else if self.link.is_wanted() {
            self.requests.add(Some(verb), make, now)
        } else {
            Err(Error::SocketNotConnected)
        };
        let is_under_way = added.is_ok();
        match added {
            Ok(()) => self.flush(),
            Err(error) => self.answer(verb, Err(error)),
        }
        (verb, is_under_way)
    }

    pub(super) fn expire_requests(&mut self, now: Instant) {
        for (request, error) in self.requests.expired(now) {
            if let ClientMessage::Dial { call_id, .. } = &request.message {
                // Whoever dialled hears that there is no call: it is not to ring.
                self.send_end(*call_id);
            }
            if let Some(verb) = request.verb {
                self.answer(verb, Err(error));
            }
        }
    }

    pub(super) fn acknowledge_ring(&mut self, call_id: CallId, now: Instant) {
        if self.calls.entry(call_id).is_some_and(super::calls::Entry::is_ringing) {
            _ = self
                .requests
                .add(None, |id| ClientMessage::Ringing { id, call_id }, now);
            self.flush();
        }
    }

    /// Says goodbye to a call that is forgotten at once: nobody waits for the answer.
    pub(super) fn send_end(&mut self, call_id: CallId) {
        if let Some(socket) = self.link.open() {
            let id = self.requests.next_id();
            self.send_on(socket, &ClientMessage::End { id, call_id });
        }
    }

    pub(super) fn apply(&mut self, call: CallSnapshot, now: Instant) {
        let call_id = call.call_id;
        let news = self.calls.apply(call, now);
        self.events.extend(news.events);
        if news.was_accepted {
            self.catch_up(call_id, now);
        }
    }

    pub(super) fn catch_up_with_peers(&mut self, now: Instant) {
        let live: Vec<_> = self.calls.live().map(|(id, _)| id).collect();
        for call_id in live {
            self.catch_up(call_id, now);
        }
    }

    /// Sends the peer what it may lack, and asks for what this device lacks.
    fn catch_up(&mut self, call_id: CallId, now: Instant) {
        let Some(entry) = self.calls.live_mut(call_id) else {
            return;
        };
        for message in entry.peer.catch_up(!entry.is_carried()) {
            self.send_to_peer(call_id, &message, now);
        }
        self.expect_acks(call_id, now);
    }

    fn expect_acks(&mut self, call_id: CallId, now: Instant) {
        let is_open = self.link.open().is_some();
        if let Some(entry) = self.calls.live_mut(call_id) {
            if is_open && entry.is_accepted() {
                entry.peer.expect_ack(now);
            } else {
                entry.peer.expect_nothing();
            }
        }
    }

    pub(super) fn say_what_is_due_to_peers(&mut self, now: Instant) {
        let is_open = self.link.open().is_some();
        let mut due = Vec::new();
        for (call_id, entry) in self.calls.entries_mut() {
            if is_open && entry.is_carried() {
                due.extend(entry.peer.due(now).into_iter().map(|message| (call_id, message)));
            } else {
                entry.peer.fall_silent();
            }
        }
        for (call_id, message) in due {
            self.send_to_peer(call_id, &message, now);
        }
    }

    pub(super) fn handle_signal_from(&mut self, call_id: CallId, from_device: DeviceId, body: &str, now: Instant) {
        // What cannot be read is of a newer peer, or of an unkind one.
        let readable = Some(body).filter(|body| body.len() <= MAX_SIGNAL_BYTES);
        let Some(message) = readable.and_then(|body| serde_json::from_str::<PeerMessage>(body).ok()) else {
            return;
        };
        let Some(entry) = self.calls.live_mut(call_id) else {
            return;
        };
        let (is_ringing, is_silent) = (entry.is_ringing(), !entry.is_carried());
        let received = entry.peer.handle(from_device, message, is_ringing, is_silent, now);
        for message in received.replies {
            self.send_to_peer(call_id, &message, now);
        }
        for signal in received.signals {
            self.tell(Event::Peer {
                call_id,
                from_device,
                signal,
            });
        }
        self.expect_acks(call_id, now);
    }
}
