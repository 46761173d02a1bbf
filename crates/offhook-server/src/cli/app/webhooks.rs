//! `offhook app webhooks …`.

use anyhow::Context as _;
use clap::Subcommand;
use offhook_core::id::{AppId, AppKey};
use offhook_core::webhook::EventCategory;
use offhook_store::{ApplicationPatch, ApplicationWebhookPatch, Store};
use serde_json::json;

use super::{find, note};
use crate::cli::{Out, Unprinted};
use crate::clock::Clock;
use crate::config::Config;
use crate::outbound::Outbound;
use crate::secret::ServerKey;
use crate::webhooks::subscription;
use crate::{credential, settings};

/// What can be done with webhooks.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show where the application is told of its calls, the hosts that webhooks of calls may be on, and the key that signs.
    Show {
        /// The application.
        app_id: AppId,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Let webhooks of calls be on these hosts too, such as hooks.example.org or hooks.example.org:8443.
    Allow {
        /// The application.
        app_id: AppId,
        /// The hosts; the port is 443 where none is said.
        #[arg(required = true, value_name = "HOST")]
        hosts: Vec<String>,
    },
    /// Let webhooks of calls be on these hosts no more.
    Forbid {
        /// The application.
        app_id: AppId,
        /// The hosts; all, if left out.
        #[arg(value_name = "HOST")]
        hosts: Vec<String>,
    },
    /// Tell the application's own server of all its calls.
    Subscribe {
        /// The application.
        app_id: AppId,
        /// Its address, with https.
        url: String,
        /// An event, such as direct_call:end; may be repeated. All, if left out.
        #[arg(long = "event", value_name = "EVENT")]
        events: Vec<EventCategory>,
    },
    /// Tell the application's own server of nothing more.
    Unsubscribe {
        /// The application.
        app_id: AppId,
    },
    /// Replace the signing key; what is sent is signed by both for a day.
    RotateKey {
        /// The application.
        app_id: AppId,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

/// Runs a command.
pub async fn run(config: &Config, store: &Store, key: &ServerKey, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Show { app_id, json } => {
            let application = find(store, &app_id).await?;
            let signing_key = credential::webhook_key(store, key, application.key, Clock::start().now())
                .await
                .context("reading the signing key")?;
            let own = Subscription::read(store, key, application.key).await?;
            print(&own, &application.webhook_hosts, &signing_key, json)?;
        }
        Command::Subscribe { app_id, url, events } => {
            let application = find(store, &app_id).await?;
            let outbound = Outbound::new(&config.outbound, Vec::new()).context("reading the outbound certificates")?;
            let address = subscription::seal(&outbound, key, application.key, &url)?;
            let enabled_events = if events.is_empty() {
                EventCategory::ALL.to_vec()
            } else {
                events
            };
            let patch = ApplicationWebhookPatch {
                is_enabled: Some(true),
                address: Some(Some(address)),
                enabled_events: Some(enabled_events),
            };
            let changed = store.update_application_webhook(application.key, patch).await;
            changed.context("setting the webhook")?;
            note(store, "app webhooks subscribe", &app_id, Clock::start().now()).await?;
            writeln!(Out, "Set. Its calls are told to {url}, signed by the master API token.")?;
        }
        Command::Unsubscribe { app_id } => {
            let application = find(store, &app_id).await?;
            let patch = ApplicationWebhookPatch {
                is_enabled: Some(false),
                ..ApplicationWebhookPatch::default()
            };
            let changed = store.update_application_webhook(application.key, patch).await;
            changed.context("setting the webhook")?;
            note(store, "app webhooks unsubscribe", &app_id, Clock::start().now()).await?;
            writeln!(Out, "Set. The application is told of nothing, not even what waits.")?;
        }
        Command::Allow { app_id, hosts } => {
            let application = find(store, &app_id).await?;
            let mut allowed = application.webhook_hosts;
            allowed.extend(settings::hosts(&hosts)?);
            allowed.sort();
            allowed.dedup();
            set(store, application.key, allowed.clone()).await?;
            note(store, "app webhooks allow", &app_id, Clock::start().now()).await?;
            print_hosts(&allowed)?;
        }
        Command::Forbid { app_id, hosts } => {
            let application = find(store, &app_id).await?;
            let forbidden = settings::hosts(&hosts)?;
            let mut allowed = application.webhook_hosts;
            allowed.retain(|host| !hosts.is_empty() && !forbidden.contains(host));
            set(store, application.key, allowed.clone()).await?;
            note(store, "app webhooks forbid", &app_id, Clock::start().now()).await?;
            print_hosts(&allowed)?;
        }
        Command::RotateKey { app_id, json } => {
            let application = find(store, &app_id).await?;
            let signing_key = credential::rotate_webhook_key(store, key, application.key, Clock::start().now())
                .await
                .context("replacing the signing key")?;
            note(store, "app webhooks rotate-key", &app_id, Clock::start().now()).await?;
            let own = Subscription::read(store, key, application.key).await?;
            print(&own, &application.webhook_hosts, &signing_key, json)?;
        }
    }
    Ok(())
}

async fn set(store: &Store, app: AppKey, hosts: Vec<String>) -> anyhow::Result<()> {
    let patch = ApplicationPatch {
        webhook_hosts: Some(hosts),
        ..ApplicationPatch::default()
    };
    let changed = store.update_application(app, patch).await;
    changed.context("setting the hosts")?;
    Ok(())
}

fn print_hosts(hosts: &[String]) -> Result<(), Unprinted> {
    if hosts.is_empty() {
        writeln!(Out, "Set. Calls of this application may have no webhook.")
    } else {
        writeln!(Out, "Set. Webhooks of calls may be on {}.", hosts.join(", "))
    }
}

/// Where an application is told of all its calls.
struct Subscription {
    is_enabled: bool,
    url: String,
    events: Vec<EventCategory>,
}

impl Subscription {
    async fn read(store: &Store, key: &ServerKey, app: AppKey) -> anyhow::Result<Self> {
        let webhook = store.application_webhook(app).await.context("reading the webhook")?;
        let opened = webhook.address.map(|(_, sealed)| subscription::open(key, app, &sealed));
        Ok(Self {
            is_enabled: webhook.is_enabled,
            url: opened.transpose()?.map(String::from).unwrap_or_default(),
            events: webhook.enabled_events,
        })
    }

    fn sentence(&self) -> String {
        let events: Vec<_> = self.events.iter().map(|event| event.as_str()).collect();
        if self.is_enabled {
            format!("{} ({})", self.url, events.join(", "))
        } else {
            "off".to_owned()
        }
    }
}

fn print(own: &Subscription, hosts: &[String], signing_key: &str, json: bool) -> Result<(), Unprinted> {
    if json {
        let shown = json!({ "enabled": own.is_enabled, "url": own.url, "enabled_events": own.events });
        writeln!(
            Out,
            "{}",
            json!({ "webhook": shown, "hosts": hosts, "signing_key": signing_key })
        )?;
    } else {
        let hosts = if hosts.is_empty() {
            "none".to_owned()
        } else {
            hosts.join(", ")
        };
        writeln!(
            Out,
            "Own webhook  {}\nHosts        {hosts}\nSigning key  {signing_key}\n\nKeep the key on your servers: it proves who speaks.",
            own.sentence()
        )?;
    }
    Ok(())
}
