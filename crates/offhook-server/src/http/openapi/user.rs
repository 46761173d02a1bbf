//! Users and their tokens: `/v3/users`.

use offhook_proto::user::{IssuedTokenBody, UserBody, UserListBody};
use serde_json::json;

use super::operation::{Field, Operation};

const TAG: &str = "Users";
const USER: &str = "/v3/users/{user_id}";
const TOKEN: &str = "/v3/users/{user_id}/token";

/// What may be asked of users.
pub fn operations() -> Vec<Operation> {
    vec![
        Operation::new("post", "/v3/users", TAG, "create_user", "Make a user")
            .about("A user id that is taken is refused with 400202.")
            .body([Field::user_id().required()])
            .body([nickname().required().nullable(), profile_url().required().nullable()])
            .body([discovery_keys(), Field::items("metadata", 5).about(METADATA).example(json!({ "team": "blue" }))])
            .body(wanted_tokens())
            .takes_picture(profile_file())
            .answers::<UserBody>(),
        Operation::new("get", "/v3/users", TAG, "list_users", "List users")
            .about("In the order in which they were made.")
            .query([Field::text("token").about("Where the page begins: `next` of the page before. Left out for the first.")])
            .query(filter())
            .answers::<UserListBody>(),
        Operation::new("get", USER, TAG, "view_user", "Show a user")
            .path_fields([Field::user_id()])
            .answers::<UserBody>(),
        Operation::new("put", USER, TAG, "update_user", "Change a user")
            .about(
                "What is left out stays. A user who is deactivated is signed out everywhere, and their calls end. Metadata \
                 is changed by requests of its own.",
            )
            .path_fields([Field::user_id()])
            .body([nickname(), profile_url(), discovery_keys()])
            .body([
                Field::list("preferred_languages", 4).about("Kept for the application."),
                Field::boolean("is_active").about("Whether the user may sign in."),
                Field::time("last_seen_at").about("When the user was last seen, in UTC milliseconds."),
                Field::boolean("leave_all_when_deactivated").about("Changes nothing: there are no channels."),
            ])
            .body(wanted_tokens())
            .takes_picture(profile_file())
            .answers::<UserBody>(),
        Operation::new("delete", USER, TAG, "delete_user", "Delete a user")
            .about("The user is signed out everywhere, and their calls end.")
            .path_fields([Field::user_id()]),
        Operation::new("post", TOKEN, TAG, "issue_session_token", "Issue a session token")
            .about("A user may have any number. It is signed and not kept, so it is shown in this answer only.")
            .path_fields([Field::user_id()])
            .body([Field::time("expires_at").about("When it ends, in UTC milliseconds; seven days from now if left out.")])
            .answers::<IssuedTokenBody>(),
        Operation::new("delete", TOKEN, TAG, "revoke_session_tokens", "Revoke every session token")
            .about("Sockets that came from one close at once, and their calls end.")
            .path_fields([Field::user_id()]),
    ]
}

/// What lists of users may be narrowed by.
pub fn filter() -> [Field; 8] {
    [
        Field::limit(),
        Field::one_of("active_mode", &["activated", "deactivated", "all"])
            .about("Which users, by whether they may sign in.")
            .default(json!("activated")),
        Field::list("user_ids", 250).about("These users only; the comma stands outside the encoding of each."),
        Field::text("nickname").about("Users of exactly this name only."),
        Field::text("nickname_startswith").about("Users whose name begins so only."),
        Field::text("metadatakey").about("Users with a metadata item of this key only; needs `metadatavalues_in`."),
        Field::list("metadatavalues_in", 250).about("The values that the item may have; needs `metadatakey`."),
        Field::boolean("show_bot").about("Changes nothing: there are no bots."),
    ]
}

const METADATA: &str = "The application's words about the user: at most 5, keys of at most 128 characters without a comma, \
                        values of at most 190.";

fn nickname() -> Field {
    Field::text("nickname")
        .about("The name to show; may be empty.")
        .characters(0, 80)
        .example(json!("Alice"))
}

fn profile_url() -> Field {
    Field::text("profile_url")
        .about("A picture's address; may be empty.")
        .characters(0, 2048)
        .example(json!(""))
}

fn profile_file() -> Field {
    Field::file("profile_file").about("A JPEG or PNG of at most 5 MB, which is shown at an address of this server.")
}

fn discovery_keys() -> Field {
    Field::list("discovery_keys", 100).about("Kept for the application; each of at most 128 characters.")
}

fn wanted_tokens() -> [Field; 3] {
    [
        Field::boolean("issue_access_token")
            .about("Issues an access token, which replaces the one before. It is shown in this answer only.")
            .default(json!(false)),
        Field::boolean("issue_session_token")
            .about("The older way to issue a session token.")
            .default(json!(false))
            .with("deprecated", json!(true)),
        Field::time("session_token_expires_at")
            .about("When that session token ends, in UTC milliseconds.")
            .with("deprecated", json!(true)),
    ]
}
