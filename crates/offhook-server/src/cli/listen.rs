//! `offhook listen`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, bail};
use offhook_client::{Call, Event};

use super::phone;

/// What `listen` takes.
#[derive(Debug, clap::Args)]
pub struct Options {
    #[command(flatten)]
    identity: phone::Identity,
    /// A file to play to who calls: Opus in Ogg, or VP8 or H.264 in IVF. May be given twice, for both. Without --record-to the call
    /// ends when all is played.
    #[arg(long, value_name = "FILE")]
    play: Vec<PathBuf>,
    /// A folder to record to: the sound of each call in a file of its own, and the pictures of video calls. Who calls is told.
    #[arg(long, value_name = "FOLDER")]
    record_to: Option<PathBuf>,
    /// Hang up after so many seconds: nobody is to fill the disk.
    #[arg(long = "for", value_name = "SECONDS", default_value_t = 600)]
    limit_s: u64,
    /// End after the first call.
    #[arg(long)]
    once: bool,
}

/// Answers whoever calls, several at a time, until it is stopped.
pub async fn run(options: Options) -> anyhow::Result<()> {
    // What is wrong with a file is said now, not to the first who calls.
    drop(phone::Files::open(&options.play, &[])?);
    if let Some(folder) = &options.record_to {
        std::fs::create_dir_all(folder).with_context(|| format!("making the folder {}", folder.display()))?;
    }
    let (client, mut events) = options.identity.connect().await?;
    phone::say("Listening. Ctrl-C ends it.");
    let mut calls = tokio::task::JoinSet::new();
    let mut is_stopping = false;
    loop {
        tokio::select! {
            event = events.next() => match event {
                Some(Event::Ringing(call)) if !is_stopping => {
                    is_stopping = options.once;
                    match files(&options, &call) {
                        Ok(files) => _ = calls.spawn(answer(call, files, Duration::from_secs(options.limit_s))),
                        // It rings on, for another device to answer.
                        Err(error) if !options.once => eprintln!("offhook: a call cannot be answered: {error:#}"),
                        Err(error) => return Err(error),
                    }
                }
                Some(Event::SessionClosed { message, .. }) => bail!("{message}"),
                Some(_) => {}
                None => bail!("the client was closed"),
            },
            Some(over) = calls.join_next() => {
                let outcome = over.context("answering a call")?;
                if options.once {
                    outcome?;
                } else if let Err(error) = outcome {
                    // Whoever hangs up at the wrong moment ends their own call, and not the others.
                    eprintln!("offhook: a call came to nothing: {error:#}");
                }
                if is_stopping && calls.is_empty() {
                    break;
                }
            }
            stopped = tokio::signal::ctrl_c() => {
                stopped.context("waiting for Ctrl-C")?;
                is_stopping = true;
                if calls.is_empty() {
                    break;
                }
            }
        }
    }
    client.deauthenticate().await.context("signing out")?;
    drop(client);
    events.closed().await;
    Ok(())
}

fn files(options: &Options, call: &Call) -> anyhow::Result<phone::Files> {
    let call_id = call.id();
    let record = options.record_to.as_deref().map(|folder: &Path| {
        let endings: &[&str] = if call.snapshot().is_video_call {
            &["opus", "ivf"]
        } else {
            &["opus"]
        };
        endings
            .iter()
            .map(|ending| folder.join(format!("{call_id}.{ending}")))
            .collect::<Vec<_>>()
    });
    phone::Files::open(&options.play, &record.unwrap_or_default())
}

async fn answer(call: Call, files: phone::Files, limit: Duration) -> anyhow::Result<()> {
    let caller = call.snapshot().caller.user_id;
    phone::say(&format!("{caller} calls."));
    if call.accept(true, true).await.is_err() {
        // Who gave up in that moment, or was taken by another device, is no reason to stop.
        phone::say(&format!("{caller} is gone."));
        return Ok(());
    }
    let media = call.media().context("opening media")?;
    files.run(&call, media, Some(limit)).await?;
    let ended = call.ended().await.context("waiting for the end of the call")?;
    phone::say(&phone::ending(&ended, &caller));
    Ok(())
}
