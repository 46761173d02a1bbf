use super::*;

#[test]
fn ids_of_sessions_follow_the_time_and_no_two_are_the_same() {
    let id = |millis| new_session_id(Timestamp::from_millis(millis));
    let ids = [id(255), id(256), id(1 << 40), id((1 << 48) - 1)];
    assert!(
        ids.is_sorted_by(|one, other| one.as_bytes() < other.as_bytes()),
        "{ids:?}"
    );
    assert_ne!(id(256), id(256));
}
