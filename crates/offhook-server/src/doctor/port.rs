//! The ports: what the running server listens on answers as it should; what it will listen on can be bound.

use std::io;
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::time::Duration;

use axum::http::StatusCode;
use offhook_proto::ice::IceServer;

use super::Finding;
use super::holder::{Holder, holder};
use super::http::{self, Question, ask, ask_over_tls};
use super::key::Doorkeeper;
use super::running::Running;
use super::stun::{self, Way};
use crate::config::Config;
use crate::http::doctor::Opened;

/// How long a Binding request may take on this machine.
const STUN_DEADLINE: Duration = Duration::from_secs(3);

/// What answered.
#[derive(Debug, Default)]
pub(super) struct Answering {
    /// Whether the server that answers HTTP is the one whose `server.key` this is.
    pub(super) is_ours: bool,
    /// What it gave for a key: credentials of the relay.
    pub(super) ice_servers: Vec<IceServer>,
    /// The listeners of the relay that answer.
    pub(super) relay: Vec<(Transport, SocketAddr)>,
}

/// What a port is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transport {
    /// Datagrams.
    Udp,
    /// Streams.
    Tcp,
    /// Streams that are encrypted.
    Tls,
}

impl Transport {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Udp => "UDP",
            Self::Tcp => "TCP",
            Self::Tls => "TLS",
        }
    }
}

/// What is spoken on a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Service {
    Http,
    Https,
    Metrics,
    Relay,
}

/// A port as it is configured, and where the running server says it is.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Listener {
    service: Service,
    setting: &'static str,
    transport: Transport,
    configured: SocketAddr,
    /// Where the running server listens; `None` if none runs, or it does not listen there.
    actual: Option<SocketAddr>,
}

impl Listener {
    fn name(&self) -> String {
        let service = match self.service {
            Service::Http => "http",
            Service::Https => "https",
            Service::Metrics => "metrics",
            Service::Relay => "relay",
        };
        format!(
            "{service} {} {}",
            self.transport.as_str(),
            self.actual.unwrap_or(self.configured)
        )
    }
}

/// Looks at every port.
pub(super) async fn check(
    config: &Config,
    running: &Running,
    key: Option<&Doorkeeper>,
    findings: &mut Vec<Finding>,
) -> Answering {
    let mut answering = Answering::default();
    for listener in listeners(config, running) {
        let seen = match (running.is_running(), listener.actual) {
            (true, Some(address)) => knock(&listener, address, key, &mut answering).await,
            (true, None) => Seen::NotListening,
            (false, _) => try_to_bind(listener.transport, listener.configured),
        };
        let is_relay = match listener.service {
            Service::Relay => true,
            // TURN over TLS shares the port.
            Service::Https => config.relay.is_on(),
            Service::Http | Service::Metrics => false,
        };
        if let (true, Seen::Answers(_), Some(address)) = (is_relay, &seen, listener.actual) {
            answering.relay.push((listener.transport, address));
        }
        findings.push(judge(&listener, &seen));
    }
    answering
}

/// All ports that are configured. A running server that wrote nothing of itself is looked for where it is configured.
fn listeners(config: &Config, running: &Running) -> Vec<Listener> {
    let note = running.note();
    let at = |actual: Option<SocketAddr>, configured: SocketAddr| match running {
        Running::Yes(None) => Some(configured),
        Running::Yes(Some(_)) => actual,
        Running::No | Running::Unknown(_) => None,
    };
    let mut listeners = vec![
        Listener {
            service: Service::Http,
            setting: "listen",
            transport: Transport::Tcp,
            configured: config.listen,
            actual: at(note.map(|note| note.http), config.listen),
        },
        Listener {
            service: Service::Metrics,
            setting: "admin_listen",
            transport: Transport::Tcp,
            configured: config.admin_listen,
            actual: at(note.map(|note| note.admin), config.admin_listen),
        },
    ];
    if let Some(configured) = config.tls.address() {
        listeners.push(Listener {
            service: Service::Https,
            setting: "tls.listen",
            transport: Transport::Tls,
            configured,
            actual: at(note.and_then(|note| note.https), configured),
        });
    }
    for (index, configured) in config.relay.listen.iter().enumerate() {
        for transport in [Transport::Udp, Transport::Tcp] {
            let bound = note.and_then(|note| note.relay.get(index));
            listeners.push(Listener {
                service: Service::Relay,
                setting: "relay.listen",
                transport,
                configured: *configured,
                actual: at(bound.copied(), *configured),
            });
        }
    }
    listeners
}

/// What was seen of a port.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Seen {
    /// The running server answers there, as it should; how, in words.
    Answers(String),
    /// Something answers, but not this server.
    AnotherServer,
    /// There was no right answer: why, and who holds the port.
    Silent(String, Option<Holder>),
    /// The running server does not listen there.
    NotListening,
    /// Nobody has it, and it can be had.
    Free,
    /// A free port is taken at the start.
    AnyPort,
    /// Another program has it.
    Held(String, Option<Holder>),
    /// It takes a privilege.
    NotPermitted(String),
    /// The address is none of this machine's.
    NotHere(String),
    /// Something else stands in the way.
    Refused(String),
}

