//! What a user may be called.

/// The longest user id and nickname, in characters.
pub const MAX_NAME_CHARACTERS: usize = 80;
/// The longest profile URL, in characters.
pub const MAX_PROFILE_URL_CHARACTERS: usize = 2048;
