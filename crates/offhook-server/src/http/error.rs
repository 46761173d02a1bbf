//! Errors as clients get them. What a client did wrong has a code and a sentence; what we did wrong is logged once and
//! is "internal error" outside.

use std::time::Duration;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use offhook_core::user::InvalidUser;
use offhook_proto::error::ErrorCode;
use offhook_proto::session::ErrorBody;

/// A refused request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    code: ErrorCode,
    message: String,
    retry_after: Option<Duration>,
}

impl ApiError {
    /// An error with a sentence of its own.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            retry_after: None,
        }
    }

    /// Too many requests: come back after `wait`.
    pub fn throttled(wait: Duration) -> Self {
        Self {
            retry_after: Some(wait),
            ..ErrorCode::TOO_MANY_REQUESTS.into()
        }
    }

    /// Something of ours failed: logs it, and says nothing of it to the client.
    pub fn internal(error: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(error = error as &dyn std::error::Error, "a request failed");
        ErrorCode::INTERNAL_ERROR.into()
    }

    /// The number.
    pub const fn code(&self) -> ErrorCode {
        self.code
    }

    /// The sentence.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl From<ErrorCode> for ApiError {
    fn from(code: ErrorCode) -> Self {
        Self::new(code, code.message)
    }
}

impl From<InvalidUser> for ApiError {
    fn from(error: InvalidUser) -> Self {
        let code = match error {
            InvalidUser::UserIdEmpty => ErrorCode::INVALID_VALUE,
            InvalidUser::UserIdTooLong => ErrorCode::USER_ID_TOO_LONG,
            InvalidUser::UserIdCharacter | InvalidUser::MetadataKey | InvalidUser::Nul => {
                ErrorCode::CHARACTER_NOT_ALLOWED
            }
            InvalidUser::NicknameTooLong | InvalidUser::ProfileUrlTooLong | InvalidUser::MetadataValueTooLong => {
                ErrorCode::VALUE_TOO_LONG
            }
            InvalidUser::TooManyMetadataItems => ErrorCode::TOO_MANY_ITEMS,
        };
        Self::new(code, sentence(&error.to_string()))
    }
}

/// What a rule says, as a sentence.
pub fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        format!("{}{}.", first.to_uppercase(), letters.as_str())
    })
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.code.http).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = Json(ErrorBody {
            error: true,
            code: self.code.code,
            message: self.message.clone(),
        });
        let mut response = (status, body).into_response();
        if let Some(wait) = self.retry_after {
            let seconds = wait.as_secs().saturating_add(1);
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        // For routers that write errors in another dialect.
        response.extensions_mut().insert(self);
        response
    }
}
