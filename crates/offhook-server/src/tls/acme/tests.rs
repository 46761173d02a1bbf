use super::*;

#[test]
fn pauses_grow_from_a_minute_to_four_hours_and_no_further() {
    let minutes: Vec<u64> = (0..12).map(|failures| pause_after(failures).as_secs() / 60).collect();
    assert_eq!(minutes, [1, 2, 4, 8, 16, 32, 64, 128, 240, 240, 240, 240]);
    assert_eq!(pause_after(u32::MAX), LONGEST_PAUSE);
}

#[test]
fn roots_are_certificates_or_the_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("roots.pem");
    let refusal = |path: &Path| roots(Some(path)).unwrap_err().to_string();
    assert!(refusal(&path).contains("certificate"), "{}", refusal(&path));
    std::fs::write(&path, "nothing").unwrap();
    assert!(refusal(&path).contains("roots.pem"), "{}", refusal(&path));
    let made = crate::tls::self_signed::make("127.0.0.1".parse().unwrap()).unwrap();
    std::fs::write(&path, made.certificate_pem).unwrap();
    assert_eq!(roots(Some(&path)).unwrap().map(|roots| roots.len()), Some(1));
    assert!(roots(None).unwrap().is_none(), "the public roots");
}
