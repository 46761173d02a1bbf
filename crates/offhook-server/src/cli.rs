//! The command line.

mod admin;
mod app;
mod backup;
mod call;
mod demo;
mod doctor;
mod listen;
mod phone;
mod relay;
mod serve;
mod usage;
mod user;

use std::fmt;
use std::io::{self, Write as _};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use offhook_store::Store;

use crate::config::{Config, Overrides};
use crate::node::Node;
use crate::outbound::Outbound;
use crate::secret::ServerKey;
use crate::tls::Tls;

/// Voice and video calling that your team runs itself.
#[derive(Debug, Parser)]
#[command(name = "offhook", version, propagate_version = true, disable_help_subcommand = true)]
pub struct Cli {
    #[command(flatten)]
    overrides: Overrides,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server.
    Serve(serve::Options),
    /// Try it: a server that forgets everything, with two users and links to open.
    Demo(demo::Options),
    /// Check what the server needs, and say what to do about what is missing.
    Doctor(doctor::Options),
    /// Run the relay alone: STUN and TURN for calls that other servers set up.
    Relay(relay::Options),
    /// Create and change applications.
    #[command(subcommand)]
    App(app::Command),
    /// Say who may sign in to the dashboard.
    #[command(subcommand)]
    Admin(admin::Command),
    /// Create users and issue or revoke their tokens.
    #[command(subcommand)]
    User(user::Command),
    /// Call somebody from the terminal, or look at a call that was made.
    Call(call::Options),
    /// Answer calls in the terminal: play a file to who calls, record what they say.
    Listen(listen::Options),
    /// Report, export and prove what calls came to.
    #[command(subcommand)]
    Usage(usage::Command),
    /// Make a consistent copy of the store and its key, while the server runs or not.
    Backup(backup::BackupOptions),
    /// Put a backup into the data folder, while no server runs.
    Restore(backup::RestoreOptions),
    /// Check or show the configuration.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Bring the store to the form this version needs, and do nothing else.
    Migrate,
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Say whether the configuration can be used.
    Check,
    /// Show every setting and its value, as TOML.
    Print,
}

/// Runs a command.
///
/// # Errors
/// Says what failed and what was being done.
pub async fn run(cli: Cli) -> anyhow::Result<()> {
    if let Command::Doctor(options) = cli.command {
        // It tells of a configuration that cannot be used, as of all else.
        return doctor::run(&cli.overrides, options).await;
    }
    // A device needs no configuration of a server.
    let cli = match cli.command {
        Command::Listen(options) => return listen::run(options).await,
        Command::Call(options) => return call::run(|| load(&cli.overrides), options).await,
        command => Cli { command, ..cli },
    };
    let config = load(&cli.overrides)?;
    match cli.command {
        Command::Doctor(options) => doctor::run(&cli.overrides, options).await,
        Command::Serve(options) => serve::run(config, options).await,
        Command::Demo(options) => demo::run(&cli.overrides, options).await,
        Command::Relay(options) => relay::run(config, options).await,
        Command::App(command) => app::run(&config, command).await,
        Command::Admin(command) => admin::run(&config, command).await,
        Command::User(command) => user::run(&config, command).await,
        Command::Call(options) => call::run(|| Ok(config), options).await,
        Command::Listen(options) => listen::run(options).await,
        Command::Usage(command) => usage::run(&config, command).await,
        Command::Backup(options) => backup::back_up(&config, options).await,
        Command::Restore(options) => backup::restore(&config, options).await,
        Command::Config(ConfigCommand::Check) => {
            Tls::check(&config.tls).context("the configuration cannot be used")?;
            Outbound::new(&config.outbound, Vec::new()).context("the configuration cannot be used")?;
            writeln!(Out, "The configuration is good.")?;
            Ok(())
        }
        Command::Config(ConfigCommand::Print) => {
            write!(Out, "{}", toml(&config)?)?;
            Ok(())
        }
        Command::Migrate => {
            let (store, _) = open(&config)?;
            store.close().await;
            writeln!(Out, "The store in {} is up to date.", config.data_dir.display())?;
            Ok(())
        }
    }
}

fn load(overrides: &Overrides) -> anyhow::Result<Config> {
    Config::load(overrides).context("the configuration cannot be used")
}

fn write_section(text: &mut String, name: &str, fields: &serde_json::Map<String, serde_json::Value>) {
    for (key, value) in fields
        .iter()
        .filter(|(_, value)| !value.is_object() && !value.is_null())
    {
        text.push_str(&format!("{key} = {value}\n"));
    }
    for (key, value) in fields {
        if let Some(section) = value.as_object() {
            let name = if name.is_empty() {
                key.clone()
            } else {
                format!("{name}.{key}")
            };
            text.push_str(&format!("\n[{name}]\n"));
            write_section(text, &name, section);
        }
    }
}

/// Opens the store that there is. A command in the wrong folder is to say so, and not to make another.
fn open_present(config: &Config) -> anyhow::Result<(Store, ServerKey)> {
    let folder = std::path::absolute(&config.data_dir).unwrap_or_else(|_| config.data_dir.clone());
    anyhow::ensure!(
        config.database_path().exists(),
        "there is no store in {}: say where it is with --data-dir or --config",
        folder.display()
    );
    open(config)
}

/// Opens the store, and makes one where there is none.
fn open(config: &Config) -> anyhow::Result<(Store, ServerKey)> {
    Node::open_store(config).with_context(|| format!("opening the store in {}", config.data_dir.display()))
}

/// Writes a configuration as TOML, which takes the plain keys of a section first, then the sections in it.
fn toml(config: &Config) -> anyhow::Result<String> {
    let value = serde_json::to_value(config).context("writing the configuration")?;
    let fields = value.as_object().context("writing the configuration")?;
    let mut text = String::new();
    write_section(&mut text, "", fields);
    if config.relay.secret.is_some() {
        text = text.replace("\n[relay]\n", "\n[relay]\n# The secret is set, and not shown.\n");
    }
    Ok(text)
}

/// Standard output, for `writeln!`.
struct Out;

impl Out {
    fn write_fmt(self, words: fmt::Arguments<'_>) -> Result<(), Unprinted> {
        io::stdout().write_fmt(words).map_err(Unprinted)
    }
}

/// What a command has to say cannot be printed. What it had to do is done.
#[derive(Debug, thiserror::Error)]
#[error("printing what was done")]
struct Unprinted(#[source] io::Error);

/// Says on standard error what a command failed with, and returns what the shell is told. Whoever stopped reading, as `head` does,
/// need not hear that the rest was not printed: the shell alone is told, as if the signal of a broken pipe had ended the program.
pub fn fail(error: &anyhow::Error) -> ExitCode {
    let is_unread = |Unprinted(error): &Unprinted| error.kind() == io::ErrorKind::BrokenPipe;
    if error.downcast_ref().is_some_and(is_unread) {
        return ExitCode::from(128 + 13);
    }
    complain(&format!("{error:#}"));
    ExitCode::FAILURE
}

/// Says on standard error what went wrong. Whoever does not listen need not be told.
fn complain(words: &str) {
    _ = writeln!(io::stderr(), "offhook: {}", plain(words));
}

/// What a server, or somebody who calls, may have written, without what would steer a terminal.
fn plain(words: &str) -> String {
    let is_steering = |character: char| character.is_control() && character != '\n';
    words.replace(is_steering, "\u{fffd}")
}

#[cfg(test)]
mod tests;
