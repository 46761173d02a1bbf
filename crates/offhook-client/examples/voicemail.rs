//! A robot that answers every call, plays a greeting, and records what is said.
//!
//! ```text
//! voicemail HOST APP_ID USER TOKEN GREETING FOLDER
//! ```
//!
//! `GREETING` is Opus in Ogg. Each message is a file in `FOLDER`, named after its call, and ends when the caller hangs up, or after
//! three minutes.

use std::path::PathBuf;
use std::time::Duration;

use offhook_client::media::{MediaEvent, Player, Recorder};
use offhook_client::{Call, Client, Event};

const LONGEST: Duration = Duration::from_secs(180);

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [host, app_id, user, token, greeting, folder] = arguments.as_slice() else {
        return Err("voicemail HOST APP_ID USER TOKEN GREETING FOLDER".into());
    };
    let (client, mut events) = Client::init(app_id, host.parse()?)?;
    client.authenticate(user, Some(token)).await?;
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
                        Err(error) => eprintln!("A call came to nothing: {error}"),
                    }
                });
            }
            Event::SessionClosed { message, .. } => return Err(message.into()),
            _ => {}
        }
    }
    Ok(())
}

async fn take_message(call: &Call, greeting: Player, path: &PathBuf) -> Result<(), Failure> {
    call.accept(true, false).await?;
    let mut media = call.media()?;
    let sender = media.sender();
    sender.connected().await?;
    greeting.play(&sender).await?;

    // Who is recorded is told so.
    call.set_recording(true).await?;
    let mut recorder = Recorder::create(path)?;
    let recording = async {
        while let Some(event) = media.next().await {
            if let MediaEvent::Frame(frame) = event {
                recorder.write(&frame)?;
            }
        }
        Ok::<_, Failure>(())
    };
    // Nothing more comes when the caller has hung up.
    if let Ok(recorded) = tokio::time::timeout(LONGEST, recording).await {
        recorded?;
    }
    recorder.finish()?;
    call.end().await?;
    Ok(())
}
