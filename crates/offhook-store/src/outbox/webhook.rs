//! Where events are told: the application's own webhook, and those that dials named.

use offhook_core::call::Call;
use offhook_core::id::AppKey;
use offhook_core::webhook::EventCategory;
use rusqlite::{Connection, OptionalExtension, Result, Row, named_params};

use super::NewWebhook;
use crate::columns::{Columns, json};
use crate::{Sealed, Store, StoreError, application};

/// Where an application is told of all its calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplicationWebhook {
    /// Whether it is told at all. What waits when this is turned off is told to nobody.
    pub is_enabled: bool,
    /// The host with its port, and the sealed address; `None` where there never was one.
    pub address: Option<(String, Sealed)>,
    /// What is told.
    pub enabled_events: Vec<EventCategory>,
}

/// What is to be another in an application's webhook. What is `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ApplicationWebhookPatch {
    /// Whether events are told.
    pub is_enabled: Option<bool>,
    /// The host with its port, and the sealed address; `Some(None)` is none.
    pub address: Option<Option<(String, Sealed)>>,
    /// What is told; nothing turns it off.
    pub enabled_events: Option<Vec<EventCategory>>,
}

/// Why an application's webhook was not changed.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// It would be on and have no address.
    #[error("a webhook that is enabled needs an address")]
    NoAddress,
    /// There is no such application.
    #[error("there is no such application")]
    NoSuchApplication,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<rusqlite::Error> for WebhookError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

/// Off, and all events once it is on.
impl Default for ApplicationWebhook {
    fn default() -> Self {
        Self {
            is_enabled: false,
            address: None,
            enabled_events: EventCategory::ALL.to_vec(),
        }
    }
}

impl Store {
    /// Where an application is told of all its calls.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn application_webhook(&self, app: AppKey) -> Result<ApplicationWebhook, StoreError> {
        self.read(move |connection| Ok(own(connection, app)?.unwrap_or_default()))
            .await
    }

    /// Changes where an application is told of all its calls. What waits is told to the new address.
    ///
    /// # Errors
    /// [`WebhookError`] says why nothing changed.
    pub async fn update_application_webhook(
        &self,
        app: AppKey,
        patch: ApplicationWebhookPatch,
    ) -> Result<ApplicationWebhook, WebhookError> {
        self.write(move |connection| {
            application::by_key(connection, app)?.ok_or(WebhookError::NoSuchApplication)?;
            let found = own(connection, app)?;
            let is_new = found.is_none();
            let mut webhook = found.unwrap_or_default();
            webhook.apply(patch)?;
            write_own(connection, app, &webhook, is_new)?;
            Ok(webhook)
        })
        .await
    }
}

impl ApplicationWebhook {
    fn apply(&mut self, patch: ApplicationWebhookPatch) -> Result<(), WebhookError> {
        if let Some(events) = patch.enabled_events {
            self.enabled_events = events;
        }
        if let Some(address) = patch.address {
            self.address = address;
        }
        let is_enabled = patch.is_enabled.unwrap_or(self.is_enabled);
        self.is_enabled = is_enabled && !self.enabled_events.is_empty();
        if self.is_enabled && self.address.is_none() {
            return Err(WebhookError::NoAddress);
        }
        Ok(())
    }
}

fn own(connection: &Connection, app: AppKey) -> Result<Option<ApplicationWebhook>> {
    connection
        .prepare_cached(
            "select is_enabled, host, sealed, enabled_events from webhook where app_key = ?1 and call_number is null",
        )?
        .query_row([app.0], webhook)
        .optional()
}

fn webhook(row: &Row<'_>) -> Result<ApplicationWebhook> {
    let (host, sealed): (String, Option<Sealed>) = (row.get("host")?, row.get("sealed")?);
    Ok(ApplicationWebhook {
        is_enabled: row.get("is_enabled")?,
        address: sealed.map(|sealed| (host, sealed)),
        enabled_events: row.json("enabled_events")?,
    })
}

fn write_own(connection: &Connection, app: AppKey, webhook: &ApplicationWebhook, is_new: bool) -> Result<()> {
    let (host, sealed) = webhook
        .address
        .as_ref()
        .map_or(("", None), |(host, sealed)| (host, Some(sealed)));
    let statement = if is_new {
        "insert into webhook (app_key, is_enabled, host, sealed, enabled_events)
         values (:app, :is_enabled, :host, :sealed, :events)"
    } else {
        "update webhook set is_enabled = :is_enabled, host = :host, sealed = :sealed, enabled_events = :events
         where app_key = :app and call_number is null"
    };
    connection
        .execute(
            statement,
            named_params! {
                ":app": app.0, ":is_enabled": webhook.is_enabled, ":host": host, ":sealed": sealed,
                ":events": json(&webhook.enabled_events)?,
            },
        )
        .map(|_| ())
}

/// Attaches a webhook to a call that was just made.
pub(crate) fn attach(connection: &Connection, number: i64, call: &Call, webhook: &NewWebhook) -> Result<()> {
    connection
        .prepare_cached(
            "insert into webhook (app_key, call_number, is_enabled, host, sealed, enabled_events)
             values (?1, ?2, true, ?3, ?4, ?5)",
        )?
        .execute((
            call.app.0,
            number,
            &webhook.host,
            &webhook.sealed,
            json(&webhook.enabled_events)?,
        ))
        .map(|_| ())
}

/// Address and headers that a dial named are secrets that nobody needs once its call has ended and nothing is to be sent, nor
/// may be sent again.
pub(super) fn forget(connection: &Connection, number: i64) -> Result<()> {
    const ENDED: &str = "call_number = ?1 and exists (
        select 1 from call where call.call_number = ?1 and ended_at is not null)";
    let mut is_any = connection.prepare_cached("select 1 from webhook where call_number = ?1")?;
    if !is_any.exists([number])? {
        return Ok(());
    }
    connection
        .prepare_cached(&format!(
            "delete from webhook where {ENDED}
             and not exists (select 1 from outbox where outbox.webhook_id = webhook.webhook_id)"
        ))?
        .execute([number])?;
    connection
        .prepare_cached(&format!(
            "update webhook set sealed = null where {ENDED} and sealed is not null and not exists (
                select 1 from outbox where outbox.webhook_id = webhook.webhook_id and state <> 'delivered')"
        ))?
        .execute([number])
        .map(|_| ())
}
