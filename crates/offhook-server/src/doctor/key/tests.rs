use super::*;
use crate::secret;

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

#[test]
fn a_key_opens_for_fifteen_minutes() {
    let key = server_key("a");
    let text = make(&key, NOW);
    for (later, expected) in [
        (0, Ok(())),
        (15 * 60 - 1, Ok(())),
        (15 * 60, Err(InvalidKey::Expired)),
        (365 * 24 * 3600, Err(InvalidKey::Expired)),
    ] {
        assert_eq!(
            check(&key, &text, NOW + Duration::from_secs(later)),
            expected,
            "{later} s later"
        );
    }
}

#[test]
fn another_servers_key_a_changed_one_and_any_text_are_not_ours() {
    let key = server_key("a");
    let text = make(&key, NOW);
    assert_eq!(check(&server_key("b"), &text, NOW), Err(InvalidKey::NotOurs));
    for position in 0..text.len() {
        let mut letters: Vec<char> = text.chars().collect();
        letters[position] = if letters[position] == 'A' { 'B' } else { 'A' };
        let changed: String = letters.into_iter().collect();
        assert_eq!(check(&key, &changed, NOW), Err(InvalidKey::NotOurs), "{position}");
    }
    for text in ["", "AAAA", "not base64url!", &text[..text.len() - 4], &"A".repeat(4000)] {
        assert_eq!(check(&key, text, NOW), Err(InvalidKey::NotOurs), "{text:?}");
    }
}

#[test]
fn a_tag_made_for_something_else_opens_nothing() {
    let key = server_key("a");
    let expiry = u64::MAX.to_be_bytes();
    let tag = key.authenticate("something else", &expiry);
    let forged = secret::encode(&[&expiry, tag.as_ref()].concat());
    assert_eq!(check(&key, &forged, NOW), Err(InvalidKey::NotOurs));
}

#[test]
fn the_link_carries_the_key_where_no_server_sees_it() {
    let key = server_key("a");
    let link = link("https://calls.example.org", &key, NOW);
    let text = link.strip_prefix("https://calls.example.org/doctor#key=").unwrap();
    assert_eq!(check(&key, text, NOW), Ok(()));
}

/// The same bytes for the same name.
fn server_key(name: &str) -> ServerKey {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("server.key");
    std::fs::write(&path, secret::hash(name)).unwrap();
    ServerKey::read(&path).unwrap()
}
