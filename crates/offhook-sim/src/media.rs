//! The media between two devices, which passes no node: what is really so, whatever anybody reports.

use std::collections::BTreeMap;

use offhook_core::id::CallId;
use offhook_proto::call::CallRole;
use offhook_proto::socket::MediaPath;

use crate::world::Millis;

#[derive(Default)]
pub(crate) struct AllMedia(BTreeMap<CallId, Media>);

/// A page of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Page {
    pub client: usize,
    pub number: u64,
}

#[derive(Default)]
pub(crate) struct Media {
    pub caller: Option<Page>,
    pub callee: Option<Page>,
    /// Since when it flows.
    pub up_since: Option<Millis>,
    /// When it flowed first.
    pub first_up_at: Option<Millis>,
    /// By which path, where the devices know.
    pub path: Option<MediaPath>,
    /// A side that never says that it does.
    pub silent: Option<CallRole>,
    /// When the last page of the two was closed.
    pub closed_at: Option<Millis>,
}

impl Media {
    pub fn pages(&self) -> impl Iterator<Item = Page> {
        [self.caller, self.callee].into_iter().flatten()
    }

    /// The pages that say how it is.
    pub fn speaking(&self) -> Vec<Page> {
        let sides = [(self.caller, CallRole::Caller), (self.callee, CallRole::Callee)];
        let speaking = sides.into_iter().filter(|(_, role)| self.silent != Some(*role));
        speaking.filter_map(|(page, _)| page).collect()
    }
}

impl AllMedia {
    pub fn get(&self, call: CallId) -> Option<&Media> {
        self.0.get(&call)
    }

    pub fn get_mut(&mut self, call: CallId) -> Option<&mut Media> {
        self.0.get_mut(&call)
    }

    /// A side is ready. Returns whether both are.
    pub fn ready(&mut self, call: CallId, role: CallRole, page: Page) -> bool {
        let media = self.0.entry(call).or_default();
        match role {
            CallRole::Caller => media.caller = Some(page),
            CallRole::Callee => media.callee = Some(page),
        }
        media.caller.is_some() && media.callee.is_some()
    }

    /// A page is gone: its media stops. Returns the calls and the pages that will notice.
    pub fn close(&mut self, page: Page, now: Millis, is_open: impl Fn(Page) -> bool) -> Vec<(CallId, Page)> {
        let mut noticed = Vec::new();
        for (call, media) in &mut self.0 {
            if !media.pages().any(|one| one == page) {
                continue;
            }
            let others: Vec<Page> = media.pages().filter(|one| *one != page && is_open(*one)).collect();
            if others.is_empty() && media.closed_at.is_none() {
                media.closed_at = Some(now);
            }
            if media.up_since.take().is_some() {
                noticed.extend(others.into_iter().map(|other| (*call, other)));
            }
        }
        noticed
    }

    pub fn flowing(&self) -> Vec<CallId> {
        (self.0.iter())
            .filter(|(_, media)| media.up_since.is_some())
            .map(|(call, _)| *call)
            .collect()
    }
}
