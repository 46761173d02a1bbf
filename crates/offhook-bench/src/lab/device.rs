//! One device: a WebSocket that never waits.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::os::fd::AsFd as _;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use mio::Token;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketFlags, SocketType, socket_with};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};
use serde::Deserialize;

/// So many devices are at one address, as behind one NAT.
const DEVICES_AN_ADDRESS: usize = 200;
const SOCKET: &str = "/client/v1/socket";
/// How long an answer is waited for.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(20);
const TEXT: u8 = 0x81;
const PONG: u8 = 0x8a;

/// A device that is connected.
pub struct Device {
    stream: Stream,
    /// What has come of a frame that is not whole yet.
    pending: Vec<u8>,
    next_id: u32,
}

/// What of a message counts here.
#[derive(Debug, Deserialize)]
pub struct Said<'a> {
    /// Its kind.
    #[serde(rename = "type")]
    pub kind: &'a str,
    /// Of a refusal.
    pub code: Option<u32>,
    /// The call that it tells of.
    #[serde(borrow)]
    pub call: Option<SaidCall<'a>>,
    /// Of a welcome: the calls that the device has.
    #[serde(borrow)]
    pub calls: Option<Vec<SaidCall<'a>>>,
    /// When to come back to a server that is about to stop.
    pub reconnect_after_ms: Option<u64>,
}

/// A call, as far as it counts here.
#[derive(Debug, Deserialize)]
pub struct SaidCall<'a> {
    /// Which.
    pub call_id: &'a str,
    /// Where it stands.
    pub state: &'a str,
}

impl Device {
    /// Opens a socket, says hello and waits for the welcome.
    pub fn connect(server: SocketAddr, number: usize, session_key: &str) -> anyhow::Result<Self> {
        Self::come_back(server, number, session_key, None).map(|(device, _)| device)
    }

    /// The same, of a device that may have a call; says whether it is still connected.
    pub fn come_back(
        server: SocketAddr,
        number: usize,
        session_key: &str,
        call: Option<&str>,
    ) -> anyhow::Result<(Self, bool)> {
        let device = Self::upgrade(server, number, SOCKET)?;
        device.say_hello(number, session_key, call)
    }

    /// The same as [`connect`](Self::connect), over TLS.
    pub fn connect_tls(
        server: SocketAddr,
        number: usize,
        session_key: &str,
        trust: &Arc<ClientConfig>,
    ) -> anyhow::Result<Self> {
        let stream = connect_from(number, server)?;
        stream.set_nodelay(true)?;
        let session = ClientConnection::new(Arc::clone(trust), ServerName::try_from("localhost")?)?;
        let mut stream = StreamOwned::new(session, stream);
        let pending = ask_for_upgrade(&mut stream, server, SOCKET)?;
        stream.sock.set_nonblocking(true)?;
        let device = Self::new(Stream::Tls(Box::new(stream)), pending);
        device.say_hello(number, session_key, None).map(|(device, _)| device)
    }

    fn say_hello(mut self, number: usize, session_key: &str, call: Option<&str>) -> anyhow::Result<(Self, bool)> {
        let known = call.map(|call| format!("\"{call}\"")).unwrap_or_default();
        let hello = format!(
            r#"{{"type":"hello","id":0,"protocol":1,"session_key":"{session_key}","device_id":"{}","page_id":"{}","known_calls":[{known}]}}"#,
            uuid(2, number),
            uuid(3, number)
        );
        self.say(&hello)?;
        let mut is_connected = false;
        self.wait(|said| {
            is_connected |= said.calls.iter().flatten().any(|call| call.state == "connected");
            said.kind == "welcome"
        })?;
        Ok((self, is_connected))
    }

