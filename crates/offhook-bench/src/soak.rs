//! Whether a server's memory stays what it is: mixed calls, hour after hour, with everything that goes wrong in between.
//!
//! One after the other, as fast as the server answers: calls that are talked in, declined, given up, or ended by another user's device;
//! sockets that vanish in the middle of a call and come back, pages that are reloaded, sign-ins that fail, words that mean nothing.

use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context as _;

use crate::lab::{self, Device, Http};
use crate::process;
use crate::report::Report;
use crate::server::{Application, Server};
use crate::statistics::Series;

/// How much more the last quarter may hold than the second: in the first, what is kept for use again is still filled.
const FLAT: f64 = 1.1;
/// A user may dial another ten times a minute, and thirty in all: so often at most one comes to its turn again.
const REST: Duration = Duration::from_millis(6_500);
/// In so many parts the time is divided for looking at memory.
const LOOKS: u32 = 40;

/// What is done with a pair of devices.
#[derive(Clone, Copy, Debug)]
enum Scene {
    Talked,
    Declined,
    GivenUp,
    /// The caller's socket is gone in the middle, and back.
    Returned,
    /// The callee's page forgets the call: it is reloaded.
    Reloaded,
    /// Somebody signs in with a token that is none, and says what means nothing.
    Nonsense,
}

const SCENES: [Scene; 6] = [
    Scene::Talked,
    Scene::Declined,
    Scene::GivenUp,
    Scene::Returned,
    Scene::Reloaded,
    Scene::Nonsense,
];

struct Pair {
    caller: Option<Device>,
    callee: Option<Device>,
    number: usize,
    rested: Instant,
}

/// Lets `users` call for so long; says whether memory stayed.
pub fn run(offhook: &Path, time: Duration, users: usize) -> anyhow::Result<(Report, bool)> {
    let folder = tempfile::tempdir().context("making a folder")?;
    let application = Application::create(offhook, folder.path())?;
    let server = Server::start(offhook, folder.path(), &[])?;
    lab::create_users(server.address, &application.api_token, users)?;
    let keys = lab::authenticate(server.address, &application.id, users)?;
    let begun = Instant::now();
    let mut pairs = (0..users / 2)
        .map(|number| {
            Ok(Pair {
                caller: Some(connect(server.address, &keys, 2 * number, None)?),
                callee: Some(connect(server.address, &keys, 2 * number + 1, None)?),
                number,
                rested: begun,
            })
        })
        .collect::<anyhow::Result<Vec<_>>>()?;
    let (mut scenes, mut looks) = (0_usize, Vec::new());
    'time: loop {
        for pair in &mut pairs {
            std::thread::sleep(pair.rested.saturating_duration_since(Instant::now()));
            let scene = SCENES.get(scenes % SCENES.len()).copied().unwrap_or(Scene::Talked);
            play(&server, &application, &keys, pair, scene, scenes)
                .with_context(|| format!("{scene:?}, scene {scenes}"))?;
            pair.rested = Instant::now() + REST;
            scenes += 1;
            let passed = begun.elapsed();
            if passed >= time / LOOKS * (looks.len() as u32 + 1) {
                looks.push(process::own_bytes(server.process())? as f64 / f64::from(1 << 20));
            }
            if passed >= time {
                break 'time;
            }
        }
    }
    let quarter = |number: usize| -> Series {
        let length = looks.len().div_ceil(4).max(1);
        looks.iter().skip(number * length).take(length).copied().collect()
    };
    let (second, last) = (quarter(1), quarter(3));
    let ratio = last.median() / second.median();
    let mut report = Report::default();
    report.table(
        &format!("{scenes} scenes in {} s, {users} users", time.as_secs()),
        &["quarter", "memory, median (least to most)"],
        &(0..4)
            .map(|number| {
                let series = quarter(number);
                vec![
                    (number + 1).to_string(),
                    format!(
                        "{:.1} ({:.1} to {:.1}) MiB",
                        series.median(),
                        series.least(),
                        series.most()
                    ),
                ]
            })
            .collect::<Vec<_>>(),
    );
    println!("the last quarter beside the second: {ratio:.2}, at most {FLAT}");
    Ok((report, ratio <= FLAT))
}

fn connect(server: SocketAddr, keys: &[String], number: usize, call: Option<&str>) -> anyhow::Result<Device> {
    let key = keys.get(number).context("no such user")?;
    Device::come_back(server, number, key, call).map(|(device, _)| device)
}

fn play(
    server: &Server,
    application: &Application,
    keys: &[String],
    pair: &mut Pair,
    scene: Scene,
    number: usize,
) -> anyhow::Result<()> {
    let (caller_number, callee_number) = (2 * pair.number, 2 * pair.number + 1);
    let mut caller = pair.caller.take().context("no caller")?;
    let mut callee = pair.callee.take().context("no callee")?;
    let call = lab::uuid(1, number);
    let id = format!(r#""call_id":"{call}""#);
    match scene {
        Scene::Talked => {
            lab::talk(&mut caller, &mut callee, pair.number, number)?;
            for device in [&mut caller, &mut callee] {
                device.say(&format!(r#"{{"type":"signal",{id},"body":"{}"}}"#, "x".repeat(3_000)))?;
            }
            end(&mut caller, &mut callee, &id)?;
        }
        Scene::Declined => {
            lab::dial(&mut caller, &mut callee, pair.number, number)?;
            end(&mut callee, &mut caller, &id)?;
        }
        Scene::GivenUp => {
            lab::dial(&mut caller, &mut callee, pair.number, number)?;
            end(&mut caller, &mut callee, &id)?;
        }
        Scene::Returned => {
            lab::talk(&mut caller, &mut callee, pair.number, number)?;
            drop(caller);
            caller = connect(server.address, keys, caller_number, Some(&call))?;
            end(&mut callee, &mut caller, &id)?;
        }
        Scene::Reloaded => {
            lab::talk(&mut caller, &mut callee, pair.number, number)?;
            drop(callee);
            callee = connect(server.address, keys, callee_number, None)?;
            caller.wait(|said| said.call.as_ref().is_some_and(|call| call.state == "ended"))?;
        }
        Scene::Nonsense => {
            let body = serde_json::json!({"app_id": application.id, "user_id": format!("nobody-{number}"), "access_token": "none"});
            let refused = Http::open(server.address)?.post("/client/v1/authenticate", "", &body.to_string());
            anyhow::ensure!(refused.is_err(), "a token that is none was taken");
            for nonsense in ["", "{", r#"{"type":"dial","id":1}"#, "\u{1f4de}"] {
                caller.say(nonsense)?;
            }
            caller.wait(|said| said.kind == "refused")?;
        }
    }
    pair.caller = Some(caller);
    pair.callee = Some(callee);
    Ok(())
}

fn end(device: &mut Device, other: &mut Device, id: &str) -> anyhow::Result<()> {
    device.ask("end", id)?;
    other.wait(|said| said.call.as_ref().is_some_and(|call| call.state == "ended"))
}
