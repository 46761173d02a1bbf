//! Addresses that somebody names for requests to be sent to, judged when they are named. What a name leads to, each request
//! judges anew.

use offhook_proto::error::ErrorCode;
use offhook_store::Sealed;

use super::{NotReachable, Outbound, OutboundError, Url};
use crate::http::error::ApiError;
use crate::secret::{NotOpened, ServerKey};

/// The longest address, in bytes: what servers take.
pub const MAX_URL_BYTES: usize = 2048;

/// Why an address is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAddress {
    /// Not an address.
    #[error("the url is not an https address")]
    NotHttps,
    /// An address with a name or a password in it.
    #[error("the url has a name or a password in it")]
    Credentials,
    /// An address that is too long.
    #[error("the url is longer than 2048 bytes")]
    TooLong,
    /// An address inside, which the operator has not allowed.
    #[error("the url leads to an address that is not public, and this server does not allow it")]
    Private,
}

impl InvalidAddress {
    /// The number that a client is told.
    pub const fn code(self) -> ErrorCode {
        match self {
            Self::NotHttps | Self::Credentials | Self::Private => ErrorCode::INVALID_VALUE,
            Self::TooLong => ErrorCode::VALUE_TOO_LONG,
        }
    }
}

impl From<InvalidAddress> for ApiError {
    fn from(invalid: InvalidAddress) -> Self {
        Self::new(invalid.code(), invalid.to_string())
    }
}

/// Reads an address that requests may be sent to; without its fragment, which is sent to nobody.
///
/// # Errors
/// Says what cannot be.
pub fn judge(outbound: &Outbound, text: &str) -> Result<Url, InvalidAddress> {
    if text.len() > MAX_URL_BYTES {
        return Err(InvalidAddress::TooLong);
    }
    let mut url: Url = text.parse().map_err(|_| InvalidAddress::NotHttps)?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(InvalidAddress::Credentials);
    }
    match outbound.check(&url) {
        Ok(()) => {}
        Err(OutboundError::NotReachable(NotReachable::Private)) => return Err(InvalidAddress::Private),
        Err(_) => return Err(InvalidAddress::NotHttps),
    }
    url.set_fragment(None);
    Ok(url)
}

/// Seals an address: it opens for its purpose only.
pub fn seal(key: &ServerKey, purpose: &str, url: &Url) -> Sealed {
    Sealed::from_bytes(key.seal(purpose, url.as_str().as_bytes()))
}

/// Opens what [`seal`] sealed.
///
/// # Errors
/// If it was sealed for another purpose or by another server.
pub fn open(key: &ServerKey, purpose: &str, sealed: &Sealed) -> Result<Url, NotOpened> {
    let plain = key.open(purpose, sealed.as_bytes())?;
    let text = String::from_utf8(plain).map_err(|_| NotOpened)?;
    text.parse().map_err(|_| NotOpened)
}
