//! The truth, on disk: applications, users, sessions, calls and what they cost, in SQLite.
//!
//! What a caller was told is on disk: every write is answered after the transaction that holds it was committed with
//! a sync. One thread writes; it runs whatever is waiting as one group, so a busy server syncs once for many steps.
//! A call moves inside that thread: loaded, decided by `offhook-core` and stored in one unit, so two steps never meet.
//!
//! Deliberately not here: the rules of calling (`offhook-core`), cryptography and clocks (the server hands over
//! hashes, sealed secrets, random ids and the time), and knowing who listens (the server's bus).
//!
//! Start reading at [`Store`], then `writer.rs`, then one file a noun: `application.rs`, `user.rs`, `session.rs`,
//! `connection.rs`, `call.rs`, `outbox.rs`, `push.rs`, `administrator.rs`, `audit.rs`.
//!
//! Invariants: a unit of work is committed wholly or not at all; a refused one changes nothing and does not disturb its
//! neighbours in the group; migrations only go forward; nothing grows without bound but the history of calls.

mod administrator;
mod api_token;
mod application;
mod audit;
mod backup;
mod call;
mod census;
mod columns;
mod connection;
mod inspection;
mod log;
mod migration;
mod outbox;
mod push;
mod reader;
mod retention;
mod server_secret;
mod session;
mod store;
mod usage;
mod user;
#[cfg(test)]
mod world;
mod writer;

pub use administrator::{
    Administrator, AdministratorError, AdministratorId, AdministratorPatch, NewAdministrator, OpenSession,
};
pub use api_token::{ApiToken, ApiTokenEntry, ApiTokenError, ApiTokenNumber, MAX_SECONDARY_TOKENS};
pub use application::{
    Application, ApplicationError, ApplicationPatch, DialHook, FORMER_KEY_SIGNS_FOR, NewApplication, SigningKey,
};
pub use audit::{AuditCursor, AuditEntry, AuditFilter, AuditId, AuditPage};
pub use backup::{BackupError, StoreCounts, sealed_signing_key};
pub use call::{
    Actor, CallChange, CallError, CallFilter, CallPage, CallRecord, CallTally, ChangeNumber, DurationRange,
    InvalidCursor, ListedCall, ListedState, LogCursor, LogFilter, LogPage, LoggedCall, Owed, Quality, QualityMoment,
    QualitySample, RelayUsage, Relayed, TimelineEntry,
};
pub use census::Census;
pub use columns::{Sealed, TokenHash};
pub use connection::{ConnectionId, NodeId};
pub use inspection::Inspection;
pub use outbox::{
    ApplicationWebhook, ApplicationWebhookPatch, Delivery, DeliveryFilter, DeliveryPage, DeliveryState, DueEvent,
    EventNumber, NewWebhook, OutgoingEvent, ReplayError, Settlement, WebhookError,
};
pub use push::{
    MAX_PUSH_TOKENS, Notice, PushDelivery, PushDeliveryId, PushService, PushToken, PushTokenError, PushesToSkip,
    UnknownPushService,
};
pub use retention::{Erasure, Removed};
pub use session::{CreatedSession, ListedSession, SessionError, SignedIn};
pub use store::{OpenError, Store, StoreError};
pub use usage::{
    ReconciledUsage, UsageDay, UsageDifference, UsageExport, UsageExportCursor, UsageSubject, UsageSum, UserUsage,
    UserUsageCursor, UserUsagePage,
};
pub use user::{
    ActiveMode, DeletedUser, MetadataError, NewUser, ProfileImage, User, UserCursor, UserError, UserFilter, UserPage,
    UserPatch,
};
pub use writer::Written;
