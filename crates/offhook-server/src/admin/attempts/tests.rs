use std::net::{IpAddr, Ipv4Addr};

use super::*;

const START: Timestamp = Timestamp::from_millis(1_700_000_000_000);
const ANNA: AdministratorId = AdministratorId(1);

fn address(last: u8) -> ClientAddress {
    ClientAddress(IpAddr::V4(Ipv4Addr::new(192, 0, 2, last)))
}

fn after(seconds: u64) -> Timestamp {
    START + Duration::from_secs(seconds)
}

#[test]
fn who_guesses_at_a_name_waits_and_nobody_else() {
    let attempts = Attempts::default();
    for _ in 0..10 {
        assert_eq!(attempts.admit("anna", address(1), START), Ok(()));
        attempts.count_wrong("anna", address(1), START);
    }
    assert_eq!(
        attempts.admit("anna", address(1), after(20)),
        Err(Duration::from_secs(40))
    );
    assert_eq!(attempts.admit("anna", address(2), after(20)), Ok(()));
    assert_eq!(attempts.admit("ben", address(1), after(20)), Ok(()));
    assert_eq!(attempts.admit("anna", address(1), after(60)), Ok(()));
}

#[test]
fn who_guesses_at_many_names_waits() {
    let attempts = Attempts::default();
    for number in 0..30 {
        let name = number.to_string();
        assert_eq!(attempts.admit(&name, address(1), START), Ok(()));
        attempts.count_wrong(&name, address(1), START);
    }
    assert!(attempts.admit("anna", address(1), after(59)).is_err());
    assert!(attempts.admit("anna", address(2), after(59)).is_ok());
    attempts.sweep(after(60));
    assert!(attempts.by_name.lock().is_empty() && attempts.by_address.lock().is_empty());
}

#[test]
fn codes_are_few_from_wherever_they_come() {
    let attempts = Attempts::default();
    for _ in 0..5 {
        assert_eq!(attempts.admit_code(ANNA, START), Ok(()));
        attempts.count_wrong_code(ANNA, START);
    }
    assert!(attempts.admit_code(ANNA, after(14 * 60)).is_err());
    assert!(attempts.admit_code(AdministratorId(2), START).is_ok());
    assert!(attempts.admit_code(ANNA, after(15 * 60)).is_ok());
}
