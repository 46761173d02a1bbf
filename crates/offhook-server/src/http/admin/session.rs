//! `/admin/v1/session…` and `/admin/v1/sign_in_options`: signing in and out, one's own password and authenticator.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use offhook_core::administrator::check_password;
use offhook_proto::admin::{AdminSession, OidcOption, SignInOptions, TotpEnrolment};
use offhook_proto::error::ErrorCode;
use offhook_store::{AdministratorError, AdministratorPatch, AuditEntry, OpenSession};
use serde_json::{Value, json};

use super::CurrentAdministrator;
use super::administrators;
use super::cookie::Secure;
use crate::address::ClientAddress;
use crate::admin::sign_in::{self, Offered, SignInError};
use crate::admin::totp;
use crate::http::error::ApiError;
use crate::http::fields::{Fields, required};
use crate::node::Node;

/// Who the log says it was where a name is nobody's.
pub(super) const STRANGER: &str = "(nobody of that name)";

/// How one signs in here.
pub async fn options(State(node): State<Node>) -> Result<Json<SignInOptions>, ApiError> {
    let has_administrators = node.store().has_administrators().await;
    let oidc = node.administration().oidc.as_ref();
    Ok(Json(SignInOptions {
        has_administrators: has_administrators.map_err(|error| ApiError::internal(&error))?,
        oidc: oidc.map(|oidc| OidcOption {
            name: oidc.name().to_owned(),
        }),
    }))
}

/// Who is signed in.
pub async fn get(CurrentAdministrator(session): CurrentAdministrator) -> Json<AdminSession> {
    Json(body(&session))
}

