//! Calls: dialling and moving them, each in one unit of work.
//!
//! A step loads the call, checks the session, asks `offhook-core` and stores the call, its timeline, its parties'
//! entries and its usage together. [`rows`] writes, [`live`] finds what is going on, [`log`] what was, [`list`] both for the
//! application, [`quality`] what its devices measured, [`record`] tells all that is known of one, [`summary`] what a user's
//! come to.

mod list;
mod live;
mod log;
mod quality;
mod record;
mod rows;
mod summary;

use offhook_core::call::{Call, DialFacts, DialRefusal, DialRequest, Happening, Input, Refusal, decide};
use offhook_core::id::{AppKey, CallId, SessionId, UserKey};
use offhook_core::session::{Act, SessionRefusal};
use offhook_core::time::Timestamp;
use rusqlite::Connection;

use crate::application::DialLimits;
use crate::session::{self, Standing};
use crate::{DialHook, NewWebhook, Store, StoreError, application, outbox, push, user};

pub use list::{CallFilter, CallPage, DurationRange, ListedCall, ListedState};
pub use live::ChangeNumber;
pub(crate) use live::{carried_by, live_of};
pub use log::{InvalidCursor, LogCursor, LogFilter, LogPage, LoggedCall};
pub use quality::{Quality, QualityMoment, QualitySample};
pub use record::{CallRecord, RelayUsage, Relayed, TimelineEntry};
pub(crate) use rows::evidence_word;
pub use summary::CallTally;

/// Who acts on a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// A user, by a session that is checked in the same transaction. The input must name that session's user.
    Session(SessionId),
    /// The server itself: deadlines, sockets that come and go, users who may not call any more, what the application
    /// does by the Platform API.
    System,
}

/// A step that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallChange {
    /// The call after it.
    pub call: Call,
    /// Which change of all it was; none, where the step repeats what is already so.
    pub number: Option<ChangeNumber>,
    /// Whether it was made by this step.
    pub is_new: bool,
    /// What happened since it was dialled; empty where nothing changed.
    pub happened: Vec<Happening>,
    /// Who beside its parties is to be told of it.
    pub owed: Owed,
}

/// What a step has put into the store to be told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Owed {
    /// Events for applications' servers.
    pub webhooks: bool,
    /// Words for devices without a socket.
    pub pushes: bool,
}

impl CallChange {
    /// Whether there is anything to tell.
    pub const fn is_change(&self) -> bool {
        self.number.is_some()
    }
}

