//! Who may use which route: the one table of all that is under `/admin/v1`.

use axum::http::Method;
use offhook_core::administrator::Role;

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Whoever asks: signing in.
    Anybody,
    /// Whoever is signed in and has this role, or a greater one.
    From(Role),
}

use Access::{Anybody, From};
use Role::{Operator, Owner, Viewer};

/// A route, by its method and its path from `/admin/v1` on.
pub type Route = (&'static str, &'static str, Access);

/// Where an application's routes begin.
const APPLICATION: &str = "/applications/{app_id}";

/// The dashboard's own.
pub const OWN: &[Route] = &[
    ("GET", "/sign_in_options", Anybody),
    ("POST", "/session", Anybody),
    ("GET", "/oidc/start", Anybody),
    ("GET", "/oidc/callback", Anybody),
    // Of oneself.
    ("GET", "/session", From(Viewer)),
    ("DELETE", "/session", From(Viewer)),
    ("PUT", "/session/password", From(Viewer)),
    ("POST", "/session/totp", From(Viewer)),
    ("PUT", "/session/totp", From(Viewer)),
    ("DELETE", "/session/totp", From(Viewer)),
    ("GET", "/administrators", From(Viewer)),
    ("POST", "/administrators", From(Owner)),
    ("PUT", "/administrators/{administrator_id}", From(Owner)),
    ("DELETE", "/administrators/{administrator_id}", From(Owner)),
    ("GET", "/audit", From(Viewer)),
    ("GET", "/node", From(Viewer)),
    ("GET", "/applications", From(Viewer)),
    ("POST", "/applications", From(Owner)),
];

/// An application's own, and what back ends use as well.
pub const OF_AN_APPLICATION: &[Route] = &[
    ("GET", "", From(Viewer)),
    ("PUT", "", From(Operator)),
    ("DELETE", "", From(Owner)),
    ("GET", "/api_tokens", From(Viewer)),
    ("POST", "/api_tokens", From(Owner)),
    ("DELETE", "/api_tokens/{token_number}", From(Owner)),
    ("POST", "/api_tokens/master/rotate", From(Owner)),
    ("POST", "/signing_key/rotate", From(Owner)),
    ("POST", "/webhook_key/rotate", From(Owner)),
    ("POST", "/test_call", From(Operator)),
    ("GET", "/v3/users", From(Viewer)),
    ("POST", "/v3/users", From(Operator)),
    ("GET", "/v3/users/{user_id}", From(Viewer)),
    ("PUT", "/v3/users/{user_id}", From(Operator)),
    ("DELETE", "/v3/users/{user_id}", From(Operator)),
    ("GET", "/v3/users/{user_id}/metadata", From(Viewer)),
    ("POST", "/v3/users/{user_id}/metadata", From(Operator)),
    ("PUT", "/v3/users/{user_id}/metadata", From(Operator)),
    ("DELETE", "/v3/users/{user_id}/metadata", From(Operator)),
    ("GET", "/v3/users/{user_id}/metadata/{key}", From(Viewer)),
    ("PUT", "/v3/users/{user_id}/metadata/{key}", From(Operator)),
    ("DELETE", "/v3/users/{user_id}/metadata/{key}", From(Operator)),
    ("POST", "/v3/users/{user_id}/token", From(Operator)),
    ("DELETE", "/v3/users/{user_id}/token", From(Operator)),
    // These are about the tokens themselves; lists show them masked.
    ("GET", "/v3/applications/api_tokens", From(Owner)),
    ("POST", "/v3/applications/api_tokens", From(Owner)),
    ("GET", "/v3/applications/api_tokens/{api_token}", From(Owner)),
    ("DELETE", "/v3/applications/api_tokens/{api_token}", From(Owner)),
    ("GET", "/v1/direct_calls", From(Viewer)),
    ("GET", "/v1/direct_calls/{call_id}", From(Viewer)),
    ("GET", "/v1/direct_calls/{call_id}/timeline", From(Viewer)),
    ("POST", "/v1/direct_calls/{call_id}/end", From(Operator)),
    ("PUT", "/v1/direct_calls/{call_id}/custom_items", From(Operator)),
    ("DELETE", "/v1/direct_calls/{call_id}/custom_items", From(Operator)),
    ("GET", "/v1/users", From(Viewer)),
    ("GET", "/v1/users/{user_id}/calls", From(Viewer)),
    ("GET", "/v1/users/{user_id}/call_summary", From(Viewer)),
    // A push token is where a device is reached: nothing can be done with it but by this server's keys.
    ("GET", "/v1/users/{user_id}/push_tokens", From(Viewer)),
    ("POST", "/v1/users/{user_id}/push_tokens", From(Operator)),
    ("DELETE", "/v1/users/{user_id}/push_tokens/{type}", From(Operator)),
    (
        "DELETE",
        "/v1/users/{user_id}/push_tokens/{type}/{token}",
        From(Operator),
    ),
    ("GET", "/v1/users/{user_id}/sessions", From(Viewer)),
    ("DELETE", "/v1/users/{user_id}/sessions/{session_id}", From(Operator)),
    // An address of a webhook may hold a secret of its receiver.
    (
        "GET",
        "/v1/applications/{application_id}/settings/webhook",
        From(Operator),
    ),
    (
        "PUT",
        "/v1/applications/{application_id}/settings/webhook",
        From(Operator),
    ),
    ("GET", "/v1/webhook_deliveries", From(Viewer)),
    ("POST", "/v1/webhook_deliveries/{delivery_id}/replay", From(Operator)),
    ("POST", "/v1/webhook_deliveries/replay", From(Operator)),
    ("GET", "/v1/usage", From(Viewer)),
];

/// Who may use a route, by the path that the router matched. `None`: nobody.
pub fn of(method: &Method, matched: &str) -> Option<Access> {
    let path = matched.strip_prefix("/admin/v1")?;
    let method = if method == Method::HEAD { "GET" } else { method.as_str() };
    let find = |table: &[Route], path: &str| {
        let found = table.iter().find(|(verb, known, _)| *verb == method && *known == path);
        found.map(|(_, _, access)| *access)
    };
    find(OWN, path).or_else(|| find(OF_AN_APPLICATION, path.strip_prefix(APPLICATION)?))
}

#[cfg(test)]
mod tests;
