use super::*;

#[tokio::test]
async fn a_password_is_of_its_hash_and_of_no_other() {
    let passwords = Passwords::default();
    let hash = passwords.hash("correct horse").await.unwrap();
    assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
    assert_ne!(hash, passwords.hash("correct horse").await.unwrap());
    assert!(passwords.is_of("correct horse", Some(&hash)).await.unwrap());
    assert!(!passwords.is_of("Correct horse", Some(&hash)).await.unwrap());
    assert!(!passwords.is_of("correct horse", None).await.unwrap());
    assert!(passwords.is_of("correct horse", Some("no hash")).await.is_err());
}

#[tokio::test]
async fn too_many_at_once_are_sent_away_and_find_room_later() {
    let passwords = Passwords::default();
    let all = Arc::clone(&passwords.admitted);
    let crowd = all.acquire_many_owned((AT_ONCE + WAITING) as u32).await.unwrap();
    assert!(matches!(passwords.is_of("x", None).await, Err(PasswordError::Busy(_))));
    drop(crowd);
    assert!(!passwords.is_of("x", None).await.unwrap());
}
