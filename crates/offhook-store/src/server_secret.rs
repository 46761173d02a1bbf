//! Secrets of the server itself, sealed.

use offhook_core::time::Timestamp;

use crate::columns::time;
use crate::{Sealed, Store, StoreError};

impl Store {
    /// Gives the secret of that name; keeps `new` as that secret if there is none yet.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn server_secret(&self, name: &'static str, new: Sealed, now: Timestamp) -> Result<Sealed, StoreError> {
        self.write(move |connection| {
            connection.execute(
                "insert into server_secret (name, sealed, created_at) values (?1, ?2, ?3) on conflict do nothing",
                (name, &new, time(now)),
            )?;
            Ok(
                connection.query_row("select sealed from server_secret where name = ?1", [name], |row| {
                    row.get("sealed")
                })?,
            )
        })
        .await
    }
}
