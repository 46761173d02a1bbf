use std::time::Duration;

use super::{LONGEST, SILENCE, SILENCE_TIME, duration};

#[test]
fn packets_last_as_long_as_their_first_byte_says() {
    let ms = |tenths: u64| Some(Duration::from_micros(tenths * 100));
    let cases: [(&[u8], Option<Duration>); 12] = [
        (&[0x00], ms(100)),       // SILK, 10 ms
        (&[0x18], ms(600)),       // SILK, 60 ms
        (&[0x60], ms(100)),       // hybrid, 10 ms
        (&[0x78], ms(200)),       // hybrid, 20 ms
        (&[0x80], ms(25)),        // CELT, 2.5 ms
        (&[0xfc], ms(200)),       // CELT, 20 ms, stereo
        (&[0xf9, 0], ms(400)),    // two frames
        (&[0xfb, 0x03], ms(600)), // three frames
        (&[0xfb, 0x3f], None),    // 63 frames of 20 ms are too long
        (&[0xfb, 0x00], None),    // no frame
        (&[0xfb], None),          // says how many, and does not
        (&[], None),
    ];
    for (packet, expected) in cases {
        assert_eq!(duration(packet), expected, "{packet:02x?}");
    }
    assert_eq!(duration(&SILENCE), Some(SILENCE_TIME));
}

#[test]
fn no_packet_lasts_longer_than_the_longest() {
    for first in 0..=u8::MAX {
        for second in 0..=u8::MAX {
            assert!(duration(&[first, second]).is_none_or(|time| time <= LONGEST));
        }
    }
}
