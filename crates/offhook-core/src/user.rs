//! What a user may be called, and what an application may say about them.

use std::collections::BTreeMap;

/// The longest user id and nickname, in characters.
pub const MAX_NAME_CHARACTERS: usize = 80;
/// The longest profile URL, in characters.
pub const MAX_PROFILE_URL_CHARACTERS: usize = 2048;
/// The most metadata items of a user (Platform API, users).
pub const MAX_METADATA_ITEMS: usize = 5;
/// The longest metadata key, in characters.
pub const MAX_METADATA_KEY_CHARACTERS: usize = 128;
/// The longest metadata value, in characters.
pub const MAX_METADATA_VALUE_CHARACTERS: usize = 190;

/// Why something about a user was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidUser {
    /// The user id is empty.
    #[error("a user id is not empty")]
    UserIdEmpty,
    /// The user id is longer than [`MAX_NAME_CHARACTERS`].
    #[error("a user id is at most {MAX_NAME_CHARACTERS} characters long")]
    UserIdTooLong,
    /// The user id has a control character in it.
    #[error("a user id has no control characters")]
    UserIdCharacter,
    /// The nickname is longer than [`MAX_NAME_CHARACTERS`].
    #[error("a nickname is at most {MAX_NAME_CHARACTERS} characters long")]
    NicknameTooLong,
    /// The profile URL is longer than [`MAX_PROFILE_URL_CHARACTERS`].
    #[error("a profile URL is at most {MAX_PROFILE_URL_CHARACTERS} characters long")]
    ProfileUrlTooLong,
    /// There are more than [`MAX_METADATA_ITEMS`].
    #[error("a user has at most {MAX_METADATA_ITEMS} metadata items")]
    TooManyMetadataItems,
    /// A metadata key is empty, longer than [`MAX_METADATA_KEY_CHARACTERS`], or has a comma or a control character in it.
    #[error("a metadata key is 1 to {MAX_METADATA_KEY_CHARACTERS} characters without a comma")]
    MetadataKey,
    /// A metadata value is longer than [`MAX_METADATA_VALUE_CHARACTERS`].
    #[error("a metadata value is at most {MAX_METADATA_VALUE_CHARACTERS} characters long")]
    MetadataValueTooLong,
    /// There is a NUL in a nickname, a profile URL or a metadata value.
    #[error("text about a user has no NUL in it")]
    Nul,
}

/// Checks a user id: 1 to 80 characters, every one but control characters.
///
/// # Errors
/// Names the rule that does not hold.
pub fn check_user_id(user_id: &str) -> Result<(), InvalidUser> {
    if user_id.is_empty() {
        return Err(InvalidUser::UserIdEmpty);
    }
    if is_longer(user_id, MAX_NAME_CHARACTERS) {
        return Err(InvalidUser::UserIdTooLong);
    }
    if user_id.contains(char::is_control) {
        return Err(InvalidUser::UserIdCharacter);
    }
    Ok(())
}

/// Checks a nickname, which may be empty.
///
/// # Errors
/// Names the rule that does not hold.
pub fn check_nickname(nickname: &str) -> Result<(), InvalidUser> {
    if is_longer(nickname, MAX_NAME_CHARACTERS) {
        return Err(InvalidUser::NicknameTooLong);
    }
    without_nul(nickname)
}

/// Checks the length of a profile URL, which may be empty. It is shown, never fetched.
///
/// # Errors
/// Names the rule that does not hold.
pub fn check_profile_url(profile_url: &str) -> Result<(), InvalidUser> {
    if is_longer(profile_url, MAX_PROFILE_URL_CHARACTERS) {
        return Err(InvalidUser::ProfileUrlTooLong);
    }
    without_nul(profile_url)
}

/// Checks all the metadata of a user.
///
/// # Errors
/// Names the rule that does not hold.
pub fn check_metadata(metadata: &BTreeMap<String, String>) -> Result<(), InvalidUser> {
    if metadata.len() > MAX_METADATA_ITEMS {
        return Err(InvalidUser::TooManyMetadataItems);
    }
    metadata
        .iter()
        .try_for_each(|(key, value)| check_metadata_item(key, value))
}

/// Checks one metadata item.
///
/// # Errors
/// Names the rule that does not hold.
pub fn check_metadata_item(key: &str, value: &str) -> Result<(), InvalidUser> {
    let is_forbidden = |character: char| character == ',' || character.is_control();
    if key.is_empty() || is_longer(key, MAX_METADATA_KEY_CHARACTERS) || key.contains(is_forbidden) {
        return Err(InvalidUser::MetadataKey);
    }
    if is_longer(value, MAX_METADATA_VALUE_CHARACTERS) {
        return Err(InvalidUser::MetadataValueTooLong);
    }
    without_nul(value)
}

fn is_longer(text: &str, characters: usize) -> bool {
    text.chars().nth(characters).is_some()
}

fn without_nul(text: &str) -> Result<(), InvalidUser> {
    if text.contains('\0') {
        Err(InvalidUser::Nul)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
