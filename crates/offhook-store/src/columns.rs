//! How values of the rules stand in columns.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use offhook_core::id::{AppKey, CallId, DeviceId, SessionId, UserKey};
use offhook_core::time::{Timestamp, millis};
use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, Type, ValueRef};
use rusqlite::{Result, Row, RowIndex};
use serde::Serialize;
use serde::de::{DeserializeOwned, IntoDeserializer};

/// The SHA-256 of a secret that is never stored itself: an API token, an access token, a session key.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// Takes the hash, which the server computes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The hash, to be compared in constant time.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(..)")
    }
}

impl ToSql for TokenHash {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Blob(&self.0)))
    }
}

impl FromSql for TokenHash {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        <[u8; 32]>::column_result(value).map(Self)
    }
}

/// A secret that must be readable again, sealed by the server under a key that is not in the store.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(Vec<u8>);

impl Sealed {
    /// Takes what the server sealed.
    pub const fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// What the server sealed.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealed(..)")
    }
}

impl ToSql for Sealed {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Blob(&self.0)))
    }
}

impl FromSql for Sealed {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Vec::<u8>::column_result(value).map(Self)
    }
}

/// A time as a column. Beyond the year 292 million it stands at the end of the range.
pub(crate) fn time(at: Timestamp) -> i64 {
    i64::try_from(at.as_millis()).unwrap_or(i64::MAX)
}

/// A span as a column, in milliseconds.
pub(crate) fn span(span: Duration) -> i64 {
    i64::try_from(millis(span)).unwrap_or(i64::MAX)
}

/// A value as JSON in a column.
pub(crate) fn json<T: Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
}

/// Reads columns as values of the rules: by their names, or, where rows are read at every step of a call, by their places.
pub(crate) trait Columns {
    fn time(&self, column: impl RowIndex) -> Result<Timestamp>;
    fn time_or_none(&self, column: impl RowIndex) -> Result<Option<Timestamp>>;
    fn duration(&self, column: impl RowIndex) -> Result<Duration>;
    fn app_key(&self, column: impl RowIndex) -> Result<AppKey>;
    fn user_key(&self, column: impl RowIndex) -> Result<UserKey>;
    fn session_id(&self, column: impl RowIndex) -> Result<SessionId>;
    fn call_id(&self, column: impl RowIndex) -> Result<CallId>;
    fn device_id(&self, column: impl RowIndex) -> Result<DeviceId>;
    fn word<T: FromStr<Err: std::error::Error + Send + Sync + 'static>>(&self, column: impl RowIndex) -> Result<T>;
    /// An enum without fields, by its word.
    fn variant<T: DeserializeOwned>(&self, column: impl RowIndex) -> Result<T>;
    fn json<T: DeserializeOwned>(&self, column: impl RowIndex) -> Result<T>;
}

impl Columns for Row<'_> {
    fn time(&self, column: impl RowIndex) -> Result<Timestamp> {
        self.get(column).map(timestamp)
    }

    fn duration(&self, column: impl RowIndex) -> Result<Duration> {
        self.get::<_, i64>(column)
            .map(|millis| Duration::from_millis(u64::try_from(millis).unwrap_or(0)))
    }

    fn time_or_none(&self, column: impl RowIndex) -> Result<Option<Timestamp>> {
        Ok(self.get::<_, Option<i64>>(column)?.map(timestamp))
    }

    fn app_key(&self, column: impl RowIndex) -> Result<AppKey> {
        self.get(column).map(AppKey)
    }

    fn user_key(&self, column: impl RowIndex) -> Result<UserKey> {
        self.get(column).map(UserKey::from_bytes)
    }

    fn session_id(&self, column: impl RowIndex) -> Result<SessionId> {
        self.get(column).map(SessionId::from_bytes)
    }

    fn call_id(&self, column: impl RowIndex) -> Result<CallId> {
        self.get(column).map(CallId::from_bytes)
    }

    fn device_id(&self, column: impl RowIndex) -> Result<DeviceId> {
        self.get(column).map(DeviceId::from_bytes)
    }

    fn word<T: FromStr<Err: std::error::Error + Send + Sync + 'static>>(&self, column: impl RowIndex) -> Result<T> {
        let text = self.get_ref(column)?.as_str().map_err(unreadable)?;
        text.parse().map_err(unreadable)
    }

    fn variant<T: DeserializeOwned>(&self, column: impl RowIndex) -> Result<T> {
        let text = self.get_ref(column)?.as_str().map_err(unreadable)?;
        let word: serde::de::value::StrDeserializer<'_, serde::de::value::Error> = text.into_deserializer();
        T::deserialize(word).map_err(unreadable)
    }

    fn json<T: DeserializeOwned>(&self, column: impl RowIndex) -> Result<T> {
        let text = self.get_ref(column)?.as_str().map_err(unreadable)?;
        serde_json::from_str(text).map_err(unreadable)
    }
}

fn timestamp(millis: i64) -> Timestamp {
    Timestamp::from_millis(u64::try_from(millis).unwrap_or(0))
}

fn unreadable(error: impl std::error::Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, Type::Text, Box::new(error))
}
