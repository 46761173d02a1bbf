//! `offhook user …`.

use anyhow::Context as _;
use clap::{Subcommand, ValueEnum};
use offhook_core::id::{AppId, UserKey};
use offhook_core::time::Timestamp;
use offhook_store::{NewUser, Store};
use serde_json::json;

use super::app::find;
use super::{Out, open_present};
use crate::admin::note_command;
use crate::clock::Clock;
use crate::config::Config;
use crate::{credential, secret};

/// What can be done with users.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Create a user.
    Create {
        /// The application.
        #[arg(long, value_name = "ID")]
        app: AppId,
        /// The id of the user, 1 to 80 characters.
        user_id: String,
        /// A name to show.
        #[arg(long, default_value = "")]
        nickname: String,
    },
    /// Issue a token with which a user signs in; prints it, once.
    IssueToken {
        /// The application.
        #[arg(long, value_name = "ID")]
        app: AppId,
        /// The user.
        user_id: String,
        /// An access token replaces the one before; session tokens live beside each other for 7 days.
        #[arg(long, value_enum, default_value = "access")]
        kind: Kind,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Revoke every session token of a user. A running server closes their sockets within ten seconds.
    Revoke {
        /// The application.
        #[arg(long, value_name = "ID")]
        app: AppId,
        /// The user.
        user_id: String,
    },
}

/// The kinds of token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// Valid until replaced.
    Access,
    /// Valid for 7 days, or until revoked.
    Session,
}

/// Runs a command.
pub async fn run(config: &Config, command: Command) -> anyhow::Result<()> {
    let (store, key) = open_present(config)?;
    let now = Clock::start().now();
    match command {
        Command::Create { app, user_id, nickname } => {
            offhook_core::user::check_user_id(&user_id).context("the user id cannot be used")?;
            offhook_core::user::check_nickname(&nickname).context("the nickname cannot be used")?;
            let application = find(&store, &app).await?;
            let new = NewUser {
                nickname,
                ..NewUser::new(UserKey::from_bytes(secret::random()), user_id.clone())
            };
            store
                .create_user(application.key, new, now)
                .await
                .context("creating the user")?;
            note(&store, "user create", &app, &user_id, now).await?;
            let where_it_is = config.said_to_commands();
            writeln!(
                Out,
                "Created {user_id}. Issue a token next: offhook user issue-token --app {app} {user_id}{where_it_is}"
            )?;
        }
        Command::IssueToken {
            app,
            user_id,
            kind,
            json,
        } => {
            let application = find(&store, &app).await?;
            let token = match kind {
                Kind::Access => credential::issue_access_token(&store, application.key, &user_id)
                    .await
                    .context("issuing an access token")?,
                Kind::Session => {
                    credential::issue_session_token(&store, &key, application.key, &user_id, None, now)
                        .await
                        .context("issuing a session token")?
                        .0
                }
            };
            note(&store, "user issue-token", &app, &user_id, now).await?;
            if json {
                writeln!(Out, "{}", json!({ "user_id": user_id, "token": token }))?;
            } else {
                writeln!(Out, "{token}")?;
            }
        }
        Command::Revoke { app, user_id } => {
            let application = find(&store, &app).await?;
            store
                .revoke_session_tokens(application.key, &user_id)
                .await
                .context("revoking the session tokens")?;
            note(&store, "user revoke", &app, &user_id, now).await?;
            writeln!(Out, "Revoked every session token of {user_id}.")?;
        }
    }
    store.close().await;
    Ok(())
}

async fn note(store: &Store, action: &str, app: &AppId, user_id: &str, now: Timestamp) -> anyhow::Result<()> {
    let noted = note_command(store, action, Some(app.to_string()), Some(user_id.to_owned()), now);
    noted.await.context("noting it in the log")
}
