//! Reading the parameters of an address.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use offhook_proto::error::ErrorCode;
use percent_encoding::percent_decode_str;

use crate::http::error::ApiError;
use crate::http::fields::required;
use crate::node::Node;

/// How many entries a page of a list has unless asked for.
const DEFAULT_LIMIT: u32 = 10;
/// How many entries a page of a list has at most.
const MAX_LIMIT: u32 = 100;

/// The parameters of an address, undecoded, since a list's commas stand outside its items' encoding. Of a name that is
/// there twice the first counts; an empty value counts as left out.
#[derive(Debug, Default)]
pub struct Query(Vec<(String, String)>);

impl FromRequestParts<Node> for Query {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _node: &Node) -> Result<Self, Infallible> {
        Ok(Self::read(parts.uri.query().unwrap_or_default()))
    }
}

impl Query {
    /// Reads what stands behind the question mark.
    pub fn read(query: &str) -> Self {
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        Self(
            pairs
                .filter(|(_, value)| !value.is_empty())
                .filter_map(|(name, value)| Some((decode(name)?, value.to_owned())))
                .collect(),
        )
    }

    /// A parameter of text.
    ///
    /// # Errors
    /// If it is not UTF-8, percent-encoded.
    pub fn text(&self, name: &str) -> Result<Option<String>, ApiError> {
        self.raw(name)
            .map(|value| decode(value).ok_or_else(|| invalid(name, "percent-encoded UTF-8")))
            .transpose()
    }

    /// A whole number.
    ///
    /// # Errors
    /// If it is none.
    pub fn number(&self, name: &str) -> Result<Option<i64>, ApiError> {
        let number = |text: String| {
            text.parse()
                .map_err(|_| ApiError::new(ErrorCode::UNEXPECTED_NUMBER, format!("\"{name}\" must be a number.")))
        };
        self.text(name)?.map(number).transpose()
    }

    /// How many entries a page is to have.
    ///
    /// # Errors
    /// If it is not 1 to 100.
    pub fn limit(&self) -> Result<u32, ApiError> {
        let Some(limit) = self.number("limit")? else {
            return Ok(DEFAULT_LIMIT);
        };
        let in_range = u32::try_from(limit)
            .ok()
            .filter(|limit| (1..=MAX_LIMIT).contains(limit));
        in_range.ok_or_else(|| {
            let sentence = format!("\"limit\" is 1 to {MAX_LIMIT}, not {limit}.");
            ApiError::new(ErrorCode::OUT_OF_RANGE, sentence)
        })
    }

    /// True or false.
    ///
    /// # Errors
    /// If it is neither.
    pub fn boolean(&self, name: &str) -> Result<Option<bool>, ApiError> {
        let boolean = |text: String| match text.to_ascii_lowercase().as_str() {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(ApiError::new(
                ErrorCode::UNEXPECTED_BOOLEAN,
                format!("\"{name}\" must be true or false."),
            )),
        };
        self.text(name)?.map(boolean).transpose()
    }

    /// A list with commas between its items. Where a client encoded the commas too, they part the items all the same.
    ///
    /// # Errors
    /// If there are more than `most` items, or one is not percent-encoded UTF-8.
    pub fn list(&self, name: &str, most: usize) -> Result<Option<Vec<String>>, ApiError> {
        let Some(raw) = self.raw(name) else {
            return Ok(None);
        };
        let decoded = raw.split(',').map(decode).collect::<Option<Vec<_>>>();
        let mut items = decoded.ok_or_else(|| invalid(name, "percent-encoded UTF-8"))?;
        if let [whole] = items.as_slice()
            && whole.contains(',')
        {
            // It may be one item with a comma in it, or several: look for all.
            let parts: Vec<_> = whole.split(',').map(str::to_owned).collect();
            items.extend(parts);
        }
        if items.len() > most {
            return Err(ApiError::new(
                ErrorCode::TOO_MANY_ITEMS,
                format!("\"{name}\" has at most {most} items."),
            ));
        }
        Ok(Some(items))
    }

    /// A parameter that must be there.
    ///
    /// # Errors
    /// If it is not.
    pub fn required_list(&self, name: &str, most: usize) -> Result<Vec<String>, ApiError> {
        required(name, self.list(name, most)?)
    }

    fn raw(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}

fn decode(text: &str) -> Option<String> {
    let spaced = text.replace('+', " ");
    percent_decode_str(&spaced)
        .decode_utf8()
        .ok()
        .map(|text| text.into_owned())
}

fn invalid(name: &str, expected: &str) -> ApiError {
    ApiError::new(ErrorCode::INVALID_VALUE, format!("\"{name}\" must be {expected}."))
}
