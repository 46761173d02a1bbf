//! The sockets of a connection: one for each address of this machine, and one for each relay.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use offhook_proto::ice::{IceConfiguration, IceServer, IceTransportPolicy};
use rustls_platform_verifier::BuilderVerifierExt as _;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket, lookup_host};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, crypto::aws_lc_rs};

use super::peer::{RelayAccess, RelayId, Transport};

/// How long a name may take to be found, and a stream to be open.
const PATIENCE: Duration = Duration::from_secs(5);
/// How many datagrams wait to be taken: what comes beyond is left to the kernel.
const QUEUE: usize = 512;
/// No machine of any use to a call has more.
const MAX_ADDRESSES: usize = 16;
/// Nor is any helped by more servers, or by more addresses of one.
const MAX_SERVERS: usize = 16;
const MAX_ADDRESSES_OF_SERVER: usize = 4;
/// In bytes: the longest name that can be sent to a relay (RFC 8489 §14.3).
const MAX_USERNAME: usize = 508;
/// No datagram of media is longer.
const BUFFER: usize = 4096;

/// What has come.
pub(super) enum Arrival {
    Datagram {
        local: SocketAddr,
        source: SocketAddr,
        data: Vec<u8>,
    },
    /// These servers tell how this side's addresses look from there.
    StunServers(Vec<SocketAddr>),
    RelayOpened(RelayId, RelayAccess),
    RelayData(RelayId, Vec<u8>),
    RelayClosed(RelayId),
}

impl std::fmt::Debug for Arrival {
    /// Names it, and says how long it is: neither addresses nor packets reach a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Datagram { data, .. } => f.debug_struct("Datagram").field("bytes", &data.len()).finish(),
            Self::StunServers(servers) => f.debug_tuple("StunServers").field(&servers.len()).finish(),
            Self::RelayOpened(relay, access) => f.debug_tuple("RelayOpened").field(relay).field(access).finish(),
            Self::RelayData(relay, data) => f
                .debug_struct("RelayData")
                .field("relay", relay)
                .field("bytes", &data.len())
                .finish(),
            Self::RelayClosed(relay) => f.debug_tuple("RelayClosed").field(relay).finish(),
        }
    }
}

/// All sockets of one connection. Those of the last are closed when the next ones are made.
pub(super) struct Sockets {
    hosts: HashMap<SocketAddr, Arc<UdpSocket>>,
    relays: HashMap<RelayId, mpsc::Sender<Vec<u8>>>,
    last_relay: RelayId,
    tasks: JoinSet<()>,
    arrivals: mpsc::Receiver<Arrival>,
}

impl Sockets {
    pub(super) fn new() -> Self {
        Self {
            hosts: HashMap::new(),
            relays: HashMap::new(),
            last_relay: 0,
            tasks: JoinSet::new(),
            arrivals: mpsc::channel(1).1,
        }
    }

    /// Closes the sockets there are, binds new ones, and sets out for the servers. Gives the addresses that are bound; whatever takes
    /// its time, a silent server of names above all, arrives later.
    pub(super) async fn gather(&mut self, configuration: &IceConfiguration) -> Vec<SocketAddr> {
        // What is on its way from the old ones goes with them.
        self.tasks = JoinSet::new();
        self.hosts.clear();
        self.relays.clear();
        let (sender, arrivals) = mpsc::channel(QUEUE);
        self.arrivals = arrivals;
        if configuration.ice_transport_policy == IceTransportPolicy::All {
            for address in own_addresses() {
                // An address may be gone by now.
                if let Ok(socket) = UdpSocket::bind((address, 0)).await
                    && let Ok(local) = socket.local_addr()
                {
                    // Tokio says of a socket that is new that it would block.
                    _ = socket.writable().await;
                    let socket = Arc::new(socket);
                    self.hosts.insert(local, Arc::clone(&socket));
                    self.tasks.spawn(read_datagrams(socket, local, sender.clone()));
                }
            }
        }
        let servers = configuration.ice_servers.iter();
        let urls = servers.flat_map(|server| server.urls.iter().map(move |url| (server, url)));
        for (server, url) in urls.take(MAX_SERVERS) {
            match Url::read(url) {
                Some(url) if url.kind == Kind::Stun => _ = self.tasks.spawn(find(url, sender.clone())),
                Some(url) => self.open(url, server, &sender),
                None => {}
            }
        }
        self.hosts.keys().copied().collect()
    }

