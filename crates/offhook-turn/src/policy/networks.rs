//! The networks that are not the public Internet (IANA special-purpose address registries, RFC 6890).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The special networks of IPv4: address and prefix length.
const V4: [(Ipv4Addr, u32); 16] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8),       // this network, RFC 791
    (Ipv4Addr::new(10, 0, 0, 0), 8),      // private, RFC 1918
    (Ipv4Addr::new(100, 64, 0, 0), 10),   // carrier-grade NAT, RFC 6598
    (Ipv4Addr::new(127, 0, 0, 0), 8),     // loopback, RFC 1122
    (Ipv4Addr::new(169, 254, 0, 0), 16),  // link-local, RFC 3927; clouds' metadata at 169.254.169.254
    (Ipv4Addr::new(172, 16, 0, 0), 12),   // private, RFC 1918
    (Ipv4Addr::new(192, 0, 0, 0), 24),    // protocol assignments, RFC 6890
    (Ipv4Addr::new(192, 0, 2, 0), 24),    // documentation, RFC 5737
    (Ipv4Addr::new(192, 88, 99, 0), 24),  // 6to4 relays, RFC 7526
    (Ipv4Addr::new(192, 168, 0, 0), 16),  // private, RFC 1918
    (Ipv4Addr::new(198, 18, 0, 0), 15),   // benchmarks, RFC 2544
    (Ipv4Addr::new(198, 51, 100, 0), 24), // documentation, RFC 5737
    (Ipv4Addr::new(203, 0, 113, 0), 24),  // documentation, RFC 5737
    (Ipv4Addr::new(224, 0, 0, 0), 4),     // multicast, RFC 5771
    (Ipv4Addr::new(240, 0, 0, 0), 4),     // reserved, RFC 1112
    (Ipv4Addr::BROADCAST, 32),            // broadcast, RFC 919
];

/// The special networks of IPv6: address and prefix length.
const V6: [(Ipv6Addr, u32); 14] = [
    (Ipv6Addr::UNSPECIFIED, 128),
    (Ipv6Addr::LOCALHOST, 128),
    (Ipv6Addr::new(0x64, 0xFF9B, 1, 0, 0, 0, 0, 0), 48), // translation of local use, RFC 8215
    (Ipv6Addr::new(0x100, 0, 0, 0, 0, 0, 0, 0), 64),     // discard, RFC 6666
    (Ipv6Addr::new(0x2001, 2, 0, 0, 0, 0, 0, 0), 48),    // benchmarks, RFC 5180
    (Ipv6Addr::new(0x2001, 0x10, 0, 0, 0, 0, 0, 0), 28), // ORCHID, RFC 4843
    (Ipv6Addr::new(0x2001, 0x20, 0, 0, 0, 0, 0, 0), 28), // ORCHIDv2, RFC 7343
    (Ipv6Addr::new(0x2001, 0xDB8, 0, 0, 0, 0, 0, 0), 32), // documentation, RFC 3849
    (Ipv6Addr::new(0x3FFF, 0, 0, 0, 0, 0, 0, 0), 20),    // documentation, RFC 9637
    (Ipv6Addr::new(0x5F00, 0, 0, 0, 0, 0, 0, 0), 16),    // segment routing, RFC 9602
    (Ipv6Addr::new(0xFC00, 0, 0, 0, 0, 0, 0, 0), 7),     // unique local, RFC 4193; clouds' metadata at fd00:ec2::254
    (Ipv6Addr::new(0xFE80, 0, 0, 0, 0, 0, 0, 0), 10),    // link-local, RFC 4291
    (Ipv6Addr::new(0xFEC0, 0, 0, 0, 0, 0, 0, 0), 10),    // site-local, RFC 3879
    (Ipv6Addr::new(0xFF00, 0, 0, 0, 0, 0, 0, 0), 8),     // multicast, RFC 4291
];

/// Whether an address, taken as it is, belongs to a special network.
pub fn is_special(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => V4
            .iter()
            .any(|(network, length)| (ip.to_bits() ^ network.to_bits()) >> (32 - length) == 0),
        IpAddr::V6(ip) => V6
            .iter()
            .any(|(network, length)| (ip.to_bits() ^ network.to_bits()) >> (128 - length) == 0),
    }
}
