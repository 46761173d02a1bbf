use super::*;

const START: Timestamp = Timestamp::from_millis(1_700_000_000_000);

#[test]
fn a_greater_role_may_what_a_lesser_may() {
    assert!(Role::ALL.is_sorted());
    assert!(Role::Owner > Role::Operator && Role::Operator > Role::Viewer);
}

#[test]
fn a_session_ends_when_it_rests_or_when_its_day_is_over() {
    let used = |hours: u64| START + Duration::from_secs(hours * 3600);
    for (used_at, now, is_alive) in [
        (used(0), used(1), true),
        (used(0), used(2), false),
        (used(11), used(11) + Duration::from_secs(3599), true),
        (used(11), used(12), false),
    ] {
        assert_eq!(is_session_alive(START, used_at, now), is_alive, "{used_at:?} {now:?}");
    }
}

#[test]
fn names_and_passwords_have_their_bounds() {
    assert_eq!(check_name("anna"), Ok(()));
    assert_eq!(check_name(""), Err(InvalidAdministrator::NameLength));
    assert_eq!(check_name(&"a".repeat(81)), Err(InvalidAdministrator::NameLength));
    assert_eq!(check_name("a\nb"), Err(InvalidAdministrator::NameCharacter));
    assert_eq!(check_name(" anna"), Err(InvalidAdministrator::NameCharacter));
    assert_eq!(check_password("correct horse", "anna"), Ok(()));
    assert_eq!(
        check_password("too short", "anna"),
        Err(InvalidAdministrator::PasswordLength)
    );
    assert_eq!(check_password(&"é".repeat(256), "anna"), Ok(()));
    assert_eq!(
        check_password(&"é".repeat(257), "anna"),
        Err(InvalidAdministrator::PasswordLength)
    );
    assert_eq!(
        check_password("Administrator", "administrator"),
        Err(InvalidAdministrator::PasswordIsName)
    );
}