    fn open(&mut self, url: Url, server: &IceServer, arrivals: &mpsc::Sender<Arrival>) {
        let username = server.username.clone().filter(|name| name.len() <= MAX_USERNAME);
        let (Kind::Turn(carrier), Some(username), Some(credential)) = (url.kind, username, server.credential.clone())
        else {
            return;
        };
        self.last_relay += 1;
        let (writer, writes) = mpsc::channel(QUEUE);
        self.relays.insert(self.last_relay, writer);
        let relay = Opening {
            id: self.last_relay,
            carrier,
            url,
            username,
            credential,
            arrivals: arrivals.clone(),
            writes,
        };
        self.tasks.spawn(relay.run());
    }

    /// The next thing that comes; never, while there is no socket.
    pub(super) async fn next(&mut self) -> Arrival {
        match self.arrivals.recv().await {
            Some(arrival) => arrival,
            None => std::future::pending().await,
        }
    }

    /// Sends a datagram. What the kernel does not take is lost, as on any network.
    pub(super) fn send(&self, local: SocketAddr, destination: SocketAddr, data: &[u8]) {
        if let Some(socket) = self.hosts.get(&local) {
            _ = socket.try_send_to(data, destination);
        }
    }

    /// Writes to a relay. What it does not take in time is lost.
    pub(super) fn write(&self, relay: RelayId, data: Vec<u8>) {
        if let Some(writer) = self.relays.get(&relay) {
            _ = writer.try_send(data);
        }
    }
}

/// This machine's addresses that others may reach; the loopback's only where there are no others.
fn own_addresses() -> Vec<IpAddr> {
    let is_usable = |address: &IpAddr| match address {
        IpAddr::V4(address) => !address.is_link_local() && !address.is_unspecified(),
        IpAddr::V6(address) => !address.is_unicast_link_local() && !address.is_unspecified(),
    };
    let found = if_addrs::get_if_addrs().unwrap_or_default();
    let (loopback, mut addresses): (Vec<_>, Vec<_>) = found
        .iter()
        .map(if_addrs::Interface::ip)
        .filter(is_usable)
        .partition(IpAddr::is_loopback);
    if addresses.is_empty() {
        addresses = loopback;
    }
    addresses.truncate(MAX_ADDRESSES);
    addresses
}

