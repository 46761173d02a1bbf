//! `offhook listen`.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use offhook_client::{Call, Error, Event};

use super::{complain, phone};

/// So many calls at a time: each takes a dozen sockets and two files, of which a process has a thousand. Further ones ring on, for
/// another device to answer.
const MOST_CALLS: usize = 32;

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
    #[arg(long = "for", value_name = "SECONDS", default_value_t = 600, value_parser = clap::value_parser!(u64).range(1..))]
    limit_s: u64,
    /// End after the first call.
    #[arg(long)]
    once: bool,
}

/// Answers whoever calls, several at a time, until it is stopped.
pub async fn run(options: Options) -> anyhow::Result<()> {
    // What is wrong with a file is said now, not to the first who calls.
    drop(phone::Files::open(&options.play)?);
    if let Some(folder) = &options.record_to {
        std::fs::create_dir_all(folder).with_context(|| format!("making the folder {}", folder.display()))?;
    }
    let (client, mut events) = options.identity.connect().await?;
    let mut stop = phone::Stop::hear()?;
    phone::say("Listening. Ctrl-C ends it.");
    let mut calls = tokio::task::JoinSet::new();
    let mut is_stopping = false;
    // What ends it, once the calls that there are have ended in their own way.
    let mut failure = None;
    loop {
        tokio::select! {
            event = events.next(), if failure.is_none() => match event {
                Some(Event::Ringing(_)) if calls.len() >= MOST_CALLS => {
                    complain(&format!("a call rings on: {MOST_CALLS} are answered already"));
                }
                Some(Event::Ringing(call)) if !is_stopping => {
                    is_stopping = options.once;
                    let ready = || anyhow::Ok((phone::Files::open(&options.play)?, phone::Stop::hear()?));
                    match ready() {
                        Ok((files, stop)) => {
                            let recordings = recordings(&options, &call);
                            let limit = Duration::from_secs(options.limit_s);
                            calls.spawn(answer(call, files, recordings, limit, stop));
                        }
                        // It rings on, for another device to answer.
                        Err(error) if !options.once => complain(&format!("a call cannot be answered: {error:#}")),
                        Err(error) => return Err(error),
                    }
                }
                Some(Event::SessionClosed { message, .. }) => failure = Some(anyhow!(message)),
                Some(_) => {}
                None => failure = Some(anyhow!("the client was closed")),
            },
            Some(over) = calls.join_next() => {
                let outcome = over.context("answering a call")?;
                if options.once {
                    outcome?;
                } else if let Err(error) = outcome {
                    // Whoever hangs up at the wrong moment ends their own call, and not the others.
                    complain(&format!("a call came to nothing: {error:#}"));
                }
            }
            () = stop.asked() => is_stopping = true,
        }
        if (is_stopping || failure.is_some()) && calls.is_empty() {
            break;
        }
    }
    if let Some(failure) = failure {
        return Err(failure);
    }
    phone::sign_out(&client).await?;
    drop(client);
    events.closed().await;
    Ok(())
}

fn recordings(options: &Options, call: &Call) -> Vec<PathBuf> {
    let Some(folder) = &options.record_to else {
        return Vec::new();
    };
    let endings: &[&str] = if call.snapshot().is_video_call {
        &["opus", "ivf"]
    } else {
        &["opus"]
    };
    endings
        .iter()
        .map(|ending| folder.join(format!("{}.{ending}", call.id())))
        .collect()
}

async fn answer(
    call: Call,
    files: phone::Files,
    recordings: Vec<PathBuf>,
    limit: Duration,
    mut stop: phone::Stop,
) -> anyhow::Result<()> {
    let caller = call.snapshot().caller.user_id;
    phone::say(&format!("{caller} calls."));
    match call.accept(true, true).await {
        Ok(_) => {}
        // Who gave up in that moment, or was taken by another device, is no reason to stop.
        Err(Error::Server { .. }) => {
            phone::say(&format!("{caller} is gone."));
            return Ok(());
        }
        Err(error) => {
            // It may be accepted all the same, and nobody is to wait for media that does not come.
            phone::hang_up(&call).await;
            return Err(error).context("accepting");
        }
    }
    let talked = talk(&call, files, &recordings, limit, &mut stop).await;
    // Whatever went wrong, nobody is to wait for what does not come.
    phone::hang_up(&call).await;
    talked?;
    phone::say(&phone::ending(&phone::over(&call).await?, &caller));
    Ok(())
}

async fn talk(
    call: &Call,
    mut files: phone::Files,
    recordings: &[PathBuf],
    limit: Duration,
    stop: &mut phone::Stop,
) -> anyhow::Result<()> {
    // Who gives up while it rings leaves no empty files.
    files.record_to_new(recordings)?;
    match call.media() {
        Ok(media) => files.run(call, media, Some(limit), stop).await,
        // Who accepts may be hung up on in that moment.
        Err(_) if phone::is_over(call) => Ok(()),
        Err(error) => Err(error).context("opening media"),
    }
}
