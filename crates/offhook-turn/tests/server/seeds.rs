//! Every seed of the fuzz targets, and a fixed set of random bytes beside them.

use std::fs;
use std::path::Path;

use proptest::prelude::*;

use super::fuzzed;

#[test]
fn every_seed_of_a_packet_is_borne() {
    replay("turn_packet", fuzzed::packet);
}

#[test]
fn every_seed_of_a_stream_is_borne() {
    replay("turn_stream", fuzzed::stream);
}

#[test]
fn every_seed_of_a_session_is_borne() {
    replay("turn_session", fuzzed::session);
}

fn replay(target: &str, run: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fuzz/seeds")
        .join(target);
    let mut count = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        println!("{}", path.display());
        run(&fs::read(path).unwrap());
        count += 1;
    }
    assert!(count >= 3, "seeds of {target}");
}

/// Bytes that look like a script more often than chance would have it.
fn script() -> impl Strategy<Value = Vec<u8>> {
    let attribute = prop_oneof![
        Just(vec![0x00, 0x19, 4, 17, 0, 0, 0]),
        Just(vec![0x00, 0x17, 4, 2, 0, 0, 0]),
        Just(vec![0x80, 0x00, 4, 2, 0, 0, 0]),
        Just(vec![0x00, 0x18, 1, 0x80]),
        Just(vec![0x00, 0x0C, 4, 0x40, 0, 0, 0]),
        Just(vec![0x00, 0x0C, 4, 0x40, 1, 0, 0]),
        // 8.8.8.8:9, xored.
        Just(vec![0x00, 0x12, 8, 0, 1, 0x21, 0x1B, 0x29, 0x1A, 0xAC, 0x4A]),
        any::<u8>().prop_map(|seconds| vec![0x00, 0x0D, 4, 0, 0, seconds, seconds]),
        (any::<[u8; 2]>(), prop::collection::vec(any::<u8>(), 0..9)).prop_map(|(kind, value)| [
            &kind[..],
            &[value.len() as u8],
            &value
        ]
        .concat()),
    ];
    let request = (0_u8..12, prop::collection::vec(attribute, 0..5))
        .prop_map(|(who, attributes)| [&[1, who, attributes.len() as u8][..], &attributes.concat()].concat());
    let allocate = (0_u8..3).prop_map(|who| vec![1, who, 1, 0x00, 0x19, 4, 17, 0, 0, 0]);
    let other = (3_u8..8, any::<u8>(), prop::collection::vec(any::<u8>(), 0..6))
        .prop_map(|(what, who, more)| [&[what, who][..], &more].concat());
    let noise = prop::collection::vec(any::<u8>(), 0..30);
    prop::collection::vec(prop_oneof![4 => request, 3 => allocate, 4 => other, 1 => noise], 0..40)
        .prop_map(|acts| acts.concat())
}

fn cases(count: u32) -> ProptestConfig {
    ProptestConfig {
        rng_seed: proptest::test_runner::RngSeed::Fixed(1),
        ..ProptestConfig::with_cases(count)
    }
}

proptest! {
    #![proptest_config(cases(150))]

    #[test]
    fn sessions_of_any_bytes_are_borne(script in script()) {
        fuzzed::session(&script);
    }

    #[test]
    fn streams_of_any_bytes_are_borne(piece in any::<u8>(), lengths in prop::collection::vec((any::<bool>(), 0_u16..300), 0..12), noise in prop::collection::vec(any::<u8>(), 0..8)) {
        let mut bytes = vec![piece, 0x00, 0x01, 0, 0, 0x21, 0x12, 0xA4, 0x42, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        for (is_stun, length) in lengths {
            let length = if is_stun { length & !3 } else { length };
            let head: &[u8] = if is_stun { &[0x00, 0x01] } else { &[0x40, 0x07] };
            bytes.extend(head);
            bytes.extend(length.to_be_bytes());
            if is_stun {
                bytes.extend([0x21, 0x12, 0xA4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
            }
            bytes.extend(vec![0x55; usize::from(length.next_multiple_of(4))]);
        }
        bytes.extend(noise);
        fuzzed::stream(&bytes);
    }

    #[test]
    fn packets_of_any_bytes_are_borne(kind in 0_u16..0x120, bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        let length = (bytes.len() & !3) as u16;
        let [a, b] = kind.to_be_bytes();
        let [c, d] = length.to_be_bytes();
        let message = [&[a, b, c, d, 0x21, 0x12, 0xA4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12][..], &bytes[..usize::from(length)]].concat();
        fuzzed::packet(&message);
        fuzzed::packet(&bytes);
    }
}