/// Signs in.
pub async fn post(
    State(node): State<Node>,
    address: ClientAddress,
    secure: Secure,
    fields: Fields,
) -> Result<Response, ApiError> {
    let offered = Offered {
        name: required("name", fields.text("name")?)?,
        password: required("password", fields.text("password")?)?,
        code: fields.text("code")?.filter(|code| !code.is_empty()),
    };
    let signed_in = sign_in::sign_in(&node, address, offered).await;
    match &signed_in {
        Ok(opened) => note(&node, address, &opened.session.administrator.name, true).await?,
        Err(SignInError::Wrong { name }) => note(&node, address, name.as_deref().unwrap_or(STRANGER), false).await?,
        Err(SignInError::WrongCode { name }) => note(&node, address, name, false).await?,
        // Nothing was tried: the page asks for the code, or has to wait.
        Err(_) => {}
    }
    let opened = signed_in.map_err(signing_in)?;
    let mut response = Json(body(&opened.session)).into_response();
    if let Some(cookie) = secure.set(&opened.key) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// Signs out.
pub async fn delete(
    State(node): State<Node>,
    secure: Secure,
    CurrentAdministrator(session): CurrentAdministrator,
) -> Result<Response, ApiError> {
    let ended = node.store().end_admin_session(session.key_hash).await;
    ended.map_err(|error| ApiError::internal(&error))?;
    let mut response = Json(json!({})).into_response();
    if let Some(cookie) = secure.unset() {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// Changes one's own password. All other sessions end.
pub async fn put_password(
    State(node): State<Node>,
    address: ClientAddress,
    CurrentAdministrator(session): CurrentAdministrator,
    fields: Fields,
) -> Result<Json<Value>, ApiError> {
    let current = required("current", fields.text("current")?)?;
    let new = required("new", fields.text("new")?)?;
    let administrator = &session.administrator;
    let confirmed = sign_in::confirm_password(&node, address, administrator, current).await;
    confirmed.map_err(confirming)?;
    check_password(new, &administrator.name).map_err(administrators::invalid)?;
    let hash = node.administration().passwords.hash(new).await;
    let patch = AdministratorPatch {
        password_hash: Some(hash.map_err(administrators::hashing)?),
        ..AdministratorPatch::default()
    };
    let changed = node
        .store()
        .update_administrator(administrator.id, patch, Some(session.key_hash));
    changed.await.map_err(administrators::refused)?;
    Ok(Json(json!({})))
}

/// Begins to set up an authenticator.
pub async fn post_totp(
    State(node): State<Node>,
    CurrentAdministrator(session): CurrentAdministrator,
) -> Result<Json<TotpEnrolment>, ApiError> {
    let secret = sign_in::begin_totp(&node, &session.administrator)
        .await
        .map_err(confirming)?;
    Ok(Json(TotpEnrolment {
        secret: totp::base32(&secret),
        uri: totp::uri(&secret, &session.administrator.name),
    }))
}

/// Lets it count: it shows a code.
pub async fn put_totp(
    State(node): State<Node>,
    CurrentAdministrator(session): CurrentAdministrator,
    fields: Fields,
) -> Result<Json<AdminSession>, ApiError> {
    let code = required("code", fields.text("code")?)?;
    let administrator = sign_in::confirm_totp(&node, &session, code).await.map_err(confirming)?;
    Ok(Json(body(&OpenSession {
        administrator,
        ..session
    })))
}

/// Forgets one's authenticator, whoever has the password.
pub async fn delete_totp(
    State(node): State<Node>,
    address: ClientAddress,
    CurrentAdministrator(session): CurrentAdministrator,
    fields: Fields,
) -> Result<Json<Value>, ApiError> {
    let password = required("password", fields.text("password")?)?;
    let administrator = &session.administrator;
    let confirmed = sign_in::confirm_password(&node, address, administrator, password).await;
    confirmed.map_err(confirming)?;
    let patch = AdministratorPatch {
        is_totp_removed: true,
        ..AdministratorPatch::default()
    };
    let changed = node.store().update_administrator(administrator.id, patch, None);
    changed.await.map_err(administrators::refused)?;
    Ok(Json(json!({})))
}

fn body(session: &OpenSession) -> AdminSession {
    AdminSession {
        administrator: administrators::body(&session.administrator),
        expires_at: session.expires_at().as_millis(),
    }
}

/// Notes who signed in, or tried to.
pub(super) async fn note(node: &Node, address: ClientAddress, actor: &str, is_allowed: bool) -> Result<(), ApiError> {
    let entry = AuditEntry {
        at: node.clock().now(),
        actor: actor.to_owned(),
        address: Some(address.0.to_string()),
        action: "POST /admin/v1/session".to_owned(),
        app_id: None,
        target: None,
        is_allowed,
    };
    let noted = node.store().note_audit(entry).await;
    noted.map(|_| ()).map_err(|error| ApiError::internal(&error))
}

/// What a stranger is told.
fn signing_in(error: SignInError) -> ApiError {
    match error {
        SignInError::Wrong { .. }
        | SignInError::NoPassword
        | SignInError::Invalid(_)
        // The password was changed while it was looked at.
        | SignInError::Administrator(AdministratorError::NoSuchAdministrator) => ErrorCode::INVALID_CREDENTIALS.into(),
        other => confirming(other),
    }
}

/// What somebody is told who is signed in.
fn confirming(error: SignInError) -> ApiError {
    match error {
        SignInError::Wrong { .. } => ErrorCode::WRONG_PASSWORD.into(),
        SignInError::CodeRequired => ErrorCode::TOTP_CODE_REQUIRED.into(),
        SignInError::WrongCode { .. } => ErrorCode::INVALID_TOTP_CODE.into(),
        SignInError::Throttled(wait) => ApiError::throttled(wait),
        SignInError::NothingPending => ErrorCode::NO_TOTP_PENDING.into(),
        SignInError::NoPassword => ErrorCode::NO_PASSWORD.into(),
        SignInError::Invalid(invalid) => administrators::invalid(invalid),
        SignInError::Administrator(error) => administrators::refused(error),
        SignInError::NotOpened(error) => ApiError::internal(&error),
        SignInError::Password(error) => ApiError::internal(&error),
        SignInError::Store(error) => ApiError::internal(&error),
    }
}
