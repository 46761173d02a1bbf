//! The port that speaks TLS.

use std::net::SocketAddr;

use axum::Router;
use ipnet::IpNet;
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::{Keeper, Tls, TlsError};
use crate::config::Config;
use crate::http;
use crate::relay::RelayHandle;

/// A port that is bound and not yet served.
#[derive(Debug)]
pub struct TlsPort {
    listener: TcpListener,
    tls: Tls,
    keeper: Keeper,
    address: SocketAddr,
    trusted_proxies: Vec<IpNet>,
}

impl TlsPort {
    /// Reads the certificate and binds the port, as configured; nothing where TLS is off.
    ///
    /// # Errors
    /// If the certificate cannot be used or the address cannot be listened on.
    pub async fn bind(config: &Config) -> Result<Option<Self>, TlsError> {
        let (Some((tls, keeper)), Some(address)) = (Tls::open(&config.tls, &config.data_dir)?, config.tls.address())
        else {
            return Ok(None);
        };
        let failed = |source| TlsError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Some(Self {
            listener,
            tls,
            keeper,
            address,
            trusted_proxies: config.trusted_proxies.clone(),
        }))
    }

    /// Where it is, with its real port.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves HTTP by `router` and TURN by `relay`, and keeps the certificate fresh, until the program stops. A program
    /// that only relays passes a router without routes, which answers everything by 404.
    pub async fn serve(self, router: Router, relay: Option<RelayHandle>, stopping: watch::Receiver<bool>) {
        let kept = self.keeper.run(stopping.clone());
        let served = http::serve_tls(self.listener, self.tls, router, relay, self.trusted_proxies, stopping);
        futures_util::future::join(served, kept).await;
    }
}
