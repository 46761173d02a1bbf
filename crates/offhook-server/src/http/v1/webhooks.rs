//! `/v1/applications/{application_id}/settings/webhook`: which events of all its calls an application is told of, and where.

use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use offhook_core::webhook::EventCategory;
use offhook_proto::error::ErrorCode;
use offhook_proto::platform::{WebhookSettings, WebhookSubscription};
use offhook_store::{Application, ApplicationWebhook, ApplicationWebhookPatch, WebhookError};

use crate::http::error::ApiError;
use crate::http::fields::Fields;
use crate::http::path::PathNames;
use crate::http::v3::CurrentApplication;
use crate::http::v3::query::Query;
use crate::node::Node;
use crate::webhooks::request::judge_events;
use crate::webhooks::subscription;

/// The application id in a path, decoded.
pub struct ApplicationId(pub String);

impl FromRequestParts<Node> for ApplicationId {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, node: &Node) -> Result<Self, ApiError> {
        let mut names = PathNames::from_request_parts(parts, node).await?;
        names.take("application_id").map(Self)
    }
}

impl ApplicationId {
    /// An API token opens one application, whatever a path names.
    fn check(&self, application: &Application) -> Result<(), ApiError> {
        if self.0 == application.id.as_str() {
            Ok(())
        } else {
            Err(ApiError::new(
                ErrorCode::RESOURCE_NOT_FOUND,
                "This is not the application of the API token.",
            ))
        }
    }
}

/// Shows the subscription.
pub async fn get(
    State(node): State<Node>,
    CurrentApplication(application): CurrentApplication,
    id: ApplicationId,
    query: Query,
) -> Result<Json<WebhookSettings>, ApiError> {
    id.check(&application)?;
    let webhook = node.store().application_webhook(application.key).await;
    let webhook = webhook.map_err(|error| ApiError::internal(&error))?;
    shown(&node, &application, webhook, &query)
}

/// Changes the subscription. What the body leaves out stays; no event turns it off.
pub async fn put(
    State(node): State<Node>,
    CurrentApplication(application): CurrentApplication,
    id: ApplicationId,
    query: Query,
    fields: Fields,
) -> Result<Json<WebhookSettings>, ApiError> {
    id.check(&application)?;
    let events = fields.list_of_text("enabled_events")?;
    let events = events.map(|names| {
        if names.is_empty() {
            Ok(Vec::new())
        } else {
            judge_events(&names)
        }
    });
    let seal = |url: &str| subscription::seal(node.outbound(), node.key(), application.key, url);
    let address = match fields.text("url")? {
        None => None,
        Some("") => Some(None),
        Some(url) => Some(Some(seal(url)?)),
    };
    let patch = ApplicationWebhookPatch {
        is_enabled: fields.boolean("enabled")?,
        address,
        enabled_events: events.transpose()?,
    };
    let changed = node.store().update_application_webhook(application.key, patch).await;
    shown(&node, &application, changed.map_err(refusal)?, &query)
}

fn shown(
    node: &Node,
    application: &Application,
    webhook: ApplicationWebhook,
    query: &Query,
) -> Result<Json<WebhookSettings>, ApiError> {
    let opened = webhook
        .address
        .map(|(_, sealed)| subscription::open(node.key(), application.key, &sealed));
    let url = opened.transpose().map_err(|error| ApiError::internal(&error))?;
    let all = || EventCategory::ALL.map(|category| category.to_string()).to_vec();
    let is_all_asked = query.boolean("display_all_webhook_categories")?.unwrap_or(false);
    Ok(Json(WebhookSettings {
        webhook: WebhookSubscription {
            enabled: webhook.is_enabled,
            url: url.map(String::from).unwrap_or_default(),
            enabled_events: webhook.enabled_events,
            all_webhook_categories: is_all_asked.then(all),
        },
    }))
}

fn refusal(error: WebhookError) -> ApiError {
    match error {
        WebhookError::NoAddress => ApiError::new(
            ErrorCode::MISSING_PARAMETER,
            "\"url\" is required where \"enabled\" is true.",
        ),
        WebhookError::NoSuchApplication => ErrorCode::APPLICATION_NOT_FOUND.into(),
        WebhookError::Store(error) => ApiError::internal(&error),
    }
}
