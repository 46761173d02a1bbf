//! What operators' dashboard asks and is answered (`/admin/v1/…`).
//!
//! An application's own resources are served under `/admin/v1/applications/{app_id}/v1/…` and `/v3/…` just as the Platform
//! API serves them ([`platform`](crate::platform), [`user`](crate::user)), to whoever is signed in.

use offhook_core::id::AppId;
use serde::{Deserialize, Serialize};

/// How one signs in here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, export_to = "dashboard/"))]
pub struct SignInOptions {
    /// Whether there is an administrator: the first is made from the command line.
    pub has_administrators: bool,
    /// The identity provider, where one is configured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub oidc: Option<OidcOption>,
}

/// An identity provider.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, export_to = "dashboard/"))]
pub struct OidcOption {
    /// What its button says.
    pub name: String,
}

/// Somebody signs in.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, export_to = "dashboard/"))]
pub struct NewSession {
    /// The administrator's name.
    pub name: String,
    /// The password.
    pub password: String,
    /// Six digits of the authenticator, where one is set up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub code: Option<String>,
}

/// Who is signed in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, export_to = "dashboard/"))]
pub struct AdminSession {
    /// Who.
    pub administrator: Administrator,
    /// When the session ends, in UTC milliseconds.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub expires_at: u64,
}

/// Everybody who may sign in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, export_to = "dashboard/"))]
pub struct AdministratorList {
    /// In the order they were made.
    pub administrators: Vec<Administrator>,
}

/// Somebody who may sign in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, export_to = "dashboard/"))]
pub struct Administrator {
    /// What it is named by in addresses.
    pub administrator_id: String,
    /// The name to sign in with.
    pub name: String,
    /// What they may do.
    pub role: AdminRole,
    /// Whether an authenticator is set up.
    pub has_totp: bool,
    /// Whether they come by the identity provider and have no password.
    pub is_oidc: bool,
    /// When they were made, in UTC milliseconds.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub created_at: u64,
    /// When they last signed in, in UTC milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional, type = "number"))]
    pub last_signed_in_at: Option<u64>,
}

/// What an administrator may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, export_to = "dashboard/"))]
#[serde(rename_all = "snake_case")]
pub enum AdminRole {
    /// See everything but secrets; change nothing.
    Viewer,
    /// Also change applications and users, end calls, replay webhooks.
    Operator,
    /// Also administrators, and API tokens.
    Owner,
}

/// Somebody is to be made an administrator.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, export_to = "dashboard/"))]
pub struct NewAdministrator {
    /// 1 to 80 characters.
    pub name: String,
    /// 12 to 256 characters.
    pub password: String,
    /// What they may do.
    pub role: AdminRole,
}

/// What is to be another. What is left out stays.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, export_to = "dashboard/"))]
pub struct AdministratorChange {
    /// What they may do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub role: Option<AdminRole>,
    /// A new password; their sessions end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub password: Option<String>,
    /// Whether the authenticator is forgotten.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub remove_totp: Option<bool>,
}

/// One's own password is to be another.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, export_to = "dashboard/"))]
pub struct NewPassword {
    /// The present one.
    pub current: String,
    /// 12 to 256 characters.
    pub new: String,
}

/// What an authenticator is set up with. It counts once a code of it was shown.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, export_to = "dashboard/"))]
pub struct TotpEnrolment {
    /// In Base32.
    pub secret: String,
    /// `otpauth://totp/…`, for a picture to scan.
    pub uri: String,
}

/// Six digits.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, export_to = "dashboard/"))]
pub struct TotpCode {
    /// What the authenticator shows.
    pub code: String,
}

/// The authenticator is to be forgotten.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, export_to = "dashboard/"))]
pub struct TotpRemoval {
    /// The present password.
    pub password: String,
}

/// A page of what administrators did, the latest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, export_to = "dashboard/"))]
pub struct AuditList {
    /// The entries.
    pub entries: Vec<AuditEntry>,
    /// Whether there are more.
    pub has_next: bool,
    /// Where the next page begins; empty at the end.
    pub next: String,
}

/// Something that was done, or tried, by an administrator.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, export_to = "dashboard/"))]
pub struct AuditEntry {
    /// When, in UTC milliseconds.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub at: u64,
    /// Who: the administrator's name, or `command line`.
    pub actor: String,
    /// From which address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub address: Option<String>,
    /// What: `session.create`, `user.delete`, `PUT /v3/users/{user_id}` and so on.
    pub action: String,
    /// In which application.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub app_id: Option<String>,
    /// What it was done to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub target: Option<String>,
    /// Whether it was done; else it was refused.
    pub is_allowed: bool,
}

/// All applications, in the order they were made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, export_to = "dashboard/"))]
pub struct ApplicationList {
    /// The applications.
    pub applications: Vec<ApplicationBody>,
}

/// An application and its settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, export_to = "dashboard/"))]
pub struct ApplicationBody {
    /// The public id.
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub app_id: AppId,
    /// What operators call it.
    pub name: String,
    /// When it was made, in UTC milliseconds.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub created_at: u64,
    /// What users without a token may do.
    pub access_token_permission: TokenPermission,
    /// The origins whose pages may use it; empty allows all.
    pub allowed_origins: Vec<String>,
    /// Whether its media takes no path but over the relay.
    pub is_relay_only: bool,
    /// The longest that its calls may ring, whatever the dial asks: 5 to 300.
    pub max_ringing_s: u32,
    /// The longest that its calls may take to connect: 5 to 300.
    pub max_connecting_s: u32,
    /// The hosts that a call's own webhook may be on.
    pub webhook_hosts: Vec<String>,
    /// How long ended calls are kept; left out: for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub call_retention_days: Option<u32>,
    /// How long measurements are kept; left out: as long as the call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub quality_retention_days: Option<u32>,
    /// How long settled webhook deliveries are kept: 1 to 365.
    pub delivery_retention_days: u32,
    /// Who is asked before a call rings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub dial_hook: Option<DialHook>,
}

