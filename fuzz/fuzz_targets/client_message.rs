//! What a stranger says on the socket: read or refused, and what is read is written back as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use offhook_proto::peer::PeerMessage;
use offhook_proto::socket::ClientMessage;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(message) = serde_json::from_slice::<ClientMessage>(bytes) {
        let written = serde_json::to_string(&message).expect("a message that was read can be written");
        let again: ClientMessage = serde_json::from_str(&written).expect("what was written can be read");
        assert_eq!(message, again);
        _ = format!("{message:?}");
    }
    if let Ok(message) = serde_json::from_slice::<PeerMessage>(bytes) {
        let written = serde_json::to_string(&message).expect("a message that was read can be written");
        assert_eq!(Ok(message), serde_json::from_str(&written).map_err(|error| error.to_string()));
    }
});
