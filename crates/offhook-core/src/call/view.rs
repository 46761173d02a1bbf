//! What one device sees of a call.

use super::{Call, Role, Stage};
use crate::id::{DeviceId, UserKey};

/// A call as one device of one user sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// The side of the device's user.
    pub role: Role,
    /// Where the call stands for this device.
    pub state: SeenState,
}

/// Where a call stands for one device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeenState {
    /// The device dials, or rings.
    Ringing,
    /// The device takes part; media is being connected.
    Established,
    /// The device takes part; media is connected.
    Connected,
    /// Another device of the callee accepted: for this one it is over.
    AcceptedElsewhere,
    /// Over for both sides.
    Ended,
}

impl Call {
    /// What `device` of `user` sees: nothing, where it is not a party or is another device of the caller.
    pub fn view(&self, user: UserKey, device: DeviceId) -> Option<Seen> {
        let role = self.role_of(user)?;
        let is_other_device = match role {
            Role::Caller => {
                if device != self.caller_device {
                    return None;
                }
                false
            }
            Role::Callee => self.callee_device().is_some_and(|accepted| accepted != device),
        };
        let state = match &self.stage {
            _ if is_other_device => SeenState::AcceptedElsewhere,
            Stage::Ringing { .. } => SeenState::Ringing,
            Stage::Talking(talk) if talk.connected.is_some() => SeenState::Connected,
            Stage::Talking(_) => SeenState::Established,
            Stage::Ended(_) => SeenState::Ended,
        };
        Some(Seen { role, state })
    }

    /// Whether `device` of `user` takes part: the dialling device, or the one that accepted. While it rings, every
    /// device of the callee does.
    pub fn is_participant(&self, user: UserKey, device: DeviceId) -> bool {
        self.view(user, device)
            .is_some_and(|seen| seen.state != SeenState::AcceptedElsewhere)
    }

    /// Whether the call hangs on `device` of `user`: the dialling device, or the one that accepted. A device that only
    /// rings may go without a consequence.
    pub fn is_carried_by(&self, user: UserKey, device: DeviceId) -> bool {
        match self.role_of(user) {
            Some(Role::Caller) => self.caller_device == device,
            Some(Role::Callee) => self.callee_device() == Some(device),
            None => false,
        }
    }
}