/// What users without a token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, export_to = "dashboard/"))]
#[serde(rename_all = "snake_case")]
pub enum TokenPermission {
    /// Nothing.
    Deny,
    /// Sign in and answer, but not dial.
    ReadOnly,
    /// Everything; unknown users are made when they sign in.
    ReadWrite,
}

/// The application's server is asked whether a call may ring.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, export_to = "dashboard/"))]
pub struct DialHook {
    /// Where: an `https:` address.
    pub url: String,
    /// How long its answer is waited for: 100 to 5000.
    pub timeout_ms: u32,
    /// What counts where there is no answer.
    pub on_failure: DialHookFallback,
}

/// What counts where a hook gives no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, export_to = "dashboard/"))]
#[serde(rename_all = "snake_case")]
pub enum DialHookFallback {
    /// The call rings.
    Allow,
    /// It does not.
    Deny,
}

/// An application is to be made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, export_to = "dashboard/"))]
pub struct NewApplicationBody {
    /// 1 to 80 characters.
    pub name: String,
    /// Its id, where it moves here; else drawn at random.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional, type = "string"))]
    pub app_id: Option<AppId>,
}

/// An application that was made.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, export_to = "dashboard/"))]
pub struct CreatedApplication {
    /// The application.
    pub application: ApplicationBody,
    /// Its master API token, which is shown here and by `offhook app` only.
    pub api_token: String,
}

/// Settings that are to be others. What is left out stays; an empty text or 0 days mean none, where none is possible.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, export_to = "dashboard/"))]
pub struct ApplicationChange {
    /// What operators call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub name: Option<String>,
    /// What users without a token may do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub access_token_permission: Option<TokenPermission>,
    /// The origins whose pages may use it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub allowed_origins: Option<Vec<String>>,
    /// Whether its media takes no path but over the relay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub is_relay_only: Option<bool>,
    /// 5 to 300.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub max_ringing_s: Option<u32>,
    /// 5 to 300.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub max_connecting_s: Option<u32>,
    /// The hosts that a call's own webhook may be on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub webhook_hosts: Option<Vec<String>>,
    /// 0 to 3650; 0 is for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub call_retention_days: Option<u32>,
    /// 0 to 3650; 0 is as long as the call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub quality_retention_days: Option<u32>,
    /// 1 to 365.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub delivery_retention_days: Option<u32>,
    /// Empty: nobody is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub dial_hook_url: Option<String>,
    /// 100 to 5000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub dial_hook_timeout_ms: Option<u32>,
    /// What counts where there is no answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub dial_hook_on_failure: Option<DialHookFallback>,
}

/// An application's API tokens, the master first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, export_to = "dashboard/"))]
pub struct ApiTokenList {
    /// The tokens, by what is known of them.
    pub api_tokens: Vec<ApiTokenBody>,
}

/// An API token, without itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, export_to = "dashboard/"))]
pub struct ApiTokenBody {
    /// What it is named by in addresses.
    pub token_number: u32,
    /// Whether it is the application's first, which signs webhooks.
    pub is_master: bool,
    /// Its last four letters.
    pub hint: String,
    /// When it was made, in UTC milliseconds.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub created_at: u64,
}

/// A secret that is shown once.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, export_to = "dashboard/"))]
pub struct IssuedToken {
    /// The secret.
    pub token: String,
}

/// What a page dials a user with, to see whether a device rings.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, export_to = "dashboard/"))]
pub struct TestCall {
    /// The application.
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub app_id: AppId,
    /// The user who dials: one of the dashboard's own.
    pub user_id: String,
    /// Signs that user in, for ten minutes.
    pub session_token: String,
}

/// How the server is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, export_to = "dashboard/"))]
pub struct NodeStatus {
    /// The program's version.
    pub version: String,
    /// Since when it serves, in UTC milliseconds.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub started_at: u64,
    /// Its time, in UTC milliseconds.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub now: u64,
    /// Whether it takes calls.
    pub is_ready: bool,
    /// Devices that are connected.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub sockets: u64,
    /// Calls that ring or go on.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub live_calls: u64,
    /// Allocations of the relay.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub relay_allocations: u64,
    /// Bits a second that the relay carries.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub relay_bps: u64,
    /// Webhook deliveries that wait.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub waiting_deliveries: u64,
    /// Webhook deliveries that were given up and are kept.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub dead_deliveries: u64,
    /// Pushes that wait.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub waiting_pushes: u64,
    /// The size of the database.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub store_bytes: u64,
    /// What is free on its disk.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub free_bytes: u64,
    /// Transactions since the start.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub commits: u64,
    /// Every node that is known.
    pub nodes: Vec<NodeBody>,
    /// What was looked at.
    pub checks: Vec<NodeCheck>,
}

/// A node.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, export_to = "dashboard/"))]
pub struct NodeBody {
    /// Its number.
    pub node_id: String,
    /// When it last said that it lives, in UTC milliseconds.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub heartbeat_at: u64,
    /// Whether it is the one that answers.
    pub is_this: bool,
}

/// Something that was looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, export_to = "dashboard/"))]
pub struct NodeCheck {
    /// What.
    pub name: String,
    /// How it is.
    pub state: CheckState,
    /// A sentence.
    pub detail: String,
}

/// How something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, export_to = "dashboard/"))]
#[serde(rename_all = "snake_case")]
pub enum CheckState {
    /// As it should be.
    Good,
    /// Odd, but it works.
    Warning,
    /// Somebody must act.
    Bad,
}
