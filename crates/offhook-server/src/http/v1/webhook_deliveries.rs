//! `/v1/webhook_deliveries`: what an application's webhooks were told, and what of it is sent again. Ours alone.

use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use offhook_core::id::CallId;
use offhook_core::time::Timestamp;
use offhook_proto::error::ErrorCode;
use offhook_proto::platform::{DeliveryState as ShownState, Replayed, WebhookDelivery, WebhookDeliveryList};
use offhook_store::{Delivery, DeliveryFilter, DeliveryState, EventNumber, ReplayError};

use crate::http::error::ApiError;
use crate::http::fields::Fields;
use crate::http::path::PathNames;
use crate::http::v3::CurrentApplication;
use crate::http::v3::query::Query;
use crate::node::Node;

/// How many deliveries a page has where none are asked for, and at most.
const PAGE: i64 = 20;
const MAX_PAGE: i64 = 100;
/// How many are replayed in one unit of work: a few milliseconds of the thread that writes.
const PART: u32 = 256;
/// How many are replayed by one request.
const MAX_REPLAYED: usize = 10_000;

/// The number of a delivery in a path.
pub struct DeliveryId(EventNumber);

impl FromRequestParts<Node> for DeliveryId {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, node: &Node) -> Result<Self, ApiError> {
        let id = PathNames::from_request_parts(parts, node).await?.take("delivery_id")?;
        number(&id).map(Self).ok_or_else(no_such_delivery)
    }
}

/// Lists deliveries, the latest first.
pub async fn get(
    State(node): State<Node>,
    CurrentApplication(application): CurrentApplication,
    query: Query,
) -> Result<Json<WebhookDeliveryList>, ApiError> {
    let limit = query.number("limit")?.unwrap_or(PAGE);
    if !(1..=MAX_PAGE).contains(&limit) {
        return Err(ApiError::new(
            ErrorCode::OUT_OF_RANGE,
            format!("\"limit\" must be from 1 to {MAX_PAGE}."),
        ));
    }
    let filter = DeliveryFilter {
        state: query.text("state")?.as_deref().map(read_state).transpose()?,
        call_id: query.text("call_id")?.as_deref().map(read_call_id).transpose()?,
    };
    let next = query.text("next")?;
    let before = next
        .as_deref()
        .map(|next| number(next).ok_or_else(|| invalid("next", "from a page before")));
    let limit = u32::try_from(limit).unwrap_or_default();
    let page = node
        .store()
        .deliveries(application.key, filter, before.transpose()?, limit)
        .await;
    let page = page.map_err(|error| ApiError::internal(&error))?;
    Ok(Json(WebhookDeliveryList {
        deliveries: page.deliveries.into_iter().map(shown).collect(),
        has_next: page.next.is_some(),
        next: page.next.map(|next| next.bits().to_string()).unwrap_or_default(),
    }))
}

/// Sends one again that was given up.
pub async fn replay(
    State(node): State<Node>,
    CurrentApplication(application): CurrentApplication,
    DeliveryId(number): DeliveryId,
) -> Result<Json<WebhookDelivery>, ApiError> {
    let now = node.clock().now();
    let replayed = node.store().replay_delivery(application.key, number, now).await;
    let delivery = replayed.map_err(|error| match error {
        ReplayError::NoSuchDelivery => no_such_delivery(),
        ReplayError::NotDead => ApiError::new(ErrorCode::INVALID_VALUE, "Only what was given up is sent again."),
        ReplayError::Store(error) => ApiError::internal(&error),
    })?;
    node.webhooks().ring();
    Ok(Json(shown(delivery)))
}

/// Sends all again that was given up of what happened in a time.
pub async fn replay_all(
    State(node): State<Node>,
    CurrentApplication(application): CurrentApplication,
    fields: Fields,
) -> Result<Json<Replayed>, ApiError> {
    let from = fields.time("from")?.unwrap_or(Timestamp::from_millis(0));
    let to = fields.time("to")?.unwrap_or(Timestamp::from_millis(u64::MAX));
    if from > to {
        return Err(ApiError::new(
            ErrorCode::INCOMPATIBLE_VALUES,
            "\"from\" must not be after \"to\".",
        ));
    }
    let (mut replayed, mut after) = (0, None);
    while replayed < MAX_REPLAYED {
        let (store, now) = (node.store(), node.clock().now());
        let part = store
            .replay_dead_deliveries(application.key, (from, to), after, PART, now)
            .await;
        let (count, next) = part.map_err(|error| ApiError::internal(&error))?;
        node.webhooks().ring();
        replayed += count;
        after = next;
        if after.is_none() {
            break;
        }
    }
    Ok(Json(Replayed {
        replayed: replayed as u64,
    }))
}

/// A delivery, as operators are shown it.
pub fn shown(delivery: Delivery) -> WebhookDelivery {
    WebhookDelivery {
        delivery_id: delivery.number.bits().to_string(),
        call_id: delivery.call_id,
        category: delivery.category,
        sequence: delivery.sequence,
        state: match delivery.state {
            DeliveryState::Waiting => ShownState::Waiting,
            DeliveryState::Delivered => ShownState::Delivered,
            DeliveryState::Dead => ShownState::Dead,
        },
        host: delivery.host,
        is_per_call: delivery.is_per_call,
        attempts: delivery.attempts,
        created_at: delivery.created_at.as_millis(),
        next_attempt_at: delivery.next_attempt_at.map(Timestamp::as_millis),
        settled_at: delivery.settled_at.map(Timestamp::as_millis),
        last_error: delivery.last_error,
    }
}

fn number(text: &str) -> Option<EventNumber> {
    text.parse().ok().map(EventNumber::from_bits)
}

fn read_state(word: &str) -> Result<DeliveryState, ApiError> {
    let states = [DeliveryState::Waiting, DeliveryState::Delivered, DeliveryState::Dead];
    let found = states.into_iter().find(|state| state.as_str() == word);
    found.ok_or_else(|| invalid("state", "waiting, delivered or dead"))
}

fn read_call_id(text: &str) -> Result<CallId, ApiError> {
    text.parse().map_err(|_| invalid("call_id", "the id of a call"))
}

fn invalid(name: &str, expected: &str) -> ApiError {
    ApiError::new(ErrorCode::INVALID_VALUE, format!("\"{name}\" must be {expected}."))
}

fn no_such_delivery() -> ApiError {
    ApiError::new(ErrorCode::RESOURCE_NOT_FOUND, "There is no such delivery.")
}
