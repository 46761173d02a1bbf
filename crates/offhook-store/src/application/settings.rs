//! What operators set about an application.

use std::time::Duration;

use offhook_core::application::AccessTokenPermission;
use offhook_core::id::AppKey;
use rusqlite::{Connection, Result, Row, named_params};

use super::{Application, ApplicationError, by_key};
use crate::columns::{Columns, json, span};
use crate::{Sealed, Store};

/// The words of what counts where a dial hook gives no answer.
const ALLOW: &str = "allow";
const DENY: &str = "deny";

/// The application's server is asked whether a call may ring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DialHook {
    /// The address, sealed.
    pub sealed: Sealed,
    /// How long its answer is waited for.
    pub timeout: Duration,
    /// Whether a call rings where there is no answer.
    pub is_allowed_on_failure: bool,
}

/// Settings that are to be others. What is `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ApplicationPatch {
    /// What operators call it.
    pub name: Option<String>,
    /// Who may sign in without a token. Sessions that are not allowed any more end at their next check.
    pub permission: Option<AccessTokenPermission>,
    /// The origins whose pages may use it; empty allows all.
    pub allowed_origins: Option<Vec<String>>,
    /// Whether its media takes no path but over the relay. Calls that go on stay as they are.
    pub is_relay_only: Option<bool>,
    /// The hosts that webhooks of its calls may be on, each with its port; none turns them off. What waits to be told to
    /// another host is told to nobody.
    pub webhook_hosts: Option<Vec<String>>,
    /// The longest that its calls may ring.
    pub max_ringing: Option<Duration>,
    /// The longest that its calls may take to connect.
    pub max_connecting: Option<Duration>,
    /// How many days ended calls are kept; `Some(None)` is for ever.
    pub call_retention_days: Option<Option<u32>>,
    /// How many days measurements are kept; `Some(None)` is as long as their call.
    pub quality_retention_days: Option<Option<u32>>,
    /// How many days webhook deliveries are kept once they are settled.
    pub delivery_retention_days: Option<u32>,
    /// Who is asked before a call rings; `Some(None)` is nobody.
    pub dial_hook: Option<Option<DialHook>>,
}

impl Store {
    /// Changes an application's settings.
    ///
    /// # Errors
    /// [`ApplicationError::NoSuchApplication`].
    pub async fn update_application(
        &self,
        app: AppKey,
        patch: ApplicationPatch,
    ) -> Result<Application, ApplicationError> {
        self.write(move |connection| {
            let mut application = by_key(connection, app)?.ok_or(ApplicationError::NoSuchApplication)?;
            application.apply(patch);
            write_settings(connection, &application)?;
            Ok(application)
        })
        .await
    }
}

impl Application {
    fn apply(&mut self, patch: ApplicationPatch) {
        fn set<T>(field: &mut T, to: Option<T>) {
            if let Some(to) = to {
                *field = to;
            }
        }
        set(&mut self.name, patch.name);
        set(&mut self.permission, patch.permission);
        set(&mut self.allowed_origins, patch.allowed_origins);
        set(&mut self.is_relay_only, patch.is_relay_only);
        set(&mut self.webhook_hosts, patch.webhook_hosts);
        set(&mut self.max_ringing, patch.max_ringing);
        set(&mut self.max_connecting, patch.max_connecting);
        set(&mut self.call_retention_days, patch.call_retention_days);
        set(&mut self.quality_retention_days, patch.quality_retention_days);
        set(&mut self.delivery_retention_days, patch.delivery_retention_days);
        set(&mut self.dial_hook, patch.dial_hook);
    }
}

/// What counts for a dial, and nothing else: it is read at each.
pub(crate) struct DialSettings {
    pub limits: DialLimits,
    pub hook: Option<DialHook>,
}

/// The longest that calls may ring and connect.
pub(crate) struct DialLimits {
    pub max_ringing: Duration,
    pub max_connecting: Duration,
}

pub(crate) fn dial_settings(connection: &Connection, app: AppKey) -> Result<DialSettings> {
    connection
        .prepare_cached(
            "select max_ringing_ms, max_connecting_ms, dial_hook, dial_hook_timeout_ms, dial_hook_on_failure
             from application where app_key = ?1",
        )?
        .query_row([app.0], |row| {
            Ok(DialSettings {
                limits: DialLimits {
                    max_ringing: row.duration("max_ringing_ms")?,
                    max_connecting: row.duration("max_connecting_ms")?,
                },
                hook: dial_hook(row)?,
            })
        })
}

/// Who is asked before a call rings.
pub(super) fn dial_hook(row: &Row<'_>) -> Result<Option<DialHook>> {
    let sealed: Option<Sealed> = row.get("dial_hook")?;
    let (timeout, on_failure) = (
        row.duration("dial_hook_timeout_ms")?,
        row.get::<_, String>("dial_hook_on_failure")?,
    );
    Ok(sealed.map(|sealed| DialHook {
        sealed,
        timeout,
        is_allowed_on_failure: on_failure == ALLOW,
    }))
}

fn write_settings(connection: &Connection, application: &Application) -> Result<()> {
    let hook = application.dial_hook.as_ref();
    connection
        .execute(
            "update application set name = :name, access_token_permission = :permission, allowed_origins = :origins,
                is_relay_only = :is_relay_only, webhook_hosts = :webhook_hosts, max_ringing_ms = :max_ringing,
                max_connecting_ms = :max_connecting, call_retention_days = :call_days,
                quality_retention_days = :quality_days, delivery_retention_days = :delivery_days, dial_hook = :hook,
                dial_hook_timeout_ms = coalesce(:hook_timeout, dial_hook_timeout_ms),
                dial_hook_on_failure = coalesce(:hook_on_failure, dial_hook_on_failure)
             where app_key = :app_key",
            named_params! {
                ":app_key": application.key.0, ":name": application.name, ":permission": application.permission.as_str(),
                ":origins": json(&application.allowed_origins)?, ":is_relay_only": application.is_relay_only,
                ":webhook_hosts": json(&application.webhook_hosts)?,
                ":max_ringing": span(application.max_ringing), ":max_connecting": span(application.max_connecting),
                ":call_days": application.call_retention_days, ":quality_days": application.quality_retention_days,
                ":delivery_days": application.delivery_retention_days, ":hook": hook.map(|hook| &hook.sealed),
                ":hook_timeout": hook.map(|hook| span(hook.timeout)),
                ":hook_on_failure": hook.map(|hook| if hook.is_allowed_on_failure { ALLOW } else { DENY }),
            },
        )
        .map(|_| ())
}
