//! What it costs to pass a message from one party's socket to the other's, beside servers that do nothing else.
//!
//! All of them run at the same time on one core, the load on another; one after the other is given load, in turns. At a steady rate
//! what counts is how long a message is under way; saturated, with a message of many pairs under way at any time, what it costs.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use mio::{Events, Poll};

use super::peers::Peer;
use crate::lab::{self, Device};
use crate::process;
use crate::report::Report;
use crate::server::{Application, Server};
use crate::statistics::{Series, percentile};

/// Messages a second, where the time is measured that one takes.
const STEADY_RATE: u32 = 5_000;
/// Messages under way at any time, where the cost is measured.
const UNDER_WAY: usize = 256;
/// As long as a few candidates are.
const BODY_BYTES: usize = 300;
/// How long either part of a turn is.
const PART: Duration = Duration::from_secs(3);
/// What ours may cost and take beside the bare server.
const TARGET_CPU: f64 = 1.3;
const TARGET_P99: f64 = 1.5;

/// Which words a server's devices use.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Language {
    Offhook,
    Bare,
    SocketIo,
}

/// One server with its devices: those of a pair stand side by side.
struct Contestant {
    name: &'static str,
    language: Language,
    process: u32,
    poll: Poll,
    devices: Vec<Device>,
    steady_p50: Series,
    steady_p99: Series,
    steady_cpu: Series,
    saturated_cpu: Series,
    saturated_rate: Series,
}

/// Measures with so many pairs of devices, in so many turns, after one that does not count; says whether the targets were met.
pub fn run(offhook: &Path, pairs: usize, turns: usize, report: &mut Report) -> anyhow::Result<bool> {
    process::move_to_load_core()?;
    let folder = tempfile::tempdir().context("making a folder")?;
    let application = Application::create(offhook, folder.path())?;
    let server = Server::start_on_core(offhook, folder.path())?;
    let bare = Peer::bare(true)?;
    let socket_io = Peer::socket_io(folder.path())?;
    let ours = talk(&server, &application, pairs)?;
    let upgrade = |address, path: &str| -> anyhow::Result<Vec<Device>> {
        (0..2 * pairs)
            .map(|number| Device::upgrade(address, number, &format!("{path}{number}")))
            .collect()
    };
    let mut theirs = upgrade(socket_io.address, "/socket.io/?EIO=4&transport=websocket&number=")?;
    for device in &mut theirs {
        device.say("40")?;
    }
    let mut contestants = [
        Contestant::new("Offhook", Language::Offhook, server.process(), ours)?,
        Contestant::new(
            "bare axum",
            Language::Bare,
            bare.process(),
            upgrade(bare.address, "/pair/")?,
        )?,
        Contestant::new("socket.io", Language::SocketIo, socket_io.process(), theirs)?,
    ];
    for turn in 0..=turns {
        for contestant in &mut contestants {
            contestant.measure(turn > 0)?;
        }
    }
    let rows: Vec<_> = contestants.iter().map(Contestant::row).collect();
    for row in &rows {
        println!("{}", row.join(" | "));
    }
    report.table(
        &format!(
            "Messages passed from socket to socket, {} bytes each, {} turns",
            BODY_BYTES, turns
        ),
        &[
            "server",
            "saturated: \u{b5}s of processor a message (best to worst)",
            "messages a second",
            "at 5,000 a second: p50, p99",
            "\u{b5}s of processor a message",
        ],
        &rows,
    );
    let [ours, bare, _] = &contestants;
    let cpu = ours.saturated_cpu.median() / bare.saturated_cpu.median();
    let p99 = ours.steady_p99.median() / bare.steady_p99.median();
    report.table(
        "Messages: targets",
        &["target", "limit", "ratio of medians"],
        &[
            vec![
                "processor time a message, beside bare axum".to_owned(),
                format!("at most {TARGET_CPU}"),
                format!("{cpu:.2}"),
            ],
            vec![
                "p99 at 5,000 a second, beside bare axum".to_owned(),
                format!("at most {TARGET_P99}"),
                format!("{p99:.2}"),
            ],
        ],
    );
    Ok(cpu <= TARGET_CPU && p99 <= TARGET_P99)
}

/// Devices that talk to each other, each pair in a call.
fn talk(server: &Server, application: &Application, pairs: usize) -> anyhow::Result<Vec<Device>> {
    lab::create_users(server.address, &application.api_token, 2 * pairs)?;
    let keys = lab::authenticate(server.address, &application.id, 2 * pairs)?;
    lab::talk_all(server.address, &keys)
}

