//! A device in the terminal: what `offhook call` and `offhook listen` share.

use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use offhook_client::media::{Media, MediaEvent, MediaSender, Player, Recorder};
use offhook_client::{Call, Client, Error, Event, Events, Host};
use offhook_core::id::AppId;
use offhook_proto::call::{CallEndResult, CallSnapshot, CallState};
use offhook_proto::socket::MediaPath;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::plain;

/// No token is longer, and nobody means to send a whole file.
const MAX_TOKEN_BYTES: u64 = 1024;

/// Of a server that is reached it takes a moment. Who is at the terminal is not to wait for one that is not.
const SERVER_MAY_TAKE: Duration = Duration::from_secs(5);

/// A session that is closed is so a moment after its calls are over.
const REASON_MAY_TAKE: Duration = Duration::from_secs(1);

/// Who this is, and where the server is.
#[derive(Debug, clap::Args)]
pub struct Identity {
    /// The server: the name of a host, which is reached over TLS, or a whole address.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    host: Host,
    /// The application.
    #[arg(long, value_name = "ID")]
    app: AppId,
    /// The user that this device is of.
    #[arg(long = "as", value_name = "USER")]
    user_id: String,
    /// A file with the user's access token or session token; `-` reads it from standard input. Not needed where the
    /// application lets users in without.
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
}

impl Identity {
    /// A device of that user, connected.
    pub async fn connect(&self) -> anyhow::Result<(Client, Events)> {
        let token = self.token_file.as_deref().map(read_token).transpose()?;
        let (client, events) =
            Client::init(self.app.as_str(), self.host.clone()).context("the application cannot be used")?;
        let user = &self.user_id;
        client.authenticate(user, token.as_deref()).await.map_err(|error| {
            let host = self.host.to_string();
            let is_unheard = matches!(error, Error::Http(_)) && host.starts_with("https:");
            let hint = if is_unheard {
                " (one without TLS is named like http://127.0.0.1:8080)"
            } else {
                ""
            };
            anyhow::Error::new(error).context(format!("{user} cannot sign in at {host}{hint}"))
        })?;
        client.connect().await.context("connecting to the server")?;
        Ok((client, events))
    }
}

fn read_token(path: &Path) -> anyhow::Result<String> {
    use std::io::{BufRead as _, Read as _};
    let mut text = String::new();
    let read = if path == Path::new("-") {
        if std::io::stdin().is_terminal() {
            eprintln!("The token, please:");
        }
        std::io::stdin().lock().take(MAX_TOKEN_BYTES).read_line(&mut text)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(MAX_TOKEN_BYTES).read_to_string(&mut text))
    };
    read.with_context(|| format!("reading the token from {}", path.display()))?;
    let token = text.trim();
    if token.is_empty() {
        bail!("there is no token in {}", path.display());
    }
    Ok(token.to_owned())
}

/// Says before anybody is rung what is wrong with files that are to be made; gives whether one of them is of pictures.
pub fn look_at_recordings(paths: &[PathBuf]) -> anyhow::Result<bool> {
    let mut are_pictures = false;
    for path in paths {
        let name = path.display();
        are_pictures |= Recorder::is_for_pictures(path).with_context(|| format!("{name} cannot be recorded"))?;
        ensure!(
            !path.exists(),
            "{name} is there already, and a recording overwrites nothing"
        );
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
            bail!("{name} cannot be recorded: there is no folder {}", folder.display());
        }
    }
    Ok(are_pictures)
}

/// Files that are opened before anybody is rung.
#[derive(Debug)]
pub struct Files {
    players: Vec<Player>,
    recorders: Vec<Recorder>,
    has_sound_come: bool,
    have_pictures_come: bool,
}

impl Files {
    pub fn open(play: &[PathBuf]) -> anyhow::Result<Self> {
        let player =
            |path: &PathBuf| Player::open(path).with_context(|| format!("{} cannot be played", path.display()));
        Ok(Self {
            players: play.iter().map(player).collect::<Result<_, _>>()?,
            recorders: Vec::new(),
            has_sound_come: false,
            have_pictures_come: false,
        })
    }

    /// Whether any of them is of pictures.
    pub fn have_pictures(&self) -> bool {
        self.players.iter().any(Player::is_video)
    }