async fn read_datagrams(socket: Arc<UdpSocket>, local: SocketAddr, arrivals: mpsc::Sender<Arrival>) {
    let mut buffer = vec![0; BUFFER];
    loop {
        match socket.recv_from(&mut buffer).await {
            Ok((length, source)) => {
                let data = buffer.get(..length).unwrap_or_default().to_vec();
                if arrivals.send(Arrival::Datagram { local, source, data }).await.is_err() {
                    return;
                }
            }
            // One of the peers refused something: no matter. An address that is gone would say so without end.
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {}
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
}

/// Looks up a STUN server.
async fn find(url: Url, arrivals: mpsc::Sender<Arrival>) {
    let servers = url.resolve().await;
    _ = arrivals.send(Arrival::StunServers(servers)).await;
}

/// A relay that is on its way.
struct Opening {
    id: RelayId,
    carrier: Carrier,
    url: Url,
    username: String,
    credential: String,
    arrivals: mpsc::Sender<Arrival>,
    writes: mpsc::Receiver<Vec<u8>>,
}

impl Opening {
    async fn run(mut self) {
        for server in self.url.resolve().await {
            if self.serve(server).await.is_ok() {
                break;
            }
        }
        _ = self.arrivals.send(Arrival::RelayClosed(self.id)).await;
    }

    /// An error, if it could not be opened; nothing, once it has been open and is closed.
    async fn serve(&mut self, server: SocketAddr) -> io::Result<()> {
        match self.carrier {
            Carrier::Udp => {
                let any: IpAddr = if server.is_ipv4() {
                    [0, 0, 0, 0].into()
                } else {
                    [0_u16; 8].into()
                };
                let socket = UdpSocket::bind((any, 0)).await?;
                // Its own address is known then, too.
                socket.connect(server).await?;
                self.opened(Transport::Udp, socket.local_addr()?, server).await;
                self.carry_datagrams(&socket).await;
                Ok(())
            }
            carrier @ (Carrier::Tcp | Carrier::Tls) => {
                let stream = timeout(PATIENCE, TcpStream::connect(server)).await??;
                stream.set_nodelay(true)?;
                let local = stream.local_addr()?;
                if carrier == Carrier::Tcp {
                    self.opened(Transport::Stream, local, server).await;
                    self.carry_stream(stream).await;
                } else {
                    let name = ServerName::try_from(self.url.host.clone()).map_err(io::Error::other)?;
                    let stream = timeout(PATIENCE, tls()?.connect(name, stream)).await??;
                    self.opened(Transport::Stream, local, server).await;
                    self.carry_stream(stream).await;
                }
                Ok(())
            }
        }
    }

    async fn opened(&self, transport: Transport, local: SocketAddr, server: SocketAddr) {
        let access = RelayAccess {
            transport,
            local,
            server,
            username: self.username.clone(),
            credential: self.credential.clone(),
        };
        _ = self.arrivals.send(Arrival::RelayOpened(self.id, access)).await;
    }

    async fn carry_datagrams(&mut self, socket: &UdpSocket) {
        let mut buffer = vec![0; BUFFER];
        loop {
            tokio::select! {
                Some(data) = self.writes.recv() => drop(socket.send(&data).await),
                received = socket.recv(&mut buffer) => match received {
                    Ok(length) => if !self.received(buffer.get(..length)).await {
                        return;
                    },
                    // Its port is closed for a moment, while it starts.
                    Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
                },
                else => return,
            }
        }
    }

    async fn carry_stream(&mut self, stream: impl AsyncRead + AsyncWrite + Unpin) {
        let (mut reader, mut writer) = tokio::io::split(stream);
        let mut buffer = vec![0; 16 * 1024];
        loop {
            tokio::select! {
                Some(data) = self.writes.recv() => {
                    if writer.write_all(&data).await.is_err() || writer.flush().await.is_err() {
                        return;
                    }
                }
                received = reader.read(&mut buffer) => match received {
                    Ok(length) if length > 0 => if !self.received(buffer.get(..length)).await {
                        return;
                    },
                    _ => return,
                },
                else => return,
            }
        }
    }

    async fn received(&self, data: Option<&[u8]>) -> bool {
        let data = data.unwrap_or_default().to_vec();
        self.arrivals.send(Arrival::RelayData(self.id, data)).await.is_ok()
    }
}

fn tls() -> io::Result<TlsConnector> {
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_platform_verifier())
        .map_err(io::Error::other)?
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Stun,
    Turn(Carrier),
}

/// What carries the messages of a relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Carrier {
    Udp,
    Tcp,
    Tls,
}

/// The address of a STUN or TURN server (RFC 7064, RFC 7065).
#[derive(Debug, PartialEq, Eq)]
struct Url {
    kind: Kind,
    host: String,
    port: u16,
}

