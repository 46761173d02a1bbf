//! What the face may look at without asking the driver.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use offhook_proto::call::{CallSnapshot, CallState};
use offhook_proto::ice::IceConfiguration;
use offhook_proto::id::CallId;
use tokio::sync::watch;

use crate::call::Call;
use crate::client::{Commands, Event};
use crate::machine::{ConnectionState, Event as MachineEvent, Machine};

/// The calls and the state of the socket, as the machine had them last.
#[derive(Debug, Default)]
pub(crate) struct Registry(Mutex<Seen>);

#[derive(Debug)]
struct Seen {
    calls: HashMap<CallId, watch::Sender<CallSnapshot>>,
    ice_configuration: IceConfiguration,
    state: ConnectionState,
}

impl Default for Seen {
    fn default() -> Self {
        Self {
            calls: HashMap::new(),
            ice_configuration: IceConfiguration::none(),
            state: ConnectionState::Disconnected,
        }
    }
}

impl Registry {
    /// Looks at the machine again. Calls that it has forgotten are forgotten here.
    pub(super) fn refresh(&self, machine: &Machine) {
        let mut seen = self.lock();
        seen.state = machine.connection_state();
        if seen.ice_configuration != *machine.ice_configuration() {
            seen.ice_configuration = machine.ice_configuration().clone();
        }
        for call in machine.known_calls() {
            match seen.calls.get(&call.call_id) {
                Some(held) => show(held, call),
                None => _ = seen.calls.insert(call.call_id, watch::Sender::new(call.clone())),
            }
        }
        // One that the machine has forgotten stays until its end has been told.
        seen.calls
            .retain(|id, held| machine.call(*id).is_some() || held.borrow().state != CallState::Ended);
    }

    pub(crate) fn call(&self, call_id: CallId, commands: &Commands) -> Option<Call> {
        self.lock().calls.get(&call_id).map(|seen| Call {
            id: call_id,
            seen: seen.subscribe(),
            commands: commands.clone(),
        })
    }

    pub(crate) fn ongoing(&self, commands: &Commands) -> Vec<Call> {
        let seen = self.lock();
        let live = seen
            .calls
            .iter()
            .filter(|(_, held)| held.borrow().state != CallState::Ended);
        live.map(|(id, held)| Call {
            id: *id,
            seen: held.subscribe(),
            commands: commands.clone(),
        })
        .collect()
    }

    pub(crate) fn ice_configuration(&self) -> IceConfiguration {
        self.lock().ice_configuration.clone()
    }

    pub(crate) fn connection_state(&self) -> ConnectionState {
        self.lock().state
    }

    /// An event with a handle of its call.
    pub(super) fn event(&self, event: MachineEvent, commands: &Commands) -> Option<Event> {
        let handle = |call: CallSnapshot| {
            let mut seen = self.lock();
            let held = seen
                .calls
                .entry(call.call_id)
                .or_insert_with(|| watch::Sender::new(call.clone()));
            show(held, &call);
            Call {
                id: call.call_id,
                seen: held.subscribe(),
                commands: commands.clone(),
            }
        };
        Some(match event {
            MachineEvent::Ringing(call) => Event::Ringing(handle(call)),
            MachineEvent::DialReceived(call) => Event::DialReceived(handle(call)),
            MachineEvent::Established(call) => Event::Established(handle(call)),
            MachineEvent::Connected(call) => Event::Connected(handle(call)),
            MachineEvent::PartyMedia(call) => Event::PartyMedia(handle(call)),
            MachineEvent::ItemsChanged(call) => Event::ItemsChanged(handle(call)),
            MachineEvent::Ended(call) => Event::Ended(handle(call)),
            MachineEvent::Peer {
                call_id,
                from_device,
                signal,
            } => Event::Peer {
                call: self.call(call_id, commands)?,
                from_device,
                signal,
            },
            MachineEvent::ConnectionStateChanged(state) => Event::ConnectionStateChanged(state),
            MachineEvent::SessionTokenRequired => Event::SessionTokenRequired,
            MachineEvent::SessionTokenRefreshed => Event::SessionTokenRefreshed,
            MachineEvent::SessionClosed { code, message } => Event::SessionClosed { code, message },
        })
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        // What a panic left behind is whole: every change here is one assignment.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Shows a newer state; an event may have waited longer than the state it tells of.
fn show(held: &watch::Sender<CallSnapshot>, call: &CallSnapshot) {
    held.send_if_modified(|shown| {
        // One that has ended stays so; its custom items may change.
        let goes_back = shown.state == CallState::Ended && call.state != CallState::Ended;
        let is_newer = call.version >= shown.version && !goes_back && *shown != *call;
        if is_newer {
            *shown = call.clone();
        }
        is_newer
    });
}
