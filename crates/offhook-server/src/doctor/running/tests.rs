use super::*;

#[test]
fn a_server_runs_exactly_while_its_lock_is_held() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(Running::look(folder.path()), Running::No);
    assert!(!folder.path().join(LOCK).exists(), "looking makes nothing");

    let lock = fs::File::create(folder.path().join(LOCK)).unwrap();
    assert_eq!(Running::look(folder.path()), Running::No);
    lock.lock().unwrap();
    assert_eq!(Running::look(folder.path()), Running::Yes(None));
    note().write(&lock).unwrap();
    assert_eq!(Running::look(folder.path()), Running::Yes(Some(note())));
    lock.unlock().unwrap();
    assert_eq!(
        Running::look(folder.path()),
        Running::No,
        "what it wrote is no sign of life"
    );
}

#[test]
fn a_shorter_note_leaves_nothing_of_a_longer_one() {
    let folder = tempfile::tempdir().unwrap();
    let lock = fs::File::create(folder.path().join(LOCK)).unwrap();
    lock.lock().unwrap();
    let many = vec![note().http; 16];
    Note { relay: many, ..note() }.write(&lock).unwrap();
    note().write(&lock).unwrap();
    assert_eq!(Running::look(folder.path()).note(), Some(&note()));
}

fn note() -> Note {
    Note {
        pid: 7,
        http: "127.0.0.1:8080".parse().unwrap(),
        admin: "127.0.0.1:9090".parse().unwrap(),
        relay: Vec::new(),
        https: None,
    }
}
