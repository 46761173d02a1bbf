//! What a provider's claims say of somebody, and what that lets them do here.

use offhook_core::administrator::{MAX_NAME_CHARACTERS, Role};
use serde_json::Value;

use crate::config::admin::OidcConfig;

/// Somebody as the provider knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The provider's name for them.
    pub subject: String,
    /// The address, if the provider has verified it.
    pub email: Option<String>,
    preferred_name: Option<String>,
    groups: Vec<String>,
}

/// Why somebody may not sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAllowed {
    /// The address is missing, not verified, or not on the list.
    #[error("this address may not sign in here")]
    Email,
    /// No group has a role.
    #[error("none of their groups has a role here")]
    Group,
}

impl Person {
    /// Reads verified claims.
    pub fn read(claims: &Value, group_claim: &str) -> Self {
        let text = |name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
        // Some write the truth as text.
        let is_verified = matches!(claims.get("email_verified"), Some(Value::Bool(true)))
            || claims.get("email_verified").and_then(Value::as_str) == Some("true");
        let groups = match claims.get(group_claim) {
            Some(Value::Array(groups)) => groups.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            Some(Value::String(group)) => vec![group.clone()],
            _ => Vec::new(),
        };
        Self {
            subject: text("sub").unwrap_or_default(),
            email: text("email").filter(|_| is_verified),
            preferred_name: text("preferred_username").or_else(|| text("name")),
            groups,
        }
    }

    /// A name to show, and to be found by in the log.
    pub fn name(&self) -> String {
        let known = self.email.as_ref().or(self.preferred_name.as_ref());
        let name = known.unwrap_or(&self.subject);
        let shown = name.trim().chars().filter(|letter| !letter.is_control());
        shown.take(MAX_NAME_CHARACTERS).collect()
    }

    /// What they may do, and whether that is by a group.
    ///
    /// # Errors
    /// If they may not sign in.
    pub fn role(&self, config: &OidcConfig) -> Result<(Role, bool), NotAllowed> {
        if !config.allowed_emails.is_empty() && !self.has_email_of(&config.allowed_emails) {
            return Err(NotAllowed::Email);
        }
        let is_in = |groups: &[String]| groups.iter().any(|group| self.groups.contains(group));
        let by_group = [
            (Role::Owner, &config.owner_groups),
            (Role::Operator, &config.operator_groups),
            (Role::Viewer, &config.viewer_groups),
        ];
        let found = by_group.into_iter().find(|(_, groups)| is_in(groups));
        match (found, config.default_role) {
            (Some((role, _)), _) => Ok((role, true)),
            (None, Some(role)) => Ok((role, false)),
            (None, None) => Err(NotAllowed::Group),
        }
    }

    fn has_email_of(&self, allowed: &[String]) -> bool {
        let Some(email) = self.email.as_ref().map(|email| email.to_ascii_lowercase()) else {
            return false;
        };
        allowed.iter().map(|one| one.to_ascii_lowercase()).any(|one| {
            if one.starts_with('@') {
                email
                    .rsplit_once('@')
                    .is_some_and(|(_, domain)| one.get(1..) == Some(domain))
            } else {
                email == one
            }
        })
    }
}

#[cfg(test)]
mod tests;
