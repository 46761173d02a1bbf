//! `offhook serve`.

use std::fs;
use std::io::{self, Write};
use std::net::{IpAddr, SocketAddr};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use offhook_core::application::AccessTokenPermission;
use serde_json::{Value, json};
use tokio::signal::unix::{SignalKind, signal};
use tracing::Dispatch;
use tracing_subscriber::filter::{FilterExt as _, FilterFn, LevelFilter};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};

use crate::config::admin::DashboardPlace;
use crate::config::{Config, LogFormat};
use crate::credential;
use crate::node::{Node, Serving};
use crate::relay::RelayHandle;
use crate::telemetry::{self, Telemetry};

/// What `serve` takes beside the configuration.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Write a JSON file with the addresses, the first application and its API token once it serves.
    #[arg(long, value_name = "PATH")]
    ready_file: Option<PathBuf>,
}

/// Runs the server until it is told to stop.
pub async fn run(config: Config, options: Options) -> anyhow::Result<()> {
    let telemetry = log(&config)?;
    let stop = stop_signal()?;
    let serving = Node::serve(config, false).await.context("starting")?;
    let first = first_application(&serving.node).await?;
    if let Some(path) = &options.ready_file {
        write_ready_file(path, &ready(&serving, &first)).with_context(|| format!("writing {}", path.display()))?;
    }
    let has_administrators = serving.node.store().has_administrators().await;
    let has_administrators = has_administrators.context("reading the administrators")?;
    say(|out| {
        where_to_go(out, &serving, &first)?;
        where_dashboard_is(out, &serving, has_administrators)
    });
    stop.await;
    tracing::info!("stopping: sockets are told to move, calls go on");
    serving.stop().await;
    telemetry.end().await;
    Ok(())
}

/// The first application, made if there is none.
struct First {
    app_id: String,
    api_token: String,
    is_new: bool,
}

async fn first_application(node: &Node) -> anyhow::Result<First> {
    let (store, key, now) = (node.store(), node.key(), node.clock().now());
    let applications = store.list_applications().await.context("reading the applications")?;
    if let Some(application) = applications.first() {
        let api_token = credential::api_token(store, key, application.key)
            .await
            .context("reading the API token")?;
        return Ok(First {
            app_id: application.id.to_string(),
            api_token,
            is_new: false,
        });
    }
    let wanted = credential::WantedApplication {
        app_id: None,
        name: "First application".to_owned(),
        permission: AccessTokenPermission::Deny,
        allowed_origins: Vec::new(),
        is_relay_only: false,
    };
    let (application, api_token) = credential::create_application(store, key, wanted, now)
        .await
        .context("creating the first application")?;
    Ok(First {
        app_id: application.id.to_string(),
        api_token,
        is_new: true,
    })
}

/// What scripts want to know of a server that has started.
fn ready(serving: &Serving, first: &First) -> Value {
    json!({
        "http": serving.http.to_string(), "https": serving.https.map(|https| https.to_string()),
        "admin": serving.admin.to_string(),
        "turn": serving.node.relay().map(RelayHandle::addresses).unwrap_or_default(),
        "app_id": first.app_id, "api_token": first.api_token,
    })
}

/// Writes what scripts wait for.
///
/// # Errors
/// If the file cannot be written.
pub fn write_ready_file(path: &Path, content: &Value) -> anyhow::Result<()> {
    // Written beside and moved, so that nobody reads half of it; readable by its owner only.
    let beside = path.with_extension("part");
    _ = fs::remove_file(&beside);
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&beside)?;
    file.write_all(content.to_string().as_bytes())?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    Ok(())
}

