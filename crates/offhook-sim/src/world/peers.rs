//! The media between clients, and what their peer connections say of it.

use offhook_core::id::CallId;
use offhook_proto::call::CallRole;
use offhook_proto::socket::{MediaPath, MediaState};

use super::{Event, Millis, Page, Presence, Timer, World};

/// How long a peer connection takes to notice that the other side is gone.
const NOTICE: Millis = 5_000;
/// How long after media flows its path changes, in the calls in which it does: all that it flows for will have been said.
const PATH_CHANGE: Millis = 2_000;

impl World {
    /// A side has been accepted, and its peer connection is ready.
    pub(super) fn media_ready(&mut self, call: CallId, role: CallRole, index: usize) {
        let Some(page) = self.page_of(index) else { return };
        let are_both = self.media.ready(call, role, page);
        // Some never find a way to each other.
        if are_both && self.random.in_thousand(930) {
            let is_silent = self.random.in_thousand(60);
            let silent = self
                .random
                .pick(&[CallRole::Caller, CallRole::Callee])
                .filter(|_| is_silent);
            if let Some(media) = self.media.get_mut(call) {
                media.silent = silent;
            }
            let delay = self.random.between(50..=900);
            self.after(delay, Event::MediaUp(call));
        }
    }

    pub(super) fn media_up(&mut self, call: CallId) {
        let Some(media) = self.media.get(call) else { return };
        let pages: Vec<Page> = media.pages().collect();
        if media.up_since.is_some() || !pages.iter().all(|page| self.is_open(*page)) {
            return;
        }
        let is_offline = |page: &Page| {
            self.offline_until
                .get(page.client)
                .is_some_and(|until| *until > self.now)
        };
        if pages.iter().any(is_offline) {
            self.after(2_000, Event::MediaUp(call));
            return;
        }
        let now = self.now;
        let Some(media) = self.media.get_mut(call) else { return };
        media.up_since = Some(now);
        media.first_up_at.get_or_insert(now);
        let (speaking, path) = (media.speaking(), media.path);
        self.note(|| format!("media of {call} flows"));
        for page in speaking {
            let delay = self.random.between(0..=900);
            let report = Timer::Media(call, MediaState::Connected, path);
            self.after(delay, Event::Timer(page, report));
        }
        // Of half the calls.
        if call.as_bytes().last().is_some_and(|byte| byte % 2 == 0) {
            self.after(PATH_CHANGE, Event::PathChange(call));
        }
    }

    /// Media goes on by another path, and both sides say so at once; the next time it flows, it still does.
    pub(super) fn path_change(&mut self, call: CallId) {
        let Some(media) = self.media.get_mut(call).filter(|media| media.up_since.is_some()) else {
            return;
        };
        let path = match media.path {
            Some(MediaPath::Relayed) => MediaPath::Direct,
            Some(MediaPath::Direct) | None => MediaPath::Relayed,
        };
        media.path = Some(path);
        let speaking = media.speaking();
        self.note(|| format!("media of {call} is {path:?} now"));
        for page in speaking {
            let report = Timer::Media(call, MediaState::Connected, Some(path));
            self.after(0, Event::Timer(page, report));
        }
    }

    /// The way between two devices breaks, and may be found again.
    pub fn break_media(&mut self, call: CallId, found_again: Option<Millis>) {
        let Some(media) = self.media.get_mut(call) else { return };
        if media.up_since.take().is_none() {
            return;
        }
        let pages: Vec<Page> = media.pages().collect();
        self.note(|| format!("media of {call} breaks"));
        for page in pages {
            let delay = self.random.between(1_000..=3_000);
            self.after(delay, Event::Timer(page, Timer::Media(call, MediaState::Lost, None)));
        }
        if let Some(pause) = found_again {
            self.after(pause, Event::MediaUp(call));
        }
    }

    pub(super) fn media_of_closed(&mut self, page: Page) {
        let clients = &self.clients;
        let is_open = |page: Page| {
            let client = clients.get(page.client);
            client.is_some_and(|client| client.page == page.number && client.presence != Presence::Closed)
        };
        for (call, other) in self.media.close(page, self.now, is_open) {
            self.after(NOTICE, Event::Timer(other, Timer::Media(call, MediaState::Lost, None)));
        }
    }
}
