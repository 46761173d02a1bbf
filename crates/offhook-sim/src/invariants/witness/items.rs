//! Whether devices know what the application attached.

use offhook_core::call::Happening;
use offhook_core::id::CallId;
use offhook_proto::call::CallState;

use super::{Invariant, Millis, Witness};
use crate::client::Client;
use crate::store::Store;

/// How long after a change every device of the call that can be reached must know it.
const ITEMS_LIMIT: Millis = 2_000;

impl Witness {
    pub(super) fn note_items_and_holds(&mut self, id: CallId, happened: &[Happening], now: Millis) {
        for one in happened {
            match one {
                Happening::ItemsChanged(..) => {
                    self.items_changed.insert(id, now);
                    self.item_changes += 1;
                }
                Happening::Configured(_, change) if change.is_on_hold == Some(true) => self.holds += 1,
                _ => {}
            }
        }
    }

    /// Looks whether all devices of live calls know the custom items that the store has.
    pub fn check_items(
        &mut self,
        store: &Store,
        clients: &[Client],
        now: Millis,
        is_connected: impl Fn(&Client) -> bool,
    ) {
        for call in store.calls().filter(|call| !call.is_ended()) {
            let changed = self.items_changed.get(&call.id);
            if changed.is_none_or(|changed| changed + ITEMS_LIMIT > now) {
                continue;
            }
            for client in clients {
                let is_reachable = client.reachable_since.is_some_and(|since| since + ITEMS_LIMIT <= now);
                let knows_others = client.calls.get(&call.id).is_some_and(|known| {
                    known.version > 0 && known.state != CallState::Ended && known.custom_items != call.custom_items
                });
                self.expect(
                    !knows_others || !is_reachable || !is_connected(client),
                    Invariant::Items,
                    || format!("{} does not know the items of {call:?}", client.device),
                );
            }
        }
    }
}
