//! `offhook app …`.

mod set;
mod webhooks;

use anyhow::Context as _;
use clap::{Subcommand, ValueEnum};
use offhook_core::application::AccessTokenPermission;
use offhook_core::id::AppId;
use offhook_core::time::Timestamp;
use offhook_proto::admin::TokenPermission;
use offhook_store::{Application, ApplicationPatch, Store};
use serde_json::{Value, json};

use super::{Out, Unprinted, open, open_present};
use crate::admin::note_command;
use crate::clock::Clock;
use crate::config::Config;
use crate::secret::ServerKey;
use crate::{credential, settings};

/// What can be done with applications.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Create an application; prints its id and its API token.
    Create {
        /// A name for people.
        name: String,
        /// The id to use, for an application that moves here; drawn at random if left out.
        #[arg(long, value_name = "ID")]
        app_id: Option<AppId>,
        /// What users without a token may do.
        #[arg(long, value_enum, default_value = "deny")]
        permission: Permission,
        /// An origin whose pages may sign in, such as https://example.org; may be repeated. Any, if left out.
        #[arg(long = "allow-origin", value_name = "ORIGIN")]
        allowed_origins: Vec<String>,
        /// Let media take no path but over the relay.
        #[arg(long)]
        relay_only: bool,
        /// A host that webhooks of calls may be on, such as hooks.example.org; may be repeated. None, if left out.
        #[arg(long = "webhook-host", value_name = "HOST")]
        webhook_hosts: Vec<String>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Change an application's settings.
    Set(Box<set::Settings>),
    /// List the applications.
    List {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Say where the events of calls may be told.
    #[command(subcommand)]
    Webhooks(webhooks::Command),
    /// Replace an application's API token; the old one stops working at once.
    RotateToken {
        /// The application.
        app_id: AppId,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

/// What users without a token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Permission {
    /// Nothing: they cannot sign in.
    Deny,
    /// Sign in and answer, but not dial.
    ReadOnly,
    /// Everything; unknown users are created when they sign in.
    ReadWrite,
}

impl From<Permission> for AccessTokenPermission {
    fn from(permission: Permission) -> Self {
        match permission {
            Permission::Deny => Self::Deny,
            Permission::ReadOnly => Self::ReadOnly,
            Permission::ReadWrite => Self::ReadWrite,
        }
    }
}

impl From<Permission> for TokenPermission {
    fn from(permission: Permission) -> Self {
        match permission {
            Permission::Deny => Self::Deny,
            Permission::ReadOnly => Self::ReadOnly,
            Permission::ReadWrite => Self::ReadWrite,
        }
    }
}

/// Runs a command.
pub async fn run(config: &Config, command: Command) -> anyhow::Result<()> {
    let (store, key) = match command {
        Command::Create { .. } => open(config)?,
        _ => open_present(config)?,
    };
    let now = Clock::start().now();
    match command {
        Command::Create {
            name,
            app_id,
            permission,
            allowed_origins,
            relay_only,
            webhook_hosts,
            json,
        } => {
            settings::check_name(&name)?;
            let allowed_origins = settings::origins(&allowed_origins)?;
            let webhook_hosts = settings::hosts(&webhook_hosts)?;
            let wanted = credential::WantedApplication {
                app_id,
                name,
                permission: permission.into(),
                allowed_origins,
                is_relay_only: relay_only,
            };
            let (application, api_token) = credential::create_application(&store, &key, wanted, now)
                .await
                .context("creating the application")?;
            store
                .update_application(
                    application.key,
                    ApplicationPatch {
                        webhook_hosts: Some(webhook_hosts),
                        ..ApplicationPatch::default()
                    },
                )
                .await
                .context("setting the hosts of webhooks")?;
            note(&store, "app create", &application.id, now).await?;
            print_token(&application.id, &api_token, json)?;
        }
        Command::Webhooks(command) => webhooks::run(config, &store, &key, command).await?,
        Command::Set(settings) => {
            let app_id = set::run(config, &store, &key, *settings).await?;
            note(&store, "app set", &app_id, now).await?;
            writeln!(
                Out,
                "Set. A running server goes by it from the next sign-in on, and looks at open sockets within ten seconds."
            )?;
        }
        Command::List { json } => {
            let applications = store.list_applications().await.context("reading the applications")?;
            if json {
                writeln!(Out, "{}", list(&applications, &key)?)?;
            } else {
                print_list(&applications)?;
            }
        }
        Command::RotateToken { app_id, json } => {
            let application = find(&store, &app_id).await?;
            let api_token = credential::rotate_api_token(&store, &key, application.key, now)
                .await
                .context("replacing the API token")?;
            note(&store, "app rotate-token", &application.id, now).await?;
            print_token(&application.id, &api_token, json)?;
        }
    }
    store.close().await;
    Ok(())
}

/// Notes a change of an application in the log of administrators.
pub async fn note(store: &Store, action: &str, app_id: &AppId, now: Timestamp) -> anyhow::Result<()> {
    let noted = note_command(store, action, Some(app_id.to_string()), None, now);
    noted.await.context("noting it in the log")
}

/// Finds an application, or says that there is none.
pub async fn find(store: &Store, app_id: &AppId) -> anyhow::Result<Application> {
    let found = store
        .application_by_id(app_id)
        .await
        .context("reading the application")?;
    found.with_context(|| {
        format!("there is no application {app_id} in this data folder: see `offhook app list`, and --data-dir")
    })
}

fn print_token(app_id: &AppId, api_token: &str, json: bool) -> Result<(), Unprinted> {
    if json {
        writeln!(Out, "{}", json!({ "app_id": app_id, "api_token": api_token }))?;
    } else {
        writeln!(
            Out,
            "Application  {app_id}\nAPI token    {api_token}\n\nKeep the token on your servers: it can do everything in this application."
        )?;
    }
    Ok(())
}

/// Every setting, for programs.
fn list(applications: &[Application], key: &ServerKey) -> anyhow::Result<Value> {
    let row = |application: &Application| {
        let body = settings::body(application, key).context("opening the address of a dial hook")?;
        Ok(json!({
            "app_id": body.app_id, "name": body.name, "permission": application.permission.as_str(),
            "allowed_origins": body.allowed_origins, "relay_only": body.is_relay_only,
            "max_ringing_s": body.max_ringing_s, "max_connecting_s": body.max_connecting_s,
            "webhook_hosts": body.webhook_hosts, "call_retention_days": body.call_retention_days,
            "quality_retention_days": body.quality_retention_days,
            "delivery_retention_days": body.delivery_retention_days, "dial_hook": body.dial_hook,
            "created_at": body.created_at,
        }))
    };
    applications.iter().map(row).collect()
}

fn print_list(applications: &[Application]) -> Result<(), Unprinted> {
    if applications.is_empty() {
        writeln!(
            Out,
            "There are no applications yet. Create one: offhook app create \"My application\""
        )?;
    }
    for application in applications {
        writeln!(
            Out,
            "{}  {:<10}  {:<10}  {}",
            application.id,
            application.permission.as_str(),
            if application.is_relay_only {
                "relay only"
            } else {
                "any path"
            },
            application.name
        )?;
    }
    Ok(())
}
