use std::os::unix::fs::PermissionsExt as _;

use super::*;

const DIRECTORY: &str = "https://one.example/directory";

#[tokio::test]
async fn what_is_kept_is_found_again_by_the_same_names_only_and_read_by_its_owner_only() {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::new(folder.path());
    let domains = ["a.example".to_owned(), "b.example".to_owned()];
    let contact = ["mailto:operator@example.org".to_owned()];
    assert_eq!(cache.load_cert(&domains, DIRECTORY).await.unwrap(), None);
    cache.store_cert(&domains, DIRECTORY, b"first").await.unwrap();
    cache.store_cert(&domains, DIRECTORY, b"second").await.unwrap();
    cache.store_account(&contact, DIRECTORY, b"account").await.unwrap();

    let again = Cache::new(folder.path());
    assert_eq!(again.load_cert(&domains, DIRECTORY).await.unwrap().unwrap(), b"second");
    assert_eq!(
        again.load_account(&contact, DIRECTORY).await.unwrap().unwrap(),
        b"account"
    );
    assert_eq!(again.load_cert(&domains[..1], DIRECTORY).await.unwrap(), None);
    assert_eq!(
        again
            .load_cert(&domains, "https://two.example/directory")
            .await
            .unwrap(),
        None
    );
    assert_eq!(again.load_account(&[], DIRECTORY).await.unwrap(), None);

    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder.path().join("acme")), 0o700);
    let files: Vec<PathBuf> = fs::read_dir(folder.path().join("acme"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert_eq!(files.len(), 2, "{files:?}");
    assert!(files.iter().all(|path| mode(path) == 0o600), "{files:?}");
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("acme"), "a file").unwrap();
    let cache = Cache::new(folder.path());
    assert!(cache.store_account(&[], DIRECTORY, b"account").await.is_err());
    assert!(cache.load_account(&[], DIRECTORY).await.is_err());
}
