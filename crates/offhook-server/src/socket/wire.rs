//! Frames in and messages out.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, close_code};
use futures_util::{SinkExt as _, StreamExt as _};
use offhook_core::id::{CallId, DeviceId};
use offhook_proto::socket::{ClientMessage, MAX_SIGNAL_BYTES, ServerMessage};
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

use crate::http::error::ApiError;

/// A device that takes no frame for this long is cut: it must not hold up what others are told.
const SLOW_READER: Duration = Duration::from_secs(10);

/// A WebSocket that speaks messages.
pub struct Wire(WebSocket);

/// What came in.
#[derive(Debug)]
pub enum Incoming {
    /// A message to the other side of a call, and how long its frame was.
    Signal(RawSignal, usize),
    /// Another message, and how long its frame was. In a box: whoever waits keeps room for it.
    Message(Box<ClientMessage>, usize),
    /// Something that is no message: the request's number, if that much could be read, and how long its frame was.
    Nonsense(Option<u32>, usize),
    /// A sign of life.
    Ping,
}

impl Incoming {
    /// The request's number, if it has one.
    pub fn id(&self) -> Option<u32> {
        match self {
            Self::Message(message, _) => message.id(),
            Self::Nonsense(id, _) => *id,
            Self::Signal(..) | Self::Ping => None,
        }
    }

    /// What it counts for.
    pub const fn bytes(&self) -> usize {
        match self {
            Self::Signal(_, bytes) | Self::Message(_, bytes) | Self::Nonsense(_, bytes) => *bytes,
            Self::Ping => 0,
        }
    }
}

/// A [`ClientMessage::Signal`]. Its body is passed on as it is written, a JSON string, whose escapes nobody here has to read.
#[derive(Debug)]
pub struct RawSignal {
    /// Of which call.
    pub call_id: CallId,
    /// What is to be passed on.
    pub body: Box<RawValue>,
    /// How many bytes the body has, or, up to [`MAX_SIGNAL_BYTES`], may have.
    pub body_bytes: usize,
}

/// The socket cannot be used any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gone;

impl Wire {
    /// Takes over an upgraded connection.
    pub fn new(socket: WebSocket) -> Self {
        Self(socket)
    }

    /// Waits for what the device says. Cancelling it loses nothing.
    ///
    /// # Errors
    /// [`Gone`] once the device has closed the socket, or sent a frame that is too long.
    pub async fn next(&mut self) -> Result<Incoming, Gone> {
        match self.0.next().await {
            Some(Ok(Message::Text(text))) => Ok(read(text.as_str())),
            Some(Ok(Message::Binary(bytes))) => Ok(Incoming::Nonsense(None, bytes.len())),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(Incoming::Ping),
            Some(Ok(Message::Close(_)) | Err(_)) | None => Err(Gone),
        }
    }

    /// Says something.
    ///
    /// # Errors
    /// [`Gone`] if the device does not take it in time.
    pub async fn send(&mut self, message: &ServerMessage) -> Result<(), Gone> {
        self.send_all(std::slice::from_ref(message)).await
    }

    /// Says several things at once.
    ///
    /// # Errors
    /// [`Gone`] if the device does not take them in time.
    pub async fn send_all(&mut self, messages: &[ServerMessage]) -> Result<(), Gone> {
        let frames: Result<Vec<_>, Gone> = messages
            .iter()
            .map(|message| text(message).map(Message::Text))
            .collect();
        self.send_frames(frames?).await
    }

    /// Says what is written already.
    ///
    /// # Errors
    /// [`Gone`] if the device does not take it in time.
    pub async fn pass(&mut self, text: Utf8Bytes) -> Result<(), Gone> {
        // In a box: whoever waits keeps no room for it.
        Box::pin(self.send_frames([Message::Text(text)])).await
    }

    /// Refuses a request.
    ///
    /// # Errors
    /// [`Gone`] if the device does not take it in time.
    pub async fn refuse(&mut self, id: Option<u32>, why: impl Into<ApiError>) -> Result<(), Gone> {
        let why = why.into();
        self.send(&ServerMessage::Refused {
            id,
            code: why.code().code,
            message: why.message().to_owned(),
        })
        .await
    }

    /// Asks for a sign of life, in both ways: browsers answer the first by themselves, and pages see the second only.
    ///
    /// # Errors
    /// [`Gone`] if the device does not take it in time.
    pub async fn ping(&mut self) -> Result<(), Gone> {
        self.send_frames([Message::Ping(axum::body::Bytes::new())]).await?;
        self.send(&ServerMessage::Ping {}).await
    }

