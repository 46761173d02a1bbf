//! `offhook call …`: makes a call, or shows one that was made.

mod quality;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use clap::Subcommand;
use offhook_client::DialParams;
use offhook_core::call::{Call, Role, Stage};
use offhook_core::id::{AppId, CallId};
use offhook_core::time::{Timestamp, millis};
use offhook_store::{CallRecord, Quality, Relayed, TimelineEntry};
use serde_json::{Value, json};

use super::app::find;
use super::{Out, Unprinted, open_present, phone};
use crate::clock::Clock;
use crate::config::Config;
use quality::Summary;

/// Whom to call and how, or which call to show.
#[derive(Debug, clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    flatten_help = true
)]
pub struct Options {
    #[command(subcommand)]
    command: Option<Command>,
    /// Whom to call.
    #[arg(value_name = "USER", required = true)]
    callee: Option<String>,
    #[command(flatten)]
    identity: Option<phone::Identity>,
    /// A file to play once connected: Opus in Ogg, or VP8 or H.264 in IVF, which makes it a video call. May be given twice, for both.
    /// Without --record the call ends when all is played.
    #[arg(long, value_name = "FILE")]
    play: Vec<PathBuf>,
    /// A file to record the other side to: sound in `.opus` or `.ogg`, pictures in `.ivf`, which makes it a video call. May be given twice, for both.
    /// It is made when the call is answered, and overwrites nothing. The other side is told.
    #[arg(long, value_name = "FILE")]
    record: Vec<PathBuf>,
    /// Make it a video call.
    #[arg(long)]
    video: bool,
    /// Hang up after so many seconds of being answered.
    #[arg(long = "for", value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    limit_s: Option<u64>,
}

