//! One packet from anybody to the relay: nothing unsigned changes anything, and the answer is small.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../crates/offhook-turn/tests/server/fuzzed.rs"]
#[allow(dead_code, reason = "each target uses its own function")]
mod fuzzed;
#[path = "../../crates/offhook-turn/tests/server/world.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod world;

fuzz_target!(|bytes: &[u8]| fuzzed::packet(bytes));