    /// Forgets the task that it was opened by, which would be kept for as long as it might be woken.
    ///
    /// # Errors
    /// [`Gone`] if the device is.
    pub async fn settle(&mut self) -> Result<(), Gone> {
        self.0.flush().await.map_err(|_| Gone)
    }

    /// Closes politely.
    pub async fn close(mut self, reason: &'static str) {
        let frame = CloseFrame {
            code: close_code::NORMAL,
            reason: reason.into(),
        };
        // The device may be gone already: then there is nobody to be polite to.
        if self.send_frames([Message::Close(Some(frame))]).await.is_ok() {
            _ = tokio::time::timeout(Duration::from_secs(1), async {
                while let Some(Ok(_)) = self.0.next().await {}
            })
            .await;
        }
    }

    /// They leave together.
    async fn send_frames(&mut self, frames: impl IntoIterator<Item = Message>) -> Result<(), Gone> {
        let sent = tokio::time::timeout(SLOW_READER, async {
            for frame in frames {
                self.0.feed(frame).await?;
            }
            self.0.flush().await
        });
        match sent.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Gone),
        }
    }
}

/// Writes a [`ServerMessage::Signal`] around a body.
///
/// # Errors
/// [`Gone`], with a word in the log, if that is not possible.
pub fn signal(call_id: CallId, from_device: DeviceId, body: &RawValue) -> Result<Utf8Bytes, Gone> {
    #[derive(Serialize)]
    #[serde(tag = "type", rename = "signal")]
    struct Signal<'a> {
        call_id: CallId,
        from_device: DeviceId,
        body: &'a RawValue,
    }
    let signal = Signal {
        call_id,
        from_device,
        body,
    };
    // The rest is two ids and three names.
    let mut text = Vec::with_capacity(body.get().len() + 160);
    let written = serde_json::to_writer(&mut text, &signal).map_err(|error| error.to_string());
    let text = written.and_then(|()| String::from_utf8(text).map_err(|error| error.to_string()));
    text.map(Utf8Bytes::from).map_err(|error| unwritten(&error))
}

/// Writes a message as it is sent.
///
/// # Errors
/// [`Gone`], with a word in the log, if that is not possible.
fn text(message: &ServerMessage) -> Result<Utf8Bytes, Gone> {
    let text = serde_json::to_string(message);
    text.map(Utf8Bytes::from).map_err(|error| unwritten(&error))
}

fn unwritten(error: &dyn std::fmt::Display) -> Gone {
    tracing::error!(error = %error, "a message could not be written");
    Gone
}

fn read(text: &str) -> Incoming {
    if let Some(signal) = read_signal(text) {
        return Incoming::Signal(signal, text.len());
    }
    match serde_json::from_str(text) {
        Ok(ClientMessage::Signal { call_id, body }) => match to_raw_value(&body) {
            Ok(raw) => Incoming::Signal(
                RawSignal {
                    call_id,
                    body: raw,
                    body_bytes: body.len(),
                },
                text.len(),
            ),
            Err(_) => Incoming::Nonsense(None, text.len()),
        },
        Ok(message) => Incoming::Message(Box::new(message), text.len()),
        Err(_) => Incoming::Nonsense(number(text), text.len()),
    }
}

/// Reads a signal as it stands, if that is what it says first. Most messages are signals, and a message of which it is not known yet
/// what it is, is taken apart before it is put together.
fn read_signal(text: &str) -> Option<RawSignal> {
    #[derive(Deserialize)]
    struct Signal {
        #[serde(rename = "type")]
        _signal: serde::de::IgnoredAny,
        call_id: CallId,
        body: Box<RawValue>,
    }
    if !text.starts_with(r#"{"type":"signal","#) {
        return None;
    }
    let Signal { call_id, body, .. } = serde_json::from_str(text).ok()?;
    let escaped = body.get().strip_prefix('"')?.strip_suffix('"')?;
    // What a number names may be no character, and only who reads a long one knows how long it is.
    let body_bytes = escaped.len();
    let is_clear = body_bytes <= MAX_SIGNAL_BYTES && !escaped.contains(r"\u");
    is_clear.then_some(RawSignal {
        call_id,
        body,
        body_bytes,
    })
}

/// The number of a request that cannot be read otherwise.
fn number(text: &str) -> Option<u32> {
    #[derive(Deserialize)]
    struct Numbered {
        id: Option<u32>,
    }
    serde_json::from_str::<Numbered>(text).ok()?.id
}

#[cfg(test)]
mod tests;
