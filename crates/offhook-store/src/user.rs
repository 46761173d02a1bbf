//! Users: their profile, their access token, and which of their tokens still count.

mod list;
mod metadata;
mod profile_image;

use std::collections::BTreeMap;

use offhook_core::call::{Call, Profile};
use offhook_core::id::{AppKey, UserKey};
use offhook_core::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, Result, Row, named_params};

use crate::columns::{Columns, json, time};
use crate::{Store, StoreError, TokenHash, application, call, push, retention};

pub use list::{ActiveMode, UserCursor, UserFilter, UserPage};
pub use metadata::MetadataError;
pub use profile_image::ProfileImage;

/// A user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The internal key, never used again.
    pub key: UserKey,
    /// The application the user belongs to.
    pub app: AppKey,
    /// The application's id of the user.
    pub user_id: String,
    /// The name to show; may be empty.
    pub nickname: String,
    /// A picture's address; may be empty.
    pub profile_url: String,
    /// The application's words about the user.
    pub metadata: BTreeMap<String, String>,
    /// Whether the user may sign in.
    pub is_active: bool,
    /// Whether a device of the user is connected.
    pub is_online: bool,
    /// The hash of the access token, if the user has one.
    pub access_token_hash: Option<TokenHash>,
    /// Counts the access tokens issued: a session that came from an earlier one is void.
    pub access_token_number: u32,
    /// Counts the revocations: a session token of an earlier generation is void.
    pub generation: u32,
    /// Whether a token of either kind was ever issued: then one must be given at each sign-in.
    pub has_had_token: bool,
    /// Whether the user has ever signed in.
    pub has_ever_logged_in: bool,
    /// Kept for the application.
    pub discovery_keys: Vec<String>,
    /// Kept for the application.
    pub preferred_languages: Vec<String>,
    /// When the user was made.
    pub created_at: Timestamp,
    /// When a device of the user was last seen, or what the application said.
    pub last_seen_at: Option<Timestamp>,
}

impl User {
    /// What others see of the user.
    pub fn profile(&self) -> Profile {
        Profile {
            user_id: self.user_id.clone(),
            nickname: self.nickname.clone(),
            profile_url: self.profile_url.clone(),
            metadata: self.metadata.clone(),
        }
    }
}

/// A user to be made. The server has checked lengths and characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewUser {
    /// 128 random bits.
    pub key: UserKey,
    /// The application's id of the user.
    pub user_id: String,
    /// The name to show; may be empty.
    pub nickname: String,
    /// A picture's address; may be empty.
    pub profile_url: String,
    /// The picture itself, where it is at an address of this server.
    pub profile_image: Option<ProfileImage>,
    /// The application's words about the user.
    pub metadata: BTreeMap<String, String>,
    /// Kept for the application.
    pub discovery_keys: Vec<String>,
    /// The hash of an access token issued with it.
    pub access_token_hash: Option<TokenHash>,
    /// Whether a session token is issued with it.
    pub is_session_token_issued: bool,
}

impl NewUser {
    /// A user of whom nothing but the id is known.
    pub fn new(key: UserKey, user_id: impl Into<String>) -> Self {
        Self {
            key,
            user_id: user_id.into(),
            nickname: String::new(),
            profile_url: String::new(),
            profile_image: None,
            metadata: BTreeMap::new(),
            discovery_keys: Vec::new(),
            access_token_hash: None,
            is_session_token_issued: false,
        }
    }
}

/// What to change of a user; what is `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserPatch {
    /// The name to show.
    pub nickname: Option<String>,
    /// A picture's address; a picture that was uploaded before goes.
    pub profile_url: Option<String>,
    /// The picture of that address, where it is one of this server.
    pub profile_image: Option<ProfileImage>,
    /// Whether the user may sign in.
    pub is_active: Option<bool>,
    /// When the user was last seen.
    pub last_seen_at: Option<Timestamp>,
    /// Kept for the application.
    pub discovery_keys: Option<Vec<String>>,
    /// Kept for the application.
    pub preferred_languages: Option<Vec<String>>,
    /// The hash of a new access token, which replaces the one before.
    pub access_token_hash: Option<TokenHash>,
    /// Whether a session token is issued with it.
    pub is_session_token_issued: bool,
}

/// A user that is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeletedUser {
    /// The key, which is never used again.
    pub key: UserKey,
    /// The calls the user is still a party of: the server has to end them.
    pub live_calls: Vec<Call>,
}

