//! Calls somebody, plays an announcement, and hangs up.
//!
//! ```text
//! announce HOST APP_ID USER CALLEE FILE
//! ```
//!
//! `FILE` is Opus in Ogg (`opusenc announcement.wav announcement.opus` makes one). The access token of `USER`
//! is in the environment, in `OFFHOOK_TOKEN`.

use offhook_client::media::Player;
use offhook_client::{Client, DialParams, Event};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [host, app_id, user, callee, file] = arguments.as_slice() else {
        anyhow::bail!("announce HOST APP_ID USER CALLEE FILE");
    };
    // A file that cannot be played should ring nobody.
    let announcement = Player::open(file)?;

    // Arguments are seen by everybody on the machine.
    let token = std::env::var("OFFHOOK_TOKEN").ok();
    let (client, mut events) = Client::init(app_id, host.parse()?)?;
    client.authenticate(user, token.as_deref()).await?;
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
        anyhow::Ok(())
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
