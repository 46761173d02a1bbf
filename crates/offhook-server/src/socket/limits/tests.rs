use super::*;

#[test]
fn a_burst_passes_and_a_flood_is_cut() {
    let mut limits = Limits::default();
    let verdicts: Vec<_> = (0..2_000).map(|_| limits.count(100)).collect();
    assert!(verdicts[..300].iter().all(|verdict| *verdict == Verdict::Allowed));
    assert!(verdicts.contains(&Verdict::TooMuch));
    assert_eq!(verdicts.last(), Some(&Verdict::Flood));
}

#[test]
fn long_messages_count_by_their_length() {
    let mut limits = Limits::default();
    let allowed = (0..100).filter(|_| limits.count(48 * 1024) == Verdict::Allowed).count();
    assert!((20..30).contains(&allowed), "{allowed}");
}
