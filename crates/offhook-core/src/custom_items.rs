//! Custom items: what an application attaches to a call, and how it changes them.

use std::collections::{BTreeMap, BTreeSet};

/// Text an application attaches to a call: at most [`MAX_ITEMS`], ordered by key.
pub type CustomItems = BTreeMap<String, String>;

/// The most items a call carries (Calls Platform API, direct call resource).
pub const MAX_ITEMS: usize = 10;
/// The longest key and the longest value, in characters.
pub const MAX_CHARACTERS: usize = 128;

/// Why custom items were refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
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

/// How an application changes the custom items of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ItemsChange {
    /// Sets these; the others stay.
    Set(CustomItems),
    /// Takes these keys away. One that is not there is no error.
    Remove(Vec<String>),
    /// Takes all away.
    Clear,
}

impl ItemsChange {
    /// Carries the change out on `items`, and says which keys it affected, in order: those whose value is another after
    /// it, or that are gone.
    ///
    /// # Errors
    /// Names the bound that would not hold after it; then `items` are as they were.
    pub(crate) fn carry_out(self, items: &mut CustomItems) -> Result<Vec<String>, InvalidCustomItems> {
        let mut changed = items.clone();
        match self {
            Self::Set(new) => {
                changed.extend(new);
                check(&changed)?;
            }
            Self::Remove(keys) => changed.retain(|key, _| !keys.contains(key)),
            Self::Clear => changed.clear(),
        }
        let affected: BTreeSet<&String> = items
            .keys()
            .chain(changed.keys())
            .filter(|key| items.get(*key) != changed.get(*key))
            .collect();
        let affected = affected.into_iter().cloned().collect();
        *items = changed;
        Ok(affected)
    }
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

#[cfg(test)]
mod tests;
