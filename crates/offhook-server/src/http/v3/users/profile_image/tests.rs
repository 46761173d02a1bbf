use super::*;

#[test]
fn a_public_host_may_be_a_name_or_an_address() {
    let base = |host: Option<&str>| {
        let config = Config {
            public_host: host.map(str::to_owned),
            ..Config::default()
        };
        base_url(&config, "http://127.0.0.1:8080".to_owned())
    };
    assert_eq!(base(Some("calls.example.org")), "https://calls.example.org");
    assert_eq!(base(Some("2001:db8::9")), "https://[2001:db8::9]");
    assert_eq!(base(None), "http://127.0.0.1:8080");
}

#[test]
fn a_damaged_picture_is_looked_at_without_harm() {
    let mut jpeg = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0".to_vec();
    jpeg.extend([0xff, 0xc0, 0, 11, 8, 0, 9, 0, 9, 1, 1, 0x11, 0, 0xff, 0xd9]);
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0".to_vec();
    for picture in [jpeg, png] {
        assert!(media_type(&picture).is_some());
        for length in 0..picture.len() {
            media_type(&picture[..length]);
        }
        for place in 0..picture.len() {
            for byte in [0, 1, 0x7f, 0x80, 0xc0, 0xfe, 0xff] {
                let mut damaged = picture.clone();
                damaged[place] = byte;
                media_type(&damaged);
            }
        }
    }
}

#[test]
fn a_path_is_read_back() {
    for id in [[0; 16], [0xff; 16], std::array::from_fn(|index| index as u8)] {
        assert_eq!(path(id).strip_prefix(PLACE).and_then(read), Some(id));
    }
}
