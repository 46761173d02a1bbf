//! How many complete calls a server carries in a second: dial, ring, accept, connect, end, each step on disk before it is told.
//!
//! Calls begin at a steady rate, whether or not the server keeps up: what waits counts against it. Devices answer as fast as
//! they hear. The load shares the machine with the server, and says how much of it each of the two took.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

use crate::disk;
use crate::lab::{self, Device, Said};
use crate::report::Report;
use crate::server::{Application, Server};
use crate::statistics::percentile;

/// What a server is to carry in a second, and how soon the slowest of a hundred steps is to be told.
const TARGET_RATE: u32 = 2_000;
const TARGET_P99_MS: f64 = 50.0;
/// A user has dialled too often, or has too many calls.
const TOO_MANY: u32 = 429_100;
/// How long the last calls are waited for.
const PATIENCE: Duration = Duration::from_secs(20);

/// What one rate came to.
struct Turn {
    rate: u32,
    completed: u32,
    took: Duration,
    ring: Vec<u32>,
    establish: Vec<u32>,
    server_cpu: Duration,
    own_cpu: Duration,
}

/// How much more a call may cost where many are stored, at the first of the rates, which is kept easily.
const FLAT: f64 = 1.2;

/// What is measured.
pub struct Field<'a> {
    /// The binary `offhook`.
    pub offhook: &'a Path,
    /// How many users there are, of whom half call the others.
    pub users: usize,
    /// How many calls begin in a second, one rate after the other.
    pub rates: &'a [u32],
    /// How long each rate is kept.
    pub seconds: u32,
    /// How many calls are stored for the comparison with an empty store; none, where there is none.
    pub stored: u32,
}

/// Carries calls at each rate; says whether the targets were met.
pub fn run(field: &Field<'_>) -> anyhow::Result<(Report, bool)> {
    let mut report = Report::default();
    let mut is_met = carry(field, field.rates, 0, &mut report)?.is_met;
    if field.rates.iter().all(|rate| *rate < TARGET_RATE) {
        println!("The target, {TARGET_RATE} calls a second, is not among the rates");
    }
    if field.stored > 0 {
        let rate = field.rates.get(..1).unwrap_or_default();
        let aside = &mut Report::default();
        let empty = carry(field, rate, 0, aside)?.server_us;
        let full = carry(field, rate, field.stored, aside)?.server_us;
        report.table(
            "Calls: cost as the store grows",
            &["stored", "server's processor a call", "ratio", "limit"],
            &[
                vec![
                    "none".to_owned(),
                    format!("{empty:.0} \u{b5}s"),
                    String::new(),
                    String::new(),
                ],
                vec![
                    field.stored.to_string(),
                    format!("{full:.0} \u{b5}s"),
                    format!("{:.2}", full / empty),
                    format!("at most {FLAT}"),
                ],
            ],
        );
        is_met &= full / empty <= FLAT;
    }
    Ok((report, is_met))
}

/// What came of it.
struct Outcome {
    is_met: bool,
    /// Of the last rate: the server's processor a call.
    server_us: f64,
}

