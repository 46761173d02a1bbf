use super::*;
use crate::doctor::Verdict::{self, Failed, Ok as Good, Warning};

const FOLDER: Entry = Entry {
    is_folder: true,
    mode: 0o700,
    owner: 1000,
    size_bytes: 4096,
    is_usable: true,
};
const KEY: Entry = Entry {
    is_folder: false,
    mode: 0o600,
    size_bytes: 32,
    ..FOLDER
};

#[test]
fn a_folder_is_there_closed_to_others_and_writable() {
    let check = |entry: Result<Option<Entry>, String>, verdict: Verdict, words: &str| {
        check(judge_folder("/data", &entry, 1001), verdict, words);
    };
    check(Ok(Some(FOLDER)), Good, "mode 0700");
    check(Ok(None), Good, "first start makes it");
    check(Ok(Some(Entry { mode: 0o755, ..FOLDER })), Warning, "chmod 700 /data");
    check(Ok(Some(Entry { mode: 0o710, ..FOLDER })), Warning, "chmod 700 /data");
    check(
        Ok(Some(Entry {
            is_usable: false,
            ..FOLDER
        })),
        Failed,
        "chown -R 1001 /data",
    );
    check(
        Ok(Some(Entry {
            is_folder: false,
            ..FOLDER
        })),
        Failed,
        "data_dir",
    );
    check(Err("permission denied".to_owned()), Failed, "permission denied");
}

#[test]
fn room_is_counted_in_mib() {
    check(judge_space("/data", 10 * 1024 * MIB), Good, "10240 MiB");
    check(judge_space("/data", 1024 * MIB - 1), Warning, "1023 MiB");
    check(judge_space("/data", 100 * MIB - 1), Failed, "99 MiB");
}

#[test]
fn a_key_is_whole_and_nobody_elses() {
    let check = |entry: Result<Option<Entry>, String>, has_store: bool, verdict: Verdict, words: &str| {
        check(judge_key("/data/server.key", &entry, has_store), verdict, words);
    };
    check(Ok(Some(KEY)), true, Good, "mode 0600");
    check(Ok(Some(Entry { mode: 0o400, ..KEY })), true, Good, "mode 0400");
    check(
        Ok(Some(Entry { mode: 0o640, ..KEY })),
        true,
        Failed,
        "chmod 600 /data/server.key",
    );
    check(Ok(Some(Entry { size_bytes: 31, ..KEY })), true, Failed, "31 bytes");
    check(
        Ok(Some(Entry {
            is_usable: false,
            ..KEY
        })),
        true,
        Failed,
        "user 1000",
    );
    check(Ok(None), false, Good, "first start makes it");
    check(Ok(None), true, Failed, "backup");
    check(Err("io".to_owned()), true, Failed, "io");
}

#[test]
fn a_folder_and_a_key_on_disk_are_seen_as_they_are() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data");
    let config = Config::ephemeral(&path);
    assert_eq!(verdicts(&config), [Good]);
    assert!(!path.exists(), "looking makes nothing");
    fs::create_dir(&path).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(config.key_path(), [7; 32]).unwrap();
    fs::set_permissions(config.key_path(), fs::Permissions::from_mode(0o644)).unwrap();
    let found = verdicts(&config);
    assert_eq!((found[0], found[2]), (Warning, Failed));
}

fn verdicts(config: &Config) -> Vec<Verdict> {
    super::check(config).iter().map(|finding| finding.verdict).collect()
}

fn check(finding: Finding, verdict: Verdict, words: &str) {
    assert_eq!(finding.verdict, verdict, "{finding:?}");
    assert_eq!(finding.way_out.is_some(), verdict != Good, "{finding:?}");
    let all = format!("{} {}", finding.says, finding.way_out.as_deref().unwrap_or(""));
    assert!(all.contains(words), "{words:?} in {all:?}");
}
