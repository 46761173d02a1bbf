//! Moving a call.

use super::{
    Accepted, Call, EndResult, Ending, Evidence, LOST_GRACE, Leg, Link, Media, MediaSettings, Role, Stage, Talk,
};
use crate::id::{DeviceId, UserKey};
use crate::time::Timestamp;
use crate::usage::Usage;

/// What can happen to a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A device of the callee has shown the ring to its user.
    Acknowledge {
        /// Whose device.
        user: UserKey,
    },
    /// A device of the callee accepts.
    Accept {
        /// Whose device.
        user: UserKey,
        /// The device.
        device: DeviceId,
        /// What it will send.
        settings: MediaSettings,
    },
    /// A party hangs up: the caller cancels, the callee declines, either ends.
    End {
        /// Whose device.
        user: UserKey,
        /// The device.
        device: DeviceId,
    },
    /// A device says how its media is.
    Report {
        /// Whose device.
        user: UserKey,
        /// The device.
        device: DeviceId,
        /// What it says.
        media: MediaReport,
    },
    /// A device switches its microphone or camera. Does not raise the version.
    Configure {
        /// Whose device.
        user: UserKey,
        /// The device.
        device: DeviceId,
        /// What it sends now.
        settings: MediaSettings,
    },
    /// The socket of a device is there (again), and it knows the call.
    Appear {
        /// Whose device.
        user: UserKey,
        /// The device.
        device: DeviceId,
    },
    /// The socket of a device is gone.
    Vanish {
        /// Whose device.
        user: UserKey,
        /// The device.
        device: DeviceId,
        /// When it was last known to be there.
        last_seen: Timestamp,
    },
    /// The device is back without knowing the call (its page was reloaded), or its session was revoked: it has left.
    Leave {
        /// Whose device.
        user: UserKey,
        /// The device.
        device: DeviceId,
    },
    /// The user may not call any more (deactivated, deleted, tokens revoked): whatever their part in the call.
    Expel {
        /// The user.
        user: UserKey,
    },
    /// Nobody served the call for a while: nobody is blamed for that time.
    Resume {
        /// Until when it was served.
        last_seen: Timestamp,
    },
    /// Time passes: a deadline may be due.
    Expire,
}

/// How a device's media is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaReport {
    /// It flows.
    Connected,
    /// It stopped.
    Lost,
}

/// What follows from an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The next call.
    pub call: Call,
    /// What to write into the call's timeline; empty where nothing changed.
    pub happened: Vec<Happening>,
    /// The record of what it cost; only from the decision that ends a connected call.
    pub usage: Option<Usage>,
}

impl Decision {
    /// Whether there is anything to commit.
    pub fn is_change(&self) -> bool {
        !self.happened.is_empty()
    }
}

/// An entry of a call's timeline. Both parties' devices are told of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happening {
    /// A device of the callee showed the ring.
    DialReceived,
    /// A device of the callee accepted.
    Accepted,
    /// A side's media flows (again).
    MediaConnected(Role),
    /// A side's media stopped.
    MediaLost(Role),
    /// Both sides count as connected; metering starts.
    Connected(Evidence),
    /// A side changed what it sends.
    Configured(Role),
    /// A side's socket came back.
    Appeared(Role),
    /// A side's socket went.
    Vanished(Role),
    /// Service came back after an outage.
    Resumed,
    /// It is over.
    Ended(EndResult),
}

/// Why an input was refused. The call is as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The user is no party, or the device no part of it (1400102).
    #[error("there is no such call")]
    NoSuchCall,
    /// The call is not where this could happen (1400101).
    #[error("the call's state does not allow this")]
    InvalidStatus,
}

/// Moves a call. `now` is never dated before the call's last event.
///
/// A deadline that is due is decided first, whether or not anybody swept for it; the input then meets the call as that
/// left it. If the input is then refused the deadline's effect is left to the sweeper: a refusal changes nothing.
///
/// # Errors
/// [`Refusal`] says why nothing changed. An input that repeats what is already so is no error: the decision is then not
/// a change.
pub fn decide(call: &Call, input: Input, now: Timestamp) -> Result<Decision, Refusal> {
    let mut step = Step {
        now: now.max(call.updated_at),
        call: call.clone(),
        happened: Vec::new(),
        usage: None,
    };
    // Resume pardons the deadlines that nobody could meet, so it must come before they are judged.
    if !matches!(input, Input::Resume { .. }) {
        step.expire();
    }
    step.handle(input)?;
    Ok(step.finish(call))
}

