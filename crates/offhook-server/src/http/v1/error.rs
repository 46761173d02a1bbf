//! Errors in the dialect of `/v1`: fewer codes than elsewhere, and each with a `type`.
//!
//! Handlers and extractors refuse with an [`ApiError`], as they do everywhere; the router of `/v1` has its answer rewritten.
//! So what both surfaces share, such as [`CurrentApplication`](crate::http::v3::CurrentApplication), needs to know of neither.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use offhook_proto::error::ErrorCode;
use serde::Serialize;

use crate::http::error::ApiError;

/// A code of `/v1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct V1Code {
    /// The number.
    pub code: u32,
    /// The HTTP status it comes with.
    pub http: u16,
    /// The upper-snake name.
    pub name: &'static str,
}

impl V1Code {
    /// A parameter is not valid.
    pub const INVALID_PARAMS: Self = Self::new(400_100, 400, "INVALID_PARAMS");
    /// A parameter that must be there is missing.
    pub const MISSING_PARAMS: Self = Self::new(400_111, 400, "MISSING_PARAMS");
    /// There is no such thing.
    pub const NOT_FOUND: Self = Self::new(400_200, 400, "NOT_FOUND");
    /// There is nothing at this address.
    pub const NO_SUCH_ADDRESS: Self = Self::new(400_200, 404, "NOT_FOUND");
    /// It is there already.
    pub const UNIQUE_CONSTRAINT: Self = Self::new(400_201, 400, "UNIQUE_CONSTRAINT");
    /// What was asked for is not allowed.
    pub const NOT_ALLOWED: Self = Self::new(401_120, 401, "NOT_ALLOWED");
    /// The API token is missing or wrong.
    pub const NOT_AUTHORIZED: Self = Self::new(401_121, 401, "NOT_AUTHORIZED");
    /// Too many requests.
    pub const RATE_LIMIT_EXCEEDED: Self = Self::new(429_100, 429, "RATE_LIMIT_EXCEEDED");
    /// Our fault.
    pub const UNKNOWN_ERROR: Self = Self::new(500_999, 500, "UNKNOWN_ERROR");

    const fn new(code: u32, http: u16, name: &'static str) -> Self {
        Self { code, http, name }
    }

    /// What a code of the other surfaces is called here.
    pub fn of(code: ErrorCode) -> Self {
        match code {
            ErrorCode::INVALID_API_TOKEN => Self::NOT_AUTHORIZED,
            ErrorCode::INVALID_URL => Self::NO_SUCH_ADDRESS,
            ErrorCode::MISSING_PARAMETER => Self::MISSING_PARAMS,
            ErrorCode::RESOURCE_NOT_FOUND | ErrorCode::CALL_DOES_NOT_EXIST | ErrorCode::USER_NOT_FOUND => {
                Self::NOT_FOUND
            }
            ErrorCode::RESOURCE_ALREADY_EXISTS => Self::UNIQUE_CONSTRAINT,
            ErrorCode::NO_PERMISSION => Self::NOT_ALLOWED,
            other => match other.http {
                401 | 403 => Self::NOT_ALLOWED,
                429 => Self::RATE_LIMIT_EXCEEDED,
                400..500 => Self::INVALID_PARAMS,
                _ => Self::UNKNOWN_ERROR,
            },
        }
    }
}

/// The body of an error.
#[derive(Debug, Serialize)]
struct V1ErrorBody<'a> {
    error: bool,
    code: u32,
    #[serde(rename = "type")]
    kind: &'static str,
    message: &'a str,
}

/// Rewrites an answer that an [`ApiError`] made. Its headers stay.
pub async fn in_dialect(response: Response) -> Response {
    let Some(error) = response.extensions().get::<ApiError>() else {
        return response;
    };
    let code = V1Code::of(error.code());
    let status = StatusCode::from_u16(code.http).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = Json(V1ErrorBody {
        error: true,
        code: code.code,
        kind: code.name,
        message: error.message(),
    });
    let mut rewritten = (status, body).into_response();
    for (name, value) in response.headers() {
        if !rewritten.headers().contains_key(name) && name != axum::http::header::CONTENT_LENGTH {
            rewritten.headers_mut().insert(name, value.clone());
        }
    }
    rewritten
}

#[cfg(test)]
mod tests;
