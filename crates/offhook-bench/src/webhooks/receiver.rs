//! A receiver that takes everything at once: a thread a connection, which is kept for the next request.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

/// A receiver, until the measurement ends.
pub struct Receiver {
    /// Where it listens.
    pub address: SocketAddr,
    expected: u32,
    counts: Arc<Counts>,
    ended: mpsc::Receiver<Instant>,
}

/// What came.
#[derive(Debug)]
pub struct Told {
    /// How many requests.
    pub requests: u32,
    /// Over how many connections.
    pub connections: u32,
    /// From the first to the last.
    pub took: Duration,
}

struct Counts {
    requests: AtomicU32,
    connections: AtomicU32,
    began: Mutex<Option<Instant>>,
    expected: u32,
    end: Mutex<mpsc::Sender<Instant>>,
}

impl Receiver {
    /// Starts one that waits for so many requests.
    pub fn start(expected: u32) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").context("listening")?;
        let address = listener.local_addr()?;
        let (end, ended) = mpsc::channel();
        let counts = Arc::new(Counts {
            requests: AtomicU32::new(0),
            connections: AtomicU32::new(0),
            began: Mutex::new(None),
            expected,
            end: Mutex::new(end),
        });
        let shared = Arc::clone(&counts);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let counts = Arc::clone(&shared);
                counts.connections.fetch_add(1, Ordering::Relaxed);
                // A connection that breaks is the server's to make anew.
                thread::spawn(move || _ = serve(&stream, &counts));
            }
        });
        Ok(Self {
            address,
            expected,
            counts,
            ended,
        })
    }

    /// Waits until everything has come.
    pub fn wait(&self, patience: Duration) -> anyhow::Result<Told> {
        let Ok(ended) = self.ended.recv_timeout(patience) else {
            let came = self.counts.requests.load(Ordering::Relaxed);
            bail!("{came} of {} events came", self.expected);
        };
        let began = *self.counts.began.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Told {
            requests: self.expected,
            connections: self.counts.connections.load(Ordering::Relaxed),
            took: ended - began.context("nothing came")?,
        })
    }
}

impl Counts {
    fn count(&self) {
        match self.requests.fetch_add(1, Ordering::Relaxed) + 1 {
            1 => *self.began.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now()),
            count if count == self.expected => {
                let end = self.end.lock().unwrap_or_else(PoisonError::into_inner);
                // Whoever waited may have given up.
                _ = end.send(Instant::now());
            }
            _ => {}
        }
    }
}

fn serve(stream: &TcpStream, counts: &Counts) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    let mut writer = stream;
    let mut line = String::new();
    let mut body = Vec::new();
    loop {
        let mut length = 0;
        loop {
            line.clear();
            if reader.read_line(&mut line)? == 0 {
                return Ok(());
            }
            let header = line.trim_end();
            if header.is_empty() {
                break;
            }
            if let Some((name, value)) = header.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().unwrap_or(0);
            }
        }
        body.resize(length, 0);
        reader.read_exact(&mut body)?;
        counts.count();
        writer.write_all(ANSWER)?;
    }
}
