//! The section of the dashboard, `[admin]`, and of its identity provider, `[admin.oidc]`.

use std::path::PathBuf;

use offhook_core::administrator::Role;
use serde::{Deserialize, Serialize};

use super::ConfigError;

/// What `[admin]` holds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AdminConfig {
    /// Where the dashboard is: `public`, at `listen` and over HTTPS; `admin`, at `admin_listen` only, beside all else that
    /// is served in public; `off`, nowhere. Default `public`.
    pub dashboard: DashboardPlace,
    /// For how many days the log of administrators is kept, 0 to 3650; 0 is for ever. Default 0.
    pub audit_retention_days: u32,
    /// Signing in by an identity provider.
    pub oidc: OidcConfig,
}

/// Where the dashboard is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DashboardPlace {
    /// Where the SDK is.
    #[default]
    Public,
    /// Where the metrics are.
    Admin,
    /// Nowhere.
    Off,
}

/// What `[admin.oidc]` holds: OpenID Connect.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OidcConfig {
    /// Who vouches for administrators, such as `https://accounts.example.org`. Default none: passwords only.
    pub issuer: Option<String>,
    /// What the provider calls this server. Required with `issuer`.
    pub client_id: Option<String>,
    /// A file whose first line is the client's secret. Default none: a public client.
    pub client_secret_file: Option<PathBuf>,
    /// What the button says. Default `Single sign-on`.
    pub name: String,
    /// Where the provider sends browsers back to. Default `/admin/v1/oidc/callback` at the address they came by.
    pub redirect_url: Option<String>,
    /// Scopes to ask for beside `openid`. Default `["email", "profile"]`.
    pub scopes: Vec<String>,
    /// Whose verified addresses may sign in: `anna@example.org`, or `@example.org` for all of a domain. Default none:
    /// whoever has a role.
    pub allowed_emails: Vec<String>,
    /// The claim that holds somebody's groups. Default `groups`.
    pub group_claim: String,
    /// Groups whose members are owners. Default none.
    pub owner_groups: Vec<String>,
    /// Groups whose members are operators. Default none.
    pub operator_groups: Vec<String>,
    /// Groups whose members are viewers. Default none.
    pub viewer_groups: Vec<String>,
    /// The role of whoever is in none of these groups: `viewer`, `operator` or `owner`. Default none: they are refused.
    pub default_role: Option<Role>,
}

impl Default for OidcConfig {
    fn default() -> Self {
        Self {
            issuer: None,
            client_id: None,
            client_secret_file: None,
            name: "Single sign-on".to_owned(),
            redirect_url: None,
            scopes: ["email", "profile"].map(str::to_owned).to_vec(),
            allowed_emails: Vec::new(),
            group_claim: "groups".to_owned(),
            owner_groups: Vec::new(),
            operator_groups: Vec::new(),
            viewer_groups: Vec::new(),
            default_role: None,
        }
    }
}

impl AdminConfig {
    /// The keys that hold lists, for the environment's sake.
    pub(super) const LISTS: [&str; 5] = [
        "admin.oidc.scopes",
        "admin.oidc.allowed_emails",
        "admin.oidc.owner_groups",
        "admin.oidc.operator_groups",
        "admin.oidc.viewer_groups",
    ];

    /// Checks what the types do not.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let wrong = |key, value: String, allowed| Err(ConfigError::OutOfRange { key, value, allowed });
        if self.audit_retention_days > 3650 {
            let days = self.audit_retention_days.to_string();
            return wrong("admin.audit_retention_days", days, "0 to 3650");
        }
        let oidc = &self.oidc;
        let is_address = |text: &str| text.starts_with("https://") || text.starts_with("http://");
        let Some(issuer) = &oidc.issuer else {
            return Ok(());
        };
        if !is_address(issuer) || issuer.contains(['?', '#']) {
            let allowed = "the address of an issuer, such as https://accounts.example.org";
            return wrong("admin.oidc.issuer", format!("{issuer:?}"), allowed);
        }
        if oidc.client_id.as_deref().unwrap_or_default().is_empty() {
            return wrong("admin.oidc.client_id", "not set".to_owned(), "set where an issuer is");
        }
        if let Some(url) = oidc.redirect_url.as_deref().filter(|url| !is_address(url)) {
            return wrong("admin.oidc.redirect_url", format!("{url:?}"), "an address");
        }
        let lists = [&oidc.owner_groups, &oidc.operator_groups, &oidc.viewer_groups];
        if oidc.default_role.is_none() && lists.iter().all(|list| list.is_empty()) {
            let allowed = "a role, unless a group has one: nobody could sign in";
            return wrong("admin.oidc.default_role", "not set".to_owned(), allowed);
        }
        if oidc.default_role.is_some() && oidc.allowed_emails.is_empty() && lists.iter().all(|list| list.is_empty()) {
            // An account at a large provider is had by anybody.
            let allowed = "set: else whoever has an account there could sign in";
            return wrong("admin.oidc.allowed_emails", "empty".to_owned(), allowed);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
