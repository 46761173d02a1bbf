//! Who runs the server, and how they prove it: passwords, authenticators, the identity provider, the log.

pub mod attempts;
pub mod oidc;
pub mod password;
pub mod sign_in;
pub mod totp;

use offhook_core::administrator::Role;
use offhook_core::time::Timestamp;
use offhook_proto::admin::AdminRole;
use offhook_store::{AuditEntry, Store, StoreError};

use self::attempts::Attempts;
use self::oidc::{ClientSecretError, Oidc};
use self::password::Passwords;
use crate::config::admin::AdminConfig;
use crate::outbound::Outbound;

/// Who the log says it was where the command line was used.
pub const COMMAND_LINE: &str = "command line";

/// What signing in to the dashboard needs beside the store.
#[derive(Debug)]
pub struct Administration {
    /// What hashes passwords.
    pub passwords: Passwords,
    /// What slows down guessing.
    pub attempts: Attempts,
    /// The identity provider, where one is configured.
    pub oidc: Option<Oidc>,
}

impl Administration {
    /// Takes what is configured.
    ///
    /// # Errors
    /// If the identity provider's secret cannot be read.
    pub fn new(config: &AdminConfig, outbound: &Outbound) -> Result<Self, ClientSecretError> {
        Ok(Self {
            passwords: Passwords::default(),
            attempts: Attempts::default(),
            oidc: Oidc::new(&config.oidc, outbound)?,
        })
    }
}

/// Notes a change that the command line makes.
///
/// # Errors
/// If the store failed.
pub async fn note_command(
    store: &Store,
    action: &str,
    app_id: Option<String>,
    target: Option<String>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let entry = AuditEntry {
        at: now,
        actor: COMMAND_LINE.to_owned(),
        address: None,
        action: action.to_owned(),
        app_id,
        target,
        is_allowed: true,
    };
    store.note_audit(entry).await.map(|_| ())
}

/// The role as it travels.
pub const fn role_on_the_wire(role: Role) -> AdminRole {
    match role {
        Role::Viewer => AdminRole::Viewer,
        Role::Operator => AdminRole::Operator,
        Role::Owner => AdminRole::Owner,
    }
}
