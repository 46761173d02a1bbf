//! Reading the fields of a JSON body. Each kind of mistake has its own code, so a body is read field by field. A field
//! that is null counts as left out.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, Request};
use offhook_core::time::Timestamp;
use offhook_proto::error::ErrorCode;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::http::error::ApiError;
use crate::node::Node;

/// The fields of a body. An empty body has none.
#[derive(Debug, Default)]
pub struct Fields(Map<String, Value>);

impl FromRequest<Node> for Fields {
    type Rejection = ApiError;

    async fn from_request(request: Request, node: &Node) -> Result<Self, ApiError> {
        Self::read(&arrived(Bytes::from_request(request, node).await)?)
    }
}

impl Fields {
    /// Reads a body.
    ///
    /// # Errors
    /// If it is neither empty nor a JSON object.
    pub fn read(body: &[u8]) -> Result<Self, ApiError> {
        if body.is_empty() {
            return Ok(Self::default());
        }
        serde_json::from_slice(body)
            .map(Self)
            .map_err(|_| ErrorCode::INVALID_JSON.into())
    }

    /// The fields of a form.
    pub(super) const fn of_form(fields: Map<String, Value>) -> Self {
        Self(fields)
    }

    /// All fields as one value.
    ///
    /// # Errors
    /// Says which field has the wrong type.
    pub fn read_whole<T: DeserializeOwned>(self) -> Result<T, ApiError> {
        let fields = self.0.into_iter().filter(|(_, value)| !value.is_null()).collect();
        serde_json::from_value(Value::Object(fields)).map_err(|error| {
            let sentence = format!("The body is not as it must be: {error}.");
            ApiError::new(ErrorCode::INVALID_VALUE, sentence)
        })
    }

    /// A field of text.
    pub fn text(&self, name: &str) -> Result<Option<&str>, ApiError> {
        self.read_as(name, ErrorCode::UNEXPECTED_STRING, "text", Value::as_str)
    }

    /// True or false.
    pub fn boolean(&self, name: &str) -> Result<Option<bool>, ApiError> {
        self.read_as(name, ErrorCode::UNEXPECTED_BOOLEAN, "true or false", Value::as_bool)
    }

    /// A time in UTC milliseconds.
    pub fn time(&self, name: &str) -> Result<Option<Timestamp>, ApiError> {
        let number = |value: &Value| value.as_number().cloned();
        let Some(number) = self.read_as(name, ErrorCode::UNEXPECTED_NUMBER, "a number", number)? else {
            return Ok(None);
        };
        match number.as_u64() {
            Some(millis) => Ok(Some(Timestamp::from_millis(millis))),
            None if number.as_f64().is_some_and(|number| number < 0.0) => Err(ApiError::new(
                ErrorCode::NEGATIVE_NUMBER,
                format!("\"{name}\" must not be negative."),
            )),
            None => Err(ApiError::new(
                ErrorCode::INVALID_VALUE,
                format!("\"{name}\" must be a whole number of milliseconds."),
            )),
        }
    }

    /// A list of text.
    pub fn list_of_text(&self, name: &str) -> Result<Option<Vec<String>>, ApiError> {
        let list = self.read_as(name, ErrorCode::UNEXPECTED_LIST, "a list", Value::as_array)?;
        list.map(|list| {
            list.iter()
                .map(|item| item.as_str().map(str::to_owned))
                .collect::<Option<_>>()
                .ok_or_else(|| unexpected(name, ErrorCode::UNEXPECTED_STRING, "a list of text"))
        })
        .transpose()
    }

    /// An object whose values are text.
    pub fn object_of_text(&self, name: &str) -> Result<Option<BTreeMap<String, String>>, ApiError> {
        let object = self.read_as(name, ErrorCode::UNEXPECTED_OBJECT, "an object", Value::as_object)?;
        object
            .map(|object| {
                object
                    .iter()
                    .map(|(key, value)| value.as_str().map(|value| (key.clone(), value.to_owned())))
                    .collect::<Option<_>>()
                    .ok_or_else(|| unexpected(name, ErrorCode::UNEXPECTED_STRING, "an object of text"))
            })
            .transpose()
    }

    /// Whether the body names the field at all, be it with null.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    fn read_as<'a, T>(
        &'a self,
        name: &str,
        code: ErrorCode,
        expected: &str,
        read: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Result<Option<T>, ApiError> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => read(value).map(Some).ok_or_else(|| unexpected(name, code, expected)),
        }
    }
}

/// A body that arrived whole.
///
/// # Errors
/// If it is longer than any may be, or was cut off.
pub fn arrived(body: Result<Bytes, BytesRejection>) -> Result<Bytes, ApiError> {
    body.map_err(|_| ApiError::new(ErrorCode::VALUE_TOO_LONG, "The body is too long, or did not arrive."))
}

/// A field that must be there.
///
/// # Errors
/// If it is not.
pub fn required<T>(name: &str, value: Option<T>) -> Result<T, ApiError> {
    value.ok_or_else(|| ApiError::new(ErrorCode::MISSING_PARAMETER, format!("\"{name}\" is required.")))
}

fn unexpected(name: &str, code: ErrorCode, expected: &str) -> ApiError {
    ApiError::new(code, format!("\"{name}\" must be {expected}."))
}
