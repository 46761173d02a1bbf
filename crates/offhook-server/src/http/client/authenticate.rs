//! `POST /client/v1/authenticate`.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use offhook_core::time::millis;
use offhook_proto::error::ErrorCode;
use offhook_proto::session::{AuthenticateResponse, SignedInUser};

use crate::address::ClientAddress;
use crate::http::error::ApiError;
use crate::http::fields::{Fields, arrived, required};
use crate::http::own_origin::PageOrigin;
use crate::node::Node;
use crate::sign_in::{self, Attempt};

/// The longest body: an id, a token and room to spare.
const MAX_BYTES: usize = 8 * 1024;

/// Signs a user in.
pub async fn post(
    State(node): State<Node>,
    address: ClientAddress,
    PageOrigin(origin): PageOrigin,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<AuthenticateResponse>, ApiError> {
    let body = arrived(body)?;
    if body.len() > MAX_BYTES {
        return Err(ErrorCode::VALUE_TOO_LONG.into());
    }
    let fields = Fields::read(&body)?;
    let attempt = Attempt {
        app_id: required("app_id", fields.text("app_id")?)?,
        user_id: required("user_id", fields.text("user_id")?)?,
        token: fields.text("access_token")?.filter(|token| !token.is_empty()),
        origin: origin.as_deref(),
        address,
    };
    let signed_in = sign_in::sign_in(&node, attempt).await?;
    let now = node.clock().now();
    let user = signed_in.user;
    Ok(Json(AuthenticateResponse {
        user: SignedInUser {
            user_id: user.user_id,
            nickname: user.nickname,
            profile_url: user.profile_url,
            metadata: user.metadata,
            is_active: user.is_active,
        },
        session_key: signed_in.session_key,
        session_expires_in_ms: millis(signed_in.session_expires_at.since(now)),
        token_expires_in_ms: signed_in.token_expires_at.map(|at| millis(at.since(now))),
    }))
}
