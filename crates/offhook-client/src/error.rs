//! What can go wrong, with the numbers that every SDK of ours gives.

use thiserror::Error as ThisError;

/// Why a verb did not succeed.
#[derive(Debug, Clone, PartialEq, Eq, ThisError)]
pub enum Error {
    /// The callee is the user who dials.
    #[error("a user cannot dial themselves")]
    DialMyself,
    /// The HTTP request failed before a server answered it.
    #[error("the request failed: {0}")]
    Http(String),
    /// There is no socket: `connect` was not called, or it has not come back in time.
    #[error("the socket is not connected")]
    SocketNotConnected,
    /// The socket could not be opened.
    #[error("the socket could not be opened: {0}")]
    SocketConnectionFailed(String),
    /// The server did not answer within [`crate::machine::REQUEST_TIMEOUT`].
    #[error("the server did not answer in time")]
    NoResponse,
    /// The socket was lost after the request went out, and has not come back in time.
    #[error("the socket was lost while the request was under way")]
    SocketLost,
    /// The client was closed, or has more under way than it can hold.
    #[error("{0}")]
    Internal(&'static str),
    /// The server's answer makes no sense.
    #[error("the server's answer could not be read: {0}")]
    MalformedData(String),
    /// A parameter is empty or too large.
    #[error("{0} is not valid")]
    InvalidParameter(&'static str),
    /// Nobody is signed in.
    #[error("nobody is signed in: authenticate first")]
    NotAuthenticated,
    /// The server refused.
    #[error("{message} ({code})")]
    Server {
        /// From the table in [`offhook_proto::error`].
        code: u32,
        /// What happened and what to do.
        message: String,
    },
}

impl Error {
    /// The number: the server's own where it refused, else one of 1800101 to 1800303.
    pub const fn code(&self) -> u32 {
        match self {
            Self::DialMyself => 1_800_101,
            Self::Http(_) => 1_800_200,
            Self::SocketNotConnected => 1_800_201,
            Self::SocketConnectionFailed(_) => 1_800_202,
            Self::NoResponse => 1_800_203,
            Self::SocketLost => 1_800_204,
            Self::Internal(_) => 1_800_207,
            Self::MalformedData(_) => 1_800_208,
            Self::InvalidParameter(_) => 1_800_300,
            Self::NotAuthenticated => 1_800_303,
            Self::Server { code, .. } => *code,
        }
    }
}
