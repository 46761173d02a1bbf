//! Custom items: what the application attaches to a call.

use std::collections::BTreeMap;
use std::time::Instant;

use offhook_proto::id::CallId;
use offhook_proto::socket::ClientMessage;

use super::event::{Answer, VerbId};
use super::{Calls, Machine};

/// What a change of custom items came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedItems {
    /// All custom items of the call after it.
    pub custom_items: BTreeMap<String, String>,
    /// The keys that were set to something new, or taken away.
    pub affected_keys: Vec<String>,
}

impl Machine {
    /// Sets custom items of a call of this user, which may have ended; the others stay. Answered by
    /// [`Answer::ItemsChanged`].
    pub fn handle_update_items(
        &mut self,
        call_id: CallId,
        custom_items: BTreeMap<String, String>,
        now: Instant,
    ) -> VerbId {
        self.request(
            |id| ClientMessage::UpdateCustomItems {
                id,
                call_id,
                custom_items,
            },
            now,
        )
    }

    /// Takes custom items of these keys away, or all of them. Answered by [`Answer::ItemsChanged`].
    pub fn handle_delete_items(&mut self, call_id: CallId, keys: Option<Vec<String>>, now: Instant) -> VerbId {
        self.request(|id| ClientMessage::DeleteCustomItems { id, call_id, keys }, now)
    }

    pub(super) fn handle_items_changed(&mut self, id: u32, changed: ChangedItems) {
        let Some(request) = self.requests.finish(id) else {
            return;
        };
        if let ClientMessage::UpdateCustomItems { call_id, .. } | ClientMessage::DeleteCustomItems { call_id, .. } =
            request.message
        {
            self.calls.take_items(call_id, &changed.custom_items);
        }
        if let Some(verb) = request.verb {
            self.answer(verb, Ok(Answer::ItemsChanged(changed)));
        }
    }
}

impl Calls {
    /// What this device has changed itself is no news to it when the snapshot comes.
    fn take_items(&mut self, id: CallId, items: &BTreeMap<String, String>) {
        if let Some((_, entry)) = self.entries_mut().find(|(found, _)| *found == id) {
            entry.snapshot.custom_items.clone_from(items);
        }
    }
}