struct Step {
    now: Timestamp,
    call: Call,
    happened: Vec<Happening>,
    usage: Option<Usage>,
}

impl Step {
    fn handle(&mut self, input: Input) -> Result<(), Refusal> {
        match input {
            Input::Acknowledge { user } => self.acknowledge(user),
            Input::Accept { user, device, settings } => self.accept(user, device, settings),
            Input::End { user, device } => {
                let role = self.participant(user, device)?;
                self.end_by(role);
                Ok(())
            }
            Input::Leave { user, device } => {
                // A callee's device that only rings leaves nothing behind.
                match self.endpoint(user, device) {
                    Ok(role) => self.end_by(role),
                    Err(_) => _ = self.call.role_of(user).ok_or(Refusal::NoSuchCall)?,
                }
                Ok(())
            }
            Input::Expel { user } => {
                let role = self.call.role_of(user).ok_or(Refusal::NoSuchCall)?;
                self.end_by(role);
                Ok(())
            }
            Input::Report { user, device, media } => self.report(user, device, media),
            Input::Configure { user, device, settings } => self.configure(user, device, settings),
            Input::Appear { user, device } => self.link(user, device, Link::Present),
            Input::Vanish {
                user,
                device,
                last_seen,
            } => {
                let give_up_at = self.now + LOST_GRACE;
                self.link(
                    user,
                    device,
                    Link::Absent {
                        last_seen: last_seen.min(self.now),
                        give_up_at,
                    },
                )
            }
            Input::Resume { last_seen } => {
                self.resume(last_seen);
                self.expire();
                Ok(())
            }
            Input::Expire => Ok(()),
        }
    }

