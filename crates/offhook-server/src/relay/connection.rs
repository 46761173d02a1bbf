//! One client's connection over TCP or TLS: messages out of a stream, and messages into one that may not keep up.

use std::io::{self, ErrorKind, Read as _, Write as _};

use mio::net::TcpStream;
use offhook_turn::stream::{self, FrameError, Framer};
use offhook_turn::{FiveTuple, Packet, Time};
use rustls::ServerConnection;

use super::ready::IsWaiting;
use crate::address::ClientAddress;

/// What may wait for a client that does not read: a quarter of a second of video. Late media is worse than none.
const MOST_WAITING_BYTES: usize = 64 << 10;
/// What may wait beside that: answers to requests, which a stream must not lose.
const ANSWERS_ROOM_BYTES: usize = 8 << 10;
/// What is encrypted before it is written: enough that records leave several at a time.
const ENCRYPTED_BYTES: usize = 16 << 10;
/// A buffer that has been larger is given back once it is empty.
const KEPT_BYTES: usize = 4 << 10;

/// A connection.
pub struct Connection {
    /// Who it is.
    pub client: FiveTuple,
    /// What it counts as for limits.
    pub address: ClientAddress,
    /// Whether it waits for its turn.
    pub is_waiting: IsWaiting,
    /// Whether it waits for being written to at the end of the turn.
    pub is_dirty: bool,
    /// When its last whole message came; before the first, when it came itself.
    pub heard_at: Time,
    /// Whether a whole message has come.
    pub has_spoken: bool,
    /// Since when it takes nothing although something waits.
    pub stuck_since: Option<Time>,
    stream: TcpStream,
    tls: Option<Box<ServerConnection>>,
    /// What was read before the connection came here, and is still to be read again.
    first_bytes: Vec<u8>,
    framer: Framer,
    /// What is still to be handed to the stream, from `written` on.
    waiting: Vec<u8>,
    written: usize,
}

/// What trying to read brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Read {
    /// Bytes; whole messages may be in them.
    Some,
    /// Nothing at the moment.
    Nothing,
    /// The client has closed.
    End,
}

/// Why a message was not put behind those that wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Full;

impl Connection {
    /// Takes a connection; `first_bytes` were read from it already.
    pub fn new(
        stream: TcpStream,
        mut tls: Option<Box<ServerConnection>>,
        client: FiveTuple,
        now: Time,
        first_bytes: Vec<u8>,
    ) -> Self {
        if let Some(tls) = &mut tls {
            // What waits is bounded here: messages go in whole.
            tls.set_buffer_limit(None);
        }
        Self {
            client,
            address: ClientAddress::from(client.remote.ip()),
            is_waiting: IsWaiting::default(),
            is_dirty: false,
            heard_at: now,
            has_spoken: false,
            stuck_since: None,
            stream,
            tls,
            first_bytes,
            framer: Framer::new(),
            waiting: Vec::new(),
            written: 0,
        }
    }

    /// The stream, for registering it.
    pub fn stream(&mut self) -> &mut TcpStream {
        &mut self.stream
    }

