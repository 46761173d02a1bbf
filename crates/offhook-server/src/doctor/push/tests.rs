use std::path::{Path, PathBuf};

use super::*;
use crate::doctor::Verdict;

#[test]
fn the_services_that_are_set_up_are_named_and_a_missing_contact_is_a_warning() {
    let mut config = Config::ephemeral(Path::new("data"));
    let finding = judge(&config, Ok(()));
    assert_eq!(finding.verdict, Verdict::Warning);
    assert!(
        finding.says.starts_with("Devices are reached by Web Push."),
        "{finding:?}"
    );
    config.push.contact = Some("mailto:ops@example.org".to_owned());
    config.push.apns.key = Some(PathBuf::from("key.p8"));
    let finding = judge(&config, Ok(()));
    assert_eq!(finding.verdict, Verdict::Ok);
    assert_eq!(finding.says, "Devices are reached by Web Push, APNs.");
}

#[test]
fn a_key_that_cannot_be_read_is_named_with_its_file() {
    let mut config = Config::ephemeral(Path::new("data"));
    config.push.fcm.service_account = Some(PathBuf::from("/nowhere/account.json"));
    let finding = check(&config);
    assert_eq!(finding.verdict, Verdict::Failed);
    let expected = "push.fcm.service_account names /nowhere/account.json, which cannot be read: No such file";
    assert!(finding.says.contains(expected), "{finding:?}");
}