    /// The side of a device that may act on the call.
    fn participant(&self, user: UserKey, device: DeviceId) -> Result<Role, Refusal> {
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

    fn acknowledge(&mut self, user: UserKey) -> Result<(), Refusal> {
        if self.call.role_of(user) != Some(Role::Callee) {
            return Err(Refusal::NoSuchCall);
        }
        if matches!(self.call.stage, Stage::Ringing { .. }) && !self.call.is_dial_received {
            self.call.is_dial_received = true;
            self.happened.push(Happening::DialReceived);
        }
        Ok(())
    }

    fn accept(&mut self, user: UserKey, device: DeviceId, settings: MediaSettings) -> Result<(), Refusal> {
        match self.call.role_of(user) {
            None => return Err(Refusal::NoSuchCall),
            Some(Role::Caller) => return Err(Refusal::InvalidStatus),
            Some(Role::Callee) => {}
        }
        match self.call.stage {
            Stage::Ringing { caller_link, .. } => {
                self.call.callee.settings = settings;
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
            Stage::Talking(Talk { accepted, .. }) if accepted.device == device => Ok(()),
            Stage::Talking(_) | Stage::Ended(_) => Err(Refusal::InvalidStatus),
        }
    }

    fn report(&mut self, user: UserKey, device: DeviceId, report: MediaReport) -> Result<(), Refusal> {
        let role = self.endpoint(user, device)?;
        let now = self.now;
        let talk = match &mut self.call.stage {
            Stage::Ringing { .. } => return Err(Refusal::InvalidStatus),
            Stage::Talking(talk) => talk,
            Stage::Ended(_) => return Ok(()),
        };
        let leg = talk.leg_mut(role);
        match (report, leg.media) {
            (MediaReport::Connected, Media::Connected { .. })
            | (MediaReport::Lost, Media::Connecting | Media::Lost { .. }) => return Ok(()),
            (MediaReport::Connected, Media::Connecting | Media::Lost { .. }) => {
                leg.media = Media::Connected { since: now };
                self.happened.push(Happening::MediaConnected(role));
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

    fn configure(&mut self, user: UserKey, device: DeviceId, settings: MediaSettings) -> Result<(), Refusal> {
        let role = self.endpoint(user, device)?;
        let party = match role {
            Role::Caller => &mut self.call.caller,
            Role::Callee => &mut self.call.callee,
        };
        if !matches!(self.call.stage, Stage::Ended(_)) && settings.revision > party.settings.revision {
            party.settings = settings;
            self.happened.push(Happening::Configured(role));
        }
        Ok(())
    }

    fn link(&mut self, user: UserKey, device: DeviceId, next: Link) -> Result<(), Refusal> {
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

    /// Arms every deadline for lost parties anew. Ringing and connecting times go on: they are the user's patience.
    fn resume(&mut self, last_seen: Timestamp) {
        let give_up_at = self.now + LOST_GRACE;
        let pardon = |link: &mut Link| {
            let last_seen = match *link {
                Link::Present => last_seen,
                Link::Absent { last_seen, .. } => last_seen,
            };
            *link = Link::Absent { last_seen, give_up_at };
        };
        match &mut self.call.stage {
            Stage::Ringing { caller_link, .. } => pardon(caller_link),
            Stage::Talking(talk) => {
                for role in [Role::Caller, Role::Callee] {
                    let leg = talk.leg_mut(role);
                    pardon(&mut leg.link);
                    if let Media::Lost { give_up_at: until, .. } = &mut leg.media {
                        *until = give_up_at;
                    }
                }
            }
            Stage::Ended(_) => return,
        }
        self.happened.push(Happening::Resumed);
    }

    fn expire(&mut self) {
        // A one-sided connection may fall due together with a doubt, so look until nothing is due.
        while self.call.deadline().is_some_and(|deadline| deadline <= self.now) {
            self.expire_one();
        }
    }

    fn expire_one(&mut self) {
        let now = self.now;
        match &mut self.call.stage {
            Stage::Ringing { until, caller_link } => {
                let (until, caller_link) = (*until, *caller_link);
                if until <= now {
                    self.end(EndResult::NoAnswer, None, until);
                } else if let Link::Absent { .. } = caller_link {
                    self.end(EndResult::Canceled, Some(Role::Caller), now);
                }
            }
            Stage::Talking(talk) if talk.connected.is_none() => match talk.one_sided_at() {
                Some(at) if at <= talk.connect_by => {
                    talk.connected = Some((at, Evidence::OneReported));
                    self.happened.push(Happening::Connected(Evidence::OneReported));
                }
                Some(_) | None => {
                    let at = talk.connect_by;
                    self.end(EndResult::TimedOut, None, at);
                }
            },
            Stage::Talking(talk) => {
                if let Some(doubt) = talk.doubt() {
                    self.end(EndResult::ConnectionLost, None, doubt.since);
                }
            }
            Stage::Ended(_) => {}
        }
    }

    fn end_by(&mut self, role: Role) {
        let result = match &self.call.stage {
            Stage::Ringing { .. } => match role {
                Role::Caller => EndResult::Canceled,
                Role::Callee => EndResult::Declined,
            },
            Stage::Talking(talk) if talk.connected.is_some() => EndResult::Completed,
            Stage::Talking(_) => EndResult::NotConnected,
            Stage::Ended(_) => return,
        };
        self.end(result, Some(role), self.now);
    }

    fn end(&mut self, result: EndResult, by: Option<Role>, at: Timestamp) {
        let (accepted, connected) = match &self.call.stage {
            Stage::Ringing { .. } => (None, None),
            Stage::Talking(talk) => (Some(talk.accepted), talk.connected),
            Stage::Ended(_) => return,
        };
        // Last seen alive may be before it connected: then nothing is billed.
        let at = connected.map_or(at, |(connected_at, _)| at.max(connected_at));
        self.usage = connected.map(|(connected_at, evidence)| Usage {
            app: self.call.app,
            call_id: self.call.id,
            caller: self.call.caller.user,
            callee: self.call.callee.user,
            is_video: self.call.is_video,
            connected_at,
            ended_at: at,
            evidence,
        });
        self.call.stage = Stage::Ended(Ending {
            result,
            by,
            at,
            accepted,
            connected_at: connected.map(|(connected_at, _)| connected_at),
        });
        self.happened.push(Happening::Ended(result));
    }

    fn finish(mut self, before: &Call) -> Decision {
        if self
            .happened
            .iter()
            .any(|happening| !matches!(happening, Happening::Configured(_)))
        {
            self.call.version = before.version.saturating_add(1);
        }
        if !self.happened.is_empty() {
            self.call.updated_at = self.now;
        }
        Decision {
            call: self.call,
            happened: self.happened,
            usage: self.usage,
        }
    }
}