fn judge(listener: &Listener, seen: &Seen) -> Finding {
    let name = listener.name();
    let port = listener.configured.port();
    let setting = listener.setting;
    let by = |holder: &Option<Holder>| match holder {
        Some(Holder { pid, name }) => format!(" by {name} (process {pid})"),
        None => String::new(),
    };
    match seen {
        Seen::Answers(_) if listener.moved() => Finding::warning(
            name,
            format!("It answers, but `{setting}` is {} by now.", listener.configured),
            "Restart the server, so that it listens as configured.",
        ),
        Seen::Answers(how) => Finding::ok(name, format!("It answers: {how}.")),
        Seen::AnotherServer => Finding::failed(
            name,
            "An Offhook server answers, but one with another `server.key`.",
            "Check `data_dir`: another server serves there, or the key was replaced while it ran.",
        ),
        Seen::Silent(why, holder) => Finding::failed(
            name,
            format!(
                "The server runs, but does not answer here: {why}. The port is held{}.",
                by(holder)
            ),
            "If another program holds the port, stop it and restart the server; else look into the server's log.",
        ),
        Seen::NotListening => Finding::failed(
            name,
            "The server runs, but does not listen here.",
            "Restart the server, so that it listens as configured.",
        ),
        Seen::Free => Finding::ok(name, "It is free."),
        Seen::AnyPort => Finding::ok(name, "The server takes any free port."),
        Seen::Held(why, holder) => Finding::failed(
            name,
            format!("It is held{}: {why}.", by(holder)),
            format!("Stop that program, or set `{setting}` to another port."),
        ),
        Seen::NotPermitted(why) => Finding::failed(
            name,
            format!("User {} may not bind it: {why}.", rustix::process::geteuid().as_raw()),
            format!(
                "Ports below 1024 take a privilege: AmbientCapabilities=CAP_NET_BIND_SERVICE in the systemd unit, \
                 `setcap cap_net_bind_service=+ep` on the program, or set `{setting}` to a port above {port}."
            ),
        ),
        Seen::NotHere(why) => Finding::failed(
            name,
            format!("{} is no address of this machine: {why}.", listener.configured.ip()),
            format!("Set `{setting}` to an address of this machine, or to 0.0.0.0 for all of them."),
        ),
        Seen::Refused(why) => Finding::failed(
            name,
            format!("It cannot be bound: {why}."),
            format!("Set `{setting}` to another address."),
        ),
    }
}

impl Listener {
    /// Whether the running server listens elsewhere than it is configured to.
    fn moved(&self) -> bool {
        let is_same = |actual: SocketAddr| {
            actual.ip() == self.configured.ip() && [0, actual.port()].contains(&self.configured.port())
        };
        !self.actual.is_none_or(is_same)
    }
}

/// Sees whether the running server answers.
async fn knock(listener: &Listener, address: SocketAddr, key: Option<&Doorkeeper>, answering: &mut Answering) -> Seen {
    let silent = |why: String| Seen::Silent(why, holder(listener.transport, address));
    match (listener.service, listener.transport) {
        (Service::Http | Service::Metrics, _) => match ask(address, Question::get("/healthz")).await {
            Err(error) => silent(error.to_string()),
            Ok((StatusCode::OK, body)) if body == "ok\n" => {
                if listener.service == Service::Metrics {
                    return Seen::Answers("/healthz says ok".to_owned());
                }
                let Some(key) = key else {
                    return Seen::Answers("/healthz says ok".to_owned());
                };
                present(address, key, answering).await.unwrap_or_else(silent)
            }
            Ok((status, _)) => silent(format!("/healthz answers {status}")),
        },
        (Service::Https, _) => match ask_over_tls(address, Question::get("/healthz")).await {
            Ok((StatusCode::OK, body)) if body == "ok\n" => Seen::Answers("/healthz says ok".to_owned()),
            Ok((status, _)) => silent(format!("/healthz answers {status}")),
            Err(error) => silent(error.to_string()),
        },
        (Service::Relay, transport) => match binding(transport, http::reachable(address)).await {
            Ok(()) => Seen::Answers("STUN says our own address".to_owned()),
            Err(error) => silent(error.to_string()),
        },
    }
}

/// Shows a key to the server: only the one whose `server.key` made it takes it.
async fn present(address: SocketAddr, key: &Doorkeeper, answering: &mut Answering) -> Result<Seen, String> {
    let body = serde_json::json!({ "key": key.key() }).to_string();
    let (status, answer) = ask(address, Question::post("/client/v1/doctor", body))
        .await
        .map_err(|error| error.to_string())?;
    match status {
        StatusCode::OK => {
            let opened: Opened = serde_json::from_str(&answer).map_err(|error| error.to_string())?;
            answering.is_ours = true;
            answering.ice_servers = opened.ice_servers;
            Ok(Seen::Answers("/healthz says ok, and it takes this key".to_owned()))
        }
        StatusCode::BAD_REQUEST => Ok(Seen::AnotherServer),
        status => Err(format!("/client/v1/doctor answers {status}")),
    }
}

async fn binding(transport: Transport, address: SocketAddr) -> Result<(), stun::StunError> {
    let asked = async {
        let mut way = Way::open(transport, address).await?;
        let told = way.binding().await?;
        let ours = way.local_address()?;
        if told == ours {
            Ok(())
        } else {
            Err(stun::StunError::WrongAddress { told, ours })
        }
    };
    tokio::time::timeout(STUN_DEADLINE, asked)
        .await
        .unwrap_or(Err(stun::StunError::NoAnswer))
}

fn try_to_bind(transport: Transport, address: SocketAddr) -> Seen {
    let bound = match transport {
        Transport::Udp => UdpSocket::bind(address).map(drop),
        Transport::Tcp | Transport::Tls => TcpListener::bind(address).map(drop),
    };
    match bound {
        Ok(()) if address.port() == 0 => Seen::AnyPort,
        Ok(()) => Seen::Free,
        Err(error) => {
            let why = error.to_string();
            match error.kind() {
                io::ErrorKind::AddrInUse => Seen::Held(why, holder(transport, address)),
                io::ErrorKind::PermissionDenied => Seen::NotPermitted(why),
                io::ErrorKind::AddrNotAvailable => Seen::NotHere(why),
                _ => Seen::Refused(why),
            }
        }
    }
}

#[cfg(test)]
mod tests;
