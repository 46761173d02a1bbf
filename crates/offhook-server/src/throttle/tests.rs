use super::*;

const APP: AppKey = AppKey(1);

fn address(last: u8) -> ClientAddress {
    ClientAddress([198, 51, 100, last].into())
}

#[test]
fn guessing_at_one_user_is_slowed_for_the_guesser_alone() {
    let throttle = SignInThrottle::default();
    for _ in 0..PER_USER_AND_ADDRESS.get() {
        assert_eq!(throttle.count_wrong(APP, "alice", address(1)), Ok(()));
    }
    assert!(throttle.count_wrong(APP, "alice", address(1)).is_err());
    assert_eq!(
        throttle.count_wrong(APP, "alice", address(2)),
        Ok(()),
        "another address is not locked out"
    );
    assert_eq!(throttle.count_wrong(APP, "bob", address(1)), Ok(()), "nor another user");
}

#[test]
fn guessing_at_many_users_is_slowed_too() {
    let throttle = SignInThrottle::default();
    for user in 0..PER_ADDRESS.get() {
        assert_eq!(throttle.count_wrong(APP, &user.to_string(), address(1)), Ok(()));
    }
    assert!(throttle.count_wrong(APP, "another", address(1)).is_err());
    assert!(throttle.count_wrong_application(address(1)).is_err());
    assert_eq!(throttle.count_wrong_application(address(2)), Ok(()));
}

#[test]
fn one_address_makes_few_users_by_signing_in() {
    let throttle = SignInThrottle::default();
    for _ in 0..NEW_USERS.get() {
        assert_eq!(throttle.count_new_user(address(1)), Ok(()));
    }
    assert!(throttle.count_new_user(address(1)).is_err());
    assert_eq!(throttle.count_new_user(address(2)), Ok(()));
}

#[test]
fn a_user_registers_few_push_tokens_a_minute_and_slows_nobody_else() {
    let throttle = SignInThrottle::default();
    let user = |last| UserKey::from_bytes([last; 16]);
    for _ in 0..PUSH_TOKENS.get() {
        assert_eq!(throttle.count_push_token(user(1)), Ok(()));
    }
    assert!(throttle.count_push_token(user(1)).is_err());
    assert_eq!(throttle.count_push_token(user(2)), Ok(()));
}
