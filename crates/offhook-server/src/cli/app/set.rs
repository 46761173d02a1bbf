//! `offhook app set`.

use anyhow::Context as _;
use clap::Args;
use offhook_core::id::AppId;
use offhook_proto::admin::{ApplicationChange, DialHookFallback};
use offhook_store::Store;

use super::{Permission, find};
use crate::config::Config;
use crate::outbound::Outbound;
use crate::secret::ServerKey;
use crate::{relay, settings};

/// What is to be another. What is left out stays.
#[derive(Debug, Args)]
pub struct Settings {
    /// The application.
    app_id: AppId,
    /// A name for people.
    #[arg(long)]
    name: Option<String>,
    /// What users without a token may do.
    #[arg(long, value_enum)]
    permission: Option<Permission>,
    /// An origin whose pages may sign in; may be repeated. Replaces the list.
    #[arg(long = "allow-origin", value_name = "ORIGIN", conflicts_with = "allow_any_origin")]
    allowed_origins: Vec<String>,
    /// Let pages of any origin sign in.
    #[arg(long)]
    allow_any_origin: bool,
    /// Whether media takes no path but over the relay.
    #[arg(long, value_name = "true|false")]
    relay_only: Option<bool>,
    /// The longest that calls may ring, whatever a dial asks: 5 to 300 seconds.
    #[arg(long, value_name = "SECONDS")]
    max_ringing: Option<u32>,
    /// The longest that calls may take to connect, whatever a dial asks: 5 to 300 seconds.
    #[arg(long, value_name = "SECONDS")]
    max_connecting: Option<u32>,
    /// How long ended calls are kept, at most 3650 days; 0 is for ever.
    #[arg(long, value_name = "DAYS")]
    keep_calls: Option<u32>,
    /// How long measurements are kept, at most 3650 days; 0 is as long as their call.
    #[arg(long, value_name = "DAYS")]
    keep_quality: Option<u32>,
    /// How long webhook deliveries are kept once they are settled: 1 to 365 days.
    #[arg(long, value_name = "DAYS")]
    keep_deliveries: Option<u32>,
    /// Who is asked before a call rings: an https address. Empty: nobody.
    #[arg(long, value_name = "URL")]
    dial_hook: Option<String>,
    /// How long its answer is waited for: 100 to 5000 milliseconds.
    #[arg(long, value_name = "MILLISECONDS")]
    dial_hook_timeout: Option<u32>,
    /// What counts where there is no answer.
    #[arg(long, value_name = "allow|deny", value_parser = fallback)]
    dial_hook_on_failure: Option<DialHookFallback>,
}

/// Changes an application; gives which.
pub async fn run(config: &Config, store: &Store, key: &ServerKey, settings: Settings) -> anyhow::Result<AppId> {
    let application = find(store, &settings.app_id).await?;
    let outbound = Outbound::new(&config.outbound, relay::not_reached_from_here(&config.relay, &[]))
        .context("the configuration cannot be used")?;
    let patch = settings::patch(settings.change(), &application, &outbound, key)?;
    store
        .update_application(application.key, patch)
        .await
        .context("changing the application")?;
    Ok(application.id)
}

impl Settings {
    fn change(self) -> ApplicationChange {
        let has_origins = self.allow_any_origin || !self.allowed_origins.is_empty();
        ApplicationChange {
            name: self.name,
            access_token_permission: self.permission.map(Into::into),
            allowed_origins: has_origins.then_some(self.allowed_origins),
            is_relay_only: self.relay_only,
            max_ringing_s: self.max_ringing,
            max_connecting_s: self.max_connecting,
            webhook_hosts: None,
            call_retention_days: self.keep_calls,
            quality_retention_days: self.keep_quality,
            delivery_retention_days: self.keep_deliveries,
            dial_hook_url: self.dial_hook,
            dial_hook_timeout_ms: self.dial_hook_timeout,
            dial_hook_on_failure: self.dial_hook_on_failure,
        }
    }
}

fn fallback(text: &str) -> Result<DialHookFallback, &'static str> {
    match text {
        "allow" => Ok(DialHookFallback::Allow),
        "deny" => Ok(DialHookFallback::Deny),
        _ => Err("write allow or deny"),
    }
}
