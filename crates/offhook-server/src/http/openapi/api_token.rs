//! `/v3/applications/api_tokens…`.

use offhook_proto::user::{SecondaryToken, SecondaryTokenList};

use super::operation::{Field, Operation};

const TAG: &str = "API tokens";
const ALL: &str = "/v3/applications/api_tokens";
const ONE: &str = "/v3/applications/api_tokens/{api_token}";

/// The requests about secondary tokens, which only the master token may make.
pub fn operations() -> Vec<Operation> {
    vec![
        Operation::new("post", ALL, TAG, "createApiToken", "Make a secondary API token")
            .about("Only with the master token. The token is shown here and never again.")
            .answers::<SecondaryToken>(),
        Operation::new("get", ALL, TAG, "listApiTokens", "List the secondary API tokens")
            .about("Only with the master token. Of each the last four letters are shown: they themselves are not kept.")
            .answers::<SecondaryTokenList>(),
        Operation::new("get", ONE, TAG, "getApiToken", "Look at a secondary API token")
            .about("Only with the master token.")
            .path_fields([token()])
            .answers::<SecondaryToken>(),
        Operation::new("delete", ONE, TAG, "revokeApiToken", "Revoke a secondary API token")
            .about("Only with the master token, which itself cannot be revoked. The token opens nothing any more.")
            .path_fields([token()]),
    ]
}

fn token() -> Field {
    Field::text("api_token").about("The token.").characters(1, 128)
}
