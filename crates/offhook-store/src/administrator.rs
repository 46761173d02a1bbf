//! Who may sign in to the dashboard.

mod session;

use offhook_core::administrator::Role;
use offhook_core::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, Result, Row, named_params};

use crate::columns::{Columns, time};
use crate::{Sealed, Store, StoreError};

pub use session::OpenSession;

/// The number of an administrator, which is never given twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AdministratorId(pub i64);

/// Somebody who may sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Administrator {
    /// The number.
    pub id: AdministratorId,
    /// The name to sign in with.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// The hash of the password, a PHC string; `None` where they come by the identity provider.
    pub password_hash: Option<String>,
    /// Whom the identity provider means.
    pub oidc_subject: Option<String>,
    /// The secret of the authenticator, sealed.
    pub totp_secret: Option<Sealed>,
    /// The secret of an authenticator that has not shown a code yet, sealed.
    pub pending_totp_secret: Option<Sealed>,
    /// When they were made.
    pub created_at: Timestamp,
    /// When they last signed in.
    pub last_signed_in_at: Option<Timestamp>,
}

/// An administrator to be made.
#[derive(Debug, Clone)]
pub struct NewAdministrator {
    /// The name to sign in with.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// The hash of the password, a PHC string.
    pub password_hash: Option<String>,
    /// Whom the identity provider means.
    pub oidc_subject: Option<String>,
}

/// What is to be another. `None` stays.
#[derive(Debug, Clone, Default)]
pub struct AdministratorPatch {
    /// What they may do.
    pub role: Option<Role>,
    /// The hash of the password.
    pub password_hash: Option<String>,
    /// Whether the authenticator is forgotten.
    pub is_totp_removed: bool,
}

/// Why an administrator was not made or changed.
#[derive(Debug, thiserror::Error)]
pub enum AdministratorError {
    /// The name is taken.
    #[error("there is an administrator of that name already")]
    AlreadyExists,
    /// There is none of that number.
    #[error("there is no such administrator")]
    NoSuchAdministrator,
    /// Without this one, nobody could make another.
    #[error("the last owner stays")]
    LastOwner,
    /// The code was taken before, or is older than one that was.
    #[error("this code was used already")]
    CodeUsed,
    /// No authenticator waits for its first code.
    #[error("no authenticator is being set up")]
    NothingPending,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<rusqlite::Error> for AdministratorError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Store {
    /// Makes an administrator.
    ///
    /// # Errors
    /// [`AdministratorError::AlreadyExists`] if the name is taken.
    pub async fn create_administrator(
        &self,
        new: NewAdministrator,
        now: Timestamp,
    ) -> Result<Administrator, AdministratorError> {
        self.write(move |connection| {
            let inserted = connection
                .query_row(
                    "insert into administrator (name, role, password_hash, oidc_subject, created_at)
                     values (:name, :role, :password_hash, :oidc_subject, :now) on conflict do nothing
                     returning *",
                    named_params! {
                        ":name": new.name, ":role": new.role.as_str(), ":password_hash": new.password_hash,
                        ":oidc_subject": new.oidc_subject, ":now": time(now),
                    },
                    administrator,
                )
                .optional()?;
            inserted.ok_or(AdministratorError::AlreadyExists)
        })
        .await
    }

    /// Everybody, in the order they were made.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn list_administrators(&self) -> Result<Vec<Administrator>, StoreError> {
        self.read(|connection| {
            connection
                .prepare_cached("select * from administrator order by administrator_number")?
                .query_map([], administrator)?
                .collect()
        })
        .await
    }

