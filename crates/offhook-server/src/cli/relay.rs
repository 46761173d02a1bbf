//! `offhook relay`.

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::{Context as _, ensure};
use axum::Router;
use serde_json::json;
use tokio::sync::watch;

use super::serve;
use crate::config::Config;
use crate::relay::{Relay, Surroundings};
use crate::tls::port::TlsPort;

/// What `relay` takes beside the configuration.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Write a JSON file with the addresses once it relays.
    #[arg(long, value_name = "PATH")]
    ready_file: Option<PathBuf>,
}

/// Runs the relay until it is told to stop.
pub async fn run(config: Config, options: Options) -> anyhow::Result<()> {
    ensure!(
        config.relay.secret.is_some(),
        "`relay.secret` is not set, but must be: the servers that hand out this relay's credentials need the same one"
    );
    ensure!(
        config.relay.is_on(),
        "`relay.listen` is empty, but must name an address to relay at"
    );
    let telemetry = serve::log(&config)?;
    let stop_signal = serve::stop_signal()?;
    let tls_port = TlsPort::bind(&config).await.context("starting")?;
    let turns = tls_port.as_ref().map(TlsPort::address);
    let surroundings = Surroundings {
        listeners: turns.into_iter().collect(),
        // Nobody else is here to take what was carried.
        are_tickets_logged: true,
        are_loopback_peers_allowed: false,
    };
    let relay = Relay::start(&config.relay, &surroundings).context("starting")?;
    let addresses = relay.handle().addresses();
    if let Some(path) = &options.ready_file {
        serve::write_ready_file(path, &json!({ "turn": addresses, "turns": turns }))
            .with_context(|| format!("writing {}", path.display()))?;
    }
    serve::say(|out| {
        for address in addresses {
            writeln!(out, "Offhook relays on {address} (UDP and TCP)")?;
        }
        turns.map_or(Ok(()), |address| writeln!(out, "Offhook relays on {address} (TLS)"))
    });
    let (stop, stopping) = watch::channel(false);
    let served = tls_port.map(|port| tokio::spawn(port.serve(Router::new(), Some(relay.handle().clone()), stopping)));
    stop_signal.await;
    tracing::info!("stopping");
    stop.send_replace(true);
    if let Some(served) = served {
        served.await.context("stopping to listen for TLS")?;
    }
    tokio::task::spawn_blocking(|| relay.stop())
        .await
        .context("stopping the relay")?;
    telemetry.end().await;
    Ok(())
}
