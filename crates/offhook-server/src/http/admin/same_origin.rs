//! Whether a request that changes something comes from the dashboard itself, and not from another site's page whose visitor
//! happens to be signed in. The cookie is not sent there anyway (`SameSite=Strict`); this holds where a browser errs, and
//! against other programs on the same host name, which are the same site to a browser.

use axum::http::{HeaderMap, Uri, header};

/// Judges a request that changes something.
pub fn is_own(headers: &HeaderMap) -> bool {
    let said = said(headers);
    said != Some(false)
        && match content_type(headers).as_deref() {
            // A page of another origin cannot send it without a preflight, which answers no.
            Some("application/json") => true,
            // A form of any page can send it, so here the browser must have said where it comes from.
            Some("multipart/form-data") => said == Some(true),
            _ => false,
        }
}

/// What the browser says of where the request comes from, if it says anything.
fn said(headers: &HeaderMap) -> Option<bool> {
    if let Some(site) = headers.get("sec-fetch-site") {
        return Some(site == "same-origin");
    }
    let origin = headers.get(header::ORIGIN)?.to_str().ok();
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let authority = origin.and_then(|origin| origin.parse::<Uri>().ok()?.authority().map(ToString::to_string));
    Some(authority.is_some() && authority.as_deref() == host)
}

fn content_type(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let kind = text.split(';').next().unwrap_or_default();
    Some(kind.trim().to_ascii_lowercase())
}

#[cfg(test)]
mod tests;
