//! The programs that are compared, and how traffic is led through each.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::path::PathBuf;
use std::process::{ChildStdin, ChildStdout, Command};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context as _;
use clap::ValueEnum as _;
use offhook_turn::{Secret, Ticket};
use offhook_udp::Socket;

use crate::client::{CHANNEL, Client};
use crate::establish::establish;
use crate::forwarder::Model;
use crate::load::{Lane, Load, bind_roomy};
use crate::process::Process;

/// What credentials are made with; it protects nothing here.
const SECRET: &str = "measured-on-loopback-only";
/// How many clients set up at once.
const AT_ONCE: usize = 32;
/// Each program has an address of its own, so that no port is in another's way.
const COTURN: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));
const OFFHOOK: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 3));

/// A program to measure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// coturn, as Debian packages it.
    Coturn,
    /// `offhook relay`, by the path of the binary.
    Offhook(PathBuf),
    /// A bare forwarder.
    Bare {
        /// Which sockets it has.
        model: Model,
        /// Whether it merges datagrams of one size (UDP segmentation).
        is_merging: bool,
    },
    /// The bare forwarder with a socket a flow, made to waste so many nanoseconds a packet.
    Slowed(u64),
}

impl Kind {
    /// What tables call it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Coturn => "coturn",
            Self::Offhook(_) => "Offhook",
            Self::Bare {
                model: Model::OneSocket,
                ..
            } => "bare forwarder, one socket for all",
            Self::Bare { is_merging: false, .. } => "bare forwarder, recvmmsg/sendmmsg",
            Self::Bare { is_merging: true, .. } => "bare forwarder, with GSO",
            Self::Slowed(_) => "bare forwarder, made slower",
        }
    }
}

/// The way that traffic takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From clients to one peer.
    ToPeer,
    /// From one peer to clients.
    ToClient,
    /// From clients to clients; each has an allocation, and peers know each by its relayed address.
    BothRelayed,
}

/// A running program.
pub struct Program {
    /// What is measured.
    pub process: Process,
    /// Where it listens.
    pub address: SocketAddr,
    forwarder: Option<(ChildStdin, BufReader<ChildStdout>)>,
    _folder: tempfile::TempDir,
    tickets: u32,
}

impl Program {
    /// Starts a program.
    pub fn start(kind: &Kind) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir().context("making a folder")?;
        let (command, address) = match kind {
            Kind::Coturn => {
                let address = free_address(COTURN)?;
                (coturn(address, &folder), address)
            }
            Kind::Offhook(path) => {
                let address = free_address(OFFHOOK)?;
                (offhook(path, address, &folder), address)
            }
            Kind::Bare { model, is_merging } => (bare(*model, *is_merging, 0)?, free_address(COTURN)?),
            Kind::Slowed(nanoseconds) => (bare(Model::SocketAFlow, false, *nanoseconds)?, free_address(COTURN)?),
        };
        let mut process = Process::start(&command)?;
        let mut program = match kind {
            Kind::Bare { .. } | Kind::Slowed(_) => {
                let input = process.child().stdin.take().context("no standard input")?;
                let output = process.child().stdout.take().context("no standard output")?;
                Some((input, BufReader::new(output)))
            }
            Kind::Coturn | Kind::Offhook(_) => None,
        };
        let address = match &mut program {
            None => address,
            Some((_, output)) => read_address(output)?,
        };
        let mut program = Self {
            process,
            address,
            forwarder: program,
            _folder: folder,
            tickets: 0,
        };
        if program.forwarder.is_none() {
            // It has started when it has made an allocation.
            program.allocate(&sockets(1)?, None)?;
        }
        Ok(program)
    }

    /// Leads `flows` flows through the program.
    pub fn lead(&mut self, direction: Direction, flows: usize) -> anyhow::Result<Load> {
        if self.forwarder.is_some() {
            self.lead_bare(direction, flows)
        } else {
            self.lead_relayed(direction, flows)
        }
    }

    /// Makes an allocation with a channel for each socket.
    pub fn allocate(&mut self, sockets: &[Socket], peer: Option<SocketAddr>) -> anyhow::Result<Vec<Client>> {
        let expiry = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs() + 3600;
        let secret = Secret::new(SECRET);
        let mut clients = Vec::with_capacity(sockets.len());
        for _ in sockets {
            // A ticket each, as calls have them.
            self.tickets += 1;
            let ticket = Ticket::new(&format!("bench.{:032x}", self.tickets))?;
            clients.push(Client::new(secret.credential(&ticket, expiry), peer)?);
        }
        establish(&mut clients, sockets, self.address, AT_ONCE)?;
        Ok(clients)
    }

    fn lead_relayed(&mut self, direction: Direction, flows: usize) -> anyhow::Result<Load> {
        let clients = sockets(flows)?;
        if direction == Direction::BothRelayed {
            return self.lead_between(clients, sockets(flows)?);
        }
        let peer = bind_roomy()?;
        let allocations = self.allocate(&clients, Some(peer.local_address()))?;
        let mut lanes = Vec::with_capacity(flows);
        for (number, allocation) in (0..).zip(&allocations) {
            lanes.push(match direction {
                Direction::ToClient => Lane {
                    sender: 0,
                    destination: allocation.relayed()?,
                    channel: None,
                },
                Direction::ToPeer | Direction::BothRelayed => Lane {
                    sender: number,
                    destination: self.address,
                    channel: Some(CHANNEL),
                },
            });
        }
        match direction {
            Direction::ToClient => Load::new(vec![peer], lanes, clients),
            Direction::ToPeer | Direction::BothRelayed => Load::new(clients, lanes, vec![peer]),
        }
    }

    fn lead_between(&mut self, callers: Vec<Socket>, callees: Vec<Socket>) -> anyhow::Result<Load> {
        let mut calling = self.allocate(&callers, None)?;
        let mut called = self.allocate(&callees, None)?;
        for (one, other) in calling.iter_mut().zip(&mut called) {
            let (here, there) = (one.relayed()?, other.relayed()?);
            one.bind(there)?;
            other.bind(here)?;
        }
        establish(&mut calling, &callers, self.address, AT_ONCE)?;
        establish(&mut called, &callees, self.address, AT_ONCE)?;
        let lanes = (0..callers.len() as u32).map(|sender| Lane {
            sender,
            destination: self.address,
            channel: Some(CHANNEL),
        });
        Load::new(callers, lanes.collect(), callees)
    }

    fn lead_bare(&mut self, direction: Direction, flows: usize) -> anyhow::Result<Load> {
        let (mut input, mut output) = self.forwarder.take().context("its flows were told already")?;
        let clients = sockets(flows)?;
        let peers = match direction {
            Direction::BothRelayed => sockets(flows)?,
            Direction::ToPeer | Direction::ToClient => vec![bind_roomy()?],
        };
        let mut lanes = Vec::with_capacity(flows);
        for ((number, client), peer) in (0..).zip(&clients).zip(peers.iter().cycle()) {
            writeln!(input, "{} {}", client.local_address(), peer.local_address())?;
            let relayed = read_address(&mut output)?;
            lanes.push(match direction {
                Direction::ToClient => Lane {
                    sender: 0,
                    destination: relayed,
                    channel: None,
                },
                Direction::ToPeer | Direction::BothRelayed => Lane {
                    sender: number,
                    destination: self.address,
                    channel: None,
                },
            });
        }
        writeln!(input)?;
        match direction {
            Direction::ToClient => Load::new(peers, lanes, clients),
            Direction::ToPeer | Direction::BothRelayed => Load::new(clients, lanes, peers),
        }
    }
}

