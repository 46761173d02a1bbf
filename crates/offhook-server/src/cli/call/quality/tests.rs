use super::*;

#[test]
fn a_summary_tells_the_middle_and_the_worst_of_what_samples_know() {
    let sample = |mos, lost, sent| Quality {
        mos_hundredths: mos,
        lost_per_mille: lost,
        sent_bps: sent,
        freezes: Some(2),
        ..Quality::default()
    };
    let summary = Summary::of(&[
        sample(Some(431), Some(0), Some(64_000)),
        sample(None, Some(125), Some(900)),
        sample(Some(290), None, Some(32_000)),
        sample(Some(405), Some(3), None),
    ]);
    assert_eq!(
        summary.unwrap().in_words(),
        [
            "MOS 4.05, at worst 2.90",
            "loss 0.3 %, at worst 12.5 %",
            "sent 32 kbit/s, at worst 0 kbit/s",
            "4 samples, 8 freezes"
        ]
    );
}

#[test]
fn nothing_is_made_of_no_samples() {
    assert_eq!(Summary::of(&[]), None);
    let empty = Summary::of(&[Quality::default()]).unwrap();
    assert_eq!(empty.in_words(), ["1 sample, 0 freezes"]);
    assert_eq!(empty.as_json()["mos_hundredths"], Value::Null);
}
