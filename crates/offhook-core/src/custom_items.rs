//! Custom items: what an application attaches to a call.

use std::collections::BTreeMap;

/// Text an application attaches to a call: at most [`MAX_ITEMS`], ordered by key.
pub type CustomItems = BTreeMap<String, String>;

/// The most items a call carries (Calls Platform API, direct call resource).
pub const MAX_ITEMS: usize = 10;
/// The longest key and the longest value, in characters.
pub const MAX_CHARACTERS: usize = 128;

/// Why custom items were refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCustomItems {
    /// More than [`MAX_ITEMS`].
    #[error("a call carries at most {MAX_ITEMS} custom items, not {0}")]
    TooMany(usize),
    /// A key is empty, longer than [`MAX_CHARACTERS`], or has a comma or NUL in it.
    #[error("a custom item's key is 1 to {MAX_CHARACTERS} characters without a comma")]
    Key,
    /// A value is longer than [`MAX_CHARACTERS`].
    #[error("a custom item's value is at most {MAX_CHARACTERS} characters")]
    Value,
}

/// Checks the bounds.
///
/// # Errors
/// Names the first bound that does not hold.
pub fn check(items: &CustomItems) -> Result<(), InvalidCustomItems> {
    if items.len() > MAX_ITEMS {
        return Err(InvalidCustomItems::TooMany(items.len()));
    }
    for (key, value) in items {
        if key.is_empty() || key.chars().count() > MAX_CHARACTERS || key.contains([',', '\0']) {
            return Err(InvalidCustomItems::Key);
        }
        if value.chars().count() > MAX_CHARACTERS {
            return Err(InvalidCustomItems::Value);
        }
    }
    Ok(())
}