impl Url {
    fn read(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once(':')?;
        let (authority, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (kind, default_port) = match (scheme, query) {
            ("stun", "") => (Kind::Stun, 3478),
            ("turn", "" | "transport=udp") => (Kind::Turn(Carrier::Udp), 3478),
            ("turn", "transport=tcp") => (Kind::Turn(Carrier::Tcp), 3478),
            ("turns", "" | "transport=tcp") => (Kind::Turn(Carrier::Tls), 5349),
            _ => return None,
        };
        let (host, port) = match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((host, "")) => (host, None),
            Some((host, rest)) => (host, Some(rest.strip_prefix(':')?)),
            None => match authority.rsplit_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (authority, None),
            },
        };
        let port = port.map_or(Some(default_port), |port| port.parse().ok())?;
        let host = host.to_owned();
        (!host.is_empty()).then_some(Self { kind, host, port })
    }

    async fn resolve(&self) -> Vec<SocketAddr> {
        match timeout(PATIENCE, lookup_host((self.host.as_str(), self.port))).await {
            Ok(Ok(found)) => found.take(MAX_ADDRESSES_OF_SERVER).collect(),
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use offhook_proto::ice::{IceConfiguration, IceServer, IceTransportPolicy};

    use super::{Arrival, Carrier, Kind, Sockets, Url};

    #[tokio::test]
    async fn servers_are_looked_up_while_media_goes_on() {
        let configuration = IceConfiguration {
            ice_servers: vec![IceServer {
                urls: vec!["stun:127.0.0.1:3479".to_owned()],
                username: None,
                credential: None,
            }],
            ice_transport_policy: IceTransportPolicy::Relay,
            ..IceConfiguration::none()
        };
        let mut sockets = Sockets::new();
        assert_eq!(sockets.gather(&configuration).await, []);
        match sockets.next().await {
            Arrival::StunServers(servers) => assert_eq!(servers, ["127.0.0.1:3479".parse().unwrap()]),
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn few_servers_are_asked_and_none_by_a_name_that_cannot_be_sent() {
        let server = |url: String, username: &str| IceServer {
            urls: vec![url],
            username: Some(username.to_owned()),
            credential: Some("credential".to_owned()),
        };
        let gathered = async |ice_servers| {
            let mut sockets = Sockets::new();
            let configuration = IceConfiguration {
                ice_servers,
                ice_transport_policy: IceTransportPolicy::Relay,
                ..IceConfiguration::none()
            };
            sockets.gather(&configuration).await;
            (sockets.tasks.len(), sockets.relays.len())
        };
        let servers = (1..1000).map(|port| server(format!("turn:127.0.0.1:{port}"), "name"));
        assert_eq!(gathered(servers.collect()).await, (16, 16));
        let names = ["n".repeat(508), "n".repeat(509)];
        let servers = names.map(|name| server("turn:127.0.0.1:9".to_owned(), &name));
        assert_eq!(gathered(servers.to_vec()).await, (1, 1));
    }

    #[test]
    fn what_has_come_is_named_without_its_addresses_and_its_bytes() {
        let address = "192.0.2.7:4000".parse().unwrap();
        let data = b"secret".to_vec();
        let arrivals = [
            Arrival::Datagram {
                local: address,
                source: address,
                data: data.clone(),
            },
            Arrival::RelayData(3, data),
        ];
        assert_eq!(
            format!("{arrivals:?}"),
            "[Datagram { bytes: 6 }, RelayData { relay: 3, bytes: 6 }]"
        );
    }

    #[test]
    fn addresses_of_servers_are_read() {
        let url = |kind, host: &str, port| {
            Some(Url {
                kind,
                host: host.to_owned(),
                port,
            })
        };
        for (text, expected) in [
            ("stun:calls.example.com", url(Kind::Stun, "calls.example.com", 3478)),
            ("turn:192.0.2.7:3479", url(Kind::Turn(Carrier::Udp), "192.0.2.7", 3479)),
            (
                "turn:192.0.2.7:3479?transport=udp",
                url(Kind::Turn(Carrier::Udp), "192.0.2.7", 3479),
            ),
            (
                "turn:[2001:db8::1]:3478?transport=tcp",
                url(Kind::Turn(Carrier::Tcp), "2001:db8::1", 3478),
            ),
            (
                "turns:calls.example.com:443?transport=tcp",
                url(Kind::Turn(Carrier::Tls), "calls.example.com", 443),
            ),
            (
                "turns:[2001:db8::1]",
                url(Kind::Turn(Carrier::Tls), "2001:db8::1", 5349),
            ),
            ("turns:calls.example.com?transport=udp", None),
            ("http://calls.example.com", None),
            ("turn:calls.example.com:port", None),
            ("turn:", None),
            ("", None),
        ] {
            assert_eq!(Url::read(text), expected, "{text}");
        }
    }
}