fn carry(field: &Field<'_>, rates: &[u32], stored: u32, report: &mut Report) -> anyhow::Result<Outcome> {
    let folder = tempfile::tempdir().context("making a folder")?;
    let application = Application::create(field.offhook, folder.path())?;
    if stored > 0 {
        println!("Generating {stored} calls");
        crate::list::fill(&folder.path().join("offhook.db"), stored)?;
    }
    let (pairs, seconds) = (field.users / 2, field.seconds);
    let server = Server::start(field.offhook, folder.path(), &[])?;
    println!("Signing {} users in", 2 * pairs);
    lab::create_users(server.address, &application.api_token, 2 * pairs)?;
    let keys = lab::authenticate(server.address, &application.id, 2 * pairs)?;
    let mut sockets = Sockets::connect(server.address, &keys)?;
    let mut rows = Vec::new();
    // What is not measured is not missed.
    let (mut is_met, mut server_us) = (rates.iter().all(|rate| *rate < TARGET_RATE), 0.0);
    for rate in rates {
        let mut turn = sockets.carry(&server, *rate, seconds)?;
        server_us = turn.server_cpu.as_micros() as f64 / f64::from(turn.completed.max(1));
        let reached = f64::from(turn.completed) / turn.took.as_secs_f64();
        let [ring, ring_p99] = [0.5, 0.99].map(|part| percentile(&mut turn.ring, part) / 1000.0);
        let [establish, establish_p99] = [0.5, 0.99].map(|part| percentile(&mut turn.establish, part) / 1000.0);
        is_met |= turn.rate >= TARGET_RATE
            && reached >= 0.98 * f64::from(TARGET_RATE)
            && ring_p99.max(establish_p99) < TARGET_P99_MS;
        let micros = |cpu: Duration| {
            format!(
                "{:.0} \u{b5}s",
                cpu.as_micros() as f64 / f64::from(turn.completed.max(1))
            )
        };
        // What one rate has left is not to burden the next.
        std::thread::sleep(Duration::from_secs(2));
        let [sync, sync_p99] = disk::syncs(folder.path())?;
        rows.push(vec![
            turn.rate.to_string(),
            format!("{reached:.0}"),
            format!("{ring:.1} ms, {ring_p99:.1} ms"),
            format!("{establish:.1} ms, {establish_p99:.1} ms"),
            micros(turn.server_cpu),
            micros(turn.own_cpu),
            format!("{sync:.1} ms, {sync_p99:.1} ms"),
        ]);
        println!("{}", rows.last().map(|row| row.join(" | ")).unwrap_or_default());
    }
    report.table(
        &format!(
            "Calls carried, {seconds} s at each rate, {} sockets, {stored} calls stored",
            2 * pairs
        ),
        &[
            "calls a second, begun",
            "completed",
            "dial to ring: median, p99",
            "accept to established: median, p99",
            "server's processor a call",
            "load's",
            "a sync alone, right after: median, p99",
        ],
        &rows,
    );
    Ok(Outcome { is_met, server_us })
}

/// Where a pair stands.
#[derive(Clone, Copy, Debug)]
enum Step {
    Idle,
    Dialled(Instant),
    Accepted(Instant),
    Established,
    Ending,
}

struct Pair {
    caller: Device,
    callee: usize,
    step: Step,
    call: String,
}

/// All pairs, and who waits for a call.
struct Sockets {
    poll: mio::Poll,
    pairs: Vec<Pair>,
    callees: Vec<Device>,
    /// By how far callees stand from their callers.
    shift: usize,
    idle: std::collections::VecDeque<usize>,
    calls: usize,
}

impl Sockets {
    fn connect(server: std::net::SocketAddr, keys: &[String]) -> anyhow::Result<Self> {
        let poll = mio::Poll::new()?;
        let (mut pairs, mut callees) = (Vec::new(), Vec::new());
        for (number, keys) in keys.chunks_exact(2).enumerate() {
            let [caller, callee] = keys else { continue };
            let mut caller = Device::connect(server, 2 * number, caller)?;
            let mut callee = Device::connect(server, 2 * number + 1, callee)?;
            caller.watch(&poll, 2 * number)?;
            callee.watch(&poll, 2 * number + 1)?;
            callees.push(callee);
            pairs.push(Pair {
                caller,
                callee: number,
                step: Step::Idle,
                call: String::new(),
            });
        }
        let idle = (0..pairs.len()).collect();
        Ok(Self {
            poll,
            pairs,
            callees,
            shift: 0,
            idle,
            calls: 0,
        })
    }

