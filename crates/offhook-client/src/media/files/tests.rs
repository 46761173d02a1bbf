use std::io::Cursor;
use std::time::Duration;

use super::{FileError, IvfReader, IvfWriter, OggReader, OggWriter, Recorder};
use crate::media::opus::SILENCE;
use crate::media::{Codec, Frame};

fn sound(ms: u64, last: u8) -> Frame {
    frame(Codec::Opus, ms, true, &[0xfc, last])
}

fn frame(codec: Codec, ms: u64, is_keyframe: bool, data: &[u8]) -> Frame {
    Frame {
        codec,
        time: Duration::from_millis(ms),
        is_keyframe,
        data: data.into(),
    }
}

fn written(frames: &[Frame]) -> Vec<u8> {
    let mut writer = OggWriter::new(Vec::new()).unwrap();
    for frame in frames {
        writer.write(frame).unwrap();
    }
    writer.finish().unwrap()
}

fn read(file: &[u8]) -> Vec<Frame> {
    let mut reader = OggReader::new(Cursor::new(file)).unwrap();
    std::iter::from_fn(|| reader.next_frame().unwrap()).collect()
}

#[test]
fn sound_that_is_written_is_read_again() {
    // More than a page of it.
    let frames: Vec<_> = (0..120_u8).map(|n| sound(1000 + 20 * u64::from(n), n)).collect();
    let again = read(&written(&frames));
    assert_eq!(again.len(), frames.len());
    for (before, after) in frames.iter().zip(&again) {
        assert_eq!(after.data, before.data);
        assert_eq!(after.time + Duration::from_secs(1), before.time);
    }
}

#[test]
fn what_is_missing_of_sound_is_silence_and_what_is_late_comes_last() {
    let again = read(&written(&[sound(0, 1), sound(100, 2), sound(110, 3), sound(40, 4)]));
    let last: Vec<u8> = again.iter().map(|frame| *frame.data.last().unwrap()).collect();
    assert_eq!(last, [1, 0xfe, 0xfe, 0xfe, 0xfe, 2, 3, 4]);
    assert_eq!(again.last().unwrap().time, Duration::from_millis(140));
}

#[test]
fn more_sound_than_time_is_left_out() {
    let flood: Vec<_> = (0..1000).map(|_| sound(5000, 1)).collect();
    let rest = (0..200).map(|n| sound(5000 + 20 * n, 2));
    let again = read(&written(&flood.into_iter().chain(rest).collect::<Vec<_>>()));
    let heard = |last| again.iter().filter(|frame| frame.data.last() == Some(&last)).count();
    assert_eq!(heard(1), 101, "two seconds ahead, and the packet that goes beyond");
    assert_eq!(
        heard(2),
        199,
        "what comes in its time is heard, but for what the flood was ahead"
    );
}

#[test]
fn of_a_longer_gap_than_an_hour_the_rest_is_left_out_for_good() {
    let hours = |hours: u64| hours * 3_600_000;
    let again = read(&written(&[
        sound(0, 1),
        sound(hours(10), 2),
        sound(hours(10) + 40, 3),
        sound(hours(10) + 60, 4),
    ]));
    let silences = again.iter().filter(|frame| *frame.data == SILENCE).count();
    assert_eq!(silences, 180_000 + 1);
    assert_eq!(again.last().unwrap().time, Duration::from_millis(hours(1) + 80));
}

#[test]
fn a_recording_without_sound_is_a_file_all_the_same() {
    let again = read(&written(&[]));
    assert_eq!(again.len(), 1);
    assert_eq!(*again.first().unwrap().data, SILENCE);
}

#[test]
fn files_that_are_cut_or_changed_are_refused_and_never_a_panic() {
    let whole = written(&(0..60).map(|n| sound(20 * n, 7)).collect::<Vec<_>>());
    let mut pictures = IvfWriter::new(Cursor::new(Vec::new()));
    pictures.write(&frame(Codec::Vp8, 0, true, &KEY)).unwrap();
    let pictures = pictures.finish().unwrap().into_inner();
    for file in [whole, pictures] {
        for cut in 0..file.len().min(300) {
            try_all(&file[..cut]);
        }
        for at in 0..file.len().min(300) {
            for bits in [0x01, 0x80, 0xff] {
                let mut changed = file.clone();
                changed[at] ^= bits;
                try_all(&changed);
            }
        }
    }
}