/// Why a user was not made or changed.
#[derive(Debug, thiserror::Error)]
pub enum UserError {
    /// The id is taken.
    #[error("there is a user of that id already")]
    AlreadyExists,
    /// The application has no user of that id.
    #[error("there is no such user")]
    NoSuchUser,
    /// There is none of that number.
    #[error("there is no such application")]
    NoSuchApplication,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<rusqlite::Error> for UserError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Store {
    /// Makes a user.
    ///
    /// # Errors
    /// [`UserError::AlreadyExists`] if the application has a user of that id.
    pub async fn create_user(&self, app: AppKey, new: NewUser, now: Timestamp) -> Result<User, UserError> {
        self.write(move |connection| {
            application::by_key(connection, app)?.ok_or(UserError::NoSuchApplication)?;
            let has_token = new.access_token_hash.is_some();
            let inserted = connection
                .prepare_cached(
                    "insert into user (user_key, app_key, user_id, nickname, profile_url, is_active, access_token_hash,
                        access_token_number, generation, has_had_token, has_ever_logged_in, discovery_keys,
                        preferred_languages, created_at)
                     values (:user_key, :app_key, :user_id, :nickname, :profile_url, true, :hash,
                        :number, 0, :has_had_token, false, :discovery_keys, '[]', :now)
                     on conflict (app_key, user_id) do nothing",
                )?
                .execute(named_params! {
                    ":user_key": new.key.as_bytes(), ":app_key": app.0, ":user_id": new.user_id,
                    ":nickname": new.nickname, ":profile_url": new.profile_url, ":hash": new.access_token_hash,
                    ":number": u32::from(has_token),
                    ":has_had_token": has_token || new.is_session_token_issued,
                    ":discovery_keys": json(&new.discovery_keys)?, ":now": time(now),
                })?;
            if inserted == 0 {
                return Err(UserError::AlreadyExists);
            }
            metadata::put(connection, new.key, &new.metadata)?;
            profile_image::replace(connection, new.key, new.profile_image.as_ref())?;
            by_key(connection, new.key)?.ok_or(UserError::NoSuchUser)
        })
        .await
    }

    /// Finds a user by the application's id.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn user(&self, app: AppKey, user_id: &str) -> Result<Option<User>, StoreError> {
        self.look_up(|connection| by_id(connection, app, user_id)).await
    }

    /// Changes a user.
    ///
    /// # Errors
    /// [`UserError::NoSuchUser`].
    pub async fn update_user(&self, app: AppKey, user_id: &str, patch: UserPatch) -> Result<User, UserError> {
        let user_id = user_id.to_owned();
        self.write(move |connection| {
            let user = by_id(connection, app, &user_id)?.ok_or(UserError::NoSuchUser)?;
            let has_token = patch.access_token_hash.is_some();
            connection
                .prepare_cached(
                    "update user set
                        nickname = coalesce(:nickname, nickname), profile_url = coalesce(:profile_url, profile_url),
                        is_active = coalesce(:is_active, is_active), last_seen_at = coalesce(:last_seen_at, last_seen_at),
                        discovery_keys = coalesce(:discovery_keys, discovery_keys),
                        preferred_languages = coalesce(:preferred_languages, preferred_languages),
                        access_token_hash = coalesce(:hash, access_token_hash),
                        access_token_number = access_token_number + :issued,
                        has_had_token = has_had_token or :has_token
                     where user_key = :user_key",
                )?
                .execute(named_params! {
                    ":nickname": patch.nickname, ":profile_url": patch.profile_url, ":is_active": patch.is_active,
                    ":last_seen_at": patch.last_seen_at.map(time),
                    ":discovery_keys": patch.discovery_keys.as_ref().map(json).transpose()?,
                    ":preferred_languages": patch.preferred_languages.as_ref().map(json).transpose()?,
                    ":hash": patch.access_token_hash, ":issued": u32::from(has_token),
                    ":has_token": has_token || patch.is_session_token_issued, ":user_key": user.key.as_bytes(),
                })?;
            if patch.profile_url.is_some_and(|url| url != user.profile_url) {
                profile_image::replace(connection, user.key, patch.profile_image.as_ref())?;
            }
            let is_first_token = patch.is_session_token_issued && !user.has_had_token;
            if has_token || is_first_token {
                // Whoever had a session until now may have registered a device of his own.
                push::forget_of_user(connection, user.key)?;
            } else if patch.is_active == Some(false) {
                push::drop_of_user(connection, user.key)?;
            }
            by_key(connection, user.key)?.ok_or(UserError::NoSuchUser)
        })
        .await
    }

    /// Replaces the user's access token. Sessions that came from the one before are void, and push tokens are forgotten.
    ///
    /// # Errors
    /// [`UserError::NoSuchUser`].
    pub async fn issue_access_token(&self, app: AppKey, user_id: &str, hash: TokenHash) -> Result<User, UserError> {
        let patch = UserPatch {
            access_token_hash: Some(hash),
            ..UserPatch::default()
        };
        self.update_user(app, user_id, patch).await
    }

    /// Notes that a session token is being issued: from now on the user must give a token at each sign-in. Answers the
    /// user, whose key and generation the token carries.
    ///
    /// # Errors
    /// [`UserError::NoSuchUser`].
    pub async fn note_session_token(&self, app: AppKey, user_id: &str) -> Result<User, UserError> {
        let patch = UserPatch {
            is_session_token_issued: true,
            ..UserPatch::default()
        };
        self.update_user(app, user_id, patch).await
    }

    /// Revokes all session tokens of the user, and the sessions that came from them. Push tokens are forgotten.
    ///
    /// # Errors
    /// [`UserError::NoSuchUser`].
    pub async fn revoke_session_tokens(&self, app: AppKey, user_id: &str) -> Result<User, UserError> {
        let user_id = user_id.to_owned();
        self.write(move |connection| {
            let user = by_id(connection, app, &user_id)?.ok_or(UserError::NoSuchUser)?;
            connection
                .prepare_cached("update user set generation = generation + 1 where user_key = ?1")?
                .execute([user.key.as_bytes()])?;
            push::forget_of_user(connection, user.key)?;
            by_key(connection, user.key)?.ok_or(UserError::NoSuchUser)
        })
        .await
    }

    /// Deletes a user with metadata, picture, sessions, connections and push tokens. None of the user's calls is ended: that is the
    /// server's next step. Past calls stay, for the other side's sake, and [forget](Store::erase_user) the user bit by bit.
    ///
    /// # Errors
    /// [`UserError::NoSuchUser`].
    pub async fn delete_user(&self, app: AppKey, user_id: &str) -> Result<DeletedUser, UserError> {
        let user_id = user_id.to_owned();
        self.write(move |connection| {
            let user = by_id(connection, app, &user_id)?.ok_or(UserError::NoSuchUser)?;
            let live_calls = call::live_of(connection, app, user.key)?;
            connection
                .prepare_cached("delete from user where user_key = ?1")?
                .execute([user.key.as_bytes()])?;
            retention::ask_erasure(connection, app, user.key)?;
            Ok(DeletedUser {
                key: user.key,
                live_calls,
            })
        })
        .await
    }
}

