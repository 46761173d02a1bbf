//! Push tokens, and what they are yet to be told: rows that are written with the call's step and deleted once sent.
//!
//! ```text
//!  call's step ─▶ owe ─▶ due ─▶ (the server sends) ─▶ finish │ retry │ forget the token
//! ```
//!
//! A token is owed at most one word a call. A later word takes the place of one that is not delivered, even while that
//! is being sent: the row stays one, and the server takes up none that it is sending, so two words never overtake each other.
//! What is being sent only the server's memory knows: nothing is written until it is settled, and nothing can get stuck.

mod delivery;

use std::fmt;
use std::str::FromStr;

use offhook_core::id::{AppKey, UserKey};
use rusqlite::{Connection, OptionalExtension, Result};

use crate::{Store, StoreError};

pub use delivery::{Notice, PushDelivery, PushDeliveryId, PushesToSkip};
pub(crate) use delivery::{drop_of_user, owe};

/// The most tokens of a user; the one registered longest ago goes. To register again counts.
pub const MAX_PUSH_TOKENS: usize = 20;

/// Through whose service a token is pushed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PushService {
    /// Firebase Cloud Messaging.
    Fcm,
    /// Apple's push service.
    Apns,
    /// Web Push, by the service of the subscriber's browser.
    Web,
}

/// The store holds a word that is none of this enum's.
#[derive(Debug, thiserror::Error)]
#[error("not a push service")]
pub struct UnknownPushService;

impl PushService {
    /// The word in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fcm => "fcm",
            Self::Apns => "apns",
            Self::Web => "web",
        }
    }
}

impl FromStr for PushService {
    type Err = UnknownPushService;

    fn from_str(text: &str) -> std::result::Result<Self, UnknownPushService> {
        let all = [Self::Fcm, Self::Apns, Self::Web];
        all.into_iter()
            .find(|service| service.as_str() == text)
            .ok_or(UnknownPushService)
    }
}

/// Where a device of a user is reached. Whoever knows it may be able to push, so it is in no log.
#[derive(Clone, PartialEq, Eq)]
pub struct PushToken {
    /// Through whose service.
    pub service: PushService,
    /// Who takes its messages: the endpoint's host, or the service's name.
    pub host: String,
    /// The token, or the endpoint of a Web Push subscription: by this it is recognised.
    pub address: String,
    /// What a Web Push message is encrypted with, as JSON.
    pub subscription_keys: Option<String>,
}

impl fmt::Debug for PushToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PushToken")
            .field("service", &self.service)
            .finish_non_exhaustive()
    }
}

/// The user of a token is gone.
#[derive(Debug, thiserror::Error)]
pub enum PushTokenError {
    /// Was deleted a moment ago.
    #[error("there is no such user")]
    NoSuchUser,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<rusqlite::Error> for PushTokenError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Store {
    /// Lets a user be reached by a token. Another user of the application who had it, has it no more, and what that user
    /// was to be told is dropped.
    ///
    /// # Errors
    /// If the user is gone, or the store failed.
    pub async fn register_push_token(
        &self,
        app: AppKey,
        user: UserKey,
        token: PushToken,
    ) -> std::result::Result<(), PushTokenError> {
        self.write(move |connection| {
            let user_exists = connection
                .prepare_cached("select 1 from user where user_key = ?1 and app_key = ?2")?
                .exists((user.as_bytes(), app.0))?;
            if !user_exists {
                return Err(PushTokenError::NoSuchUser);
            }
            Ok(register(connection, app, user, &token)?)
        })
        .await
    }

    /// Lets a user be reached by one token no more, or by none of a service. Another user's token stays.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn unregister_push_tokens(
        &self,
        user: UserKey,
        service: PushService,
        address: Option<String>,
    ) -> std::result::Result<(), StoreError> {
        self.write(move |connection| {
            connection
                .prepare_cached(
                    "delete from push_token where user_key = ?1 and service = ?2 and (?3 is null or address = ?3)",
                )?
                .execute((user.as_bytes(), service.as_str(), address))?;
            Ok(())
        })
        .await
    }

    /// The tokens of a user, the one registered longest ago first.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn push_tokens(&self, user: UserKey) -> std::result::Result<Vec<PushToken>, StoreError> {
        self.read(move |connection| {
            connection
                .prepare_cached("select * from push_token where user_key = ?1 order by registration")?
                .query_map([user.as_bytes()], delivery::token)?
                .collect()
        })
        .await
    }
}

/// No device of a user is pushed to any more until it registers again.
pub(crate) fn forget_of_user(connection: &Connection, user: UserKey) -> Result<()> {
    connection
        .prepare_cached("delete from push_token where user_key = ?1")?
        .execute([user.as_bytes()])
        .map(|_| ())
}

fn register(connection: &Connection, app: AppKey, user: UserKey, token: &PushToken) -> Result<()> {
    let owner = connection
        .prepare_cached(
            "select push_token_number, user_key = ?4 from push_token where app_key = ?1 and service = ?2 and address = ?3",
        )?
        .query_row(
            (app.0, token.service.as_str(), &token.address, user.as_bytes()),
            |row| Ok((row.get::<_, i64>(0)?, row.get::<_, bool>(1)?)),
        )
        .optional()?;
    match owner {
        Some((number, true)) => {
            // The device in daily use is not the one that goes: whoever registers again is the newest.
            return connection
                .prepare_cached(
                    "update push_token set subscription_keys = ?2, registration = (
                        select max(registration) + 1 from push_token where user_key = ?3)
                     where push_token_number = ?1",
                )?
                .execute((number, &token.subscription_keys, user.as_bytes()))
                .map(|_| ());
        }
        Some((number, false)) => delivery::forget(connection, number)?,
        None => {}
    }
    connection
        .prepare_cached(
            "insert into push_token (app_key, user_key, service, host, address, subscription_keys, registration)
             values (?1, ?2, ?3, ?4, ?5, ?6,
                (select coalesce(max(registration), 0) + 1 from push_token where user_key = ?2))",
        )?
        .execute((
            app.0,
            user.as_bytes(),
            token.service.as_str(),
            &token.host,
            &token.address,
            &token.subscription_keys,
        ))?;
    connection
        .prepare_cached(
            "delete from push_token where push_token_number in (select push_token_number from push_token
             where user_key = ?1 order by registration desc limit -1 offset ?2)",
        )?
        .execute((user.as_bytes(), MAX_PUSH_TOKENS as i64))
        .map(|_| ())
}

#[cfg(test)]
mod tests;
