//! Sends one event once, with what is read for many of them together.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, header};
use offhook_core::id::{AppId, AppKey};
use offhook_proto::webhook::WebhookEvent;
use offhook_store::{EventNumber, OutgoingEvent, Settlement, StoreError};
use tokio::time::Instant;

use super::queue::Pace;
use super::request::{self, Target};
use super::{schedule, subscription};
use crate::credential;
use crate::node::Node;
use crate::outbound::OutboundError;
use crate::secret::NotOpened;
use crate::webhooks::signature::Signer;

/// How long a receiver may take to answer: the published interface waits as long.
pub const ANSWER_DEADLINE: Duration = Duration::from_secs(5);
/// What counts as answered at once.
const QUICK: Duration = Duration::from_millis(500);
/// The longest reason that is kept.
const MAX_REASON_CHARS: usize = 200;

/// Events, and who speaks for the applications that they are of.
#[derive(Debug, Default)]
pub struct Batch {
    /// The events.
    pub events: Vec<OutgoingEvent>,
    /// The applications; those that are gone are not there.
    pub speakers: HashMap<AppKey, Speaker>,
}

/// What an application's messages are made with.
#[derive(Debug)]
pub struct Speaker {
    id: AppId,
    webhook_hosts: Vec<String>,
    signer: Signer,
}

/// An event that was sent.
#[derive(Debug)]
pub struct Told {
    /// Its row.
    pub number: EventNumber,
    /// What becomes of it.
    pub settlement: Settlement,
    /// How it was answered.
    pub pace: Pace,
}

/// Why a receiver was not told. No variant tells of the address.
#[derive(Debug, thiserror::Error)]
enum NotTold {
    /// The application is gone, or its keys do not open.
    #[error("the application cannot speak")]
    NoSpeaker,
    /// The application's webhook was turned off.
    #[error("the application's webhook was turned off")]
    TurnedOff,
    /// The host is not on the application's list any more.
    #[error("the host is not on the application's list any more")]
    NotAllowed,
    /// The secrets do not open, or are no address.
    #[error(transparent)]
    NotOpened(#[from] NotOpened),
    /// The receiver answered, but not with a success.
    #[error("the receiver answered {0}")]
    Refused(u16),
    /// There was no answer.
    #[error(transparent)]
    NoAnswer(#[from] OutboundError),
}

impl NotTold {
    /// Whether to try again would be in vain.
    const fn is_final(&self) -> bool {
        match self {
            Self::TurnedOff | Self::NotAllowed | Self::NotOpened(_) => true,
            Self::NoSpeaker | Self::Refused(_) | Self::NoAnswer(_) => false,
        }
    }
}

impl Batch {
    /// Reads events and the applications that they are of, each once.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn load(node: &Node, numbers: Vec<EventNumber>) -> Result<Self, StoreError> {
        let events = node.store().outgoing_events(numbers).await?;
        let mut speakers = HashMap::new();
        for event in &events {
            if !speakers.contains_key(&event.app)
                && let Some(speaker) = Speaker::of(node, event.app).await?
            {
                speakers.insert(event.app, speaker);
            }
        }
        Ok(Self { events, speakers })
    }
}

impl Speaker {
    async fn of(node: &Node, app: AppKey) -> Result<Option<Self>, StoreError> {
        let Some(application) = node.store().application(app).await? else {
            return Ok(None);
        };
        match credential::signer(node.store(), node.key(), app, node.clock().now()).await {
            Ok(signer) => Ok(Some(Self {
                id: application.id,
                webhook_hosts: application.webhook_hosts,
                signer,
            })),
            Err(error) => {
                tracing::error!(
                    app.key = app.0,
                    error = &error as &dyn std::error::Error,
                    "webhooks cannot be signed"
                );
                Ok(None)
            }
        }
    }
}

/// Sends an event once; says what becomes of it.
pub async fn tell(node: &Node, speakers: Arc<HashMap<AppKey, Speaker>>, event: OutgoingEvent) -> Told {
    let began = Instant::now();
    let outcome = send(node, &speakers, &event).await;
    let now = node.clock().now();
    let (settlement, pace) = match &outcome {
        Ok(()) if began.elapsed() < QUICK => (Settlement::Delivered, Pace::Quick),
        Ok(()) => (Settlement::Delivered, Pace::Slow),
        Err(error) => {
            let reason: String = error.to_string().chars().take(MAX_REASON_CHARS).collect();
            let again = schedule::again_at(event.failures, now).filter(|_| !error.is_final());
            let settlement = match again {
                Some(at) => Settlement::Again { at, error: reason },
                None => Settlement::Dead { error: reason },
            };
            (settlement, Pace::Failed)
        }
    };
    record(&event, &settlement);
    Told {
        number: event.number,
        settlement,
        pace,
    }
}

async fn send(node: &Node, speakers: &HashMap<AppKey, Speaker>, event: &OutgoingEvent) -> Result<(), NotTold> {
    let speaker = speakers.get(&event.app).ok_or(NotTold::NoSpeaker)?;
    let target = target(node, speaker, event)?;
    let body = WebhookEvent::of(
        event.category,
        event.created_at,
        event.sequence,
        speaker.id.clone(),
        &event.call,
    );
    // Only maps with keys that are no text cannot be written.
    let body = serde_json::to_vec(&body).map_err(|_| NotOpened)?;
    let mut headers = target.headers;
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let now = node.clock().now();
    if event.is_per_call {
        speaker.signer.sign_for_call(now, &body, &mut headers);
    } else {
        speaker.signer.sign_for_application(now, &body, &mut headers);
    }
    let answer = node
        .outbound()
        .post(&target.url, headers, body, ANSWER_DEADLINE)
        .await?;
    if answer.is_success() {
        Ok(())
    } else {
        Err(NotTold::Refused(answer.status))
    }
}

fn target(node: &Node, speaker: &Speaker, event: &OutgoingEvent) -> Result<Target, NotTold> {
    let sealed = event.webhook.as_ref();
    if event.is_per_call {
        if !speaker.webhook_hosts.contains(&event.host) {
            return Err(NotTold::NotAllowed);
        }
        return Ok(request::open(
            node.key(),
            event.app,
            event.call.id,
            sealed.ok_or(NotOpened)?,
        )?);
    }
    if !event.is_enabled {
        return Err(NotTold::TurnedOff);
    }
    Ok(Target {
        url: subscription::open(node.key(), event.app, sealed.ok_or(NotOpened)?)?,
        headers: HeaderMap::new(),
    })
}

/// The address is a secret of the application: it is in no line.
fn record(event: &OutgoingEvent, settlement: &Settlement) {
    let (app, call, category, failures) = (event.app.0, event.call.id, event.category, event.failures);
    let outcome = match settlement {
        Settlement::Delivered => {
            tracing::debug!(app.key = app, call.id = %call, category = %category, failures, "webhook delivered");
            "delivered"
        }
        Settlement::Again { error, .. } => {
            tracing::debug!(app.key = app, call.id = %call, category = %category, failures, error, "webhook not delivered");
            "failed"
        }
        Settlement::Dead { error } => {
            tracing::warn!(app.key = app, call.id = %call, category = %category, failures, error, "webhook given up");
            "given_up"
        }
    };
    metrics::counter!("offhook_webhooks_total", "outcome" => outcome).increment(1);
}
