//! Minutes: `/v1/usage`.

use offhook_proto::platform::UsageReport;
use serde_json::json;

use super::operation::{Field, Operation};

/// What may be asked of usage.
pub fn operations() -> Vec<Operation> {
    vec![
        Operation::new("get", "/v1/usage", "Usage", "view_usage", "Report what calls came to")
            .about(
                "Of whole days of UTC: those of `from` and of the moment before `to`, 30 days up to now if left out. The record is exact; \
                 rounding is of this report alone. Ours alone.",
            )
            .query([
                Field::any_integer("from").about("From the day of then, in UTC milliseconds.").with("minimum", json!(0)),
                Field::any_integer("to").about("To the day of then, in UTC milliseconds.").with("minimum", json!(0)),
                Field::one_of("group_by", &["day", "user", "total"])
                    .about("What a row stands for.")
                    .default(json!("day")),
                Field::one_of("rounding", &["none", "second", "minute"])
                    .about("How the time of each call is rounded up.")
                    .default(json!("none")),
                Field::integer("limit", 1..=1000)
                    .about("How many rows a page of users has at most.")
                    .default(json!(100)),
                Field::next(),
                Field::one_of("format", &["json", "csv"])
                    .about("In which form; a CSV has all rows.")
                    .default(json!("json")),
            ])
            .answers::<UsageReport>()
            .answers_also("text/csv", "day,calls,video_calls,call_ms,participant_ms,relayed_bytes\n"),
    ]
}
