//! Calls somebody, plays an announcement, and hangs up.
//!
//! ```text
//! announce HOST APP_ID USER TOKEN CALLEE FILE
//! ```
//!
//! `FILE` is Opus in Ogg (`opusenc announcement.wav announcement.opus` makes one). `TOKEN` is the access token of `USER`.

use offhook_client::media::Player;
use offhook_client::{Client, DialParams, Event};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [host, app_id, user, token, callee, file] = arguments.as_slice() else {
        return Err("announce HOST APP_ID USER TOKEN CALLEE FILE".into());
    };
    // A file that cannot be played should ring nobody.
    let announcement = Player::open(file)?;

    let (client, mut events) = Client::init(app_id, host.parse()?)?;
    client.authenticate(user, Some(token)).await?;
    client.connect().await?;

    let call = client.dial(DialParams::audio(callee)).await?;
    let media = call.media()?;
    println!("Calling {callee} …");

    let sender = media.sender();
    let announcing = async {
        sender.connected().await?;
        println!("Connected.");
        announcement.play(&sender).await?;
        call.end().await?;
        Ok::<_, Box<dyn std::error::Error>>(())
    };
    tokio::select! {
        announced = announcing => announced?,
        // Who declines, or hangs up before the end, has heard enough.
        () = async { while let Some(event) = events.next().await { if matches!(event, Event::Ended(_)) { break } } } => {}
    }
    let ended = call.ended().await?;
    println!(
        "The call is over: {:?} after {} ms.",
        ended.end_result, ended.duration_ms
    );
    Ok(())
}
