//! Asks an application's own server whether a call may ring, where the application is set up so.

use offhook_core::id::AppKey;
use offhook_store::Sealed;

use crate::outbound::named::{self, InvalidAddress};
use crate::outbound::{Outbound, Url};
use crate::secret::{NotOpened, ServerKey};

/// Judges the address of an application's dial hook and seals it.
///
/// # Errors
/// Says what cannot be.
pub fn seal(outbound: &Outbound, key: &ServerKey, app: AppKey, url: &str) -> Result<Sealed, InvalidAddress> {
    let url = named::judge(outbound, url)?;
    Ok(named::seal(key, &purpose(app), &url))
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
    format!("dial hook of {}", app.0)
}

#[cfg(test)]
mod tests;
