//! `/admin/v1/oidc/…`: to the identity provider and back.
//!
//! The session's cookie is `SameSite=Strict`: a browser that comes from the provider's site does not send it on the first
//! request. So coming back ends on a page of ours that moves on by itself, and the next request is the dashboard's own.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use offhook_proto::error::ErrorCode;
use offhook_store::{Administrator, AdministratorError, AdministratorPatch, NewAdministrator};

use super::cookie::Secure;
use super::dashboard;
use super::session;
use crate::address::ClientAddress;
use crate::admin::oidc::{Oidc, OidcError, Returned, Vouched};
use crate::admin::sign_in::{self, SignInError};
use crate::http::error::ApiError;
use crate::http::own_origin::OwnOrigin;
use crate::http::v3::Query;
use crate::node::Node;

/// The page between loads nothing at all.
const POLICY: &str = "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// What the throttle counts failures under: no administrator has a name with a space at its end.
const NOBODY: &str = "oidc ";

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Oidc(#[from] OidcError),
    #[error(transparent)]
    SignIn(#[from] SignInError),
    #[error("another administrator has the name {0}")]
    NameTaken(String),
}

/// Sends the browser to the provider.
pub async fn start(
    State(node): State<Node>,
    secure: Secure,
    address: ClientAddress,
    OwnOrigin(origin): OwnOrigin,
) -> Result<Response, ApiError> {
    let oidc = oidc(&node)?;
    let now = node.clock().now();
    let admitted = node.administration().attempts.admit(NOBODY, address, now);
    admitted.map_err(ApiError::throttled)?;
    let begun = match oidc.begin(node.key(), &origin, now).await {
        Ok(begun) => begun,
        Err(error) => {
            // Each try asks the provider anew.
            node.administration().attempts.count_wrong(NOBODY, address, now);
            tracing::warn!(error = %error, "nobody can sign in by the identity provider");
            return Ok(refused_page(
                "The identity provider does not answer as it should. The server's log says more.",
            ));
        }
    };
    let mut response = StatusCode::SEE_OTHER.into_response();
    let location = HeaderValue::from_str(&begun.url).map_err(|error| ApiError::internal(&error))?;
    response.headers_mut().insert(header::LOCATION, location);
    if let Some(cookie) = secure.set_flow(&begun.cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// Takes the browser that comes back.
pub async fn callback(
    State(node): State<Node>,
    secure: Secure,
    address: ClientAddress,
    query: Query,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let oidc = oidc(&node)?;
    let (attempts, now) = (&node.administration().attempts, node.clock().now());
    attempts.admit(NOBODY, address, now).map_err(ApiError::throttled)?;
    let (state, code, error) = (query.text("state")?, query.text("code")?, query.text("error")?);
    let returned = Returned {
        state: state.as_deref(),
        code: code.as_deref(),
        error: error.as_deref(),
    };
    let cookie = secure.flow(&headers);
    let mut response = match sign_in(&node, oidc, cookie.as_deref(), returned).await {
        Ok(opened) => {
            session::note(&node, address, &opened.session.administrator.name, true).await?;
            let mut response = page(
                "Signed in",
                "<p>You are signed in. <a href=\"/dashboard\">Go on</a></p>",
                true,
            );
            if let Some(cookie) = secure.set(&opened.key) {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
            response
        }
        Err(failure) => {
            attempts.count_wrong(NOBODY, address, now);
            session::note(&node, address, session::STRANGER, false).await?;
            tracing::warn!(
                error = &failure as &dyn std::error::Error,
                "nobody was signed in by the identity provider"
            );
            refused_page(sentence(&failure))
        }
    };
    if let Some(cookie) = secure.unset_flow() {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

async fn sign_in(
    node: &Node,
    oidc: &Oidc,
    cookie: Option<&str>,
    returned: Returned<'_>,
) -> Result<sign_in::Opened, Failure> {
    let vouched = oidc.finish(node.key(), cookie, returned, node.clock().now()).await?;
    let administrator = known(node, vouched).await?;
    Ok(sign_in::open(node, &administrator).await?)
}

/// The administrator whom the provider means, made at the first time. A role by a group follows the provider.
async fn known(node: &Node, vouched: Vouched) -> Result<Administrator, Failure> {
    let store = node.store();
    let found = store.administrator_by_oidc_subject(&vouched.subject).await;
    let Some(found) = found.map_err(SignInError::from)? else {
        let new = NewAdministrator {
            name: vouched.name.clone(),
            role: vouched.role,
            password_hash: None,
            oidc_subject: Some(vouched.subject),
        };
        return match store.create_administrator(new, node.clock().now()).await {
            Err(AdministratorError::AlreadyExists) => Err(Failure::NameTaken(vouched.name)),
            made => Ok(made.map_err(SignInError::from)?),
        };
    };
    if !vouched.is_role_by_group || found.role == vouched.role {
        return Ok(found);
    }
    let patch = AdministratorPatch {
        role: Some(vouched.role),
        ..AdministratorPatch::default()
    };
    let changed = store.update_administrator(found.id, patch, None).await;
    Ok(changed.map_err(SignInError::from)?)
}

fn oidc(node: &Node) -> Result<&Oidc, ApiError> {
    node.administration()
        .oidc
        .as_ref()
        .ok_or_else(|| ErrorCode::INVALID_URL.into())
}

fn sentence(failure: &Failure) -> &'static str {
    match failure {
        Failure::Oidc(OidcError::NotBegun) => {
            "This sign-in did not begin in this browser, or too long ago. Begin again."
        }
        Failure::Oidc(OidcError::Refused(_)) => "The identity provider did not let you in.",
        Failure::Oidc(OidcError::NotAllowed(_)) => {
            "You are known to the identity provider, but may not sign in here. Ask an owner of this server."
        }
        Failure::NameTaken(_) => "Somebody else has your name here. Ask an owner of this server.",
        Failure::SignIn(SignInError::Administrator(AdministratorError::LastOwner)) => {
            "The identity provider says that you are an owner no more, but you are the last. Make another owner first."
        }
        Failure::Oidc(OidcError::Provider(_) | OidcError::InvalidToken(_)) | Failure::SignIn(_) => {
            "The identity provider's answer cannot be used. The server's log says more."
        }
    }
}

fn refused_page(sentence: &str) -> Response {
    let text = format!("<p>{sentence}</p><p><a href=\"/dashboard\">Back to the dashboard</a></p>");
    let mut response = page("Not signed in", &text, false);
    *response.status_mut() = StatusCode::FORBIDDEN;
    response
}

/// A page of constant words: nothing of what came from elsewhere is in it.
fn page(title: &str, text: &str, moves_on: bool) -> Response {
    let refresh = if moves_on {
        "<meta http-equiv=\"refresh\" content=\"0; url=/dashboard\">"
    } else {
        ""
    };
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"color-scheme\" content=\"light dark\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">{refresh}<title>{title}</title>{style}</head><body><main \
         class=\"sign-in\"><span class=\"brand\"><img src=\"/dashboard/mark.svg\" alt=\"\" width=\"36\" height=\"36\">Offhook</span>\
         <div class=\"card stack\"><h1>{title}</h1>{text}</div></main></body></html>",
        style = dashboard::stylesheet(),
    );
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        ),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
    ];
    (headers, html).into_response()
}
