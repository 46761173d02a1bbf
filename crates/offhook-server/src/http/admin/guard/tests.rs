use super::*;

#[test]
fn the_log_says_what_a_path_names_but_no_token() {
    let names = |pairs: &[(&str, &str)]| -> HashMap<String, String> {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    };
    let of = |matched, pairs: &[(&str, &str)]| target(matched, &names(pairs));
    assert_eq!(
        of(
            "/admin/v1/applications/{app_id}/v1/users/{user_id}/push_tokens/{type}/{token}",
            &[
                ("app_id", "A"),
                ("user_id", "bob"),
                ("type", "gcm"),
                ("token", "secret")
            ],
        ),
        Some("bob/gcm".to_owned())
    );
    assert_eq!(of("/admin/v1/applications/{app_id}", &[("app_id", "A")]), None);
}

#[test]
fn what_back_ends_can_do_as_well_has_their_name_for_it() {
    for (matched, expected) in [
        (
            "/admin/v1/applications/{app_id}/v3/users/{user_id}",
            "/v3/users/{user_id}",
        ),
        ("/admin/v1/applications/{app_id}/v1/usage", "/v1/usage"),
        (
            "/admin/v1/applications/{app_id}/api_tokens",
            "/admin/v1/applications/{app_id}/api_tokens",
        ),
        ("/admin/v1/session", "/admin/v1/session"),
    ] {
        assert_eq!(action(matched), expected);
    }
}
