//! What time does to a call: deadlines, outages, the end.

use super::decide::Step;
use super::{EndResult, Ending, Evidence, Happening, LOST_GRACE, Link, Media, RETURN_TIME, Role, Stage};
use crate::time::Timestamp;
use crate::usage::Usage;

impl Step {
    /// Arms every deadline for lost parties anew, and leaves those who are connecting the time to say so. The ringing
    /// time goes on: it is the callers' patience.
    pub(super) fn resume(&mut self, last_seen: Timestamp) {
        let now = self.now;
        let give_up_at = now + LOST_GRACE;
        let pardon = |link: &mut Link| {
            let last_seen = match *link {
                Link::Present => last_seen.min(now),
                Link::Absent { last_seen, .. } => last_seen,
            };
            *link = Link::Absent { last_seen, give_up_at };
        };
        match &mut self.call.stage {
            Stage::Ringing { caller_link, .. } => pardon(caller_link),
            Stage::Talking(talk) => {
                talk.connect_by = talk.connect_by.max(now + RETURN_TIME);
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

    /// Carries out every deadline that is due. Each either ends the call or connects it, which happens once, so this
    /// ends.
    pub(super) fn expire(&mut self) {
        while self.call.deadline().is_some_and(|deadline| deadline <= self.now) {
            self.expire_one();
        }
    }

    fn expire_one(&mut self) {
        match &mut self.call.stage {
            Stage::Ringing { until, caller_link } => {
                let until = *until;
                match caller_link.give_up_at() {
                    Some(give_up_at) if give_up_at < until => {
                        self.end(EndResult::Canceled, Some(Role::Caller), give_up_at);
                    }
                    Some(_) | None => self.end(EndResult::NoAnswer, None, until),
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

    /// Ends the call because of a side, which was there until `at`.
    pub(super) fn end_by(&mut self, role: Role, at: Timestamp) {
        let result = match &self.call.stage {
            Stage::Ringing { .. } => match role {
                Role::Caller => EndResult::Canceled,
                Role::Callee => EndResult::Declined,
            },
            Stage::Talking(talk) if talk.connected.is_some() => EndResult::Completed,
            Stage::Talking(_) => EndResult::NotConnected,
            Stage::Ended(_) => return,
        };
        self.end(result, Some(role), at);
    }

    fn end(&mut self, result: EndResult, by: Option<Role>, at: Timestamp) {
        let (accepted, connected) = match &self.call.stage {
            Stage::Ringing { .. } => (None, None),
            Stage::Talking(talk) => (Some(talk.accepted), talk.connected),
            Stage::Ended(_) => return,
        };
        let connected_at = connected.map(|(connected_at, _)| connected_at);
        // Last seen alive may be before it was accepted or connected: then nothing is billed.
        let not_before = connected_at.or(accepted.map(|accepted| accepted.at));
        let at = not_before.map_or(at, |not_before| at.max(not_before));
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
            connected_at,
        });
        self.happened.push(Happening::Ended(result));
    }
}
