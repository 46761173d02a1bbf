//! `GET /client/v1/web_push`: what a browser subscribes with. It is public, and is asked for before anybody signs in.

use axum::Json;
use axum::extract::State;
use offhook_proto::push::WebPushKey;

use crate::node::Node;

/// Tells the server's key.
pub async fn get(State(node): State<Node>) -> Json<WebPushKey> {
    Json(WebPushKey {
        public_key: node.push().web_push_key(),
    })
}