    fn carry(&mut self, server: &Server, rate: u32, seconds: u32) -> anyhow::Result<Turn> {
        let (server_cpu, own_cpu) = (server.cpu()?, crate::process::cpu(std::process::id())?);
        let mut turn = Turn {
            rate,
            completed: 0,
            took: Duration::ZERO,
            ring: Vec::new(),
            establish: Vec::new(),
            server_cpu,
            own_cpu,
        };
        let total = rate * seconds;
        self.shift += 1;
        let count = self.pairs.len().max(1);
        for (number, pair) in self.pairs.iter_mut().enumerate() {
            pair.callee = (number + self.shift) % count;
        }
        let mut begun = 0;
        let start = Instant::now();
        let mut events = mio::Events::with_capacity(1024);
        while turn.completed < total {
            let now = Instant::now();
            let due = ((now - start).as_secs_f64() * f64::from(rate)) as u32;
            while begun < due.min(total) {
                let Some(number) = self.idle.pop_front() else { break };
                self.dial(number)?;
                begun += 1;
            }
            if (now - start) > Duration::from_secs(seconds.into()) + PATIENCE {
                bail!("of {total} calls {} were completed in time", turn.completed);
            }
            self.poll.poll(&mut events, Some(Duration::from_micros(500)))?;
            for event in &events {
                let number = event.token().0;
                let (place, count) = (number / 2, self.pairs.len().max(1));
                let is_caller = number % 2 == 0;
                let pair = if is_caller {
                    place
                } else {
                    (place + count - self.shift % count) % count
                };
                self.hear(pair, is_caller, &mut turn)?;
            }
        }
        turn.took = start.elapsed();
        turn.server_cpu = server.cpu()?.saturating_sub(server_cpu);
        turn.own_cpu = crate::process::cpu(std::process::id())?.saturating_sub(own_cpu);
        Ok(turn)
    }

    fn dial(&mut self, number: usize) -> anyhow::Result<()> {
        self.calls += 1;
        let call = lab::uuid(1, self.calls);
        let pair = self.pairs.get_mut(number).context("no such pair")?;
        let callee = 2 * pair.callee + 1;
        let rest = format!(
            r#""call_id":"{call}","user_id":"user-{callee:05}","is_video_call":false,"media":{{"audio_enabled":true,"video_enabled":false,"revision":0}}"#
        );
        pair.call = call;
        pair.step = Step::Dialled(Instant::now());
        pair.caller.ask("dial", &rest)
    }

    fn hear(&mut self, number: usize, is_caller: bool, turn: &mut Turn) -> anyhow::Result<()> {
        let pair = self.pairs.get_mut(number).context("no such pair")?;
        let callee = self.callees.get_mut(pair.callee).context("no such callee")?;
        let device = if is_caller { &mut pair.caller } else { &mut *callee };
        let mut states = Vec::new();
        let mut refusal = None;
        let call = &pair.call;
        device.read(|said: &Said<'_>| {
            if said.kind == "refused" {
                refusal = said.code;
            }
            if let Some(told) = said.call.as_ref().filter(|told| told.call_id == call) {
                states.push(match told.state {
                    "ringing" => 0,
                    "established" => 1,
                    "connected" => 2,
                    _ => 3,
                });
            }
        })?;
        if let Some(code) = refusal {
            let why = if code == TOO_MANY {
                ": too few users for these rates"
            } else {
                ""
            };
            bail!("the server refuses: {code}{why}");
        }
        for state in states {
            pair.step = match (pair.step, state, is_caller) {
                (Step::Dialled(at), 0, false) => {
                    turn.ring.push(micros(at));
                    let call = format!(r#""call_id":"{}""#, pair.call);
                    let media = r#""media":{"audio_enabled":true,"video_enabled":false,"revision":0}"#;
                    callee.ask("ringing", &call)?;
                    let accepted = Instant::now();
                    callee.ask("accept", &format!("{call},{media}"))?;
                    Step::Accepted(accepted)
                }
                (Step::Accepted(at), 1, true) => {
                    turn.establish.push(micros(at));
                    let report = format!(r#""call_id":"{}","media":"connected","path":"direct""#, pair.call);
                    pair.caller.ask("report", &report)?;
                    callee.ask("report", &report)?;
                    Step::Established
                }
                (Step::Established, 2, true) => {
                    pair.caller.ask("end", &format!(r#""call_id":"{}""#, pair.call))?;
                    Step::Ending
                }
                (Step::Ending, 3, false) => {
                    turn.completed += 1;
                    self.idle.push_back(number);
                    Step::Idle
                }
                (step, ..) => step,
            };
        }
        Ok(())
    }
}

fn micros(since: Instant) -> u32 {
    u32::try_from(since.elapsed().as_micros()).unwrap_or(u32::MAX)
}
