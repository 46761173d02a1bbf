//! What the face may look at without asking the driver.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use offhook_proto::call::{CallSnapshot, CallState};
use offhook_proto::ice::IceConfiguration;
use offhook_proto::id::CallId;
#[cfg(feature = "media")]
use tokio::sync::mpsc;
use tokio::sync::watch;

use crate::call::Call;
use crate::client::{Commands, Event};
#[cfg(feature = "media")]
use crate::machine::Signal;
use crate::machine::{ConnectionState, Event as MachineEvent, Machine};

/// How much of the other side is kept for media that is not there yet: an offer and its candidates are far below.
#[cfg(feature = "media")]
const MAX_EARLY: usize = 64;
/// How much of it waits for media that is busy.
#[cfg(feature = "media")]
const MAX_WAITING: usize = 256;

/// The calls and the state of the socket, as the machine had them last.
#[derive(Debug, Default)]
pub(crate) struct Registry(Mutex<Seen>);

#[derive(Debug)]
struct Seen {
    calls: HashMap<CallId, watch::Sender<CallSnapshot>>,
    ice_configuration: IceConfiguration,
    state: ConnectionState,
    #[cfg(feature = "media")]
    inboxes: HashMap<CallId, Inbox>,
}

/// What the other side's device says in a call.
#[cfg(feature = "media")]
#[derive(Debug, Default)]
struct Inbox {
    /// What came before there was media.
    early: Vec<Signal>,
    claimed: Option<mpsc::Sender<Signal>>,
}

impl Default for Seen {
    fn default() -> Self {
        Self {
            calls: HashMap::new(),
            ice_configuration: IceConfiguration::none(),
            state: ConnectionState::Disconnected,
            #[cfg(feature = "media")]
            inboxes: HashMap::new(),
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
        #[cfg(feature = "media")]
        {
            let Seen { calls, inboxes, .. } = &mut *seen;
            inboxes.retain(|id, _| {
                calls
                    .get(id)
                    .is_some_and(|held| held.borrow().state != CallState::Ended)
            });
        }
    }

    pub(crate) fn call(self: &Arc<Self>, call_id: CallId, commands: &Commands) -> Option<Call> {
        self.lock()
            .calls
            .get(&call_id)
            .map(|held| self.handle(call_id, held, commands))
    }

    pub(crate) fn ongoing(self: &Arc<Self>, commands: &Commands) -> Vec<Call> {
        let seen = self.lock();
        let live = seen
            .calls
            .iter()
            .filter(|(_, held)| held.borrow().state != CallState::Ended);
        live.map(|(id, held)| self.handle(*id, held, commands)).collect()
    }

    #[cfg_attr(
        not(feature = "media"),
        expect(clippy::unused_self, reason = "media needs the way back")
    )]
    fn handle(self: &Arc<Self>, id: CallId, held: &watch::Sender<CallSnapshot>, commands: &Commands) -> Call {
        Call {
            id,
            seen: held.subscribe(),
            commands: commands.clone(),
            #[cfg(feature = "media")]
            registry: Arc::clone(self),
        }
    }

    /// Hands over what the other side's device says from now on, and what it has said: to the media of the call, of which there is one.
    #[cfg(feature = "media")]
    pub(crate) fn claim_signals(&self, call_id: CallId) -> Option<mpsc::Receiver<Signal>> {
        let mut seen = self.lock();
        let inbox = seen.inboxes.entry(call_id).or_default();
        if inbox.claimed.is_some() {
            return None;
        }
        let (sender, receiver) = mpsc::channel(MAX_WAITING);
        for signal in inbox.early.drain(..) {
            _ = sender.try_send(signal);
        }
        inbox.claimed = Some(sender);
        Some(receiver)
    }

    /// Gives a signal to the media of its call, or keeps it for the media that may come. Whether media has it.
    #[cfg(feature = "media")]
    fn pass_on(&self, call_id: CallId, signal: &Signal) -> bool {
        let mut seen = self.lock();
        let inbox = seen.inboxes.entry(call_id).or_default();
        match &inbox.claimed {
            // Media takes them at once; whoever floods it is not heard to the end.
            Some(media) => _ = media.try_send(signal.clone()),
            None if inbox.early.len() < MAX_EARLY => inbox.early.push(signal.clone()),
            None => {}
        }
        inbox.claimed.is_some()
    }

    pub(crate) fn ice_configuration(&self) -> IceConfiguration {
        self.lock().ice_configuration.clone()
    }

    pub(crate) fn connection_state(&self) -> ConnectionState {
        self.lock().state
    }

    /// An event with a handle of its call.
    pub(super) fn event(self: &Arc<Self>, event: MachineEvent, commands: &Commands) -> Option<Event> {
        let handle = |call: CallSnapshot| {
            let mut seen = self.lock();
            let held = seen
                .calls
                .entry(call.call_id)
                .or_insert_with(|| watch::Sender::new(call.clone()));
            show(held, &call);
            self.handle(call.call_id, held, commands)
        };
        Some(match event {
            MachineEvent::Ringing(call) => Event::Ringing(handle(call)),
            MachineEvent::DialReceived(call) => Event::DialReceived(handle(call)),
            MachineEvent::Established(call) => Event::Established(handle(call)),
            MachineEvent::Connected(call) => Event::Connected(handle(call)),
            MachineEvent::PartyMedia(call) => Event::PartyMedia(handle(call)),
            MachineEvent::ItemsChanged(call) => Event::ItemsChanged(handle(call)),
            MachineEvent::Ended(call) => Event::Ended(handle(call)),
            #[cfg(feature = "media")]
            MachineEvent::Peer { call_id, signal, .. } if self.pass_on(call_id, &signal) => return None,
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