/// Why a step was not taken. The call is as it was.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The application has no such call, or the session's user has no part in it.
    #[error("there is no such call")]
    NoSuchCall,
    /// The call was not made.
    #[error(transparent)]
    Dial(#[from] DialRefusal),
    /// The call does not allow it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// There is no such session (400303).
    #[error("there is no such session")]
    NoSuchSession,
    /// The session does not allow it.
    #[error(transparent)]
    Session(#[from] SessionRefusal),
    /// The call's webhook is on a host that the application does not list (400307).
    #[error("the webhook's host is not on the application's list")]
    WebhookHostNotAllowed,
    /// Somebody else's call has that id.
    #[error("the call id is taken")]
    IdTaken,
    /// The application's server is to be asked first.
    #[error("the application's server is to be asked first")]
    AskFirst(Box<DialHook>),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<rusqlite::Error> for CallError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Store {
    /// Makes a call without asking anybody. The same user and device with the same call id get the call that is there, unchanged: a dial may be
    /// repeated.
    ///
    /// # Errors
    /// [`CallError`] says why no call was made.
    pub async fn dial(
        &self,
        session: SessionId,
        callee_user_id: &str,
        request: DialRequest,
        now: Timestamp,
    ) -> Result<CallChange, CallError> {
        self.dial_with_webhook(session, callee_user_id, request, None, true, now)
            .await
    }

    /// The same, for a call whose events are told to a server of the application, and that its server allows or not: where it
    /// is to be asked and has not allowed the call yet, no call is made.
    ///
    /// # Errors
    /// [`CallError::AskFirst`], or another that says why no call was made.
    pub async fn dial_with_webhook(
        &self,
        session: SessionId,
        callee_user_id: &str,
        request: DialRequest,
        webhook: Option<NewWebhook>,
        is_allowed: bool,
        now: Timestamp,
    ) -> Result<CallChange, CallError> {
        let callee = callee_user_id.to_owned();
        self.write(move |connection| dial(connection, session, &callee, request, webhook, is_allowed, now))
            .await
    }

    /// Moves a call. An input that repeats what is already so changes nothing and is no error.
    ///
    /// # Errors
    /// [`CallError`] says why nothing changed.
    pub async fn apply(
        &self,
        app: AppKey,
        call_id: CallId,
        actor: Actor,
        input: Input,
        now: Timestamp,
    ) -> Result<CallChange, CallError> {
        self.write(move |connection| apply(connection, app, call_id, actor, input, now))
            .await
    }

    /// Finds a call.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn call(&self, app: AppKey, call_id: CallId) -> Result<Option<Call>, StoreError> {
        self.look_up(|connection| Ok(rows::load(connection, app, call_id)?.map(|stored| stored.call)))
            .await
    }
}

fn dial(
    connection: &Connection,
    session: SessionId,
    callee: &str,
    request: DialRequest,
    webhook: Option<NewWebhook>,
    is_allowed: bool,
    now: Timestamp,
) -> Result<CallChange, CallError> {
    let standing = session::standing(connection, session)?.ok_or(CallError::NoSuchSession)?;
    let (app, caller) = (standing.session.app, standing.session.user);
    let validity = standing.validity(now)?;
    if let Some(stored) = rows::load(connection, app, request.call_id)? {
        if !stored.call.is_dialed_by(caller, request.device) {
            return Err(CallError::IdTaken);
        }
        return Ok(CallChange {
            call: stored.call,
            number: None,
            is_new: false,
            happened: Vec::new(),
            owed: Owed::default(),
        });
    }
    validity.permit(Act::Begin)?;
    let settings = application::dial_settings(connection, app)?;
    // Who may not dial at all is refused without.
    if let (Some(hook), false, false) = (settings.hook, is_allowed, standing.is_read_only()) {
        return Err(CallError::AskFirst(Box::new(hook)));
    }
    if let Some(webhook) = &webhook {
        allow_webhook(connection, app, webhook)?;
    }
    let facts = dial_facts(connection, &standing, settings.limits, callee, now)?;
    let call = Call::dial(request, facts, now)?;
    let (number, change) = rows::insert(connection, &call, session)?;
    if let Some(webhook) = &webhook {
        outbox::attach(connection, number, &call, webhook)?;
    }
    let owed = owe(connection, number, &call, true, &[])?;
    Ok(CallChange {
        call,
        number: Some(change),
        is_new: true,
        happened: Vec::new(),
        owed,
    })
}

fn dial_facts(
    connection: &Connection,
    standing: &Standing,
    limits: DialLimits,
    callee: &str,
    now: Timestamp,
) -> Result<DialFacts, CallError> {
    let (app, caller) = (standing.session.app, standing.session.user);
    let profile = user::party_by_key(connection, caller)?
        .ok_or(CallError::NoSuchSession)?
        .profile;
    let callee = user::party_by_id(connection, app, callee)?.filter(|callee| callee.is_active);
    let recent = rows::recent_dials(connection, caller, callee.as_ref().map(|callee| callee.key), now)?;
    Ok(DialFacts {
        app,
        is_caller_read_only: standing.is_read_only(),
        caller: (caller, profile),
        has_callee_signed_in: callee.as_ref().is_some_and(|callee| callee.has_ever_logged_in),
        callee: callee.map(|callee| (callee.key, callee.profile)),
        recent_dials: recent.all,
        recent_dials_to_callee: recent.to_callee,
        live_calls: recent.live,
        calls_ringing_callee: recent.ringing_callee,
        max_ringing: limits.max_ringing,
        max_connecting: limits.max_connecting,
    })
}

pub(crate) fn apply(
    connection: &Connection,
    app: AppKey,
    call_id: CallId,
    actor: Actor,
    input: Input,
    now: Timestamp,
) -> Result<CallChange, CallError> {
    match actor {
        Actor::Session(id) => allow(connection, app, id, &input, now)?,
        Actor::System => {}
    }
    let stored = rows::load(connection, app, call_id)?.ok_or(CallError::NoSuchCall)?;
    let decision = decide(&stored.call, input, now)?;
    let (mut number, mut owed) = (None, Owed::default());
    if decision.is_change() {
        number = Some(rows::update(connection, stored.number, &decision)?);
        owed = owe(connection, stored.number, &decision.call, false, &decision.happened)?;
    }
    if let (Actor::Session(session), Some(device)) = (actor, decision.call.callee_device())
        && decision.happened.contains(&Happening::Accepted)
    {
        rows::carry(connection, stored.number, &decision.call, device, session)?;
    }
    Ok(CallChange {
        call: decision.call,
        number,
        is_new: false,
        happened: decision.happened,
        owed,
    })
}

fn owe(
    connection: &Connection,
    number: i64,
    call: &Call,
    is_new: bool,
    happened: &[Happening],
) -> rusqlite::Result<Owed> {
    Ok(Owed {
        webhooks: outbox::note(connection, number, call, is_new, happened)?,
        pushes: push::owe(connection, number, call, is_new, happened)?,
    })
}

/// The list is read in the transaction that attaches the webhook: what was taken off it is refused at once.
fn allow_webhook(connection: &Connection, app: AppKey, webhook: &NewWebhook) -> Result<(), CallError> {
    let application = application::by_key(connection, app)?;
    let is_listed = application.is_some_and(|application| application.webhook_hosts.contains(&webhook.host));
    is_listed.then_some(()).ok_or(CallError::WebhookHostNotAllowed)
}

/// Whether the session may do this.
fn allow(
    connection: &Connection,
    app: AppKey,
    session: SessionId,
    input: &Input,
    now: Timestamp,
) -> Result<(), CallError> {
    let standing = session::standing(connection, session)?.ok_or(CallError::NoSuchSession)?;
    let act = match input {
        Input::Accept { .. } => Act::Begin,
        Input::Acknowledge { .. }
        | Input::End { .. }
        | Input::Report { .. }
        | Input::Configure { .. }
        | Input::ChangeItems { .. }
        | Input::Appear { .. }
        | Input::Vanish { .. }
        | Input::Leave { .. }
        | Input::Expel { .. }
        | Input::Stop
        | Input::Resume { .. }
        | Input::Expire => Act::Continue,
    };
    standing.validity(now)?.permit(act)?;
    let acts_for_itself = user_of(input) == Some(standing.session.user);
    if standing.session.app != app || !acts_for_itself {
        return Err(CallError::NoSuchCall);
    }
    Ok(())
}

/// Whose act an input is; nobody's, where only the server may say it.
const fn user_of(input: &Input) -> Option<UserKey> {
    match input {
        Input::Acknowledge { user }
        | Input::Accept { user, .. }
        | Input::End { user, .. }
        | Input::Report { user, .. }
        | Input::Configure { user, .. }
        | Input::Appear { user, .. }
        | Input::Vanish { user, .. }
        | Input::Leave { user, .. } => Some(*user),
        Input::ChangeItems { user, .. } => *user,
        Input::Expel { .. } | Input::Stop | Input::Resume { .. } | Input::Expire => None,
    }
}

#[cfg(test)]
mod tests;
