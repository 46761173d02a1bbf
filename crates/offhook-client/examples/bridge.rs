//! Connects whoever calls a user with somebody else: two calls, and what each brings goes into the other.
//!
//! ```text
//! bridge HOST APP_ID USER CALLEE
//! ```
//!
//! A hotline is made of this: callers see `USER`, whose access token is in `OFFHOOK_TOKEN`, and never who answers.

use offhook_client::media::{Media, MediaEvent, MediaSender};
use offhook_client::{Call, Client, DialParams, Event};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [host, app_id, user, callee] = arguments.as_slice() else {
        anyhow::bail!("bridge HOST APP_ID USER CALLEE");
    };
    // Arguments are seen by everybody on the machine.
    let token = std::env::var("OFFHOOK_TOKEN").ok();
    let (client, mut events) = Client::init(app_id, host.parse()?)?;
    client.authenticate(user, token.as_deref()).await?;
    client.connect().await?;
    println!("Waiting for calls.");

    while let Some(event) = events.next().await {
        match event {
            Event::Ringing(incoming) => {
                let (client, callee) = (client.clone(), callee.clone());
                tokio::spawn(async move {
                    if let Err(error) = connect(&client, &incoming, &callee).await {
                        eprintln!("A call came to nothing: {error:#}");
                    }
                    // Whoever was first: of a call that is over nothing changes.
                    _ = incoming.end().await;
                });
            }
            Event::SessionClosed { message, .. } => anyhow::bail!(message),
            _ => {}
        }
    }
    Ok(())
}

/// Calls the callee, and answers who calls once the callee has answered.
async fn connect(client: &Client, incoming: &Call, callee: &str) -> anyhow::Result<()> {
    let is_video = incoming.snapshot().is_video_call;
    let params = if is_video {
        DialParams::video(callee)
    } else {
        DialParams::audio(callee)
    };
    let outgoing = client.dial(params).await?;
    let one = outgoing.media()?;
    let to_one = one.sender();
    tokio::select! {
        connected = to_one.connected() => connected?,
        // Who gives up is not called back.
        _ = incoming.ended() => {}
    }
    let bridged = async {
        incoming.accept(true, is_video).await?;
        let other = incoming.media()?;
        let to_other = other.sender();
        println!("Two calls are connected.");
        tokio::select! {
            passed = pass(one, to_other) => passed,
            passed = pass(other, to_one) => passed,
        }
    };
    let outcome = bridged.await;
    _ = outgoing.end().await;
    outcome
}

/// Passes on what one call brings until it is over.
async fn pass(mut from: Media, into: MediaSender) -> anyhow::Result<()> {
    let back = from.sender();
    while let Some(event) = from.next().await {
        match event {
            MediaEvent::Frame(frame) => into.send(frame).await?,
            // What this side's receiver cannot decode, the other side made.
            MediaEvent::KeyframeWanted => into.request_keyframe().await?,
            // Pictures begin with a key frame, and those that came before this are lost.
            MediaEvent::Connected(_) => back.request_keyframe().await?,
            MediaEvent::Lost => {}
        }
    }
    Ok(())
}
