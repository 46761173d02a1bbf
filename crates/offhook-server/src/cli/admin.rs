//! `offhook admin …`: who may sign in to the dashboard. It works beside a running server, and lets in whoever is locked out.

pub mod password;

use anyhow::Context as _;
use clap::{Args, Subcommand, ValueEnum};
use offhook_core::administrator::{Role, check_name, check_password};
use offhook_store::{Administrator, AdministratorPatch, NewAdministrator, Store};
use serde_json::json;

use super::{Out, Unprinted, open_present};
use crate::admin::note_command;
use crate::admin::password::Passwords;
use crate::clock::Clock;
use crate::config::Config;

/// What can be done with administrators.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make an administrator, who signs in by a password.
    Create {
        /// The name to sign in with.
        name: String,
        /// What they may do.
        #[arg(long, value_enum)]
        role: RoleName,
        #[command(flatten)]
        password: PasswordSource,
    },
    /// List the administrators.
    List {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Change what an administrator may do; their sessions end.
    SetRole {
        /// The administrator.
        name: String,
        /// What they may do.
        #[arg(value_enum)]
        role: RoleName,
    },
    /// Give an administrator another password; their sessions end.
    SetPassword {
        /// The administrator.
        name: String,
        #[command(flatten)]
        password: PasswordSource,
    },
    /// Forget the authenticator of an administrator who has lost it.
    RemoveTotp {
        /// The administrator.
        name: String,
    },
    /// Delete an administrator; their sessions end.
    Delete {
        /// The administrator.
        name: String,
    },
}

/// Where a password comes from. It is no argument: every user of a machine can read those.
#[derive(Debug, Args)]
pub struct PasswordSource {
    /// Draw a password at random and print it. Without this it is asked for, or read from standard input.
    #[arg(long)]
    generate: bool,
}

/// The roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RoleName {
    /// See everything but secrets; change nothing.
    Viewer,
    /// Also change applications and users, end calls, replay webhooks.
    Operator,
    /// Also make and delete applications, replace their keys, and manage administrators.
    Owner,
}

impl From<RoleName> for Role {
    fn from(role: RoleName) -> Self {
        match role {
            RoleName::Viewer => Self::Viewer,
            RoleName::Operator => Self::Operator,
            RoleName::Owner => Self::Owner,
        }
    }
}

/// Runs a command.
pub async fn run(config: &Config, command: Command) -> anyhow::Result<()> {
    let (store, _) = open_present(config)?;
    match command {
        Command::Create { name, role, password } => {
            let password = read_password(&password, &name)?;
            create(&store, &name, role.into(), &password.hidden).await?;
            writeln!(Out, "Created {name}.{}", password.to_print())?;
        }
        Command::List { json } => print_list(
            &store
                .list_administrators()
                .await
                .context("reading the administrators")?,
            json,
        )?,
        Command::SetRole { name, role } => {
            let patch = AdministratorPatch {
                role: Some(role.into()),
                ..AdministratorPatch::default()
            };
            update(&store, "admin set-role", &name, patch).await?;
            writeln!(Out, "Set. {name} has to sign in again.")?;
        }
        Command::SetPassword { name, password } => {
            let password = read_password(&password, &name)?;
            let hash = Passwords::default().hash(&password.hidden).await;
            let patch = AdministratorPatch {
                password_hash: Some(hash.context("hashing the password")?),
                ..AdministratorPatch::default()
            };
            update(&store, "admin set-password", &name, patch).await?;
            writeln!(Out, "Set. {name} has to sign in again.{}", password.to_print())?;
        }
        Command::RemoveTotp { name } => {
            let patch = AdministratorPatch {
                is_totp_removed: true,
                ..AdministratorPatch::default()
            };
            update(&store, "admin remove-totp", &name, patch).await?;
            writeln!(
                Out,
                "Removed. {name} signs in by the password alone, until they set up another authenticator."
            )?;
        }
        Command::Delete { name } => {
            let found = find(&store, &name).await?;
            let deleted = store.delete_administrator(found.id).await;
            deleted.context("deleting the administrator")?;
            note(&store, "admin delete", &name).await?;
            writeln!(Out, "Deleted {name}.")?;
        }
    }
    store.close().await;
    Ok(())
}

/// Makes an administrator, with a word of it in the log.
///
/// # Errors
/// If the name or the password cannot be used, the name is taken, or the store failed.
pub async fn create(store: &Store, name: &str, role: Role, password: &str) -> anyhow::Result<()> {
    check_name(name).context("the name cannot be used")?;
    check_password(password, name).context("the password cannot be used")?;
    let hash = Passwords::default().hash(password).await;
    let new = NewAdministrator {
        name: name.to_owned(),
        role,
        password_hash: Some(hash.context("hashing the password")?),
        oidc_subject: None,
    };
    let made = store.create_administrator(new, Clock::start().now()).await;
    made.context("creating the administrator")?;
    note(store, "admin create", name).await
}

async fn update(store: &Store, action: &str, name: &str, patch: AdministratorPatch) -> anyhow::Result<()> {
    let found = find(store, name).await?;
    let changed = store.update_administrator(found.id, patch, None).await;
    changed.context("changing the administrator")?;
    note(store, action, name).await
}

async fn find(store: &Store, name: &str) -> anyhow::Result<Administrator> {
    let found = store.administrator_by_name(name).await;
    let found = found.context("reading the administrators")?;
    found.with_context(|| format!("there is no administrator {name}: see `offhook admin list`"))
}

async fn note(store: &Store, action: &str, name: &str) -> anyhow::Result<()> {
    let noted = note_command(store, action, None, Some(name.to_owned()), Clock::start().now());
    noted.await.context("noting it in the log")
}

fn read_password(source: &PasswordSource, name: &str) -> anyhow::Result<password::Password> {
    let password = password::read(source.generate)?;
    check_password(&password.hidden, name).context("the password cannot be used")?;
    Ok(password)
}

fn print_list(administrators: &[Administrator], json: bool) -> Result<(), Unprinted> {
    if json {
        let entries: Vec<_> = administrators
            .iter()
            .map(|one| {
                json!({
                    "name": one.name, "role": one.role.as_str(), "has_totp": one.totp_secret.is_some(),
                    "is_oidc": one.oidc_subject.is_some(),
                })
            })
            .collect();
        writeln!(Out, "{}", json!(entries))?;
        return Ok(());
    }
    if administrators.is_empty() {
        writeln!(
            Out,
            "There is nobody yet. Make the first: offhook admin create NAME --role owner"
        )?;
    }
    for one in administrators {
        let totp = one.totp_secret.as_ref().map_or("", |_| ", authenticator");
        let oidc = one.oidc_subject.as_ref().map_or("", |_| ", by the identity provider");
        writeln!(Out, "{:<24} {}{totp}{oidc}", one.name, one.role.as_str())?;
    }
    Ok(())
}
