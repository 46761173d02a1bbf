//! Moving a call.

use super::{Call, EndResult, Evidence, LOST_GRACE, Link, MediaSettings, Path, Role, SettingsChange};
use crate::custom_items::{InvalidCustomItems, ItemsChange};
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
    /// A device says how its media is. That it goes on by another path does not raise the version: no device is shown it.
    Report {
        /// Whose device.
        user: UserKey,
        /// The device.
        device: DeviceId,
        /// What it says.
        media: MediaReport,
    },
    /// A device switches its microphone or camera, holds the call or records it. Does not raise the version.
    Configure {
        /// Whose device.
        user: UserKey,
        /// The device.
        device: DeviceId,
        /// What it sends now.
        settings: MediaSettings,
    },
    /// A party changes the custom items: on any device, at any time, of an ended call too.
    ChangeItems {
        /// Whose device.
        user: UserKey,
        /// How.
        change: ItemsChange,
    },
    /// The socket of a device is there (again), and it knows the call.
    Appear {
        /// Whose device.
        user: UserKey,
        /// The device.
        device: DeviceId,
    },
    /// The last socket of a device is gone. To be decided in the transaction that finds no other socket of it, so that a
    /// late word of an old socket cannot take away a device that is back already.
    Vanish {
        /// Whose device.
        user: UserKey,
        /// The device.
        device: DeviceId,
        /// When it was last known to be there.
        last_seen: Timestamp,
    },
    /// The device is back without knowing the call (its page was reloaded), or its session was revoked: it has left. If
    /// it was away before, it left when it was last seen, unless its peer had media until now.
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
    /// Nobody served the call for a while: nobody is blamed for that time. Both devices count as away until they
    /// [`Appear`](Input::Appear): a node that kept their sockets through the outage says so for them at once.
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
    Connected {
        /// Which way, where the device knows.
        path: Option<Path>,
    },
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

/// An entry of a call's timeline. Both parties' devices are told of each that is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happening {
    /// A device of the callee showed the ring.
    DialReceived,
    /// A device of the callee accepted.
    Accepted,
    /// A side's media flows (again), and which way.
    MediaConnected(Role, Option<Path>),
    /// The media of a side goes on by another path, or the side has learned which it is.
    PathChanged(Role, Path),
    /// A side's media stopped.
    MediaLost(Role),
    /// Both sides count as connected; metering starts.
    Connected(Evidence),
    /// A side changed what it sends, or what it does with the call.
    Configured(Role, SettingsChange),
    /// A side set or took away custom items, of these keys.
    ItemsChanged(Role, Vec<String>),
    /// A side's socket came back.
    Appeared(Role),
    /// A side's socket went.
    Vanished(Role),
    /// Service came back after an outage.
    Resumed,
    /// It is over.
    Ended(EndResult),
}

impl Happening {
    /// Whether the call looks different to a device after it, so that its version is raised. Media settings have counters of
    /// their own, and a path is for the timeline.
    pub const fn is_shown(&self) -> bool {
        match self {
            Self::Configured(..) | Self::PathChanged(..) => false,
            Self::DialReceived
            | Self::Accepted
            | Self::ItemsChanged(..)
            | Self::MediaConnected(..)
            | Self::MediaLost(_)
            | Self::Connected(_)
            | Self::Appeared(_)
            | Self::Vanished(_)
            | Self::Resumed
            | Self::Ended(_) => true,
        }
    }
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
    /// The custom items would be out of bounds (400111).
    #[error(transparent)]
    CustomItems(#[from] InvalidCustomItems),
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

/// A decision in the making.
pub(super) struct Step {
    pub(super) now: Timestamp,
    pub(super) call: Call,
    pub(super) happened: Vec<Happening>,
    pub(super) usage: Option<Usage>,
}

impl Step {
    fn handle(&mut self, input: Input) -> Result<(), Refusal> {
        match input {
            Input::Acknowledge { user } => self.acknowledge(user),
            Input::Accept { user, device, settings } => self.accept(user, device, settings),
            Input::End { user, device } => {
                let role = self.participant(user, device)?;
                self.end_by(role, self.now);
                Ok(())
            }
            Input::Leave { user, device } => self.leave(user, device),
            Input::Expel { user } => {
                let role = self.call.role_of(user).ok_or(Refusal::NoSuchCall)?;
                self.end_by(role, self.now);
                Ok(())
            }
            Input::Report { user, device, media } => self.report(user, device, media),
            Input::Configure { user, device, settings } => self.configure(user, device, settings),
            Input::ChangeItems { user, change } => self.change_items(user, change),
            Input::Appear { user, device } => self.link(user, device, Link::Present),
            Input::Vanish {
                user,
                device,
                last_seen,
            } => {
                let last_seen = last_seen.min(self.now);
                let give_up_at = self.now + LOST_GRACE;
                self.link(user, device, Link::Absent { last_seen, give_up_at })
            }
            Input::Resume { last_seen } => {
                self.resume(last_seen);
                self.expire();
                Ok(())
            }
            Input::Expire => Ok(()),
        }
    }

    fn finish(mut self, before: &Call) -> Decision {
        if self.happened.iter().any(Happening::is_shown) {
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
