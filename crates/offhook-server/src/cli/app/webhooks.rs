//! `offhook app webhooks …`.

use anyhow::Context as _;
use clap::Subcommand;
use offhook_core::id::AppId;
use offhook_store::ApplicationPatch;
use offhook_store::Store;
use serde_json::json;

use super::{find, note};
use crate::clock::Clock;
use crate::secret::ServerKey;
use crate::{credential, settings};

/// What can be done with webhooks.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show the hosts that webhooks of calls may be on, and the key that signs what is sent there.
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
pub async fn run(store: &Store, key: &ServerKey, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Show { app_id, json } => {
            let application = find(store, &app_id).await?;
            let signing_key = credential::webhook_key(store, key, application.key, Clock::start().now())
                .await
                .context("reading the signing key")?;
            print(&application.webhook_hosts, &signing_key, json);
        }
        Command::Allow { app_id, hosts } => {
            let application = find(store, &app_id).await?;
            let mut allowed = application.webhook_hosts;
            allowed.extend(settings::hosts(&hosts)?);
            allowed.sort();
            allowed.dedup();
            set(store, application.key, allowed).await?;
            note(store, "app webhooks allow", &app_id, Clock::start().now()).await?;
        }
        Command::Forbid { app_id, hosts } => {
            let application = find(store, &app_id).await?;
            let forbidden = settings::hosts(&hosts)?;
            let mut allowed = application.webhook_hosts;
            allowed.retain(|host| !hosts.is_empty() && !forbidden.contains(host));
            set(store, application.key, allowed).await?;
            note(store, "app webhooks forbid", &app_id, Clock::start().now()).await?;
        }
        Command::RotateKey { app_id, json } => {
            let application = find(store, &app_id).await?;
            let signing_key = credential::rotate_webhook_key(store, key, application.key, Clock::start().now())
                .await
                .context("replacing the signing key")?;
            note(store, "app webhooks rotate-key", &app_id, Clock::start().now()).await?;
            print(&application.webhook_hosts, &signing_key, json);
        }
    }
    Ok(())
}

async fn set(store: &Store, app: offhook_core::id::AppKey, hosts: Vec<String>) -> anyhow::Result<()> {
    let shown = hosts.join(", ");
    store
        .update_application(
            app,
            ApplicationPatch {
                webhook_hosts: Some(hosts),
                ..ApplicationPatch::default()
            },
        )
        .await
        .context("setting the hosts")?;
    if shown.is_empty() {
        println!("Set. Calls of this application may have no webhook.");
    } else {
        println!("Set. Webhooks of calls may be on {shown}.");
    }
    Ok(())
}

fn print(hosts: &[String], signing_key: &str, json: bool) {
    if json {
        println!("{}", json!({ "hosts": hosts, "signing_key": signing_key }));
    } else {
        let hosts = if hosts.is_empty() {
            "none".to_owned()
        } else {
            hosts.join(", ")
        };
        println!(
            "Hosts        {hosts}\nSigning key  {signing_key}\n\nKeep the key on your servers: it proves who speaks."
        );
    }
}