    /// Records to these, too, none of which may be there yet.
    pub fn record_to_new(&mut self, paths: &[PathBuf]) -> anyhow::Result<()> {
        for path in paths {
            let recorder = Recorder::create_new(path);
            self.recorders
                .push(recorder.with_context(|| format!("{} cannot be recorded", path.display()))?);
        }
        Ok(())
    }

    /// Plays and records until the call is over; hangs up when all is played and nothing is recorded, or the time is over, or
    /// something failed.
    pub async fn run(
        mut self,
        call: &Call,
        media: Media,
        limit: Option<Duration>,
        stop: &mut Stop,
    ) -> anyhow::Result<()> {
        let carried = self.carry(call, media, limit, stop).await;
        hang_up(call).await;
        for (word, is_video, has_come) in [
            ("sound", false, self.has_sound_come),
            ("pictures", true, self.have_pictures_come),
        ] {
            if !has_come && self.recorders.iter().any(|recorder| recorder.is_video() == is_video) {
                say(&format!("No {word} came to be recorded."));
            }
        }
        let finish = |recorder: Recorder| recorder.finish().context("ending a recording");
        let finished: Vec<_> = self.recorders.into_iter().map(finish).collect();
        finished.into_iter().fold(carried, Result::and)
    }

    async fn carry(
        &mut self,
        call: &Call,
        mut media: Media,
        limit: Option<Duration>,
        stop: &mut Stop,
    ) -> anyhow::Result<()> {
        let Self {
            players,
            recorders,
            has_sound_come,
            have_pictures_come,
        } = self;
        let players = std::mem::take(players);
        let hangs_up_when_played = !players.is_empty() && recorders.is_empty();
        let wants_pictures = recorders.iter().any(Recorder::is_video);
        let sender = media.sender();
        let playing = play(players, sender.clone());
        tokio::pin!(playing);
        let (mut is_playing, mut has_connected) = (true, false);
        if !recorders.is_empty() {
            let told = tokio::select! {
                told = call.set_recording(true) => told,
                () = stop.asked() => return Ok(()),
            };
            if told.is_err() && is_over(call) {
                return Ok(());
            }
            told.context("telling the other side of the recording")?;
        }
        let over = async {
            match limit {
                Some(limit) => tokio::time::sleep(limit).await,
                None => std::future::pending().await,
            }
        };
        tokio::pin!(over);
        loop {
            tokio::select! {
                played = &mut playing, if is_playing => {
                    is_playing = false;
                    if let Err(error) = played {
                        // A call that ends before is no fault of the file.
                        if !is_over(call) {
                            break Err(error);
                        }
                    } else if hangs_up_when_played {
                        break Ok(());
                    }
                }
                event = media.next() => match event {
                    Some(MediaEvent::Connected(path)) => {
                        say(connected(path, has_connected));
                        has_connected = true;
                        if wants_pictures {
                            _ = sender.request_keyframe().await;
                        }
                    }
                    Some(MediaEvent::Lost) => {
                        say("The connection is lost; looking for another way …");
                        has_connected = false;
                    }
                    Some(MediaEvent::Frame(frame)) => {
                        let has_come = if frame.codec.is_video() { &mut *have_pictures_come } else { &mut *has_sound_come };
                        *has_come = true;
                        let written = recorders.iter_mut().try_for_each(|recorder| recorder.write(&frame));
                        if let Err(error) = written {
                            break Err(error).context("recording");
                        }
                    }
                    Some(MediaEvent::KeyframeWanted) => {}
                    None => break Ok(()),
                },
                () = &mut over => break Ok(()),
                () = stop.asked() => break Ok(()),
            }
        }
    }
}

async fn play(players: Vec<Player>, sender: MediaSender) -> anyhow::Result<()> {
    if players.is_empty() {
        return std::future::pending().await;
    }
    sender.connected().await?;
    let all = players.into_iter().map(|player| player.play(&sender));
    futures_util::future::try_join_all(all).await.context("playing")?;
    Ok(())
}

/// Reads events until the client is gone, so that the server is listened to; says why the session was closed, if it was.
pub async fn read_on(mut events: Events) -> Option<String> {
    let reason = closed(&mut events).await;
    while events.next().await.is_some() {}
    reason
}

/// Waits until the server closes the session, and says why; nothing where the client is gone.
async fn closed(events: &mut Events) -> Option<String> {
    while let Some(event) = events.next().await {
        if let Event::SessionClosed { message, .. } = event {
            return Some(message);
        }
    }
    None
}

