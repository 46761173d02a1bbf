use serde_json::json;

use super::*;

fn config(change: impl FnOnce(&mut OidcConfig)) -> OidcConfig {
    let mut config = OidcConfig::default();
    change(&mut config);
    config
}

fn person(claims: Value) -> Person {
    Person::read(&claims, "groups")
}

fn list(items: &[&str]) -> Vec<String> {
    items.iter().map(|item| (*item).to_owned()).collect()
}

#[test]
fn an_address_counts_once_it_is_verified() {
    let config = config(|config| {
        config.default_role = Some(Role::Viewer);
        config.allowed_emails = list(&["Anna@example.org", "@team.example"]);
    });
    for (claims, allowed) in [
        (json!({"email": "anna@Example.org", "email_verified": true}), true),
        (json!({"email": "anna@example.org", "email_verified": "true"}), true),
        (json!({"email": "anna@example.org"}), false),
        (json!({"email": "anna@example.org", "email_verified": false}), false),
        (json!({"email": "ben@example.org", "email_verified": true}), false),
        (json!({"email": "ben@team.example", "email_verified": true}), true),
        (json!({"email": "ben@evil-team.example", "email_verified": true}), false),
        (
            json!({"email": "ben@team.example@evil.example", "email_verified": true}),
            false,
        ),
        (json!({}), false),
    ] {
        let expected = if allowed {
            Ok((Role::Viewer, false))
        } else {
            Err(NotAllowed::Email)
        };
        assert_eq!(person(claims.clone()).role(&config), expected, "{claims}");
    }
}

#[test]
fn the_greatest_role_of_somebodys_groups_counts() {
    let config = config(|config| {
        config.owner_groups = list(&["chiefs"]);
        config.operator_groups = list(&["staff", "ops"]);
        config.viewer_groups = list(&["guests"]);
    });
    for (groups, expected) in [
        (json!(["guests", "staff"]), Ok((Role::Operator, true))),
        (json!(["staff", "chiefs"]), Ok((Role::Owner, true))),
        (json!("guests"), Ok((Role::Viewer, true))),
        (json!(["Chiefs", 7]), Err(NotAllowed::Group)),
        (json!(null), Err(NotAllowed::Group)),
    ] {
        assert_eq!(person(json!({"groups": groups})).role(&config), expected, "{groups}");
    }
}

#[test]
fn a_name_is_the_address_or_what_else_is_known() {
    for (claims, name) in [
        (
            json!({"sub": "1", "name": "Anna", "email": "a@b.c", "email_verified": true}),
            "a@b.c",
        ),
        (json!({"sub": "1", "name": "Anna", "email": "a@b.c"}), "Anna"),
        (
            json!({"sub": "1", "name": "An\nna", "preferred_username": " anna "}),
            "anna",
        ),
        (json!({"sub": "1"}), "1"),
    ] {
        assert_eq!(person(claims).name(), name);
    }
}
