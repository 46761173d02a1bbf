//! Calls between devices.

use std::net::SocketAddr;

use anyhow::Context as _;

use super::parts::in_parts;
use super::{Device, Said, uuid};

const MEDIA: &str = r#""media":{"audio_enabled":true,"video_enabled":false,"revision":0}"#;

fn is_in(state: &'static str) -> impl Fn(&Said<'_>) -> bool {
    move |said| said.call.as_ref().is_some_and(|call| call.state == state)
}

/// A device of user `2 * pair` calls one of the next, which hears it ring.
pub fn dial(caller: &mut Device, callee: &mut Device, pair: usize, call: usize) -> anyhow::Result<()> {
    let (id, user_id) = (uuid(1, call), format!("user-{:05}", 2 * pair + 1));
    let words = format!(r#""call_id":"{id}","user_id":"{user_id}","is_video_call":false,{MEDIA}"#);
    caller.ask("dial", &words)?;
    callee.wait(is_in("ringing"))
}

/// The same, and they connect it.
pub fn talk(caller: &mut Device, callee: &mut Device, pair: usize, call: usize) -> anyhow::Result<()> {
    dial(caller, callee, pair, call)?;
    let id = format!(r#""call_id":"{}""#, uuid(1, call));
    callee.ask("accept", &format!("{id},{MEDIA}"))?;
    caller.wait(is_in("established"))?;
    let report = format!(r#"{id},"media":"connected","path":"direct""#);
    caller.ask("report", &report)?;
    callee.ask("report", &report)?;
    caller.wait(is_in("connected"))
}

/// Connects devices of the users with these session keys, and each of an even number talks with the next.
pub fn talk_all(server: SocketAddr, keys: &[String]) -> anyhow::Result<Vec<Device>> {
    let devices = in_parts(keys.len() / 2, |pairs| {
        pairs
            .map(|pair| {
                let connect = |number: usize| {
                    let key = keys.get(number).context("no such user")?;
                    Device::connect(server, number, key)
                };
                let (mut caller, mut callee) = (connect(2 * pair)?, connect(2 * pair + 1)?);
                talk(&mut caller, &mut callee, pair, pair).context("beginning a call")?;
                Ok([caller, callee])
            })
            .collect()
    })?;
    Ok(devices.into_iter().flatten().collect())
}
