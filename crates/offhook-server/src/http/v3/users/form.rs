//! What makes or changes a user: a JSON object, or a form, with which a picture may be uploaded.

use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{DefaultBodyLimit, FromRequest, FromRequestParts as _, Multipart, Request};
use axum::http::{HeaderMap, header};
use offhook_proto::error::ErrorCode;
use offhook_store::ProfileImage;
use serde_json::{Map, Value};
use tokio::sync::Semaphore;

use super::profile_image;
use crate::http::error::ApiError;
use crate::http::fields::Fields;
use crate::http::own_origin::OwnOrigin;
use crate::node::Node;
use crate::secret;

/// The largest picture: 5 MB (Platform API).
const MAX_PICTURE_BYTES: usize = 5 * 1024 * 1024;
/// What a form may have beside the picture.
const MAX_TEXT_BYTES: usize = 256 * 1024;
/// The most parts of a form: several of one name make a list.
const MAX_PARTS: usize = 256;
/// How many forms are read at once, since each may be as large as a picture; others wait, within the time of a request.
static PLACES: Semaphore = Semaphore::const_new(64);
const PICTURE: &str = "profile_file";
/// Whatever stands in these is text, `true` and `12` too.
const TEXTS: [&str; 3] = ["user_id", "nickname", "profile_url"];
const LISTS: [&str; 2] = ["discovery_keys", "preferred_languages"];

/// The fields of a request, and a picture, if there is one.
#[derive(Debug)]
pub struct UserForm {
    /// Everything but the picture.
    pub fields: Fields,
    /// What is to be the user's picture.
    pub picture: Option<Picture>,
}

/// A picture that is to be stored.
#[derive(Debug)]
pub struct Picture {
    /// Where it will be.
    pub url: String,
    /// The picture.
    pub image: ProfileImage,
}

impl FromRequest<Node> for UserForm {
    type Rejection = ApiError;

    async fn from_request(request: Request, node: &Node) -> Result<Self, ApiError> {
        if !is_form(request.headers()) {
            let fields = Fields::from_request(request, node).await?;
            return Ok(Self { fields, picture: None });
        }
        let _place = PLACES.acquire().await.map_err(|error| ApiError::internal(&error))?;
        let (mut parts, body) = request.into_parts();
        let OwnOrigin(origin) = OwnOrigin::from_request_parts(&mut parts, node).await?;
        let base = profile_image::base_url(node.config(), origin);
        let mut request = Request::from_parts(parts, body);
        DefaultBodyLimit::max(MAX_PICTURE_BYTES + MAX_TEXT_BYTES).apply(&mut request);
        let form = Multipart::from_request(request, node).await;
        let mut form = form.map_err(|rejection| unreadable(&rejection.body_text()))?;
        let mut texts = Texts::default();
        let mut file = None;
        let mut next = form.next_field().await.map_err(|error| broken(&error))?;
        if next.is_none() {
            return Err(unreadable("it has no part, or another boundary than its type says"));
        }
        while let Some(part) = next {
            let name = part.name().unwrap_or_default().to_owned();
            if name != PICTURE {
                texts.take(name, part).await?;
            } else if let Some(bytes) = read_file(part).await?
                && file.replace(bytes).is_some()
            {
                return Err(invalid("There is more than one \"profile_file\"."));
            }
            next = form.next_field().await.map_err(|error| broken(&error))?;
        }
        let picture = file.map(|bytes| Picture::of(&base, bytes)).transpose()?;
        Ok(Self {
            fields: Fields::of_form(texts.values),
            picture,
        })
    }
}

impl Picture {
    fn of(base: &str, bytes: Vec<u8>) -> Result<Self, ApiError> {
        let content_type = profile_image::media_type(&bytes)
            .ok_or_else(|| invalid("\"profile_file\" must be a JPEG or PNG of at most 16384 pixels on a side."))?;
        let id = secret::random();
        Ok(Self {
            url: format!("{base}{}", profile_image::path(id)),
            image: ProfileImage {
                id,
                content_type: content_type.to_owned(),
                bytes,
            },
        })
    }
}

/// The parts that are no file.
#[derive(Default)]
struct Texts {
    values: Map<String, Value>,
    parts: usize,
    bytes: usize,
}

impl Texts {
    async fn take(&mut self, name: String, part: Field<'_>) -> Result<(), ApiError> {
        let text = part.bytes().await.map_err(|error| broken(&error))?;
        self.parts += 1;
        self.bytes += name.len() + text.len();
        if self.parts > MAX_PARTS || self.bytes > MAX_TEXT_BYTES {
            return Err(ErrorCode::VALUE_TOO_LONG.into());
        }
        let text = std::str::from_utf8(&text).map_err(|_| invalid("The form is not UTF-8."))?;
        let value = value_of(&name, text);
        match (self.values.get_mut(&name), value) {
            (Some(Value::Array(before)), Value::Array(more)) => before.extend(more),
            (Some(_), _) => return Err(invalid(&format!("There is more than one {name:?}."))),
            (None, value) => _ = self.values.insert(name, value),
        }
        Ok(())
    }
}

/// What a part says: the JSON that it would be in an object, and text where it is none.
fn value_of(name: &str, text: &str) -> Value {
    let text_itself = || Value::String(text.to_owned());
    if TEXTS.contains(&name) {
        return text_itself();
    }
    let value = serde_json::from_str(text).unwrap_or_else(|_| text_itself());
    if LISTS.contains(&name) && !value.is_array() {
        return Value::Array(vec![text_itself()]);
    }
    value
}

/// The file of a part; none where a page's form had none chosen.
async fn read_file(mut part: Field<'_>) -> Result<Option<Vec<u8>>, ApiError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = part.chunk().await.map_err(|error| broken(&error))? {
        if bytes.len() + chunk.len() > MAX_PICTURE_BYTES {
            return Err(too_large());
        }
        bytes.extend_from_slice(&chunk);
    }
    let is_none_chosen = bytes.is_empty() && part.file_name().unwrap_or_default().is_empty();
    Ok((!is_none_chosen).then_some(bytes))
}

fn is_form(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    content_type.is_some_and(|value| value.trim_start().to_ascii_lowercase().starts_with("multipart/"))
}

/// A form that cannot be read on.
fn broken(error: &MultipartError) -> ApiError {
    if error.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE {
        return too_large();
    }
    unreadable(&error.body_text())
}

fn unreadable(why: &str) -> ApiError {
    ApiError::new(
        ErrorCode::INVALID_JSON,
        format!("The form cannot be read: {}.", why.trim_end_matches('.')),
    )
}

fn too_large() -> ApiError {
    ApiError::new(
        ErrorCode::VALUE_TOO_LONG,
        "\"profile_file\" must not be larger than 5 MB.",
    )
}

fn invalid(sentence: &str) -> ApiError {
    ApiError::new(ErrorCode::INVALID_VALUE, sentence)
}

#[cfg(test)]
mod tests;
