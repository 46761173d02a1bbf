//! Datagrams: each client gets a socket towards the target, so that answers find their way back.

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::sync::Arc;

use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::line::{Conditions, DelayLine};
use super::wait_until;

/// The most clients at a time; one more, and the one that was silent for longest is forgotten.
const MAX_FLOWS: usize = 64;
/// The most datagrams under way each way: 200 ms of twenty thousand a second.
const MAX_UNDER_WAY: usize = 4096;
/// The most answers that wait to be taken up; more are left to the sockets' own buffers.
const MAX_ANSWERS: usize = 256;
/// The largest datagram there is.
const MAX_DATAGRAM: usize = 65_535;

pub(super) struct UdpForward {
    listener: UdpSocket,
    ip: Ipv4Addr,
    target: SocketAddrV4,
    conditions: Conditions,
}

struct Flow {
    socket: Arc<UdpSocket>,
    reader: tokio::task::AbortHandle,
    last_heard: Instant,
}

impl UdpForward {
    pub async fn listen(
        ip: Ipv4Addr,
        target: SocketAddrV4,
        conditions: Conditions,
    ) -> io::Result<(Self, SocketAddrV4)> {
        let listener = UdpSocket::bind((ip, 0)).await?;
        let address = SocketAddrV4::new(ip, listener.local_addr()?.port());
        let forward = Self {
            listener,
            ip,
            target,
            conditions,
        };
        Ok((forward, address))
    }

    pub async fn carry(self) -> io::Result<()> {
        let start = Instant::now();
        let mut buffer = vec![0; MAX_DATAGRAM];
        let mut flows: BTreeMap<SocketAddr, Flow> = BTreeMap::new();
        // Ends with this function, and its readers with it.
        let mut readers = JoinSet::new();
        let (answers, mut answered) = mpsc::channel::<(SocketAddr, Vec<u8>)>(MAX_ANSWERS);
        let mut there = DelayLine::<(Arc<UdpSocket>, Vec<u8>)>::new(self.conditions, MAX_UNDER_WAY);
        // Both ways with the same seed would lose the same packets.
        let back_conditions = Conditions {
            seed: self.conditions.seed.wrapping_add(1),
            ..self.conditions
        };
        let mut back = DelayLine::<(SocketAddr, Vec<u8>)>::new(back_conditions, MAX_UNDER_WAY);
        loop {
            let due = there.poll_timeout().into_iter().chain(back.poll_timeout()).min();
            tokio::select! {
                received = self.listener.recv_from(&mut buffer) => match received {
                    Ok((length, client)) => {
                        let Some(socket) = self.socket_of(client, &mut flows, &mut readers, &answers).await else {
                            continue;
                        };
                        let bytes = buffer.get(..length).unwrap_or_default().to_vec();
                        there.handle_packet((socket, bytes), start.elapsed());
                    }
                    // What a client refused before, which a later call is told on Linux.
                    Err(error) if is_refusal(&error) => {}
                    Err(error) => return Err(error),
                },
                Some((client, bytes)) = answered.recv() => {
                    back.handle_packet((client, bytes), start.elapsed());
                }
                Some(_) = readers.join_next() => {}
                () = wait_until(start, due) => {
                    let now = start.elapsed();
                    // A datagram that cannot be sent is lost, as on any way.
                    while let Some((socket, bytes)) = there.poll_packet(now) {
                        let _ = socket.send(&bytes).await;
                    }
                    while let Some((client, bytes)) = back.poll_packet(now) {
                        let _ = self.listener.send_to(&bytes, client).await;
                    }
                }
            }
        }
    }

    /// The client's socket towards the target; a client that is new gets one, if the machine has one left.
    async fn socket_of(
        &self,
        client: SocketAddr,
        flows: &mut BTreeMap<SocketAddr, Flow>,
        readers: &mut JoinSet<()>,
        answers: &mpsc::Sender<(SocketAddr, Vec<u8>)>,
    ) -> Option<Arc<UdpSocket>> {
        if let Some(flow) = flows.get_mut(&client) {
            flow.last_heard = Instant::now();
            return Some(flow.socket.clone());
        }
        if flows.len() >= MAX_FLOWS {
            let (oldest, _) = flows.iter().min_by_key(|(_, flow)| flow.last_heard)?;
            let oldest = *oldest;
            if let Some(forgotten) = flows.remove(&oldest) {
                forgotten.reader.abort();
            }
        }
        let socket = Arc::new(UdpSocket::bind((self.ip, 0)).await.ok()?);
        socket.connect(self.target).await.ok()?;
        let flow = Flow {
            socket: socket.clone(),
            reader: readers.spawn(read(socket.clone(), client, answers.clone())),
            last_heard: Instant::now(),
        };
        flows.insert(client, flow);
        Some(socket)
    }
}

/// Takes up what the target answers a client, until there is nobody to tell.
async fn read(socket: Arc<UdpSocket>, client: SocketAddr, answers: mpsc::Sender<(SocketAddr, Vec<u8>)>) {
    let mut buffer = vec![0; MAX_DATAGRAM];
    loop {
        match socket.recv(&mut buffer).await {
            Ok(length) => {
                let bytes = buffer.get(..length).unwrap_or_default().to_vec();
                if answers.send((client, bytes)).await.is_err() {
                    return;
                }
            }
            Err(error) if is_refusal(&error) => {}
            Err(_) => return,
        }
    }
}

/// Whether nobody was at the port that something was sent to: somebody may be later.
fn is_refusal(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionReset
    )
}