    /// Reads until something is heard.
    pub fn wait(&mut self, mut is_it: impl FnMut(&Said<'_>) -> bool) -> anyhow::Result<()> {
        let begun = std::time::Instant::now();
        let mut is_heard = false;
        loop {
            self.read(|said| is_heard |= is_it(said))?;
            if is_heard {
                return Ok(());
            }
            if begun.elapsed() > PATIENCE {
                bail!("the server does not say what it should");
            }
            self.stream.wait()?;
        }
    }

    /// Opens a socket, and says nothing on it.
    pub fn upgrade(server: SocketAddr, number: usize, path: &str) -> anyhow::Result<Self> {
        let mut stream = connect_from(number, server)?;
        stream.set_nodelay(true)?;
        let pending = ask_for_upgrade(&mut stream, server, path)?;
        stream.set_nonblocking(true)?;
        Ok(Self::new(Stream::Plain(mio::net::TcpStream::from_std(stream)), pending))
    }

    fn new(stream: Stream, pending: Vec<u8>) -> Self {
        Self {
            stream,
            pending,
            next_id: 1,
        }
    }

    /// Has it watched.
    pub fn watch(&mut self, poll: &mio::Poll, token: usize) -> anyhow::Result<()> {
        let Stream::Plain(stream) = &mut self.stream else {
            bail!("only plain sockets are watched");
        };
        let interest = mio::Interest::READABLE;
        Ok(poll.registry().register(stream, Token(token), interest)?)
    }

    /// Says something that has an id, which stands first in it.
    pub fn ask(&mut self, kind: &str, rest: &str) -> anyhow::Result<()> {
        let id = self.next_id;
        self.next_id += 1;
        self.say(&format!(r#"{{"type":"{kind}","id":{id},{rest}}}"#))
    }

    /// Says this, whatever it is.
    pub fn say(&mut self, text: &str) -> anyhow::Result<()> {
        let mut frame = Vec::with_capacity(text.len() + 14);
        write_frame(&mut frame, TEXT, text.as_bytes());
        // A few hundred bytes: a socket that has no room for them is one that the server does not read.
        self.stream.write_all(&frame).context("saying something")?;
        self.stream.flush().context("saying something")
    }

    /// Reads all that has come.
    pub fn read(&mut self, mut hear: impl FnMut(&Said<'_>)) -> anyhow::Result<()> {
        self.read_words(|words| {
            let said: Said<'_> =
                serde_json::from_slice(words).with_context(|| String::from_utf8_lossy(words).into_owned())?;
            hear(&said);
            Ok(())
        })
    }

    /// The same, whatever language it is in.
    pub fn read_words(&mut self, mut hear: impl FnMut(&[u8]) -> anyhow::Result<()>) -> anyhow::Result<()> {
        let mut buffer = [0; 16 * 1024];
        loop {
            match self.stream.read(&mut buffer) {
                Ok(0) => bail!("the server has closed a socket"),
                Ok(length) => {
                    self.pending.extend_from_slice(buffer.get(..length).unwrap_or_default());
                    // There is no more, and if there is, the poll tells again.
                    if length < buffer.len() {
                        break;
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error).context("reading a socket"),
            }
        }
        let mut taken = 0;
        let mut pongs = Vec::new();
        while let Some((kind, payload, length)) = frame_of(self.pending.get(taken..).unwrap_or_default()) {
            match kind {
                0x1 => hear(payload)?,
                0x8 => bail!("the server says goodbye"),
                0x9 => write_frame(&mut pongs, PONG, payload),
                _ => {}
            }
            taken += length;
        }
        self.pending.drain(..taken);
        if !pongs.is_empty() {
            self.stream.write_all(&pongs)?;
        }
        Ok(())
    }
}

/// What a device speaks over.
enum Stream {
    Plain(mio::net::TcpStream),
    Tls(Box<StreamOwned<ClientConnection, TcpStream>>),
}

impl Stream {
    /// Until something may have come: not for long, since TLS may have it already.
    fn wait(&self) -> anyhow::Result<()> {
        let fd = match self {
            Self::Plain(stream) => stream.as_fd(),
            Self::Tls(stream) => stream.sock.as_fd(),
        };
        let briefly = Timespec {
            tv_sec: 0,
            tv_nsec: 10_000_000,
        };
        match poll(&mut [PollFd::from_borrowed_fd(fd, PollFlags::IN)], Some(&briefly)) {
            Ok(_) | Err(Errno::INTR) => Ok(()),
            Err(error) => Err(error).context("waiting for a socket"),
        }
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.read(buffer),
            Self::Tls(stream) => stream.read(buffer),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, data: &[u8]) -> std::io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.write(data),
            Self::Tls(stream) => stream.write(data),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        match self {
            Self::Plain(stream) => stream.flush(),
            Self::Tls(stream) => stream.flush(),
        }
    }
}

/// Asks for a WebSocket; gives what came right behind the answer.
fn ask_for_upgrade(stream: &mut (impl Read + Write), server: SocketAddr, path: &str) -> anyhow::Result<Vec<u8>> {
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {server}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    );
    stream.write_all(request.as_bytes())?;
    const END: &[u8] = b"\r\n\r\n";
    let mut head = Vec::new();
    let mut buffer = [0; 1024];
    let end = loop {
        let length = stream.read(&mut buffer).context("upgrading")?;
        anyhow::ensure!(length > 0, "the server has closed a socket");
        head.extend_from_slice(buffer.get(..length).unwrap_or_default());
        if let Some(at) = head.windows(END.len()).position(|window| window == END) {
            break at + END.len();
        }
    };
    anyhow::ensure!(head.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&head));
    Ok(head.split_off(end))
}

/// Connects from an address that many others have, too.
fn connect_from(number: usize, server: SocketAddr) -> anyhow::Result<TcpStream> {
    let [high, low] = ((number / DEVICES_AN_ADDRESS) as u16).to_be_bytes();
    let own = SocketAddr::from((Ipv4Addr::new(127, 9, high, low), 0));
    // A server that is started meanwhile must not have it, too.
    let socket = socket_with(AddressFamily::INET, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
    rustix::net::bind(&socket, &own)?;
    rustix::net::connect(&socket, &server).context("connecting to the server")?;
    Ok(socket.into())
}

/// A frame of a client, masked with zeros (RFC 6455 §5.2).
fn write_frame(out: &mut Vec<u8>, head: u8, payload: &[u8]) {
    out.push(head);
    match u16::try_from(payload.len()) {
        Ok(length @ 0..=125) => out.push(0x80 | length as u8),
        Ok(length) => {
            out.push(0x80 | 126);
            out.extend(length.to_be_bytes());
        }
        Err(_) => {
            out.push(0x80 | 127);
            out.extend((payload.len() as u64).to_be_bytes());
        }
    }
    out.extend([0; 4]);
    out.extend_from_slice(payload);
}

/// The first frame of a server, if it is whole: its kind, what it says, and its length.
fn frame_of(bytes: &[u8]) -> Option<(u8, &[u8], usize)> {
    let (&head, &short) = (bytes.first()?, bytes.get(1)?);
    let (length, start) = match short & 0x7f {
        126 => (usize::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?)), 4),
        127 => (u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?) as usize, 10),
        length => (usize::from(length), 2),
    };
    let payload = bytes.get(start..start + length)?;
    Some((head & 0xf, payload, start + length))
}

/// An id that tells its kind and number.
pub fn uuid(kind: u8, number: usize) -> String {
    format!("0000000{kind:x}-0000-4000-8000-{number:012x}")
}
