//! Instructions that a relayed packet takes, counted by callgrind on the optimised program `examples/hot_path.rs`.
//!
//! Times differ from run to run; instructions do not. The ceilings are what was measured with Rust 1.95 on x86-64 and 15 % more,
//! for the next compiler. They stand for 1200 bytes and a channel, with the program's loop of about 60 instructions.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panic")]

use std::path::{Path, PathBuf};
use std::process::Command;

/// Few and many packets: the difference between them is without the setting-up.
const PACKETS: (u64, u64) = (1_000, 21_000);

#[test]
fn a_relayed_packet_takes_no_more_instructions_than_its_ceiling() {
    let program = build();
    // Measured: 506, 521, 880 and 481. The last is a flood's packet: it costs less than one that is relayed.
    for (way, ceiling) in [
        ("to-peer", 580),
        ("to-client", 598),
        ("straight", 1012),
        ("refused", 552),
    ] {
        let measured = instructions_a_packet(&program, way, 100);
        println!("{way}: {measured} instructions a packet");
        assert!(
            measured <= ceiling,
            "{way}: {measured} instructions a packet, the ceiling is {ceiling}"
        );
    }
}

#[test]
fn a_relayed_packet_costs_the_same_among_a_thousand_allocations_as_among_ten() {
    let program = build();
    for way in ["to-peer", "to-client", "straight"] {
        let (few, many) = (
            instructions_a_packet(&program, way, 10),
            instructions_a_packet(&program, way, 1_000),
        );
        println!("{way}: {few} and {many} instructions a packet");
        assert!(
            many * 100 <= few * 110,
            "{way}: {few} instructions among few, {many} among many"
        );
    }
}

/// Builds the program with optimisation, beside the other builds.
fn build() -> PathBuf {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    let target = workspace.join("target").join("hot-path");
    let built = Command::new(env!("CARGO"))
        .args([
            "build",
            "--quiet",
            "--release",
            "--package",
            "offhook-turn",
            "--features",
            "hot-path",
            "--bin",
            "hot_path",
            "--target-dir",
        ])
        .arg(&target)
        .current_dir(workspace)
        .status()
        .unwrap();
    assert!(built.success(), "the program is built");
    target.join("release").join("hot_path")
}

fn instructions_a_packet(program: &Path, way: &str, flows: u16) -> u64 {
    let (few, many) = PACKETS;
    let count = |packets: u64| instructions(program, &[way, &packets.to_string(), &flows.to_string()]);
    (count(many) - count(few)).div_ceil(many - few)
}

/// Runs the program under callgrind, which says on its last lines how many instructions it collected.
fn instructions(program: &Path, arguments: &[&str]) -> u64 {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args(arguments)
        .output()
        .expect("valgrind is installed (cargo xtask test sees to it)");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let collected = said
        .lines()
        .find_map(|line| line.split_once("Collected : "))
        .expect("a count");
    collected.1.trim().parse().unwrap()
}
