//! Calls: `/v1/direct_calls`.

use offhook_proto::platform::{CallTimeline, CustomItems, DirectCallList};
use offhook_proto::webhook::DirectCall;
use serde_json::json;

use super::operation::{Field, Operation};

const TAG: &str = "Direct calls";
const CALL: &str = "/v1/direct_calls/{call_id}";
const ITEMS: &str = "/v1/direct_calls/{call_id}/custom_items";

/// What may be asked of calls.
pub fn operations() -> Vec<Operation> {
    vec![
        Operation::new("get", "/v1/direct_calls", TAG, "list_direct_calls", "List calls")
            .about(
                "The latest dialled first. A page looks at a bounded number of calls, so it may be short, or empty, and \
                 still have a next one.",
            )
            .query(filter())
            .query([
                Field::text("user_id").about("Calls of this user only."),
                role(),
                Field::limit(),
                Field::next(),
            ])
            .answers::<DirectCallList>(),
        Operation::new("get", CALL, TAG, "view_direct_call", "Show a call")
            .path_fields([call_id()])
            .query([Field::text("user_id").about("Shows it as this user's, with the side in `user_role`.")])
            .answers::<DirectCall>(),
        Operation::new("get", "/v1/direct_calls/{call_id}/timeline", TAG, "view_timeline", "Show what happened in a call")
            .about("Who did what when, by which path media went, how good it was, and what webhooks were told. Ours alone.")
            .path_fields([call_id()])
            .answers::<CallTimeline>(),
        Operation::new("post", "/v1/direct_calls/{call_id}/end", TAG, "end_direct_call", "End a call")
            .about("Wherever it stands; one that has ended stays as it is. Ours alone.")
            .path_fields([call_id()])
            .answers::<DirectCall>(),
        Operation::new("put", ITEMS, TAG, "update_custom_items", "Set custom items")
            .about("Of a call that rings, goes on or has ended; both parties' devices are told. Others stay.")
            .path_fields([call_id()])
            .body([Field::items("custom_items", 10)
                .about("Keys of at most 128 characters without a comma, values of at most 128; a call has 10 at most.")
                .required()
                .example(json!({ "order": "1041" }))])
            .answers::<CustomItems>(),
        Operation::new("delete", ITEMS, TAG, "delete_custom_items", "Delete custom items")
            .path_fields([call_id()])
            .query([Field::list("keys", 100).about("Which; all, if left out. A body may say them, too.")])
            .answers::<CustomItems>(),
    ]
}

/// What lists of calls may be narrowed by.
pub fn filter() -> [Field; 9] {
    [
        Field::text("end_result").about(
            "How they ended, with commas between: `no_answer`, `canceled`, `declined`, `completed`, `timed_out`, \
             `connection_lost`, `not_connected`.",
        ),
        moment("start_ts", "Dialled then or later."),
        moment("end_ts", "Ended by then."),
        moment("call_ts", "Dialled around then; see `search_scope_from_call_ts`."),
        Field::any_integer("search_scope_from_call_ts")
            .about("How far around `call_ts`, in its unit. Needs `call_ts`.")
            .with("minimum", json!(0)),
        Field::any_integer("duration_range_min")
            .about("From accept to end at least so long, in milliseconds.")
            .with("minimum", json!(0)),
        Field::any_integer("duration_range_max")
            .about("From accept to end at most so long, in milliseconds.")
            .with("minimum", json!(0)),
        Field::text("call_type").about("Dialled as `audio` or `video`."),
        Field::text("state").about("`live` or `ended`."),
    ]
}

/// The side of a user.
pub fn role() -> Field {
    Field::text("role").about("Calls in which the user is `dc_caller` or `dc_callee`.")
}

fn call_id() -> Field {
    Field::text("call_id")
        .about("The call.")
        .example(json!("0b5f2f0e-6d4c-4b1e-9a53-3f6f5f0a7c11"))
}

fn moment(name: &'static str, about: &'static str) -> Field {
    Field::any_integer(name).about(about).with("minimum", json!(0)).with(
        "$comment",
        json!("Unix seconds if below 100000000000, else milliseconds."),
    )
}
