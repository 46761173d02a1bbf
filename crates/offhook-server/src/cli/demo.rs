//! `offhook demo`.

use std::net::SocketAddr;

use anyhow::Context as _;
use offhook_core::application::AccessTokenPermission;
use offhook_core::id::{AppId, UserKey};
use offhook_store::NewUser;

use super::serve;
use crate::config::{Config, Overrides};
use crate::node::{Node, Serving};
use crate::{credential, doctor, secret};

/// The two who call each other.
const USERS: [(&str, &str); 2] = [("alice", "Alice"), ("bob", "Bob")];
/// The address links are made for, where nothing else is asked for.
const LISTEN: ([u8; 4], u16) = ([127, 0, 0, 1], 8080);

/// Serves from a folder that is gone afterwards, with two users whose links it prints.
pub async fn run(overrides: &Overrides) -> anyhow::Result<()> {
    let folder = tempfile::tempdir().context("making a folder for the demo")?;
    let config = Config {
        listen: overrides.listen.unwrap_or_else(|| SocketAddr::from(LISTEN)),
        log: "warn".to_owned(),
        ..Config::ephemeral(folder.path())
    };
    serve::log(&config)?;
    let serving = start(config).await?;
    let links = make_users(&serving).await?;
    println!("Offhook demo. Open each link in its own browser window, then call:\n");
    for (name, link) in links {
        println!("  {name:<6} {link}");
    }
    let (base_url, now) = (format!("http://{}", serving.http), serving.node.clock().now());
    let link = doctor::key::link(&base_url, serving.node.key(), now);
    println!("\nWill calls connect from another device? This tests it, for 15 minutes:\n\n  Doctor {link}");
    println!("\nThe server forgets everything when it stops (Ctrl-C).");
    serve::stop_signal().await?;
    serving.stop().await;
    Ok(())
}

/// Takes another port if the usual one is in use: a demo has to start.
async fn start(config: Config) -> anyhow::Result<Serving> {
    let in_use = match Node::serve(config.clone(), true).await {
        Ok(serving) => return Ok(serving),
        Err(error) => error,
    };
    if !matches!(&in_use, crate::node::StartError::Listen { source, .. } if source.kind() == std::io::ErrorKind::AddrInUse)
    {
        return Err(in_use).context("starting the demo");
    }
    let listen = SocketAddr::new(config.listen.ip(), 0);
    Node::serve(Config { listen, ..config }, true)
        .await
        .context("starting the demo")
}

async fn make_users(serving: &Serving) -> anyhow::Result<Vec<(&'static str, String)>> {
    let (store, key, now) = (serving.node.store(), serving.node.key(), serving.node.clock().now());
    let app_id: AppId = "DEMO".parse().context("naming the application")?;
    let wanted = credential::WantedApplication {
        app_id: Some(app_id),
        name: "Demo".to_owned(),
        permission: AccessTokenPermission::ReadWrite,
        allowed_origins: Vec::new(),
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
        links.push((nickname, format!("http://{}/demo#{fragment}", serving.http)));
    }
    Ok(links)
}
