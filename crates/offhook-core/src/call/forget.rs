//! What is left of a user in the calls of the past.

use std::collections::BTreeMap;

use super::{Call, Profile, Role, Stage};
use crate::id::DeviceId;

/// The name that stands where a user was deleted.
const DELETED: &str = "Deleted user";

impl Profile {
    /// Stands where a user was deleted. No user has an empty id.
    pub fn of_deleted_user() -> Self {
        Self {
            user_id: String::new(),
            nickname: DELETED.to_owned(),
            profile_url: String::new(),
            metadata: BTreeMap::new(),
        }
    }
}

impl Call {
    /// Forgets who was on that side of an ended call: id, profile and device. That somebody was, when and for how long is the
    /// other side's, too, and stays; so does the internal key, which nothing else leads to any more.
    pub fn forget(&mut self, role: Role) {
        let device = DeviceId::from_bytes([0; 16]);
        let party = match role {
            Role::Caller => {
                self.caller_device = device;
                &mut self.caller
            }
            Role::Callee => {
                if let Stage::Ended(ending) = &mut self.stage
                    && let Some(accepted) = &mut ending.accepted
                {
                    accepted.device = device;
                }
                &mut self.callee
            }
        };
        party.profile = Profile::of_deleted_user();
    }
}
