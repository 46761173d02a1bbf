use super::*;
use crate::doctor::Verdict::{Ok as Good, Warning};

#[test]
fn files_are_counted_against_what_is_configured() {
    let config = Config::default();
    let needed = needed_files(&config);
    assert_eq!(needed, 100_000 + 2 * 16_384 + 512);
    assert_eq!(judge_files(needed, true, needed).verdict, Good);
    let short = judge_files(1024, false, needed);
    assert_eq!(short.verdict, Warning);
    assert!(short.way_out.unwrap().contains("LimitNOFILE=133280"));

    let mut off = config;
    off.relay.listen.clear();
    assert_eq!(needed_files(&off), 100_512);
}

#[test]
fn the_limit_of_a_process_is_read_from_its_table() {
    let table = "Limit                     Soft Limit           Hard Limit           Units     \n\
                 Max core file size        0                    unlimited            bytes     \n\
                 Max open files            1024                 1048576              files     \n";
    assert_eq!(open_files(table), Some(1024));
    assert_eq!(open_files(&table.replace("1024   ", "unlimited")), Some(u64::MAX));
    assert_eq!(open_files("something else"), None);
}

#[test]
fn buffers_hold_a_burst() {
    assert_eq!(judge_buffers(Some(8 << 20), Some(4 << 20)).verdict, Good);
    let small = judge_buffers(Some(212_992), Some(8 << 20));
    assert_eq!(small.verdict, Warning);
    assert!(small.says.contains("208 KiB"), "{small:?}");
    assert!(small.way_out.unwrap().contains("net.core.rmem_max=4194304"));
    assert_eq!(judge_buffers(None, Some(1)).verdict, Good);
}

#[test]
fn ipv6_is_wanted_where_it_is() {
    for (is_here, listens, verdict) in [
        (true, true, Good),
        (true, false, Good),
        (false, true, Warning),
        (false, false, Good),
    ] {
        assert_eq!(judge_ipv6(is_here, listens).verdict, verdict, "{is_here} {listens}");
    }
}

#[test]
fn only_an_address_that_others_reach_counts() {
    let loopback = "00000000000000000000000000000001 01 80 10 80       lo\n";
    let link = "fe80000000000000021fc6fffe000001 02 40 20 80     eth0\n";
    let unique = "fd00000000000000021fc6fffe000001 02 40 00 80     eth0\n";
    let global = "20010db8000000000000000000000001 02 40 00 80     eth0\n";
    assert!(!has_global_address(&[loopback, link, unique].concat()));
    assert!(has_global_address(&[loopback, link, global].concat()));
    assert!(!has_global_address(""));
}
