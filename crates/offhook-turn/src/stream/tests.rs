use super::*;

const CHANNEL: [u8; 12] = [0x40, 0x01, 0, 5, 1, 2, 3, 4, 5, 0xAA, 0xAA, 0xAA];

fn stun(payload: usize) -> Vec<u8> {
    let mut message = vec![0x00, 0x01];
    message.extend((payload as u16).to_be_bytes());
    message.extend(MAGIC_COOKIE);
    message.extend([7; 12]);
    message.extend(vec![9; payload]);
    message
}

/// Puts `bytes` in by pieces and takes what comes out.
fn frames(bytes: &[u8], piece: usize) -> Result<Vec<Vec<u8>>, FrameError> {
    let mut framer = Framer::new();
    let mut taken = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let space = framer.space();
        let length = piece.min(rest.len()).min(space.len());
        assert!(length > 0, "the framer always has space");
        space[..length].copy_from_slice(&rest[..length]);
        rest = &rest[length..];
        framer.filled(length);
        while let Some(packet) = framer.poll_packet()? {
            assert!(packet.range().start >= HEADROOM);
            taken.push(packet.bytes().to_vec());
        }
    }
    Ok(taken)
}

#[test]
fn messages_come_out_whole_however_the_stream_is_cut() {
    let messages = [
        stun(8),
        CHANNEL.to_vec(),
        stun(0),
        vec![0x4F, 0xFF, 0, 0],
        stun(1200),
        CHANNEL.to_vec(),
    ];
    let stream: Vec<u8> = messages.concat();
    let expected = [
        stun(8),
        CHANNEL[..9].to_vec(),
        stun(0),
        vec![0x4F, 0xFF, 0, 0],
        stun(1200),
        CHANNEL[..9].to_vec(),
    ];
    for piece in [1, 2, 3, 7, 21, 4096] {
        assert_eq!(frames(&stream, piece).unwrap(), expected, "{piece}");
    }
}

#[test]
fn the_longest_messages_fit_one_after_the_other() {
    let mut channel = vec![0x40, 0x00, 0xFF, 0xFF];
    channel.extend(vec![3; 65_535]);
    let stream = [stun(65_532), [&channel[..], &[0]].concat(), stun(65_532)].concat();
    for piece in [1000, 100_000] {
        assert_eq!(
            frames(&stream, piece).unwrap(),
            [stun(65_532), channel.clone(), stun(65_532)]
        );
    }
}

#[test]
fn what_is_neither_stun_nor_channel_data_closes_the_stream_at_once() {
    let mut odd_length = stun(4);
    odd_length[3] = 5;
    let mut no_cookie = stun(4);
    no_cookie[7] = 0;
    for bytes in [
        &b"GET / HTTP/1.1"[..],
        &[0x80],
        &[0x80, 0, 0, 0],
        &[0xFF],
        &odd_length[..4],
        &no_cookie[..8],
    ] {
        assert_eq!(frames(bytes, 1), Err(FrameError::NotTurn), "{bytes:02x?}");
    }
    assert_eq!(frames(&[&stun(4)[..], &[0x80]].concat(), 1), Err(FrameError::NotTurn));
}

#[test]
fn announcing_a_long_message_takes_no_memory_until_it_comes() {
    let mut framer = Framer::new();
    framer.space()[..8].copy_from_slice(&stun(65_532)[..8]);
    framer.filled(8);
    assert!(framer.poll_packet().unwrap().is_none());
    framer.space();
    assert_eq!(framer.buffer.len(), FIRST_LENGTH);
}

#[test]
fn writing_around_a_packet_leaves_the_next_message_alone() {
    let mut framer = Framer::new();
    let stream = [stun(0), CHANNEL.to_vec(), stun(8)].concat();
    framer.space()[..stream.len()].copy_from_slice(&stream);
    framer.filled(stream.len());
    assert_eq!(framer.poll_packet().unwrap().unwrap().bytes(), stun(0));
    let mut packet = framer.poll_packet().unwrap().unwrap();
    packet.narrow(4..9).unwrap();
    channel_data::write(&mut packet, 0x4002, true).unwrap();
    assert_eq!(packet.bytes(), [0x40, 0x02, 0, 5, 1, 2, 3, 4, 5, 0, 0, 0]);
    assert_eq!(framer.poll_packet().unwrap().unwrap().bytes(), stun(8));
}
