//! Names to addresses, of which only those that may be reached go on.

use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs as _};
use std::pin::Pin;
use std::sync::Arc;

use offhook_turn::policy::Judge;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::sync::Semaphore;

/// Why a host is not reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotReachable {
    /// The name has no address.
    #[error("the host is not known")]
    Unknown,
    /// It has none that is public.
    #[error("the host has no public address")]
    Private,
}

/// Addresses that are being looked for.
pub type Looking = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// Finds the addresses of a name.
pub trait Lookup: Send + Sync {
    /// Finds them.
    fn look_up(&self, name: String) -> Looking;
}

/// How many names are asked for at once. Each takes a thread of those that read the store, too, and a name server that is
/// silent keeps it much longer than the request waits.
const LOOKUPS: usize = 32;

/// Asks as the machine does.
pub struct System {
    places: Arc<Semaphore>,
    ask: fn(&str) -> io::Result<Vec<IpAddr>>,
}

impl Default for System {
    fn default() -> Self {
        Self::asking(ask)
    }
}

impl System {
    fn asking(ask: fn(&str) -> io::Result<Vec<IpAddr>>) -> Self {
        Self {
            places: Arc::new(Semaphore::new(LOOKUPS)),
            ask,
        }
    }
}

impl Lookup for System {
    fn look_up(&self, name: String) -> Looking {
        let (places, ask) = (Arc::clone(&self.places), self.ask);
        Box::pin(async move {
            // Who finds no place in the time for connecting has waited in vain.
            let place = places.acquire_owned().await.map_err(io::Error::other)?;
            let looking = tokio::task::spawn_blocking(move || {
                // Given back when the thread is, not when the request gives up.
                let _place = place;
                ask(&name)
            });
            looking.await.map_err(io::Error::other)?
        })
    }
}

fn ask(name: &str) -> io::Result<Vec<IpAddr>> {
    Ok((name, 0).to_socket_addrs()?.map(|address| address.ip()).collect())
}

/// Lets a connection go to public addresses only: those that were judged, since nobody asks again.
#[derive(Clone)]
pub struct CheckedNames {
    pub judge: Arc<Judge>,
    pub lookup: Arc<dyn Lookup>,
}

impl Resolve for CheckedNames {
    fn resolve(&self, name: Name) -> Resolving {
        let judge = Arc::clone(&self.judge);
        let looking = self.lookup.look_up(name.as_str().to_owned());
        Box::pin(async move {
            let mut found = looking.await.map_err(|_| NotReachable::Unknown)?;
            if found.is_empty() {
                return Err(NotReachable::Unknown.into());
            }
            found.retain(|address| judge.allows_address(*address));
            if found.is_empty() {
                return Err(NotReachable::Private.into());
            }
            // The client puts the port of the URL where none is.
            let addresses = found.into_iter().map(|address| SocketAddr::new(address, 0));
            Ok(Box::new(addresses) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests;