/// Every column of a user, metadata and presence with them.
pub(crate) const USER: &str = "select user.*,
    (select json_group_object(name, value) from user_metadata where user_metadata.user_key = user.user_key) as metadata,
    exists (select 1 from connection where connection.user_key = user.user_key) as is_online
    from user";

pub(crate) fn by_key(connection: &Connection, key: UserKey) -> Result<Option<User>> {
    connection
        .prepare_cached(&format!("{USER} where user_key = ?1"))?
        .query_row([key.as_bytes()], user)
        .optional()
}

/// What a dial asks of a party.
pub(crate) struct DialParty {
    pub key: UserKey,
    pub profile: Profile,
    pub is_active: bool,
    pub has_ever_logged_in: bool,
}

const PARTY: &str = "select user_key, user_id, nickname, profile_url, is_active, has_ever_logged_in,
    (select json_group_object(name, value) from user_metadata where user_metadata.user_key = user.user_key)
    from user";

pub(crate) fn party_by_key(connection: &Connection, key: UserKey) -> Result<Option<DialParty>> {
    connection
        .prepare_cached(&format!("{PARTY} where user_key = ?1"))?
        .query_row([key.as_bytes()], party)
        .optional()
}

pub(crate) fn party_by_id(connection: &Connection, app: AppKey, user_id: &str) -> Result<Option<DialParty>> {
    connection
        .prepare_cached(&format!("{PARTY} where app_key = ?1 and user_id = ?2"))?
        .query_row((app.0, user_id), party)
        .optional()
}

fn party(row: &Row<'_>) -> Result<DialParty> {
    Ok(DialParty {
        key: row.user_key(0)?,
        profile: Profile {
            user_id: row.get(1)?,
            nickname: row.get(2)?,
            profile_url: row.get(3)?,
            metadata: row.json(6)?,
        },
        is_active: row.get(4)?,
        has_ever_logged_in: row.get(5)?,
    })
}

pub(crate) fn by_id(connection: &Connection, app: AppKey, user_id: &str) -> Result<Option<User>> {
    connection
        .prepare_cached(&format!("{USER} where app_key = ?1 and user_id = ?2"))?
        .query_row((app.0, user_id), user)
        .optional()
}

fn user(row: &Row<'_>) -> Result<User> {
    Ok(User {
        key: row.user_key("user_key")?,
        app: row.app_key("app_key")?,
        user_id: row.get("user_id")?,
        nickname: row.get("nickname")?,
        profile_url: row.get("profile_url")?,
        metadata: row.json("metadata")?,
        is_active: row.get("is_active")?,
        is_online: row.get("is_online")?,
        access_token_hash: row.get("access_token_hash")?,
        access_token_number: row.get("access_token_number")?,
        generation: row.get("generation")?,
        has_had_token: row.get("has_had_token")?,
        has_ever_logged_in: row.get("has_ever_logged_in")?,
        discovery_keys: row.json("discovery_keys")?,
        preferred_languages: row.json("preferred_languages")?,
        created_at: row.time("created_at")?,
        last_seen_at: row.time_or_none("last_seen_at")?,
    })
}

#[cfg(test)]
mod tests;
