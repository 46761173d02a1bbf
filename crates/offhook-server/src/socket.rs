//! The socket: one task a device. [`hello`] opens it, [`task`] runs it, [`requests`] carries out what the device asks,
//! [`known`] remembers what it has been told, [`devices`] counts and seats, [`watch`] looks whether sessions still hold.
//!
//! Doorbells are listened for before the state is read, so nothing falls between; doubles are removed by version.

mod devices;
mod dials;
mod hello;
mod known;
mod limits;
mod requests;
mod task;
pub mod watch;
mod wire;

use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::response::{IntoResponse, Response};
use offhook_proto::error::ErrorCode;
use offhook_proto::socket::MAX_FRAME_BYTES;

use crate::address::ClientAddress;
use crate::http::error::ApiError;
use crate::http::own_origin::PageOrigin;
use crate::node::Node;

pub use devices::{Devices, Seat, SeatRefusal, Visit};

/// Of the read buffer, which a socket holds while nothing comes, too: the library's own takes 128 KiB. A longer message has
/// room made for it when its head has come, and is read in several steps.
const READ_BUFFER_BYTES: usize = 512;
/// What is said at once leaves in one piece up to here; no room is kept for it.
const WRITE_BUFFER_BYTES: usize = 16 * 1024;

/// `GET /client/v1/socket`.
pub async fn upgrade(
    State(node): State<Node>,
    address: ClientAddress,
    PageOrigin(origin): PageOrigin,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let Ok(upgrade) = upgrade else {
        return ApiError::new(
            ErrorCode::INVALID_VALUE,
            "Here a WebSocket is opened, by an upgrade of HTTP/1.1.",
        )
        .into_response();
    };
    let Some(visit) = node.devices().admit(address) else {
        return ApiError::from(ErrorCode::TOO_MANY_SOCKETS).into_response();
    };
    upgrade
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(WRITE_BUFFER_BYTES)
        .max_frame_size(MAX_FRAME_BYTES)
        .max_message_size(MAX_FRAME_BYTES)
        .on_upgrade(move |socket| task::run(node, socket, visit, origin))
}
