//! Servers that ours is held against: each in a process of its own, ended when it is dropped.

use std::collections::HashMap;
use std::io::BufRead as _;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use axum::Router;
use axum::extract::ws::{Message, WebSocket};
use axum::extract::{Path as Number, WebSocketUpgrade};
use axum::routing::get;
use tokio::sync::mpsc;

use crate::process::on_server_core;

/// What axum's sockets are given, in ours and in the bare server.
const READ_BUFFER: usize = 512;
/// How many messages may wait for a socket of the bare server.
const QUEUE: usize = 64;
/// Which socket.io.
const SOCKET_IO: &str = "socket.io@4.8.4";
/// Its server: who comes with a number talks to the other of that pair.
const SOCKET_IO_SERVER: &str = r#"
import { createServer } from 'node:http';
import { Server } from 'socket.io';
const http = createServer();
const io = new Server(http, { transports: ['websocket'], pingInterval: 120_000 });
io.on('connection', (socket) => {
  const number = Number(socket.handshake.query.number);
  socket.join(String(number));
  socket.on('m', (body) => io.to(String(number ^ 1)).emit('m', body));
});
http.listen(0, '127.0.0.1', () => console.log(`127.0.0.1:${http.address().port}`));
process.stdin.resume().on('end', () => process.exit());
"#;

/// A running server.
pub struct Peer {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Peer {
    /// A bare server on axum: at `/idle` it only upgrades, at `/pair/NUMBER` it passes on what the other of the pair says.
    pub fn bare(is_on_core: bool) -> anyhow::Result<Self> {
        let program = std::env::current_exe()?;
        let mut command = if is_on_core {
            on_server_core(program)
        } else {
            Command::new(program)
        };
        command.arg("bare-sockets");
        Self::start(command)
    }

    /// What Node.js programs use, from the registry.
    pub fn socket_io(folder: &Path) -> anyhow::Result<Self> {
        let installed = Command::new("npm")
            .args(["install", "--silent", "--no-audit", "--no-fund", "--prefix"])
            .arg(folder)
            .arg(SOCKET_IO)
            .status()
            .context("running npm (Node.js)")?;
        anyhow::ensure!(installed.success(), "npm cannot install {SOCKET_IO}");
        let program = folder.join("server.mjs");
        std::fs::write(&program, SOCKET_IO_SERVER)?;
        let mut command = on_server_core("node");
        command.arg(program);
        Self::start(command)
    }

    /// Its process.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Each says first where it listens.
    fn start(mut command: Command) -> anyhow::Result<Self> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("starting a server to compare with")?;
        let mut line = String::new();
        let told = child.stdout.take().context("no words")?;
        std::io::BufReader::new(told).read_line(&mut line)?;
        let address = line.trim().parse().context("reading its address")?;
        Ok(Self { child, address })
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

type Queues = Arc<Mutex<HashMap<usize, mpsc::Sender<Message>>>>;

/// Is the bare server: prints its address, and ends with its parent.
pub fn serve_bare() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let queues = Queues::default();
        let tuned = |upgrade: WebSocketUpgrade| upgrade.read_buffer_size(READ_BUFFER).write_buffer_size(0);
        let idle = move |upgrade: WebSocketUpgrade| async move {
            tuned(upgrade).on_upgrade(|mut socket| async move { while let Some(Ok(_)) = socket.recv().await {} })
        };
        let pair = move |Number(number): Number<usize>, upgrade: WebSocketUpgrade| async move {
            tuned(upgrade).on_upgrade(move |socket| pass(socket, number, queues))
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        println!("{}", listener.local_addr()?);
        let router = Router::new()
            .route("/idle", get(idle))
            .route("/pair/{number}", get(pair));
        let parent = tokio::task::spawn_blocking(|| std::io::stdin().lock().read_line(&mut String::new()));
        tokio::select! {
            served = axum::serve(listener, router) => served?,
            _ = parent => {}
        }
        Ok(())
    })
}

async fn pass(mut socket: WebSocket, number: usize, queues: Queues) {
    let (sender, mut queue) = mpsc::channel(QUEUE);
    let queues_of = || queues.lock().unwrap_or_else(PoisonError::into_inner);
    queues_of().insert(number, sender);
    loop {
        tokio::select! {
            said = socket.recv() => match said {
                Some(Ok(message @ Message::Text(_))) => {
                    let other = queues_of().get(&(number ^ 1)).cloned();
                    if let Some(other) = other {
                        _ = other.try_send(message);
                    }
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => break,
            },
            Some(message) = queue.recv() => {
                if socket.send(message).await.is_err() {
                    break;
                }
            }
        }
    }
}