/// Prints what a server has to say at its start. It serves on if nobody reads that.
pub fn say(words: impl FnOnce(&mut io::StdoutLock<'static>) -> io::Result<()>) {
    let mut out = io::stdout().lock();
    if let Err(error) = words(&mut out).and_then(|()| out.flush()) {
        tracing::debug!(error = %error, "nobody reads what the program prints");
    }
}

fn where_to_go(out: &mut impl Write, serving: &Serving, first: &First) -> io::Result<()> {
    let http = serving.http;
    writeln!(out, "Offhook serves on http://{http}")?;
    if let Some(https) = serving.https {
        writeln!(out, "  HTTPS        {}", https_address(&serving.node, https))?;
    }
    writeln!(out, "  SDK          http://{http}/sdk/offhook.js")?;
    writeln!(out, "  Metrics      http://{}/metrics", serving.admin)?;
    for turn in serving.node.relay().map(RelayHandle::addresses).unwrap_or_default() {
        writeln!(out, "  STUN, TURN   {turn} (UDP and TCP)")?;
    }
    writeln!(out, "  Application  {}", first.app_id)?;
    if first.is_new {
        writeln!(out, "  API token    {}", first.api_token)?;
        writeln!(
            out,
            "\nKeep the token on your servers; it is shown this once. Create a user with it:"
        )?;
        writeln!(
            out,
            "  curl -H 'Api-Token: {}' -d '{{\"user_id\":\"alice\",\"nickname\":\"Alice\",\"profile_url\":\"\",\"issue_access_token\":true}}' http://{http}/v3/users",
            first.api_token
        )?;
    }
    Ok(())
}

fn where_dashboard_is(out: &mut impl Write, serving: &Serving, has_administrators: bool) -> io::Result<()> {
    let base = match (serving.node.config().admin.dashboard, serving.https) {
        (DashboardPlace::Off, _) => return Ok(()),
        (DashboardPlace::Admin, _) => format!("http://{}", serving.admin),
        (DashboardPlace::Public, Some(https)) => https_address(&serving.node, https),
        (DashboardPlace::Public, None) => format!("http://{}", serving.http),
    };
    if has_administrators {
        return writeln!(out, "\nDashboard: {base}/dashboard");
    }
    writeln!(
        out,
        "\nThe dashboard is at {base}/dashboard. Nobody can sign in there yet; make the first administrator:\n  \
         offhook admin create NAME --role owner{}",
        serving.node.config().said_to_commands()
    )
}

/// What to open in a browser: the name that the certificate has, as far as it is known.
fn https_address(node: &Node, https: SocketAddr) -> String {
    let host = node.config().host_for_clients();
    match (host.map(str::parse::<IpAddr>), host) {
        (Some(Ok(address)), _) => format!("https://{}", SocketAddr::new(address, https.port())),
        (_, Some(name)) if https.port() == 443 => format!("https://{name}"),
        (_, Some(name)) => format!("https://{name}:{}", https.port()),
        _ => format!("https://{https}"),
    }
}

/// Starts logging, and telling traces, as configured.
///
/// # Errors
/// If the filter cannot be read or logging was started before.
pub fn log(config: &Config) -> anyhow::Result<Telemetry> {
    let telemetry = Telemetry::start(&config.telemetry)?;
    subscriber(config, &telemetry)?.try_init().context("starting the log")?;
    Ok(telemetry)
}

fn subscriber(config: &Config, telemetry: &Telemetry) -> anyhow::Result<Dispatch> {
    let filter = EnvFilter::try_new(&config.log).context("reading the log filter")?;
    let lines = tracing_subscriber::fmt::layer()
        // It would print them, where printing is what failed.
        .log_internal_errors(false)
        .with_writer(io::stderr);
    let lines = match config.log_format {
        LogFormat::Text => {
            let is_plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
            let is_terminal = io::IsTerminal::is_terminal(&io::stderr());
            lines.with_ansi(is_terminal && !is_plain).boxed()
        }
        LogFormat::Json => lines.json().boxed(),
    };
    // Spans that are traced are for the collector: in a line of the log they would say things twice.
    let is_logged = FilterFn::new(|metadata| metadata.target() != telemetry::TARGET)
        // The other filter is the stricter one; without a word of this one, every line of every library would be asked about.
        .with_max_level_hint(LevelFilter::TRACE);
    let log = tracing_subscriber::registry().with(lines.with_filter(filter.and(is_logged)));
    // With a layer that is `None`, every span would be made that nobody reads.
    Ok(match telemetry.layer() {
        Some(layer) => log.with(layer).into(),
        None => log.into(),
    })
}

/// Listens for SIGTERM and SIGINT from now on; gives what waits for either.
///
/// # Errors
/// If signals cannot be listened for.
pub fn stop_signal() -> anyhow::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate()).context("waiting for signals")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("waiting for signals")?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

#[cfg(test)]
mod tests;
