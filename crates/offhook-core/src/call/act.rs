//! What devices do to a call.

use super::decide::Step;
use super::{
    Accepted, Evidence, Happening, LOST_GRACE, Leg, Link, Media, MediaReport, MediaSettings, Refusal, Role,
    SettingsChange, Stage, Talk,
};
use crate::custom_items::ItemsChange;
use crate::id::{DeviceId, UserKey};

impl Step {
    /// The side of a device that may act on the call.
    pub(super) fn participant(&self, user: UserKey, device: DeviceId) -> Result<Role, Refusal> {
        let role = self.call.role_of(user).ok_or(Refusal::NoSuchCall)?;
        if self.call.is_participant(user, device) {
            return Ok(role);
        }
        // A second device of the callee lost the race; a second device of the caller never had a part.
        Err(match role {
            Role::Caller => Refusal::NoSuchCall,
            Role::Callee => Refusal::InvalidStatus,
        })
    }

    /// The side of the one device that carries it: the dialling one, or the one that accepted.
    fn endpoint(&self, user: UserKey, device: DeviceId) -> Result<Role, Refusal> {
        let role = self.participant(user, device)?;
        let carries = match role {
            Role::Caller => true,
            Role::Callee => self.call.callee_device() == Some(device),
        };
        carries.then_some(role).ok_or(Refusal::InvalidStatus)
    }

    pub(super) fn leave(&mut self, user: UserKey, device: DeviceId) -> Result<(), Refusal> {
        let Ok(role) = self.endpoint(user, device) else {
            // A callee's device that only rings leaves nothing behind.
            return self.call.role_of(user).map(|_| ()).ok_or(Refusal::NoSuchCall);
        };
        let at = match &self.call.stage {
            Stage::Talking(talk) => match talk.leg(role).link {
                Link::Absent { last_seen, .. } if !talk.goes_on_without(role) => last_seen,
                Link::Absent { .. } | Link::Present => self.now,
            },
            Stage::Ringing { .. } | Stage::Ended(_) => self.now,
        };
        self.end_by(role, at);
        Ok(())
    }

    pub(super) fn acknowledge(&mut self, user: UserKey) -> Result<(), Refusal> {
        if self.call.role_of(user) != Some(Role::Callee) {
            return Err(Refusal::NoSuchCall);
        }
        if matches!(self.call.stage, Stage::Ringing { .. }) && !self.call.is_dial_received {
            self.call.is_dial_received = true;
            self.happened.push(Happening::DialReceived);
        }
        Ok(())
    }

    pub(super) fn accept(&mut self, user: UserKey, device: DeviceId, settings: MediaSettings) -> Result<(), Refusal> {
        match self.call.role_of(user) {
            None => return Err(Refusal::NoSuchCall),
            Some(Role::Caller) => return Err(Refusal::InvalidStatus),
            Some(Role::Callee) => {}
        }
        match self.call.stage {
            Stage::Ringing { caller_link, .. } => {
                self.call.callee.settings = settings.at_start();
                self.call.stage = Stage::Talking(Talk {
                    accepted: Accepted { device, at: self.now },
                    connect_by: self.now + self.call.connection_timeout,
                    connected: None,
                    caller: Leg {
                        media: Media::Connecting,
                        link: caller_link,
                    },
                    callee: Leg {
                        media: Media::Connecting,
                        link: Link::Present,
                    },
                });
                self.happened.push(Happening::Accepted);
                Ok(())
            }
            // The winner may say it again, even if the call has ended meanwhile.
            Stage::Talking(_) | Stage::Ended(_) if self.call.callee_device() == Some(device) => Ok(()),
            Stage::Talking(_) | Stage::Ended(_) => Err(Refusal::InvalidStatus),
        }
    }

    pub(super) fn report(&mut self, user: UserKey, device: DeviceId, report: MediaReport) -> Result<(), Refusal> {
        let role = self.endpoint(user, device)?;
        let now = self.now;
        let talk = match &mut self.call.stage {
            Stage::Ringing { .. } => return Err(Refusal::InvalidStatus),
            Stage::Talking(talk) => talk,
            Stage::Ended(_) => return Ok(()),
        };
        let leg = talk.leg_mut(role);
        match (report, leg.media) {
            (MediaReport::Lost, Media::Connecting | Media::Lost { .. }) => return Ok(()),
            (MediaReport::Connected { path }, Media::Connected { since, path: known }) => {
                if let Some(new) = path.filter(|_| path != known) {
                    leg.media = Media::Connected { since, path };
                    self.happened.push(Happening::PathChanged(role, new));
                }
                return Ok(());
            }
            (MediaReport::Connected { path }, Media::Connecting | Media::Lost { .. }) => {
                leg.media = Media::Connected { since: now, path };
                self.happened.push(Happening::MediaConnected(role, path));
            }
            (MediaReport::Lost, Media::Connected { .. }) => {
                leg.media = Media::Lost {
                    since: now,
                    give_up_at: now + LOST_GRACE,
                };
                self.happened.push(Happening::MediaLost(role));
            }
        }
        let is_connected = |leg: &Leg| matches!(leg.media, Media::Connected { .. });
        if talk.connected.is_none() && is_connected(&talk.caller) && is_connected(&talk.callee) {
            talk.connected = Some((now, Evidence::BothReported));
            self.happened.push(Happening::Connected(Evidence::BothReported));
        }
        Ok(())
    }

    pub(super) fn configure(
        &mut self,
        user: UserKey,
        device: DeviceId,
        settings: MediaSettings,
    ) -> Result<(), Refusal> {
        let role = self.endpoint(user, device)?;
        let party = match role {
            Role::Caller => &mut self.call.caller,
            Role::Callee => &mut self.call.callee,
        };
        if !matches!(self.call.stage, Stage::Ended(_)) && settings.revision > party.settings.revision {
            let change = SettingsChange::between(party.settings, settings);
            party.settings = settings;
            self.happened.push(Happening::Configured(role, change));
        }
        Ok(())
    }

    /// Custom items are the application's, not the call's: whoever is a party may change them, wherever the call stands.
    pub(super) fn change_items(&mut self, user: UserKey, change: ItemsChange) -> Result<(), Refusal> {
        let role = self.call.role_of(user).ok_or(Refusal::NoSuchCall)?;
        let affected = change.carry_out(&mut self.call.custom_items)?;
        if !affected.is_empty() {
            self.happened.push(Happening::ItemsChanged(role, affected));
        }
        Ok(())
    }

    pub(super) fn link(&mut self, user: UserKey, device: DeviceId, next: Link) -> Result<(), Refusal> {
        let Ok(role) = self.endpoint(user, device) else {
            // Devices that only ring come and go.
            return self.call.role_of(user).map(|_| ()).ok_or(Refusal::NoSuchCall);
        };
        let link = match &mut self.call.stage {
            Stage::Ringing { caller_link, .. } => caller_link,
            Stage::Talking(talk) => &mut talk.leg_mut(role).link,
            Stage::Ended(_) => return Ok(()),
        };
        match (*link, next) {
            (Link::Present, Link::Present) | (Link::Absent { .. }, Link::Absent { .. }) => {}
            (Link::Absent { .. }, Link::Present) => {
                *link = next;
                self.happened.push(Happening::Appeared(role));
            }
            (Link::Present, Link::Absent { .. }) => {
                *link = next;
                self.happened.push(Happening::Vanished(role));
            }
        }
        Ok(())
    }
}
