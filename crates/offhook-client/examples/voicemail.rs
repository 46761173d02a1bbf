//! A robot that answers every call, plays a greeting, and records what is said.
//!
//! ```text
//! voicemail HOST APP_ID USER GREETING FOLDER
//! ```
//!
//! `HOST` is a name (over TLS) or an address as `http://127.0.0.1:8080`; `GREETING` is Opus in Ogg, and the access token of `USER` is
//! in the environment, in `OFFHOOK_TOKEN`. Each message is a file in `FOLDER`, named after its call, and ends when the caller
//! hangs up, or after three minutes.

use std::path::{Path, PathBuf};
use std::time::Duration;

use offhook_client::media::{MediaEvent, Player, Recorder};
use offhook_client::{Call, Client, Event};

const LONGEST: Duration = Duration::from_secs(180);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [host, app_id, user, greeting, folder] = arguments.as_slice() else {
        anyhow::bail!("voicemail HOST APP_ID USER GREETING FOLDER");
    };
    // What is wrong is said now, not to the first who calls.
    drop(Player::open(greeting)?);
    std::fs::create_dir_all(folder)?;
    // Arguments are seen by everybody on the machine.
    let token = std::env::var("OFFHOOK_TOKEN").ok();
    let (client, mut events) = Client::init(app_id, host.parse()?)?;
    client.authenticate(user, token.as_deref()).await?;
    client.connect().await?;
    println!("Waiting for calls.");

    while let Some(event) = events.next().await {
        match event {
            Event::Ringing(call) => {
                let greeting = Player::open(greeting)?;
                let message = PathBuf::from(folder).join(format!("{}.opus", call.id()));
                // Several may call at a time.
                tokio::spawn(async move {
                    match take_message(&call, greeting, &message).await {
                        Ok(()) => println!("A message is in {}.", message.display()),
                        Err(error) => eprintln!("A call came to nothing: {error:#}"),
                    }
                });
            }
            Event::SessionClosed { message, .. } => anyhow::bail!(message),
            _ => {}
        }
    }
    Ok(())
}

async fn take_message(call: &Call, greeting: Player, path: &Path) -> anyhow::Result<()> {
    call.accept(true, false).await?;
    let taken = greet_and_record(call, greeting, path).await;
    // Whatever went wrong: nobody is to speak to a machine that does not listen. Of a call that is over nothing changes.
    _ = call.end().await;
    taken
}

async fn greet_and_record(call: &Call, greeting: Player, path: &Path) -> anyhow::Result<()> {
    let mut media = call.media()?;
    let sender = media.sender();
    sender.connected().await?;
    greeting.play(&sender).await?;

    // Who is recorded is told so.
    call.set_recording(true).await?;
    // The caller has drawn the call's id, and with it the name: what is there already stays.
    let mut recorder = Recorder::create_new(path)?;
    let recording = async {
        while let Some(event) = media.next().await {
            if let MediaEvent::Frame(frame) = event {
                recorder.write(&frame)?;
            }
        }
        anyhow::Ok(())
    };
    // Nothing more comes when the caller has hung up.
    let recorded = tokio::time::timeout(LONGEST, recording).await;
    recorder.finish()?;
    recorded.unwrap_or(Ok(()))
}