fn try_all(file: &[u8]) {
    if let Ok(mut reader) = OggReader::new(Cursor::new(file)) {
        while let Ok(Some(_)) = reader.next_frame() {}
    }
    if let Ok(mut reader) = IvfReader::new(file) {
        while let Ok(Some(_)) = reader.next_frame() {}
    }
}

/// The beginning of a key frame of 320 by 180.
const KEY: [u8; 10] = [0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xb4, 0x00];

#[test]
fn pictures_begin_with_a_key_frame_and_keep_their_times() {
    let mut writer = IvfWriter::new(Cursor::new(Vec::new()));
    for (ms, is_keyframe, data) in [
        (900, false, &[1, 1][..]),
        (1000, true, &KEY),
        (1033, false, &[1, 2]),
        (1100, false, &[1, 3]),
    ] {
        writer.write(&frame(Codec::Vp8, ms, is_keyframe, data)).unwrap();
    }
    // Another codec in mid-file would be unreadable.
    writer.write(&frame(Codec::H264, 1200, true, &[0, 0, 1, 0x65])).unwrap();
    let file = writer.finish().unwrap().into_inner();
    assert_eq!(&file[8..12], b"VP80");
    assert_eq!(file[12..16], [0x40, 0x01, 0xb4, 0x00], "320 by 180");
    assert_eq!(file[24..28], 3_u32.to_le_bytes(), "three pictures");
    let mut reader = IvfReader::new(file.as_slice()).unwrap();
    let again: Vec<_> = std::iter::from_fn(|| reader.next_frame().unwrap()).collect();
    let told: Vec<_> = again
        .iter()
        .map(|frame| (frame.time.as_millis(), frame.is_keyframe))
        .collect();
    assert_eq!(told, [(0, true), (33, false), (100, false)]);
}

#[test]
fn pictures_that_were_overtaken_leave_a_file_that_can_be_read() {
    let mut writer = IvfWriter::new(Cursor::new(Vec::new()));
    for ms in [1000, 1100, 1050, 900, 1200] {
        writer.write(&frame(Codec::Vp8, ms, true, &KEY)).unwrap();
    }
    let file = writer.finish().unwrap().into_inner();
    let mut reader = IvfReader::new(file.as_slice()).unwrap();
    let again: Vec<_> = std::iter::from_fn(|| reader.next_frame().unwrap()).collect();
    let times: Vec<_> = again.iter().map(|frame| frame.time.as_millis()).collect();
    assert_eq!(times, [0, 100, 100, 100, 200]);
}

#[test]
fn a_key_frame_of_h264_is_found_among_its_units() {
    let file = |data: &[u8]| {
        let mut writer = IvfWriter::new(Cursor::new(Vec::new()));
        writer.write(&frame(Codec::H264, 0, true, data)).unwrap();
        writer.finish().unwrap().into_inner()
    };
    for (data, expected) in [
        (&[0, 0, 0, 1, 0x67, 1, 0, 0, 1, 0x65, 9][..], true),
        (&[0, 0, 0, 1, 0x41, 9], false),
    ] {
        let read = IvfReader::new(file(data).as_slice())
            .unwrap()
            .next_frame()
            .unwrap()
            .unwrap();
        assert_eq!((read.codec, read.is_keyframe), (Codec::H264, expected));
    }
}

#[test]
fn the_name_of_a_recording_says_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    for (name, is_video) in [("a.opus", false), ("a.OGG", false), ("a.ivf", true)] {
        assert_eq!(Recorder::create(folder.path().join(name)).unwrap().is_video(), is_video);
    }
    let error = Recorder::create(folder.path().join("a.mp4")).unwrap_err();
    assert!(matches!(error, FileError::UnknownName));
    assert!(!folder.path().join("a.mp4").exists());
}

#[cfg(unix)]
#[test]
fn a_recording_is_for_nobody_else_on_the_machine() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let [one, other] = ["one.opus", "other.ivf"].map(|name| folder.path().join(name));
    Recorder::create(&one).unwrap();
    Recorder::create_new(&other).unwrap();
    for path in [one, other] {
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
}