    /// Whether there is anybody.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn has_administrators(&self) -> Result<bool, StoreError> {
        self.read(|connection| {
            connection.query_row("select exists (select 1 from administrator)", [], |row| row.get(0))
        })
        .await
    }

    /// Finds an administrator by the name.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn administrator_by_name(&self, name: &str) -> Result<Option<Administrator>, StoreError> {
        let name = name.to_owned();
        self.read(move |connection| {
            connection
                .prepare_cached("select * from administrator where name = ?1")?
                .query_row([name], administrator)
                .optional()
        })
        .await
    }

    /// Finds an administrator by whom the identity provider means.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn administrator_by_oidc_subject(&self, subject: &str) -> Result<Option<Administrator>, StoreError> {
        let subject = subject.to_owned();
        self.read(move |connection| {
            connection
                .prepare_cached("select * from administrator where oidc_subject = ?1")?
                .query_row([subject], administrator)
                .optional()
        })
        .await
    }

    /// Changes an administrator. Where the role or the password changes, their sessions end, but for the one of the hash
    /// `kept`.
    ///
    /// # Errors
    /// [`AdministratorError::NoSuchAdministrator`], or [`AdministratorError::LastOwner`] if they are to be less.
    pub async fn update_administrator(
        &self,
        id: AdministratorId,
        patch: AdministratorPatch,
        kept: Option<crate::TokenHash>,
    ) -> Result<Administrator, AdministratorError> {
        self.write(move |connection| {
            let before = by_id(connection, id)?.ok_or(AdministratorError::NoSuchAdministrator)?;
            let role = patch.role.unwrap_or(before.role);
            if role < before.role {
                keep_an_owner(connection, &before)?;
            }
            connection.execute(
                "update administrator set role = :role, password_hash = coalesce(:password_hash, password_hash),
                     totp_secret = iif(:removed, null, totp_secret),
                     pending_totp_secret = iif(:removed, null, pending_totp_secret)
                 where administrator_number = :id",
                named_params! {
                    ":role": role.as_str(), ":password_hash": patch.password_hash,
                    ":removed": patch.is_totp_removed, ":id": id.0,
                },
            )?;
            if role != before.role || patch.password_hash.is_some() {
                session::end_all(connection, id, kept)?;
            }
            by_id(connection, id)?.ok_or(AdministratorError::NoSuchAdministrator)
        })
        .await
    }

    /// Deletes an administrator, whose sessions end.
    ///
    /// # Errors
    /// [`AdministratorError::NoSuchAdministrator`] or [`AdministratorError::LastOwner`].
    pub async fn delete_administrator(&self, id: AdministratorId) -> Result<Administrator, AdministratorError> {
        self.write(move |connection| {
            let before = by_id(connection, id)?.ok_or(AdministratorError::NoSuchAdministrator)?;
            keep_an_owner(connection, &before)?;
            connection.execute("delete from administrator where administrator_number = ?1", [id.0])?;
            Ok(before)
        })
        .await
    }

    /// Keeps the secret of an authenticator that is to show a code first.
    ///
    /// # Errors
    /// [`AdministratorError::NoSuchAdministrator`].
    pub async fn begin_totp(&self, id: AdministratorId, secret: Sealed) -> Result<(), AdministratorError> {
        self.write(move |connection| {
            let changed = connection.execute(
                "update administrator set pending_totp_secret = ?2 where administrator_number = ?1",
                (id.0, &secret),
            )?;
            if changed == 0 {
                return Err(AdministratorError::NoSuchAdministrator);
            }
            Ok(())
        })
        .await
    }

    /// Lets the authenticator `secret`, which showed the code of this step, count from now on. Other sessions than the one
    /// of the hash `kept` end.
    ///
    /// # Errors
    /// [`AdministratorError::NothingPending`] if that one does not wait any more.
    pub async fn confirm_totp(
        &self,
        id: AdministratorId,
        secret: Sealed,
        step: u32,
        kept: crate::TokenHash,
    ) -> Result<Administrator, AdministratorError> {
        self.write(move |connection| {
            let changed = connection.execute(
                "update administrator set totp_secret = pending_totp_secret, pending_totp_secret = null, totp_step = ?3
                 where administrator_number = ?1 and pending_totp_secret = ?2",
                (id.0, &secret, step),
            )?;
            if changed == 0 {
                return Err(AdministratorError::NothingPending);
            }
            session::end_all(connection, id, Some(kept))?;
            by_id(connection, id)?.ok_or(AdministratorError::NoSuchAdministrator)
        })
        .await
    }

    /// Takes the code of a step: neither it nor an older one is taken again.
    ///
    /// # Errors
    /// [`AdministratorError::CodeUsed`].
    pub async fn use_totp_step(&self, id: AdministratorId, step: u32) -> Result<(), AdministratorError> {
        self.write(move |connection| {
            let changed = connection.execute(
                "update administrator set totp_step = ?2 where administrator_number = ?1 and totp_step < ?2",
                (id.0, step),
            )?;
            if changed == 0 {
                return Err(AdministratorError::CodeUsed);
            }
            Ok(())
        })
        .await
    }
}

/// Refuses where there is no other owner.
fn keep_an_owner(connection: &Connection, one: &Administrator) -> Result<(), AdministratorError> {
    let has_another: bool = connection.query_row(
        "select exists (select 1 from administrator where role = 'owner' and administrator_number <> ?1)",
        [one.id.0],
        |row| row.get(0),
    )?;
    if one.role == Role::Owner && !has_another {
        return Err(AdministratorError::LastOwner);
    }
    Ok(())
}

fn by_id(connection: &Connection, id: AdministratorId) -> Result<Option<Administrator>> {
    connection
        .prepare_cached("select * from administrator where administrator_number = ?1")?
        .query_row([id.0], administrator)
        .optional()
}

fn administrator(row: &Row<'_>) -> Result<Administrator> {
    Ok(Administrator {
        id: row.get("administrator_number").map(AdministratorId)?,
        name: row.get("name")?,
        role: row.variant("role")?,
        password_hash: row.get("password_hash")?,
        oidc_subject: row.get("oidc_subject")?,
        totp_secret: row.get("totp_secret")?,
        pending_totp_secret: row.get("pending_totp_secret")?,
        created_at: row.time("created_at")?,
        last_signed_in_at: row.time_or_none("last_signed_in_at")?,
    })
}

#[cfg(test)]
mod tests;
