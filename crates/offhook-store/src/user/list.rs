//! Lists of users, in the order they were made.

use offhook_core::id::AppKey;
use rusqlite::{Result, ToSql, params_from_iter};

use super::{USER, User, user};
use crate::{Store, StoreError};

/// Which users a list holds. Every filter that is set must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserFilter {
    /// Whether they may be signed in.
    pub active: ActiveMode,
    /// Only these ids.
    pub user_ids: Option<Vec<String>>,
    /// Only this nickname.
    pub nickname: Option<String>,
    /// Only nicknames that begin so.
    pub nickname_startswith: Option<String>,
    /// Only users whose metadata item of that name has one of these values.
    pub metadata: Option<(String, Vec<String>)>,
}

/// Which users a list holds, by whether they may sign in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ActiveMode {
    /// Those that may.
    #[default]
    Activated,
    /// Those that may not.
    Deactivated,
    /// Both.
    All,
}

/// Where a list goes on. Users that are made or deleted meanwhile neither repeat nor hide others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UserCursor(i64);

impl UserCursor {
    /// Takes the number that [`Self::number`] gave.
    pub const fn from_number(number: i64) -> Self {
        Self(number)
    }

    /// The number to hand out.
    pub const fn number(self) -> i64 {
        self.0
    }
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserPage {
    /// The users.
    pub users: Vec<User>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<UserCursor>,
}

impl Store {
    /// Lists users in the order they were made, at most `limit` after `after`.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn list_users(
        &self,
        app: AppKey,
        filter: UserFilter,
        after: Option<UserCursor>,
        limit: u32,
    ) -> Result<UserPage, StoreError> {
        self.read(move |connection| {
            let query = Query::new(app, &filter, after, limit);
            let mut statement = connection.prepare_cached(&query.text)?;
            let found = statement
                .query_map(params_from_iter(query.values), |row| {
                    Ok((row.get::<_, i64>("user_number")?, user(row)?))
                })?
                .collect::<Result<Vec<_>>>()?;
            // One more than asked for was read: whether there is a next page is known, not guessed.
            let limit = limit as usize;
            let next = (found.len() > limit)
                .then(|| {
                    found
                        .get(limit.saturating_sub(1))
                        .map(|(number, _)| UserCursor(*number))
                })
                .flatten();
            Ok(UserPage {
                users: found.into_iter().take(limit).map(|(_, user)| user).collect(),
                next,
            })
        })
        .await
    }
}

/// A statement in the making: text and values grow together, so that no value ever gets into the text.
struct Query {
    text: String,
    values: Vec<Box<dyn ToSql>>,
}

impl Query {
    fn new(app: AppKey, filter: &UserFilter, after: Option<UserCursor>, limit: u32) -> Self {
        // Few users are asked for by id: they are found one by one (the plus keeps SQLite from walking along the order of
        // creation, past every user there is) and sorted afterwards.
        let order = if filter.user_ids.is_some() {
            "+user_number"
        } else {
            "user_number"
        };
        let mut query = Self {
            text: format!("{USER} where app_key = ? and {order} > ?"),
            values: vec![Box::new(app.0), Box::new(after.map_or(0, UserCursor::number))],
        };
        match filter.active {
            ActiveMode::Activated => query.text.push_str(" and is_active"),
            ActiveMode::Deactivated => query.text.push_str(" and not is_active"),
            ActiveMode::All => {}
        }
        if let Some(user_ids) = &filter.user_ids {
            query.text.push_str(" and user_id in ");
            query.list(user_ids);
        }
        if let Some(nickname) = &filter.nickname {
            query.text.push_str(" and nickname = ?");
            query.values.push(Box::new(nickname.clone()));
        }
        if let Some(start) = &filter.nickname_startswith {
            query.text.push_str(" and substr(nickname, 1, length(?)) = ?");
            query.values.push(Box::new(start.clone()));
            query.values.push(Box::new(start.clone()));
        }
        if let Some((name, values)) = &filter.metadata {
            query.text.push_str(
                " and exists (select 1 from user_metadata where user_metadata.user_key = user.user_key
                    and name = ? and value in ",
            );
            query.values.push(Box::new(name.clone()));
            query.list(values);
            query.text.push(')');
        }
        query.text.push_str(&format!(" order by {order} limit ?"));
        query.values.push(Box::new(i64::from(limit) + 1));
        query
    }

    fn list(&mut self, items: &[String]) {
        // One placeholder for all: a JSON list, so the statement's text stays the same for any length.
        self.text.push_str("(select value from json_each(?))");
        self.values
            .push(Box::new(serde_json::Value::from(items.to_vec()).to_string()));
    }
}
