//! Where an application is told of all its calls: an address that whoever holds its API token names, and that needs to be on no
//! list.

use offhook_core::id::AppKey;
use offhook_store::Sealed;

use crate::outbound::named::{self, InvalidAddress};
use crate::outbound::{Outbound, Url, authority};
use crate::secret::{NotOpened, ServerKey};

/// Judges an address and seals it for an application; gives the host with its port, too.
///
/// # Errors
/// Says what cannot be.
pub fn seal(outbound: &Outbound, key: &ServerKey, app: AppKey, url: &str) -> Result<(String, Sealed), InvalidAddress> {
    let url = named::judge(outbound, url)?;
    let host = authority(&url).ok_or(InvalidAddress::NotHttps)?;
    Ok((host, named::seal(key, &purpose(app), &url)))
}

/// Opens what [`seal`] sealed.
///
/// # Errors
/// If it was sealed for another application or by another server.
pub fn open(key: &ServerKey, app: AppKey, sealed: &Sealed) -> Result<Url, NotOpened> {
    named::open(key, &purpose(app), sealed)
}

/// A row that is moved to another application does not open.
fn purpose(app: AppKey) -> String {
    format!("webhook of {}", app.0)
}
