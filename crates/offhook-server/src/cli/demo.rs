//! `offhook demo`.

mod lan;

use std::io::Write as _;
use std::net::SocketAddr;

use anyhow::Context as _;
use offhook_core::administrator::Role;
use offhook_core::application::AccessTokenPermission;
use offhook_core::id::{AppId, UserKey};
use offhook_store::NewUser;

use super::{admin, serve};
use crate::config::relay::RelayConfig;
use crate::config::tls::TlsConfig;
use crate::config::{Config, Overrides};
use crate::node::{Node, Serving};
use crate::{credential, doctor, secret};

/// The two who call each other.
const USERS: [(&str, &str); 2] = [("alice", "Alice"), ("bob", "Bob")];
/// Who looks at the dashboard.
const ADMINISTRATOR: &str = "owner";
/// The address links are made for, where nothing else is asked for.
const LISTEN: ([u8; 4], u16) = ([127, 0, 0, 1], 8080);

/// What `demo` takes.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Let other devices in the local network take part: over HTTPS, with a certificate that the demo makes itself.
    #[arg(long)]
    lan: bool,
}

/// Serves from a folder that is gone afterwards, with two users whose links it prints.
pub async fn run(overrides: &Overrides, options: Options) -> anyhow::Result<()> {
    let folder = tempfile::tempdir().context("making a folder for the demo")?;
    let quiet = Config {
        log: "warn".to_owned(),
        ..Config::ephemeral(folder.path())
    };
    serve::log(&quiet)?;
    let stop = serve::stop_signal()?;
    let (config, fingerprint) = if options.lan {
        let (config, fingerprint) = lan::configure(quiet, overrides.listen)?;
        (config, Some(fingerprint))
    } else {
        let listen = overrides.listen.unwrap_or_else(|| SocketAddr::from(LISTEN));
        (Config { listen, ..quiet }, None)
    };
    let serving = start(config).await?;
    let base = match serving.https {
        Some(https) => format!("https://{https}"),
        None => format!("http://{}", serving.http),
    };
    let links = make_users(&serving, &base).await?;
    let password = admin::password::generated();
    admin::create(serving.node.store(), ADMINISTRATOR, Role::Owner, &password)
        .await
        .context("making an administrator")?;
    let place = if options.lan {
        "on its own device"
    } else {
        "in its own browser window"
    };
    let doctor = doctor::key::link(&base, serving.node.key(), serving.node.clock().now());
    serve::say(|out| {
        writeln!(out, "Offhook demo. Open each link {place}, then call:\n")?;
        for (name, link) in links {
            writeln!(out, "  {name:<6} {link}")?;
        }
        writeln!(
            out,
            "\nWill calls connect from where you are? This tests it, for 15 minutes:\n\n  Doctor {doctor}"
        )?;
        writeln!(
            out,
            "\nWhat the operator sees:\n\n  Dashboard  {base}/dashboard\n  Name       {ADMINISTRATOR}\n  Password   {password}"
        )?;
        if let Some(fingerprint) = fingerprint {
            lan::explain(out, &serving, &fingerprint)?;
        }
        writeln!(out, "\nThe server forgets everything when it stops (Ctrl-C).")
    });
    stop.await;
    serving.stop().await;
    Ok(())
}

/// Takes other ports if a usual one is in use: a demo has to start.
async fn start(config: Config) -> anyhow::Result<Serving> {
    match Node::serve(config.clone(), true).await {
        Ok(serving) => return Ok(serving),
        Err(error) if error.is_address_in_use() => {}
        Err(error) => return Err(error).context("starting the demo"),
    }
    let any_port = |address: SocketAddr| SocketAddr::new(address.ip(), 0);
    let elsewhere = Config {
        listen: any_port(config.listen),
        tls: TlsConfig {
            listen: config.tls.listen.map(any_port),
            ..config.tls
        },
        relay: RelayConfig {
            listen: config.relay.listen.into_iter().map(any_port).collect(),
            ..config.relay
        },
        ..config
    };
    Node::serve(elsewhere, true).await.context("starting the demo")
}

async fn make_users(serving: &Serving, base: &str) -> anyhow::Result<Vec<(&'static str, String)>> {
    let (store, key, now) = (serving.node.store(), serving.node.key(), serving.node.clock().now());
    let app_id: AppId = "DEMO".parse().context("naming the application")?;
    let wanted = credential::WantedApplication {
        app_id: Some(app_id),
        name: "Demo".to_owned(),
        permission: AccessTokenPermission::ReadWrite,
        allowed_origins: Vec::new(),
        is_relay_only: false,
    };
    let (application, _) = credential::create_application(store, key, wanted, now)
        .await
        .context("creating the application")?;
    let mut links = Vec::new();
    for (index, (user_id, nickname)) in USERS.into_iter().enumerate() {
        let new = NewUser {
            nickname: nickname.to_owned(),
            ..NewUser::new(UserKey::from_bytes(secret::random()), user_id)
        };
        store
            .create_user(application.key, new, now)
            .await
            .context("creating a user")?;
        let token = credential::issue_access_token(store, application.key, user_id)
            .await
            .context("issuing a token")?;
        let peer = USERS.get(1 - index).map_or("", |(peer, _)| peer);
        // In the fragment, which browsers send to nobody; the page erases it.
        let fragment = format!("app={}&user={user_id}&token={token}&peer={peer}", application.id);
        links.push((nickname, format!("{base}/demo#{fragment}")));
    }
    Ok(links)
}
