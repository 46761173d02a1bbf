//! Frames in and messages out.

use std::fmt::{self, Write as _};
use std::future::poll_fn;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, close_code};
use futures_util::{SinkExt as _, StreamExt as _};
use offhook_core::id::{CallId, DeviceId};
use offhook_proto::socket::{ClientMessage, MAX_SIGNAL_BYTES, ServerMessage};
use serde::de::IgnoredAny;

use crate::http::error::ApiError;

/// A device that takes no frame for this long is cut: it must not hold up what others are told.
const SLOW_READER: Duration = Duration::from_secs(10);

/// A WebSocket that speaks messages.
pub struct Wire(WebSocket);

/// What came in.
#[derive(Debug)]
pub enum Incoming {
    /// A message to the other side of a call, and how long its frame was. In a box: whoever waits keeps room for it.
    Signal(Box<RawSignal>, usize),
    /// Another message, and how long its frame was.
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
pub struct RawSignal {
    /// Of which call.
    pub call_id: CallId,
    /// What is to be passed on, in JSON.
    pub body: String,
    /// Whether the body is longer than [`MAX_SIGNAL_BYTES`].
    pub is_too_long: bool,
}

/// Without the body, which says where the device is.
impl fmt::Debug for RawSignal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = f.debug_struct("RawSignal");
        fields.field("call_id", &self.call_id).finish_non_exhaustive()
    }
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
        let mut frame = Some(Message::Text(text));
        match poll_fn(|context| Poll::Ready(self.poll_pass(&mut frame, context))).await {
            Poll::Ready(passed) => passed,
            // In a box: whoever waits keeps no room for it.
            Poll::Pending => Box::pin(self.send_frames(frame)).await,
        }
    }

    /// Takes the frame as soon as there is room for it, and sends it.
    fn poll_pass(&mut self, frame: &mut Option<Message>, context: &mut Context<'_>) -> Poll<Result<(), Gone>> {
        ready!(self.0.poll_ready_unpin(context)).map_err(|_| Gone)?;
        if let Some(frame) = frame.take() {
            self.0.start_send_unpin(frame).map_err(|_| Gone)?;
        }
        self.0.poll_flush_unpin(context).map_err(|_| Gone)
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
pub fn signal(signal: &RawSignal, from_device: DeviceId) -> Utf8Bytes {
    let RawSignal { call_id, body, .. } = signal;
    // Two ids of 36 letters, and what names them: with room for just that, the text need not move.
    const AROUND: usize = r#"{"type":"signal","call_id":"","from_device":"","body":}"#.len() + 2 * 36;
    let mut text = String::with_capacity(AROUND + body.len());
    _ = write!(
        text,
        r#"{{"type":"signal","call_id":"{call_id}","from_device":"{from_device}","body":{body}}}"#
    );
    text.into()
}

/// Writes a message as it is sent.
///
/// # Errors
/// [`Gone`], with a word in the log, if that is not possible.
fn text(message: &ServerMessage) -> Result<Utf8Bytes, Gone> {
    serde_json::to_string(message).map(Utf8Bytes::from).map_err(|error| {
        tracing::error!(error = %error, "a message could not be written");
        Gone
    })
}

fn read(text: &str) -> Incoming {
    #[derive(serde::Deserialize)]
    struct Numbered {
        id: Option<u32>,
    }
    if let Some(signal) = read_signal(text) {
        return Incoming::Signal(Box::new(signal), text.len());
    }
    match serde_json::from_str(text) {
        Ok(ClientMessage::Signal { call_id, body }) => {
            let is_too_long = body.len() > MAX_SIGNAL_BYTES;
            let body = serde_json::Value::String(body).to_string();
            let signal = RawSignal {
                call_id,
                body,
                is_too_long,
            };
            Incoming::Signal(Box::new(signal), text.len())
        }
        Ok(message) => Incoming::Message(Box::new(message), text.len()),
        Err(_) => Incoming::Nonsense(
            serde_json::from_str::<Numbered>(text)
                .ok()
                .and_then(|numbered| numbered.id),
            text.len(),
        ),
    }
}

/// Reads a signal as it stands, where it is written as SDKs write it. Most messages are, and a message of which it is not known yet what
/// it is, is taken apart before it is put together.
fn read_signal(text: &str) -> Option<RawSignal> {
    let rest = text.strip_prefix(r#"{"type":"signal","call_id":""#)?;
    let (call_id, rest) = rest.split_once('"')?;
    let body = rest.strip_prefix(r#","body":"#)?.strip_suffix('}')?;
    // A number that is escaped may be no character, and escapes are longer than what they stand for: these have to be read.
    if body.len() > MAX_SIGNAL_BYTES || body.contains(r"\u") {
        return None;
    }
    // One value that begins as a string does, and nothing behind it.
    serde_json::from_str::<IgnoredAny>(body.starts_with('"').then_some(body)?).ok()?;
    Some(RawSignal {
        call_id: call_id.parse().ok()?,
        body: body.to_owned(),
        is_too_long: false,
    })
}

#[cfg(test)]
mod tests;