/// Ctrl-C, or what a supervisor says to end a program. Neither does anything by itself from now on.
pub struct Stop {
    interrupt: Signal,
    terminate: Signal,
}

impl Stop {
    pub fn hear() -> anyhow::Result<Self> {
        let heard = |kind| signal(kind).context("listening for Ctrl-C");
        Ok(Self {
            interrupt: heard(SignalKind::interrupt())?,
            terminate: heard(SignalKind::terminate())?,
        })
    }

    /// Waits until it is asked for, since it was first listened for.
    pub async fn asked(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// Ends a call, whoever was first: of one that is over nothing changes. A server that is gone is told nothing.
pub async fn hang_up(call: &Call) {
    _ = tokio::time::timeout(SERVER_MAY_TAKE, call.end()).await;
}

/// Signs out; where the server is gone, the session ends there by itself.
pub async fn sign_out(client: &Client) -> anyhow::Result<()> {
    let signed_out = tokio::time::timeout(SERVER_MAY_TAKE, client.deauthenticate()).await;
    signed_out.context("the server does not answer")?.context("signing out")
}

/// Whether a call is over, with a result or as one that the server does not know any more.
pub fn is_over(call: &Call) -> bool {
    call.state() == CallState::Ended
}

/// Waits until a call of this device is over, or accepted.
pub async fn answered(call: &Call, events: &mut Events, stop: &mut Stop) -> anyhow::Result<bool> {
    loop {
        tokio::select! {
            event = events.next() => match event {
                Some(Event::DialReceived(told)) if told.id() == call.id() => say("It rings."),
                Some(Event::Established(told)) if told.id() == call.id() => return Ok(true),
                Some(Event::Ended(told)) if told.id() == call.id() => {
                    // Nobody here canceled it: why that was so comes behind it.
                    if told.end_result() == Some(CallEndResult::Canceled)
                        && let Ok(Some(message)) = tokio::time::timeout(REASON_MAY_TAKE, closed(events)).await
                    {
                        bail!("{message}");
                    }
                    return Ok(false);
                }
                Some(Event::SessionClosed { message, .. }) => bail!("{message}"),
                Some(_) => {}
                None => bail!("the client was closed"),
            },
            () = stop.asked() => {
                hang_up(call).await;
                return Ok(false);
            }
        }
    }
}

/// Waits until the server says that a call which was hung up is over, as long as it may take to say so.
pub async fn over(call: &Call) -> anyhow::Result<CallSnapshot> {
    let ended = tokio::time::timeout(SERVER_MAY_TAKE, call.ended()).await;
    ended
        .context("the server does not say that the call is over; it ends there by itself")?
        .context("waiting for the end of the call")
}

/// The path may be known a moment later, and change.
const fn connected(path: Option<MediaPath>, was_told: bool) -> &'static str {
    match (path, was_told) {
        (None, _) => "Connected.",
        (Some(MediaPath::Direct), false) => "Connected, directly.",
        (Some(MediaPath::Relayed), false) => "Connected, over the relay.",
        (Some(MediaPath::Direct), true) => "Media goes directly.",
        (Some(MediaPath::Relayed), true) => "Media goes over the relay.",
    }
}

/// What became of a call, in words.
pub fn ending(call: &CallSnapshot, other: &str) -> String {
    let seconds = Duration::from_millis(call.duration_ms).as_secs_f32();
    match call.end_result {
        Some(CallEndResult::Completed) => format!("The call is over, after {seconds:.1} s."),
        Some(CallEndResult::Declined) => format!("{other} declined."),
        Some(CallEndResult::NoAnswer) => format!("{other} did not answer."),
        Some(CallEndResult::Canceled) => "Canceled.".to_owned(),
        Some(CallEndResult::ConnectionLost) => format!("The connection was lost, after {seconds:.1} s."),
        Some(CallEndResult::NotConnected) => format!("Hung up after {seconds:.1} s, before it was connected."),
        Some(CallEndResult::TimedOut) => "No media came through: see offhook doctor.".to_owned(),
        Some(CallEndResult::OtherDeviceAccepted) => "Another device answered.".to_owned(),
        None => "The call is over.".to_owned(),
    }
}

/// Tells who is at the terminal. One that is gone need not be told.
pub fn say(words: &str) {
    let mut out = std::io::stdout().lock();
    _ = writeln!(out, "{}", plain(words));
    _ = out.flush();
}
