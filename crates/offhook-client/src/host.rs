//! Where the server is.

use std::fmt;
use std::str::FromStr;

use crate::error::Error;

/// The addresses of a server: one for requests, one for the socket.
///
/// Read from a host (`calls.example.com`), a host and port, or a whole address (`http://127.0.0.1:8080`, `wss://…`); a
/// slash at the end does no harm. A bare host means TLS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    api: String,
    socket: String,
}

impl Host {
    /// Separate hosts for requests and for the socket.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`], if either cannot be read.
    pub fn new(api_host: &str, websocket_host: &str) -> Result<Self, Error> {
        let (is_secure, authority) = read(api_host)?;
        let (is_socket_secure, socket_authority) = read(websocket_host)?;
        Ok(Self {
            api: format!("{}://{authority}", if is_secure { "https" } else { "http" }),
            socket: format!("{}://{socket_authority}", if is_socket_secure { "wss" } else { "ws" }),
        })
    }

    /// The address of a request's path.
    pub(crate) fn request(&self, path: &str) -> String {
        format!("{}{path}", self.api)
    }

    /// The address of the socket.
    pub(crate) fn socket(&self) -> String {
        format!("{}/client/v1/socket", self.socket)
    }
}

impl fmt::Display for Host {
    /// The address of requests.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.api)
    }
}

impl FromStr for Host {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::new(text, text)
    }
}

const ODD: Error = Error::InvalidParameter("the host (one is like calls.example.com, or http://127.0.0.1:8080)");

/// Whether TLS is wanted, and the host with its port.
fn read(text: &str) -> Result<(bool, &str), Error> {
    let (is_secure, rest) = match text.split_once("://") {
        Some(("https" | "wss", rest)) => (true, rest),
        Some(("http" | "ws", rest)) => (false, rest),
        Some(_) => return Err(ODD),
        None => (true, text),
    };
    let authority = rest.trim_end_matches('/');
    let is_odd = |character: char| character.is_whitespace() || character.is_control() || "/?#@\\".contains(character);
    if authority.is_empty() || authority.contains(is_odd) {
        return Err(ODD);
    }
    Ok((is_secure, authority))
}

#[cfg(test)]
mod tests;
