//! Webhooks: `/v1/applications/{application_id}/settings/webhook` and `/v1/webhook_deliveries`.

use offhook_proto::platform::{Replayed, WebhookDelivery, WebhookDeliveryList, WebhookSettings};
use serde_json::json;

use super::operation::{Field, Operation};

const TAG: &str = "Webhooks";
const SETTINGS: &str = "/v1/applications/{application_id}/settings/webhook";

/// What may be asked of webhooks.
pub fn operations() -> Vec<Operation> {
    vec![
        Operation::new("get", SETTINGS, TAG, "view_webhook", "Show which events are told")
            .path_fields([application_id()])
            .query([all_categories()])
            .answers::<WebhookSettings>(),
        Operation::new(
            "put",
            SETTINGS,
            TAG,
            "choose_webhook_events",
            "Choose which events are told",
        )
        .about("What is left out stays.")
        .path_fields([application_id()])
        .query([all_categories()])
        .body([
            Field::boolean("enabled")
                .about("Whether events are told at all; needs a `url`.")
                .example(json!(true)),
            Field::text("url")
                .about("Where: an `https:` address. Empty takes it away.")
                .characters(0, 2048)
                .example(json!("https://hooks.example.org/calls")),
            Field::list("enabled_events", 16)
                .about("`[\"*\"]`, or names of events; empty turns it off.")
                .example(json!(["*"])),
        ])
        .answers::<WebhookSettings>(),
        Operation::new(
            "get",
            "/v1/webhook_deliveries",
            TAG,
            "list_webhook_deliveries",
            "List deliveries",
        )
        .about("The latest first. Ours alone.")
        .query([
            Field::one_of("state", &["waiting", "delivered", "dead"]).about("What became of them."),
            Field::text("call_id").about("Of this call only."),
            Field::integer("limit", 1..=100)
                .about("How many a page has at most.")
                .default(json!(20)),
            Field::next(),
        ])
        .answers::<WebhookDeliveryList>(),
        Operation::new(
            "post",
            "/v1/webhook_deliveries/{delivery_id}/replay",
            TAG,
            "replay_webhook_delivery",
            "Send a delivery again",
        )
        .about("One that was given up. Ours alone.")
        .path_fields([Field::text("delivery_id")
            .about("As the list has it.")
            .example(json!("17"))])
        .answers::<WebhookDelivery>(),
        Operation::new(
            "post",
            "/v1/webhook_deliveries/replay",
            TAG,
            "replay_webhook_deliveries",
            "Send again what was given up",
        )
        .about("At most 10000 in one request. Ours alone.")
        .body([
            Field::time("from").about("Of what happened then or later, in UTC milliseconds."),
            Field::time("to").about("Of what happened then or sooner, in UTC milliseconds."),
        ])
        .answers::<Replayed>(),
    ]
}

fn application_id() -> Field {
    Field::text("application_id")
        .about("The application of the API token.")
        .example(json!("6F54E230-37CB-5162-8796-E4CAEE8F46F6"))
}

fn all_categories() -> Field {
    Field::boolean("display_all_webhook_categories")
        .about("Whether to show every event there is, too.")
        .default(json!(false))
}
