//! `/profile_images/{image_id}`: pictures of users that were uploaded, for whoever was told where they are.

use axum::extract::{Path, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use offhook_proto::error::ErrorCode;

use crate::config::Config;
use crate::http::error::ApiError;
use crate::node::Node;

/// The most pixels on a side: more than any camera makes, and no surprise for who shows it.
const MAX_SIDE: usize = 16_384;
const PLACE: &str = "/profile_images/";

/// Shows a picture. Another one has another address.
pub async fn get(State(node): State<Node>, Path(id): Path<String>) -> Result<Response, ApiError> {
    let id = read(&id).ok_or(ErrorCode::INVALID_URL)?;
    let found = node.store().profile_image(id).await;
    let image = found.map_err(|error| ApiError::internal(&error))?;
    let image = image.ok_or(ErrorCode::INVALID_URL)?;
    let content_type = HeaderValue::from_str(&image.content_type).map_err(|error| ApiError::internal(&error))?;
    let mut response = image.bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, content_type);
    let fixed = [
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        // Somebody else made it: whatever a browser takes it for, it is not to act.
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
        // Pages of applications show it.
        (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    Ok(response)
}

/// The path of a picture.
pub fn path(id: [u8; 16]) -> String {
    format!("{PLACE}{:032x}", u128::from_be_bytes(id))
}

fn read(text: &str) -> Option<[u8; 16]> {
    let is_spelt = text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    is_spelt
        .then(|| u128::from_str_radix(text, 16).ok().map(u128::to_be_bytes))
        .flatten()
}

/// Where this server is for everybody: by its public host, and without one as the request calls it.
pub fn base_url(config: &Config, own_origin: String) -> String {
    match &config.public_host {
        Some(host) if host.contains(':') => format!("https://[{host}]"),
        Some(host) => format!("https://{host}"),
        None => own_origin,
    }
}

/// The media type of a picture, by its content; nothing where it is neither JPEG nor PNG, or too large to show.
pub fn media_type(bytes: &[u8]) -> Option<&'static str> {
    let media_type = match imagesize::image_type(bytes).ok()? {
        imagesize::ImageType::Jpeg => "image/jpeg",
        imagesize::ImageType::Png => "image/png",
        _ => return None,
    };
    let size = imagesize::blob_size(bytes).ok()?;
    let sides = 1..=MAX_SIDE;
    (sides.contains(&size.width) && sides.contains(&size.height)).then_some(media_type)
}

#[cfg(test)]
mod tests;
