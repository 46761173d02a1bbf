//! One connection over which the server is asked.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use anyhow::Context as _;
use serde_json::Value;

pub struct Connection {
    stream: BufReader<TcpStream>,
    api_token: String,
}

/// What a page said.
pub struct Page {
    pub calls: usize,
    pub next: Option<String>,
}

impl Connection {
    pub fn open(address: SocketAddr, api_token: &str) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).context("connecting to the server")?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream: BufReader::new(stream),
            api_token: api_token.to_owned(),
        })
    }

    pub fn get(&mut self, path: &str) -> anyhow::Result<Page> {
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: localhost\r\napi-token: {}\r\n\r\n",
            self.api_token
        );
        self.stream.get_mut().write_all(request.as_bytes())?;
        let mut length = 0;
        let mut status = String::new();
        self.stream.read_line(&mut status)?;
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line)?;
            let line = line.trim().to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse()?;
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        let page: Value = serde_json::from_slice(&body).context("reading a page")?;
        anyhow::ensure!(status.contains(" 200 "), "{path}: {page}");
        let next = page.get("next").and_then(Value::as_str).filter(|next| !next.is_empty());
        Ok(Page {
            calls: page.get("calls").and_then(Value::as_array).map_or(0, Vec::len),
            next: next.map(str::to_owned),
        })
    }
}