/// Sockets of clients.
pub fn sockets(count: usize) -> anyhow::Result<Vec<Socket>> {
    (0..count).map(|_| bind_roomy()).collect()
}

fn coturn(address: SocketAddr, folder: &tempfile::TempDir) -> Command {
    let mut command = Command::new("turnserver");
    let (ip, port) = (address.ip().to_string(), address.port().to_string());
    command.args([
        "-n",
        "--listening-ip",
        &ip,
        "--relay-ip",
        &ip,
        "--listening-port",
        &port,
    ]);
    command.args(["--use-auth-secret", "--static-auth-secret", SECRET, "--realm", "bench"]);
    command.args([
        "-m",
        "1",
        "--allow-loopback-peers",
        "--no-tcp",
        "--no-tls",
        "--no-dtls",
        "--no-cli",
    ]);
    command.args([
        "--no-stdout-log",
        "--log-file",
        "/dev/null",
        "--no-auth-pings",
        "--no-dynamic-ip-list",
    ]);
    command.args(["--no-dynamic-realms", "--min-port", "10000", "--max-port", "65535"]);
    command.arg("--pidfile").arg(folder.path().join("pid"));
    command.arg("--db").arg(folder.path().join("db"));
    command
}

fn offhook(path: &PathBuf, address: SocketAddr, folder: &tempfile::TempDir) -> Command {
    let mut command = Command::new(path);
    command.arg("relay");
    command.env("OFFHOOK_DATA_DIR", folder.path());
    let settings = [
        ("LISTEN", address.to_string()),
        ("SECRET", SECRET.to_owned()),
        ("MIN_PORT", "10000".to_owned()),
        ("ALLOWED_PEERS", "127.0.0.0/8".to_owned()),
        ("MAX_ALLOCATIONS", "16384".to_owned()),
        ("MAX_ALLOCATIONS_PER_APPLICATION", "16384".to_owned()),
        // As high as a whole core relays; the accounting stays on.
        ("MAX_BITRATE_PER_TICKET_BPS", "100000000000".to_owned()),
        ("MAX_BITRATE_PER_APPLICATION_BPS", "100000000000".to_owned()),
    ];
    for (key, value) in settings {
        command.env(format!("OFFHOOK_RELAY__{key}"), value);
    }
    command
}

fn bare(model: Model, is_merging: bool, waste_ns: u64) -> anyhow::Result<Command> {
    let mut command = Command::new(std::env::current_exe().context("finding this program")?);
    let model = model.to_possible_value().context("a model without a name")?;
    command.args([
        "forward",
        "--model",
        model.get_name(),
        "--waste-ns",
        &waste_ns.to_string(),
    ]);
    if is_merging {
        command.arg("--merge");
    }
    Ok(command)
}

fn read_address(output: &mut BufReader<ChildStdout>) -> anyhow::Result<SocketAddr> {
    let mut line = String::new();
    output.read_line(&mut line).context("listening to the forwarder")?;
    line.trim()
        .parse()
        .with_context(|| format!("the forwarder said {line:?}"))
}

/// An address whose port is free at the moment.
fn free_address(ip: IpAddr) -> anyhow::Result<SocketAddr> {
    Ok(UdpSocket::bind((ip, 0)).context("finding a free port")?.local_addr()?)
}
