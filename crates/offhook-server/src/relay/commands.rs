//! What the rest of the program says to the relay's thread.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc::{self, Receiver, SyncSender, TrySendError};

use mio::{Registry, Waker};
use offhook_turn::{Ticket, Usage};

use super::ready::Source;

/// More than is said between two turns of the thread in any but the worst moment.
const CAPACITY: usize = 1024;

/// One thing said.
#[derive(Debug)]
pub enum Command {
    /// End the allocations of a ticket.
    Revoke(Ticket),
    /// Say what was carried.
    TakeUsage(tokio::sync::oneshot::Sender<Vec<(Ticket, Usage)>>),
    /// Take a connection over.
    Adopt(Adopted),
    /// End.
    Stop,
}

/// A connection that was accepted elsewhere.
#[derive(Debug)]
pub struct Adopted {
    /// The connection.
    pub stream: TcpStream,
    /// Its TLS, shaken hands on.
    pub tls: Option<Box<rustls::ServerConnection>>,
    /// What was read already, decrypted.
    pub first_bytes: Vec<u8>,
    /// Our end.
    pub local: SocketAddr,
    /// The client's end.
    pub remote: SocketAddr,
}

/// The saying end.
#[derive(Debug)]
pub struct Commands {
    sender: SyncSender<Command>,
    waker: Waker,
}

/// Makes both ends.
///
/// # Errors
/// If the system has no file for the waker.
pub fn channel(registry: &Registry) -> io::Result<(Commands, Receiver<Command>)> {
    let (sender, receiver) = mpsc::sync_channel(CAPACITY);
    let waker = Waker::new(registry, Source::Commands.token())?;
    Ok((Commands { sender, waker }, receiver))
}

impl Commands {
    /// Says something that must not be lost; waits for room. A thread that has ended hears nothing, and has nothing left
    /// that the command could concern.
    pub fn say(&self, command: Command) {
        if self.sender.send(command).is_ok() {
            self.wake();
        }
    }

    /// Says something that is dropped where too much is said.
    pub fn try_say(&self, command: Command) {
        match self.sender.try_send(command) {
            Ok(()) => self.wake(),
            Err(TrySendError::Full(_)) => tracing::warn!("the relay was told too much at once"),
            Err(TrySendError::Disconnected(_)) => {}
        }
    }

    fn wake(&self) {
        if let Err(error) = self.waker.wake() {
            tracing::error!(error = %error, "the relay cannot be woken");
        }
    }
}