    /// Takes the next whole message that was read.
    ///
    /// # Errors
    /// If the stream is not TURN's: the connection is to be cut.
    pub fn poll_packet(&mut self) -> Result<Option<Packet<'_>>, FrameError> {
        self.framer.poll_packet()
    }

    /// Reads once. All whole messages must have been taken before.
    ///
    /// # Errors
    /// If the connection is broken.
    pub fn read(&mut self) -> io::Result<Read> {
        let Self {
            stream,
            tls,
            first_bytes,
            framer,
            ..
        } = self;
        if !first_bytes.is_empty() {
            let length = first_bytes.len().min(framer.space().len());
            let again = first_bytes.drain(..length);
            for (place, byte) in framer.space().iter_mut().zip(again) {
                *place = byte;
            }
            framer.filled(length);
            return Ok(Read::Some);
        }
        let read = match tls {
            None => loop {
                match stream.read(framer.space()) {
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    other => break other,
                }
            },
            Some(tls) => read_tls(tls, stream, framer.space()),
        };
        match read {
            Ok(0) => Ok(Read::End),
            Ok(length) => {
                framer.filled(length);
                Ok(Read::Some)
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(Read::Nothing),
            Err(error) => Err(error),
        }
    }

    /// Puts data behind what waits to be written.
    ///
    /// # Errors
    /// If the client does not keep up: the data is dropped.
    pub fn push_data(&mut self, bytes: &[u8]) -> Result<(), Full> {
        self.push(bytes, MOST_WAITING_BYTES)
    }

    /// Puts an answer behind what waits to be written.
    ///
    /// # Errors
    /// If there is not even room for that: the connection is to be cut, since the client would wait for ever.
    pub fn push_answer(&mut self, bytes: &[u8]) -> Result<(), Full> {
        self.push(bytes, MOST_WAITING_BYTES + ANSWERS_ROOM_BYTES)
    }

    fn push(&mut self, bytes: &[u8], most: usize) -> Result<(), Full> {
        if self.waiting.len() - self.written + bytes.len() > most {
            return Err(Full);
        }
        self.waiting.extend_from_slice(bytes);
        Ok(())
    }

    /// Writes as much as the connection takes.
    ///
    /// # Errors
    /// If the connection is broken.
    pub fn flush(&mut self, now: Time) -> io::Result<()> {
        let before = self.written;
        match self.write_all() {
            Ok(()) => {
                self.stuck_since = None;
                self.written = 0;
                self.waiting.clear();
                self.waiting.shrink_to(KEPT_BYTES);
                Ok(())
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                if self.written > before || self.stuck_since.is_none() {
                    self.stuck_since = Some(now);
                }
                // Moved to the front, so that the buffer holds nothing that is gone.
                self.waiting.drain(..self.written);
                self.written = 0;
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    fn write_all(&mut self) -> io::Result<()> {
        let Self {
            stream,
            tls,
            waiting,
            written,
            ..
        } = self;
        loop {
            if let Some(tls) = tls {
                // Encrypted bytes first: the TLS machine takes more only when these are gone, so it holds little.
                while tls.wants_write() {
                    retried(|| tls.write_tls(stream))?;
                }
            }
            let rest = waiting.get(*written..).unwrap_or_default();
            if rest.is_empty() {
                return Ok(());
            }
            *written += match tls {
                None => retried(|| stream.write(rest))?,
                Some(tls) => encrypt(tls, rest)?,
            };
        }
    }

    /// Says goodbye, as far as that goes without waiting.
    pub fn close(mut self) {
        if let Some(tls) = &mut self.tls {
            tls.send_close_notify();
            drop(self.write_all());
        }
        drop(self.stream.shutdown(std::net::Shutdown::Both));
    }
}

/// Encrypts whole messages, each in a record of its own: there are clients that take one message out of a record and
/// lose what else is in it. Says how many bytes it took, from whole messages at least one.
fn encrypt(tls: &mut ServerConnection, messages: &[u8]) -> io::Result<usize> {
    let mut taken = 0;
    while taken < ENCRYPTED_BYTES {
        let Some(message) = messages.get(taken..).and_then(stream::first_message) else {
            break;
        };
        taken += tls.writer().write(message)?;
    }
    Ok(taken)
}

/// Reads what is decrypted, or else decrypts more.
fn read_tls(tls: &mut ServerConnection, stream: &mut TcpStream, space: &mut [u8]) -> io::Result<usize> {
    loop {
        match tls.reader().read(space) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            // Nothing at all is the client's goodbye; without one the stream was cut, which is the end as well.
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(0),
            other => return other,
        }
        if retried(|| tls.read_tls(stream))? == 0 {
            return Ok(0);
        }
        tls.process_new_packets().map_err(io::Error::other)?;
    }
}

fn retried(mut attempt: impl FnMut() -> io::Result<usize>) -> io::Result<usize> {
    loop {
        match attempt() {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}