impl Contestant {
    fn new(name: &'static str, language: Language, process: u32, mut devices: Vec<Device>) -> anyhow::Result<Self> {
        let poll = Poll::new()?;
        for (number, device) in devices.iter_mut().enumerate() {
            device.watch(&poll, number)?;
        }
        // What was said while it was opened is no message.
        std::thread::sleep(Duration::from_millis(500));
        for device in &mut devices {
            device.read_words(|_| Ok(()))?;
        }
        Ok(Self {
            name,
            language,
            process,
            poll,
            devices,
            steady_p50: Series::default(),
            steady_p99: Series::default(),
            steady_cpu: Series::default(),
            saturated_cpu: Series::default(),
            saturated_rate: Series::default(),
        })
    }

    fn row(&self) -> Vec<String> {
        vec![
            self.name.to_owned(),
            format!(
                "{:.1} ({:.1} to {:.1})",
                self.saturated_cpu.median(),
                self.saturated_cpu.least(),
                self.saturated_cpu.most()
            ),
            format!("{:.0}", self.saturated_rate.median()),
            format!(
                "{:.0} \u{b5}s, {:.0} \u{b5}s",
                self.steady_p50.median(),
                self.steady_p99.median()
            ),
            format!("{:.1}", self.steady_cpu.median()),
        ]
    }

    fn measure(&mut self, counts: bool) -> anyhow::Result<()> {
        let (mut times, cpu) = self.pass(Some(STEADY_RATE))?;
        let messages = times.len().max(1) as f64;
        let [p50, p99] = [0.5, 0.99].map(|part| percentile(&mut times, part));
        let (saturated, saturated_cpu) = self.pass(None)?;
        if counts {
            self.steady_p50.push(p50);
            self.steady_p99.push(p99);
            self.steady_cpu.push(cpu.as_nanos() as f64 / 1000.0 / messages);
            let passed = saturated.len().max(1) as f64;
            self.saturated_cpu
                .push(saturated_cpu.as_nanos() as f64 / 1000.0 / passed);
            self.saturated_rate.push(passed / PART.as_secs_f64());
        }
        Ok(())
    }

    /// Messages go from caller to callee and back, of one pair after the other: so many a second, or the next whenever one has come.
    fn pass(&mut self, rate: Option<u32>) -> anyhow::Result<(Vec<u32>, Duration)> {
        let cpu = process::cpu(self.process)?;
        let start = Instant::now();
        let mut events = Events::with_capacity(1024);
        let mut times = Vec::new();
        let (mut sent, mut received) = (0, 0);
        let is_running = |now: Instant| now - start < PART;
        // What is under way at the end is awaited: nothing is lost.
        while is_running(Instant::now()) || received < sent {
            let now = Instant::now();
            let wanted = match rate {
                _ if !is_running(now) => sent,
                Some(rate) => ((now - start).as_secs_f64() * f64::from(rate)) as usize,
                None => received + UNDER_WAY,
            };
            while sent < wanted {
                self.say(sent, start)?;
                sent += 1;
            }
            anyhow::ensure!(
                now - start < PART + Duration::from_secs(10),
                "{} messages of {} are lost",
                sent - received,
                self.name
            );
            self.poll.poll(&mut events, Some(Duration::from_micros(100)))?;
            for event in &events {
                let device = self.devices.get_mut(event.token().0).context("no such device")?;
                let language = self.language;
                let mut pongs = 0;
                device.read_words(|words| {
                    if language == Language::SocketIo && words == b"2" {
                        pongs += 1;
                    } else if let Some(at) = sent_at(words) {
                        received += 1;
                        times.push(u32::try_from(start.elapsed().as_micros() as u64 - at).unwrap_or(u32::MAX));
                    }
                    Ok(())
                })?;
                for _ in 0..pongs {
                    device.say("3")?;
                }
            }
        }
        Ok((times, process::cpu(self.process)?.saturating_sub(cpu)))
    }

    fn say(&mut self, number: usize, start: Instant) -> anyhow::Result<()> {
        let pair = (number / 2) % (self.devices.len() / 2).max(1);
        let device = self.devices.get_mut(2 * pair + number % 2).context("no such device")?;
        let body = format!("@{:016}{}", start.elapsed().as_micros(), "x".repeat(BODY_BYTES - 17));
        device.say(&match self.language {
            Language::Offhook => format!(
                r#"{{"type":"signal","call_id":"{}","body":"{body}"}}"#,
                lab::uuid(1, pair)
            ),
            Language::Bare => body,
            Language::SocketIo => format!(r#"42["m","{body}"]"#),
        })
    }
}

/// When a message was sent, in microseconds from the start.
fn sent_at(words: &[u8]) -> Option<u64> {
    let start = words.iter().position(|byte| *byte == b'@')? + 1;
    std::str::from_utf8(words.get(start..start + 16)?).ok()?.parse().ok()
}
