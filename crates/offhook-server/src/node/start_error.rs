//! What can be wrong with a start.

use std::io;
use std::net::SocketAddr;

use offhook_store::CallError;

use crate::admin::oidc::ClientSecretError;
use crate::config::Config;
use crate::outbound::OutboundConfigError;
use crate::push::PushKeyError;
use crate::push::web::OpenVapidError;
use crate::relay::RelayError;
use crate::tls::TlsError;

/// Why a node did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data folder cannot be used.
    #[error("the data folder {path} cannot be used")]
    DataFolder {
        /// Which.
        path: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Another process serves from the data folder.
    #[error("another offhook serves from {path} already")]
    InUse {
        /// Which.
        path: String,
    },
    /// The store cannot be opened.
    #[error("the store cannot be opened")]
    Store(#[source] offhook_store::OpenError),
    /// The store failed.
    #[error("the store failed while the node started")]
    StoreFailed(#[from] offhook_store::StoreError),
    /// A live call could not be taken over.
    #[error("the live calls could not be taken over")]
    Calls(#[from] CallError),
    /// TLS cannot be served.
    #[error("TLS cannot be served")]
    Tls(#[from] TlsError),
    /// The address cannot be listened on.
    #[error("cannot listen on {address} (`{setting}`)")]
    Listen {
        /// What names it.
        setting: &'static str,
        /// Which.
        address: SocketAddr,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Requests cannot be sent out.
    #[error("the client for outgoing requests cannot be made")]
    Outbound(#[from] OutboundConfigError),
    /// The identity provider cannot be used.
    #[error("signing in to the dashboard cannot be set up")]
    Oidc(#[from] ClientSecretError),
    /// A key of a push service cannot be used.
    #[error("push cannot be set up")]
    PushKey(#[from] PushKeyError),
    /// The server's own key of Web Push cannot be used.
    #[error("Web Push cannot be set up")]
    Vapid(#[from] OpenVapidError),
    /// The relay did not start.
    #[error("the relay did not start")]
    Relay(#[source] RelayError),
}

impl StartError {
    /// Whether an address is taken by another program: another port may do.
    pub fn is_address_in_use(&self) -> bool {
        let (Self::Listen { source, .. }
        | Self::Tls(TlsError::Listen { source, .. })
        | Self::Relay(RelayError::Listen { source, .. })) = self
        else {
            return false;
        };
        source.kind() == io::ErrorKind::AddrInUse
    }
}

/// Why the data folder of `config` cannot be used.
pub fn in_folder(config: &Config) -> impl Fn(io::Error) -> StartError {
    let path = config.data_dir.display().to_string();
    move |source| StartError::DataFolder {
        path: path.clone(),
        source,
    }
}
