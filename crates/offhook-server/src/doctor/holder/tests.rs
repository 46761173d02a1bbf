use super::*;

#[test]
fn the_kernels_tables_say_which_socket_is_in_the_way() {
    // As on a machine of little-endian words.
    let tcp = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
               0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 1001 1 0\n\
               1: 0100007F:1F90 0100007F:D431 01 00000000:00000000 00:00000000 00000000  1000        0 1002 1 0\n\
               2: 0200007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 1003 1 0\n\
               3: 00000000:1F91 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 1004 1 0\n\
               nonsense\n";
    let at = |address: &str| sockets_at(tcp, Transport::Tcp, address.parse().unwrap());
    assert_eq!(at("127.0.0.1:8080"), [1001]);
    assert_eq!(at("0.0.0.0:8080"), [1001, 1003]);
    assert_eq!(at("127.0.0.9:8081"), [1004]);
    assert_eq!(at("127.0.0.1:8082"), [0; 0]);
    let udp = sockets_at(tcp, Transport::Udp, "127.0.0.1:8080".parse().unwrap());
    assert_eq!(udp, [1001, 1002], "a bound UDP socket holds its port in any state");
    let v6 = "head\n 0: 00000000000000000000000001000000:1F90 0:0 0A 0:0 0:0 0 1000 0 1005 1 0\n";
    assert_eq!(sockets_at(v6, Transport::Tcp, "[::1]:8080".parse().unwrap()), [1005]);
}
