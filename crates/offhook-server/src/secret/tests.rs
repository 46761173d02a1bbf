use super::*;

#[test]
fn what_is_sealed_opens_with_the_same_key_and_purpose_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("server.key");
    let key = ServerKey::open_or_create(&path).unwrap();
    let sealed = key.seal("api token", b"secret");
    assert_ne!(sealed, key.seal("api token", b"secret"), "a nonce is used once");

    let again = ServerKey::open_or_create(&path).unwrap();
    assert_eq!(again.open("api token", &sealed).unwrap(), b"secret");
    assert_eq!(again.open("signing key", &sealed), Err(NotOpened));

    let other = ServerKey::open_or_create(&folder.path().join("other.key")).unwrap();
    assert_eq!(other.open("api token", &sealed), Err(NotOpened));

    let mut changed = sealed;
    changed[20] ^= 1;
    assert_eq!(again.open("api token", &changed), Err(NotOpened));
    assert_eq!(again.open("api token", b"short"), Err(NotOpened));
}

#[test]
fn a_tag_is_authentic_for_its_key_purpose_and_message_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("server.key");
    let key = ServerKey::open_or_create(&path).unwrap();
    let tag = key.authenticate("doctor", b"until noon");
    let again = ServerKey::read(&path).unwrap();
    assert!(again.is_authentic("doctor", b"until noon", tag.as_ref()));
    assert!(!again.is_authentic("doctors", b"until noon", tag.as_ref()));
    assert!(!again.is_authentic("doctor", b"until night", tag.as_ref()));
    let other = ServerKey::open_or_create(&folder.path().join("other.key")).unwrap();
    assert!(!other.is_authentic("doctor", b"until noon", tag.as_ref()));
}

#[test]
fn reading_a_key_that_is_not_there_makes_none() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("server.key");
    ServerKey::read(&path).unwrap_err();
    assert!(!path.exists());
}

#[test]
fn the_key_file_is_readable_by_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("server.key");
    ServerKey::open_or_create(&path).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    fs::write(&path, b"short").unwrap();
    assert!(ServerKey::open_or_create(&path).is_err());
}

#[test]
fn a_hash_is_sha_256() {
    assert_eq!(hash("abc")[..4], [0xba, 0x78, 0x16, 0xbf]);
    assert!(same(&hash("a"), &hash("a")));
    assert!(!same(&hash("a"), &hash("b")));
}
