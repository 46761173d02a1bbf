//! Users, and their sessions.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};

use super::parts::in_parts;

/// A connection that is kept, over which one question is asked after the other.
pub struct Http(BufReader<TcpStream>, SocketAddr);

impl Http {
    /// Opens one.
    pub fn open(server: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(server).context("connecting to the server")?;
        stream.set_nodelay(true)?;
        Ok(Self(BufReader::new(stream), server))
    }

    /// Posts a body, with more headers, each ended by a line end; gives what is answered.
    pub fn post(&mut self, path: &str, headers: &str, body: &str) -> anyhow::Result<Vec<u8>> {
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\n{headers}content-length: {}\r\n\r\n{body}",
            self.1,
            body.len()
        );
        self.0.get_mut().write_all(request.as_bytes())?;
        let mut line = String::new();
        self.0.read_line(&mut line)?;
        let status = line.clone();
        let mut length = 0;
        loop {
            line.clear();
            self.0.read_line(&mut line)?;
            let header = line.trim_end().to_ascii_lowercase();
            if header.is_empty() {
                break;
            }
            if let Some(value) = header.strip_prefix("content-length:") {
                length = value.trim().parse()?;
            }
        }
        let mut answer = vec![0; length];
        self.0.read_exact(&mut answer)?;
        ensure!(status.contains(" 200 "), "{path}: {}", String::from_utf8_lossy(&answer));
        Ok(answer)
    }
}

/// The name of a user.
fn user_id(number: usize) -> String {
    format!("user-{number:05}")
}

/// Makes users.
pub fn create_users(server: SocketAddr, api_token: &str, count: usize) -> anyhow::Result<()> {
    let headers = format!("api-token: {api_token}\r\n");
    in_parts(count, |numbers| {
        let mut http = Http::open(server)?;
        for number in numbers {
            let user = json!({"user_id": user_id(number), "nickname": "", "profile_url": ""});
            http.post("/v3/users", &headers, &user.to_string())?;
        }
        Ok(Vec::<()>::new())
    })?;
    Ok(())
}

/// What a user signs in with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Its hash is looked up.
    AccessToken,
    /// Its signature is checked.
    SessionToken,
}

/// Makes users who have a token each; gives the bodies of their sign-ins.
pub fn create_bearers(
    server: SocketAddr,
    application: &crate::server::Application,
    count: usize,
    kind: Kind,
) -> anyhow::Result<Vec<String>> {
    let headers = format!("api-token: {}\r\n", application.api_token);
    let (name, flag, found) = match kind {
        Kind::AccessToken => ("access", "issue_access_token", "/access_token"),
        Kind::SessionToken => ("session", "issue_session_token", "/session_tokens/0/session_token"),
    };
    in_parts(count, |numbers| {
        let mut http = Http::open(server)?;
        numbers
            .map(|number| {
                let user_id = format!("{name}-{number:05}");
                let user = json!({"user_id": user_id, "nickname": "", "profile_url": "", flag: true});
                let answer: Value = serde_json::from_slice(&http.post("/v3/users", &headers, &user.to_string())?)?;
                let token = answer.pointer(found).and_then(Value::as_str).context("no token")?;
                Ok(json!({"app_id": application.id, "user_id": user_id, "access_token": token}).to_string())
            })
            .collect()
    })
}

/// Signs users in, in their order; gives their session keys.
pub fn authenticate(server: SocketAddr, app_id: &str, count: usize) -> anyhow::Result<Vec<String>> {
    in_parts(count, |numbers| {
        let mut http = Http::open(server)?;
        numbers
            .map(|number| {
                let body = json!({"app_id": app_id, "user_id": user_id(number)});
                let answer = http.post("/client/v1/authenticate", "", &body.to_string())?;
                let answer: Value = serde_json::from_slice(&answer)?;
                let key = answer.get("session_key").and_then(Value::as_str);
                Ok(key.context("no session key")?.to_owned())
            })
            .collect()
    })
}
