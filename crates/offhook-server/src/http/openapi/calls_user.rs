//! What users call, where they are signed in and pushed to: `/v1/users`.

use offhook_proto::platform::{CallSummary, CallsUserList, DirectCallList, PushTokenList, UserSessionList};
use serde_json::json;

use super::operation::{Field, Operation};
use super::{direct_call, user};

const CALLS: &str = "A user's calls";
const PUSH: &str = "Push tokens";
const SESSIONS: &str = "Sessions";

/// What may be asked of users and their calls.
pub fn operations() -> Vec<Operation> {
    vec![
        Operation::new("get", "/v1/users", CALLS, "list_calls_users", "List users")
            .about("As `GET /v3/users`, with `next` and `has_next` as lists of `/v1` have them.")
            .query([Field::next()])
            .query(user::filter())
            .answers::<CallsUserList>(),
        Operation::new(
            "get",
            "/v1/users/{user_id}/calls",
            CALLS,
            "list_user_calls",
            "List the calls of a user",
        )
        .about("The latest dialled first. A page may be short, or empty, and still have a next one.")
        .path_fields([Field::user_id()])
        .query([
            Field::text("type").about("`direct`."),
            direct_call::role(),
            Field::limit(),
            Field::next(),
        ])
        .query(direct_call::filter())
        .answers::<DirectCallList>(),
        Operation::new(
            "get",
            "/v1/users/{user_id}/call_summary",
            CALLS,
            "view_call_summary",
            "Sum up the calls of a user",
        )
        .about("Of calls that have ended.")
        .path_fields([Field::user_id()])
        .query([
            Field::any_integer("start_ts").about("Dialled then or later, in Unix seconds or milliseconds."),
            Field::any_integer("end_ts").about("Ended by then, in Unix seconds or milliseconds."),
        ])
        .answers::<CallSummary>(),
        Operation::new(
            "get",
            "/v1/users/{user_id}/push_tokens",
            PUSH,
            "list_push_tokens",
            "List push tokens",
        )
        .about("The latest registered first.")
        .path_fields([Field::user_id()])
        .answers::<PushTokenList>(),
        Operation::new(
            "post",
            "/v1/users/{user_id}/push_tokens",
            PUSH,
            "add_push_token",
            "Add a push token",
        )
        .about("Who else of the application had it, has it no more. A user has 20 at most; the oldest goes.")
        .path_fields([Field::user_id()])
        .body([
            kind().required().example(json!("fcm_voip")),
            Field::text("token")
                .about("The token; of `web_push`, a `PushSubscription` as JSON.")
                .characters(1, 4096)
                .required()
                .example(json!("a-registration-token")),
        ])
        .answers::<PushTokenList>(),
        Operation::new(
            "delete",
            "/v1/users/{user_id}/push_tokens/{type}",
            PUSH,
            "delete_push_tokens",
            "Take back the push tokens of a type",
        )
        .path_fields([Field::user_id(), kind()]),
        Operation::new(
            "delete",
            "/v1/users/{user_id}/push_tokens/{type}/{token}",
            PUSH,
            "delete_push_token",
            "Take back a push token",
        )
        .about("One that is not there is no error.")
        .path_fields([
            Field::user_id(),
            kind(),
            Field::text("token").about("The token, or the endpoint of a subscription."),
        ]),
        Operation::new(
            "get",
            "/v1/users/{user_id}/sessions",
            SESSIONS,
            "list_sessions",
            "List the sessions of a user",
        )
        .about("The latest first. Ours alone.")
        .path_fields([Field::user_id()])
        .answers::<UserSessionList>(),
        Operation::new(
            "delete",
            "/v1/users/{user_id}/sessions/{session_id}",
            SESSIONS,
            "revoke_session",
            "Revoke a session",
        )
        .about("Its sockets close at once, and the calls of its device end. Ours alone.")
        .path_fields([Field::user_id(), Field::text("session_id").about("As the list has it.")]),
    ]
}

fn kind() -> Field {
    Field::text("type").about("Through whose service: `fcm_voip`, `apns_voip` or `web_push`.")
}