/// What can be done with calls that were made.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show a call: who, how it stands or ended, what happened when, by which path, what the relay carried,
    /// and how good its media was.
    Show {
        /// The application.
        app_id: AppId,
        /// The call.
        call_id: CallId,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

/// Runs a command. Only what looks into the store needs the configuration.
pub async fn run(config: impl FnOnce() -> anyhow::Result<Config>, options: Options) -> anyhow::Result<()> {
    match options.command {
        Some(command) => show(&config()?, command).await,
        None => dial(options).await,
    }
}

async fn dial(options: Options) -> anyhow::Result<()> {
    let identity = options.identity.context("say as whom to call: --app ID --as USER")?;
    let callee = &options.callee.context("say whom to call")?;
    let mut files = phone::Files::open(&options.play)?;
    let are_pictures_recorded = phone::look_at_recordings(&options.record)?;
    let (client, mut events) = identity.connect().await?;
    let is_video = options.video || files.have_pictures() || are_pictures_recorded;
    let params = if is_video {
        DialParams::video(callee)
    } else {
        DialParams::audio(callee)
    };
    let mut stop = phone::Stop::hear()?;
    let dialed = tokio::select! {
        dialed = client.dial(params) => dialed,
        // Nobody waits for the dial any more: the client takes it back.
        () = stop.asked() => {
            phone::sign_out(&client).await?;
            anyhow::bail!("{callee} was not called");
        }
    };
    let call = dialed.with_context(|| format!("{callee} cannot be called"))?;
    phone::say(&format!("Calling {callee} … (call {})", call.id()));
    let media = call.media().context("opening media")?;
    let is_answered = phone::answered(&call, &mut events, &mut stop).await?;
    let reading = tokio::spawn(phone::read_on(events));
    if is_answered {
        phone::say(&format!("{callee} answered."));
        let limit = options.limit_s.map(Duration::from_secs);
        if let Err(error) = files.record_to_new(&options.record) {
            phone::hang_up(&call).await;
            return Err(error);
        }
        files.run(&call, media, limit, &mut stop).await?;
    }
    let ended = phone::over(&call).await?;
    phone::say(&phone::ending(&ended, callee));
    phone::sign_out(&client).await?;
    drop((client, call));
    if let Some(reason) = reading.await.context("closing the client")? {
        anyhow::bail!(reason);
    }
    anyhow::ensure!(is_answered, "the call was not answered");
    Ok(())
}

async fn show(config: &Config, command: Command) -> anyhow::Result<()> {
    let Command::Show { app_id, call_id, json } = command;
    let (store, _) = open_present(config)?;
    let now = Clock::start().now();
    let application = find(&store, &app_id).await?;
    let record = store
        .call_record(application.key, call_id)
        .await
        .context("reading the call")?
        .with_context(|| format!("there is no call {call_id} in application {app_id}"))?;
    if json {
        writeln!(Out, "{}", as_json(&record, now))?;
    } else {
        print(&record, now)?;
    }
    store.close().await;
    Ok(())
}

fn as_json(record: &CallRecord, now: Timestamp) -> Value {
    let CallRecord { call, timeline, .. } = record;
    let ending = call.ending();
    let party = |role: Role| {
        let relayed = relayed(record, role);
        json!({
            "user_id": call.party(role).profile.user_id,
            "relayed": {
                "to_peer_bytes": relayed.to_peer_bytes, "to_peer_packets": relayed.to_peer_packets,
                "to_client_bytes": relayed.to_client_bytes, "to_client_packets": relayed.to_client_packets,
            },
            "quality": Summary::of(&measured(record, role)).map(|summary| summary.as_json()),
        })
    };
    let entry = |entry: &TimelineEntry| {
        json!({
            "at": entry.at.as_millis(), "happening": entry.happening, "role": entry.role.map(Role::as_str),
            "detail": entry.detail,
        })
    };
    json!({
        "call_id": call.id,
        "state": state(call),
        "is_video_call": call.is_video,
        "started_at": call.dialed_at.as_millis(),
        "ended_at": ending.map(|ending| ending.at.as_millis()),
        "duration_ms": millis(call.duration(now)),
        "end_result": ending.map(|ending| ending.result.as_str()),
        "ended_by": ending.and_then(|ending| ending.by).map(Role::as_str),
        "custom_items": call.custom_items,
        "caller": party(Role::Caller),
        "callee": party(Role::Callee),
        "timeline": timeline.iter().map(entry).collect::<Vec<_>>(),
    })
}

fn print(record: &CallRecord, now: Timestamp) -> Result<(), Unprinted> {
    let call = &record.call;
    writeln!(Out, "Call      {}", call.id)?;
    writeln!(Out, "State     {}", state_in_words(call, now))?;
    for role in [Role::Caller, Role::Callee] {
        let Relayed {
            to_peer_bytes,
            to_client_bytes,
            ..
        } = relayed(record, role);
        let user_id = &call.party(role).profile.user_id;
        writeln!(
            Out,
            "{:<8}  {user_id}; the relay carried {to_peer_bytes} bytes from this side and {to_client_bytes} to it",
            side(role)
        )?;
        let summary = Summary::of(&measured(record, role));
        for line in summary.iter().flat_map(Summary::in_words) {
            writeln!(Out, "          {line}")?;
        }
    }
    writeln!(Out)?;
    for entry in &record.timeline {
        let since_ms = millis(entry.at.since(call.dialed_at));
        let words = [
            Some(entry.happening.as_str()),
            entry.role.map(side),
            entry.detail.as_deref(),
        ];
        let words: Vec<_> = words.into_iter().flatten().collect();
        writeln!(
            Out,
            "{:>7}.{:03} s  {}",
            since_ms / 1000,
            since_ms % 1000,
            words.join("  ")
        )?;
    }
    Ok(())
}

fn state_in_words(call: &Call, now: Timestamp) -> String {
    let duration_s = call.duration(now).as_secs();
    match call.ending() {
        Some(ending) => {
            let by = ending.by.map(|role| format!(" by the {}", side(role)));
            let by = by.unwrap_or_default();
            format!("{}{by}, {duration_s} s after accept", ending.result.as_str())
        }
        None => format!("{}, {duration_s} s since accept", state(call)),
    }
}

const fn relayed(record: &CallRecord, role: Role) -> Relayed {
    match role {
        Role::Caller => record.caller_relayed,
        Role::Callee => record.callee_relayed,
    }
}

fn measured(record: &CallRecord, role: Role) -> Vec<Quality> {
    let samples = match role {
        Role::Caller => &record.caller_quality,
        Role::Callee => &record.callee_quality,
    };
    samples.iter().map(|sample| sample.quality).collect()
}

const fn side(role: Role) -> &'static str {
    match role {
        Role::Caller => "caller",
        Role::Callee => "callee",
    }
}

/// The word on the wire.
const fn state(call: &Call) -> &'static str {
    match &call.stage {
        Stage::Ringing { .. } => "ringing",
        Stage::Talking(talk) if talk.connected.is_some() => "connected",
        Stage::Talking(_) => "established",
        Stage::Ended(_) => "ended",
    }
}
