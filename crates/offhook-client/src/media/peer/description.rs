//! What is looked at in a session description before the engine sees it.

use std::collections::BTreeMap;

/// Whether every payload type means one codec: once in a section, and the same in all, as they share a transport
/// (RFC 8843 §10.1.2). The engine takes that for granted, and panics where it is not so.
pub(super) fn is_unambiguous(sdp: &str) -> bool {
    let mut meanings: BTreeMap<u8, (usize, String)> = BTreeMap::new();
    let mut section = 0;
    for line in sdp.lines() {
        if line.starts_with("m=") {
            section += 1;
        }
        let Some((number, codec)) = line
            .strip_prefix("a=rtpmap:")
            .and_then(|mapping| mapping.split_once(' '))
        else {
            continue;
        };
        let Ok(number) = number.trim().parse() else {
            return false;
        };
        let meaning = (section, codec.trim().to_ascii_lowercase());
        if let Some((seen_in, codec)) = meanings.insert(number, meaning.clone())
            && (seen_in == section || codec != meaning.1)
        {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::is_unambiguous;

    #[test]
    fn a_payload_type_that_means_two_things_is_ambiguous() {
        for (mappings, expected) in [
            ("a=rtpmap:111 opus/48000/2\r\nm=video\r\na=rtpmap:96 VP8/90000", true),
            ("a=rtpmap:96 opus/48000/2\r\nm=video\r\na=rtpmap:96 VP8/90000", false),
            ("a=rtpmap:111 opus/48000/2\r\na=rtpmap:111 opus/48000/2", false),
            (
                "a=rtpmap:111 opus/48000/2\r\nm=audio\r\na=rtpmap:111 OPUS/48000/2",
                true,
            ),
            ("a=rtpmap:x opus/48000/2", false),
            ("a=rtpmap:111", true),
            ("", true),
        ] {
            let sdp = format!("v=0\r\nm=audio\r\n{mappings}\r\n");
            assert_eq!(is_unambiguous(&sdp), expected, "{mappings}");
        }
    }
}
