use super::*;

/// The key that is refused, if one is.
fn refused(change: impl FnOnce(&mut AdminConfig)) -> Option<&'static str> {
    let mut config = AdminConfig::default();
    config.oidc.issuer = Some("https://accounts.example.org".to_owned());
    config.oidc.client_id = Some("offhook".to_owned());
    config.oidc.owner_groups = vec!["chiefs".to_owned()];
    change(&mut config);
    match config.check() {
        Ok(()) => None,
        Err(ConfigError::OutOfRange { key, .. }) => Some(key),
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn a_provider_that_lets_nobody_or_everybody_in_is_refused() {
    assert_eq!(
        AdminConfig::default().check().map_err(|error| error.to_string()),
        Ok(())
    );
    assert_eq!(refused(|_| {}), None);
    let nobody = |config: &mut AdminConfig| config.oidc.owner_groups.clear();
    assert_eq!(refused(nobody), Some("admin.oidc.default_role"));
    let everybody = |config: &mut AdminConfig| {
        config.oidc.owner_groups.clear();
        config.oidc.default_role = Some(Role::Viewer);
    };
    assert_eq!(refused(everybody), Some("admin.oidc.allowed_emails"));
    let team = |config: &mut AdminConfig| {
        everybody(config);
        config.oidc.allowed_emails = vec!["@example.org".to_owned()];
    };
    assert_eq!(refused(team), None);
}

#[test]
fn what_is_no_provider_is_refused() {
    for issuer in ["accounts.example.org", "", "ftp://a", "https://a/?b", "https://a/#b"] {
        let key = refused(|config| config.oidc.issuer = Some(issuer.to_owned()));
        assert_eq!(key, Some("admin.oidc.issuer"), "{issuer}");
    }
    assert_eq!(
        refused(|config| config.oidc.client_id = None),
        Some("admin.oidc.client_id")
    );
    let redirect = |config: &mut AdminConfig| config.oidc.redirect_url = Some("/callback".to_owned());
    assert_eq!(refused(redirect), Some("admin.oidc.redirect_url"));
    assert_eq!(
        refused(|config| config.audit_retention_days = 3651),
        Some("admin.audit_retention_days")
    );
}
