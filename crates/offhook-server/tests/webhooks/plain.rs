//! A receiver below HTTP: what it says is said byte by byte.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

/// A receiver at 127.0.0.1 without TLS, until the test ends.
pub struct Plain {
    /// Its host and port.
    pub host: String,
    requests: mpsc::UnboundedReceiver<Request>,
}

/// A request, and the connection that waits for its answer.
pub struct Request {
    /// The body.
    pub body: String,
    stream: TcpStream,
    then: mpsc::UnboundedSender<Request>,
}

impl Plain {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let (sender, requests) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(receive(stream, sender.clone()));
            }
        });
        Self { host, requests }
    }

    pub async fn next(&mut self) -> Request {
        let next = tokio::time::timeout(crate::server::PATIENCE, self.requests.recv()).await;
        next.expect("a request comes").unwrap()
    }
}

impl Request {
    /// Answers, and reads what comes next on the connection. Whether anybody listens still does not matter.
    pub async fn answer(mut self, bytes: &str) {
        _ = self.stream.write_all(bytes.as_bytes()).await;
        tokio::spawn(receive(self.stream, self.then));
    }
}

async fn receive(mut stream: TcpStream, requests: mpsc::UnboundedSender<Request>) {
    let mut read = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&read).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                line.to_ascii_lowercase()
                    .strip_prefix("content-length: ")?
                    .parse::<usize>()
                    .ok()
            });
            if body.len() >= length.unwrap() {
                let (body, then) = (body.to_owned(), requests.clone());
                _ = requests.send(Request { body, stream, then });
                return;
            }
        }
        let mut bytes = [0; 4096];
        match stream.read(&mut bytes).await {
            Ok(0) | Err(_) => return,
            Ok(count) => read.extend_from_slice(&bytes[..count]),
        }
    }
}
