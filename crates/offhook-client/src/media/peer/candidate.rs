//! The other side's candidates, as text.

use std::net::{IpAddr, SocketAddr};

use str0m::Candidate;

/// A candidate that can be tried: over UDP, and with an address. (A name of mDNS hides one; its owner's checks show it.)
pub(super) fn usable(text: &str) -> Option<Candidate> {
    let (transport, _, _) = fields(text)?;
    transport
        .eq_ignore_ascii_case("udp")
        .then(|| Candidate::from_sdp_string(text).ok())?
}

/// The relayed addresses in a candidate, or in a session description.
pub(super) fn relayed(text: &str) -> impl Iterator<Item = SocketAddr> + '_ {
    text.lines()
        .map(|line| line.strip_prefix("a=").unwrap_or(line))
        .filter_map(fields)
        .filter_map(|(_, address, kind)| (kind == "relay").then_some(address))
}

/// Transport, address and type (RFC 8839 §5.1).
fn fields(text: &str) -> Option<(&str, SocketAddr, &str)> {
    let mut words = text.strip_prefix("candidate:")?.split_ascii_whitespace();
    let transport = words.nth(2)?;
    let address: IpAddr = words.nth(1)?.parse().ok()?;
    let port = words.next()?.parse().ok()?;
    (words.next()? == "typ").then_some(())?;
    Some((transport, SocketAddr::new(address, port), words.next()?))
}

#[cfg(test)]
mod tests {
    use super::{relayed, usable};

    #[test]
    fn candidates_over_udp_with_an_address_are_usable() {
        for (text, expected) in [
            (
                "candidate:1 1 udp 2122260223 192.0.2.7 54321 typ host generation 0 ufrag abcd network-id 1",
                true,
            ),
            ("candidate:0 1 UDP 2122252543 192.0.2.7 40000 typ host", true),
            (
                "candidate:1 1 tcp 1518280447 192.0.2.7 9 typ host tcptype active",
                false,
            ),
            ("candidate:1 1 udp 2122260223 0e1b-4.local 54321 typ host", false),
            ("candidate:1 1 udp 2122260223 192.0.2.7", false),
            ("candidate:", false),
            ("", false),
        ] {
            assert_eq!(usable(text).is_some(), expected, "{text}");
        }
    }

    #[test]
    fn relayed_addresses_are_found_in_descriptions() {
        let sdp = "v=0\r\na=candidate:1 1 udp 7 192.0.2.7 5 typ host\r\n\
                   a=candidate:2 1 udp 7 192.0.2.8 6 typ relay raddr 0.0.0.0 rport 0\r\n";
        let found: Vec<_> = relayed(sdp).collect();
        assert_eq!(found, ["192.0.2.8:6".parse().unwrap()]);
    }
}
