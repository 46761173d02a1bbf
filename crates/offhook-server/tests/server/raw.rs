//! A socket without a client: says what no client would.

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use super::PATIENCE;

/// An open WebSocket.
pub struct RawSocket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl RawSocket {
    /// Opens one; an error is the server's refusal of the upgrade.
    pub async fn open(address: &str) -> Result<Self, tungstenite::Error> {
        let opened = tokio_tungstenite::connect_async(format!("ws://{address}/client/v1/socket")).await;
        opened.map(|(socket, _)| Self(socket))
    }

    /// Says hello as the page of a device; gives the answer.
    pub async fn hello(&mut self, session_key: &str, device: u8, page: u8, known_calls: &[&str]) -> Value {
        self.say(&hello(session_key, device, page, known_calls)).await;
        self.hear().await
    }

    pub async fn say(&mut self, message: &Value) {
        self.say_text(&message.to_string()).await;
    }

    pub async fn say_text(&mut self, text: &str) {
        self.send(Message::text(text)).await.unwrap();
    }

    pub async fn send(&mut self, message: Message) -> Result<(), tungstenite::Error> {
        self.0.send(message).await
    }

    /// Asks for something; gives the answer of that number.
    pub async fn ask(&mut self, message: &Value) -> Value {
        self.say(message).await;
        loop {
            let answer = self.hear().await;
            if answer["id"] == message["id"] {
                return answer;
            }
        }
    }

    /// The next message that is no ping.
    pub async fn hear(&mut self) -> Value {
        self.next().await.expect("the socket is closed")
    }

    /// The server closes the socket; what it says before does not matter.
    pub async fn closes(&mut self) {
        while self.next().await.is_some() {}
    }

    /// The next message that is no ping; nothing once the socket is closed.
    pub async fn next(&mut self) -> Option<Value> {
        loop {
            match tokio::time::timeout(PATIENCE, self.0.next())
                .await
                .expect("nothing is said")
            {
                Some(Ok(Message::Text(text))) => {
                    let message: Value = serde_json::from_str(&text).unwrap();
                    if message["type"] != "ping" {
                        return Some(message);
                    }
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(_)) => {}
            }
        }
    }

    /// Goes away without a word.
    pub fn cut(self) {
        drop(self.0);
    }
}

/// A hello.
pub fn hello(session_key: &str, device: u8, page: u8, known_calls: &[&str]) -> Value {
    json!({
        "type": "hello",
        "id": 1,
        "protocol": offhook_proto::PROTOCOL,
        "session_key": session_key,
        "device_id": uuid(device),
        "page_id": uuid(page),
        "known_calls": known_calls,
    })
}

/// A dial to a user.
pub fn dial(id: u32, call_id: &str, user_id: &str) -> Value {
    json!({
        "type": "dial",
        "id": id,
        "call_id": call_id,
        "user_id": user_id,
        "is_video_call": false,
        "media": {"audio_enabled": true, "video_enabled": false, "revision": 0},
    })
}

/// An id that is easily told from others.
pub fn uuid(number: u8) -> String {
    format!("00000000-0000-4000-8000-0000000000{number:02x}")
}

/// Makes a request by plain HTTP; gives the status and the body.
pub async fn request(address: &str, line: &str, headers: &[(&str, &str)], body: &[u8]) -> (u16, Value) {
    let mut head = format!("{line} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!(
        "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    ));
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer
        .split_once("\r\n\r\n")
        .unwrap_or_else(|| panic!("no answer: {answer:?}"));
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let body = serde_json::from_str(body).unwrap_or_else(|error| panic!("{line}: {error}: {answer}"));
    (status, body)
}

/// Signs in by plain HTTP.
pub async fn session_key(address: &str, app_id: &str, user_id: &str) -> String {
    let body = json!({"app_id": app_id, "user_id": user_id}).to_string();
    let (status, answer) = request(address, "POST /client/v1/authenticate", &[], body.as_bytes()).await;
    assert_eq!(status, 200, "{answer}");
    answer["session_key"].as_str().unwrap().to_owned()
}
