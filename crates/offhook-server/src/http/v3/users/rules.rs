//! What a user may be called, with the code of each mistake.

use std::collections::BTreeMap;

use offhook_core::user::{self, InvalidUser, MAX_METADATA_KEY_CHARACTERS};
use offhook_proto::error::ErrorCode;

use crate::http::error::ApiError;

/// The most discovery keys of a user: enough for every address book entry that may lead to somebody.
pub const MAX_DISCOVERY_KEYS: usize = 100;
/// The most preferred languages of a user (Platform API).
pub const MAX_PREFERRED_LANGUAGES: usize = 4;
/// The longest discovery key and language, in characters.
const MAX_ITEM_CHARACTERS: usize = 128;

/// Checks a user id.
///
/// # Errors
/// Names the rule that does not hold.
pub fn check_user_id(user_id: &str) -> Result<(), ApiError> {
    user::check_user_id(user_id).map_err(ApiError::from)
}

/// Checks a nickname.
///
/// # Errors
/// Names the rule that does not hold.
pub fn check_nickname(nickname: &str) -> Result<(), ApiError> {
    user::check_nickname(nickname).map_err(ApiError::from)
}

/// Checks a profile URL.
///
/// # Errors
/// Names the rule that does not hold.
pub fn check_profile_url(profile_url: &str) -> Result<(), ApiError> {
    user::check_profile_url(profile_url).map_err(ApiError::from)
}

/// Checks metadata.
///
/// # Errors
/// Names the rule that does not hold.
pub fn check_metadata(metadata: &BTreeMap<String, String>) -> Result<(), ApiError> {
    if metadata
        .keys()
        .any(|key| key.chars().count() > MAX_METADATA_KEY_CHARACTERS)
    {
        return Err(ApiError::new(
            ErrorCode::VALUE_TOO_LONG,
            ApiError::from(InvalidUser::MetadataKey).message(),
        ));
    }
    user::check_metadata(metadata).map_err(ApiError::from)
}

/// Checks a list that is only kept for the application.
///
/// # Errors
/// Names the rule that does not hold.
pub fn check_list(name: &str, list: &[String], most: usize) -> Result<(), ApiError> {
    if list.len() > most {
        return Err(ApiError::new(
            ErrorCode::TOO_MANY_ITEMS,
            format!("\"{name}\" has at most {most} items."),
        ));
    }
    if list.iter().any(|item| item.chars().count() > MAX_ITEM_CHARACTERS) {
        let message = format!("An item of \"{name}\" is at most {MAX_ITEM_CHARACTERS} characters long.");
        return Err(ApiError::new(ErrorCode::VALUE_TOO_LONG, message));
    }
    if list.iter().any(|item| item.contains('\0')) {
        return Err(InvalidUser::Nul.into());
    }
    Ok(())
}
