//! What is traced. Names are few, so that a collector can group by them; ids of calls are attributes.

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use offhook_core::id::CallId;
use offhook_proto::socket::ClientMessage;
use tracing::field::Empty;
use tracing::{Instrument as _, Span, info_span};

/// Traces a request: by its route, since the path itself names users.
pub async fn request(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map_or("nothing there", MatchedPath::as_str);
    let span = info_span!(
        target: "offhook_trace",
        "http request",
        otel.name = format!("{} {route}", request.method()),
        otel.kind = "server",
        otel.status_code = Empty,
        http.request.method = %request.method(),
        http.route = route,
        http.response.status_code = Empty,
    );
    let response = next.run(request).instrument(span.clone()).await;
    span.record("http.response.status_code", response.status().as_u16());
    if response.status().is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
    response
}

/// A request of a device on its socket. The socket itself may last for days: each request is a trace.
pub fn socket_request(message: &ClientMessage) -> Span {
    let (word, call_id) = words(message);
    said(word, call_id)
}

/// A message from party to party.
pub fn signal(call_id: CallId) -> Span {
    said("signal", Some(call_id))
}

fn said(word: &str, call_id: Option<CallId>) -> Span {
    let span = info_span!(
        target: "offhook_trace",
        parent: None,
        "socket request",
        otel.name = format!("socket {word}"),
        otel.kind = "server",
        call.id = Empty,
        error.code = Empty,
    );
    if let Some(call_id) = call_id {
        span.record("call.id", tracing::field::display(call_id));
    }
    span
}

/// What is decided about a call, and committed.
pub fn commit(call_id: CallId) -> Span {
    info_span!(target: "offhook_trace", "commit", call.id = %call_id)
}

/// An event on its way to an application's server.
pub fn webhook(call_id: CallId, category: &'static str) -> Span {
    info_span!(
        target: "offhook_trace",
        parent: None,
        "webhook delivery",
        otel.kind = "client",
        call.id = %call_id,
        category,
        outcome = Empty,
    )
}

/// The word of a message on the wire, and the call that it is about.
const fn words(message: &ClientMessage) -> (&'static str, Option<CallId>) {
    match message {
        ClientMessage::Hello { .. } => ("hello", None),
        ClientMessage::Dial { call_id, .. } => ("dial", Some(*call_id)),
        ClientMessage::Ringing { call_id, .. } => ("ringing", Some(*call_id)),
        ClientMessage::Accept { call_id, .. } => ("accept", Some(*call_id)),
        ClientMessage::End { call_id, .. } => ("end", Some(*call_id)),
        ClientMessage::Report { call_id, .. } => ("report", Some(*call_id)),
        ClientMessage::SetMedia { call_id, .. } => ("set_media", Some(*call_id)),
        ClientMessage::Read { call_id, .. } => ("read", Some(*call_id)),
        ClientMessage::UpdateCustomItems { call_id, .. } => ("update_custom_items", Some(*call_id)),
        ClientMessage::DeleteCustomItems { call_id, .. } => ("delete_custom_items", Some(*call_id)),
        ClientMessage::Renew { .. } => ("renew", None),
        ClientMessage::Signal { call_id, .. } => ("signal", Some(*call_id)),
        ClientMessage::Quality { call_id, .. } => ("quality", Some(*call_id)),
        ClientMessage::UseTicket { call_id, .. } => ("use_ticket", Some(*call_id)),
    }
}
