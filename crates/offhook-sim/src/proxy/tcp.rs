//! Streams: what is read waits its time and is written in order; a full line stops the reading, as a slow network does.

use std::io;
use std::net::{Ipv4Addr, SocketAddrV4};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::line::{Conditions, DelayLine};
use super::wait_until;

/// The most connections at a time; more wait to be accepted.
const MAX_CONNECTIONS: usize = 64;
/// The most pieces under way each way, of at most this size: 4 MiB.
const MAX_UNDER_WAY: usize = 256;
const PIECE_BYTES: usize = 16_384;

pub(super) struct TcpForward {
    listener: TcpListener,
    target: SocketAddrV4,
    conditions: Conditions,
}

impl TcpForward {
    pub async fn listen(
        ip: Ipv4Addr,
        target: SocketAddrV4,
        conditions: Conditions,
    ) -> io::Result<(Self, SocketAddrV4)> {
        let listener = TcpListener::bind((ip, 0)).await?;
        let address = SocketAddrV4::new(ip, listener.local_addr()?.port());
        let conditions = Conditions {
            loss_per_mille: 0,
            is_reordering: false,
            ..conditions
        };
        let forward = Self {
            listener,
            target,
            conditions,
        };
        Ok((forward, address))
    }

    pub async fn carry(self) -> io::Result<()> {
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                accepted = self.listener.accept(), if connections.len() < MAX_CONNECTIONS => {
                    let (client, _) = accepted?;
                    connections.spawn(connect(client, self.target, self.conditions));
                }
                Some(_) = connections.join_next() => {}
            }
        }
    }
}

/// Carries one connection both ways; a failure of either end closes both.
async fn connect(client: TcpStream, target: SocketAddrV4, conditions: Conditions) -> io::Result<()> {
    let server = TcpStream::connect(target).await?;
    // The delay is asked for; no other is to be added.
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    tokio::try_join!(
        pass(from_client, to_server, conditions),
        pass(from_server, to_client, conditions)
    )?;
    Ok(())
}

enum Piece {
    Bytes(Vec<u8>),
    End,
}

/// Carries one way, the end included.
async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, conditions: Conditions) -> io::Result<()> {
    let start = Instant::now();
    let mut line = DelayLine::new(conditions, MAX_UNDER_WAY);
    let mut buffer = vec![0; PIECE_BYTES];
    let mut has_ended = false;
    loop {
        tokio::select! {
            length = from.read(&mut buffer), if !has_ended && !line.is_full() => {
                let length = length?;
                has_ended = length == 0;
                let piece = match has_ended {
                    true => Piece::End,
                    false => Piece::Bytes(buffer.get(..length).unwrap_or_default().to_vec()),
                };
                line.handle_packet(piece, start.elapsed());
            }
            () = wait_until(start, line.poll_timeout()) => {
                while let Some(piece) = line.poll_packet(start.elapsed()) {
                    match piece {
                        Piece::Bytes(bytes) => to.write_all(&bytes).await?,
                        Piece::End => return to.shutdown().await,
                    }
                }
            }
        }
    }
}
