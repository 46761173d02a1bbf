use super::*;
use crate::doctor::Verdict::{self, Failed, Ok as Good, Warning};
use crate::doctor::running::Note;

#[test]
fn a_port_that_answers_is_good_and_every_other_has_its_way_out() {
    let nginx = || {
        Some(Holder {
            pid: 812,
            name: "nginx".to_owned(),
        })
    };
    let text = str::to_owned;
    for (seen, verdict, words) in [
        (Seen::Answers(text("ok")), Good, "It answers: ok."),
        (Seen::Free, Good, "free"),
        (Seen::AnyPort, Good, "any free port"),
        (Seen::AnotherServer, Failed, "data_dir"),
        (Seen::Silent(text("refused"), None), Failed, "the server's log"),
        (Seen::Silent(text("refused"), nginx()), Failed, "nginx (process 812)"),
        (Seen::NotListening, Failed, "Restart"),
        (
            Seen::Held(text("in use (os error 98)"), nginx()),
            Failed,
            "It is held by nginx (process 812): in use (os error 98).",
        ),
        (
            Seen::Held(text("in use (os error 98)"), None),
            Failed,
            "It is held: in use",
        ),
        (Seen::NotPermitted(text("denied")), Failed, "CAP_NET_BIND_SERVICE"),
        (
            Seen::NotHere(text("not available")),
            Failed,
            "127.0.0.1 is no address of this machine",
        ),
        (Seen::Refused(text("odd")), Failed, "odd"),
    ] {
        check(&http(Some("127.0.0.1:8080")), &seen, verdict, words);
    }
}

#[test]
fn a_server_that_listens_elsewhere_than_configured_wants_a_restart() {
    let answers = Seen::Answers("ok".to_owned());
    check(
        &http(Some("127.0.0.1:8081")),
        &answers,
        Warning,
        "`listen` is 127.0.0.1:8080 by now",
    );
    check(&http(Some("0.0.0.0:8080")), &answers, Warning, "Restart");
    let any_port = Listener {
        configured: "127.0.0.1:0".parse().unwrap(),
        ..http(Some("127.0.0.1:8081"))
    };
    check(&any_port, &answers, Good, "answers");
}

#[test]
fn a_running_server_is_looked_for_where_it_says_it_listens() {
    let config = Config::default();
    let note = Note {
        relay: vec!["127.0.0.1:4000".parse().unwrap()],
        ..Note::of_this_process("127.0.0.1:1".parse().unwrap(), "127.0.0.1:2".parse().unwrap())
    };
    let actual = |running| -> Vec<Option<SocketAddr>> {
        listeners(&config, &running)
            .iter()
            .map(|listener| listener.actual)
            .collect()
    };
    let some = |text: &str| Some(text.parse().unwrap());
    let said = [
        some("127.0.0.1:1"),
        some("127.0.0.1:2"),
        some("127.0.0.1:4000"),
        some("127.0.0.1:4000"),
    ];
    assert_eq!(actual(Running::Yes(Some(note))), said);
    let configured = [
        some("127.0.0.1:8080"),
        some("127.0.0.1:9090"),
        some("127.0.0.1:3478"),
        some("127.0.0.1:3478"),
    ];
    assert_eq!(actual(Running::Yes(None)), configured);
    assert_eq!(actual(Running::No), [None; 4]);
}

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

#[test]
fn a_port_of_this_process_is_held_and_by_whom_is_found() {
    for transport in [Transport::Udp, Transport::Tcp] {
        let (address, _held): (SocketAddr, Box<dyn std::any::Any>) = match transport {
            Transport::Udp => {
                let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
                (socket.local_addr().unwrap(), Box::new(socket))
            }
            Transport::Tcp | Transport::Tls => {
                let listener = TcpListener::bind("127.0.0.1:0").unwrap();
                (listener.local_addr().unwrap(), Box::new(listener))
            }
        };
        let Seen::Held(why, Some(holder)) = try_to_bind(transport, address) else {
            panic!("{transport:?} {address} is not held");
        };
        assert!(why.contains("os error"), "{why}");
        assert_eq!(holder.pid, std::process::id());
    }
    let elsewhere = try_to_bind(Transport::Udp, "192.0.2.1:0".parse().unwrap());
    assert!(matches!(elsewhere, Seen::NotHere(_)), "{elsewhere:?}");
}

fn http(actual: Option<&str>) -> Listener {
    Listener {
        service: Service::Http,
        setting: "listen",
        transport: Transport::Tcp,
        configured: "127.0.0.1:8080".parse().unwrap(),
        actual: actual.map(|actual| actual.parse().unwrap()),
    }
}

fn check(listener: &Listener, seen: &Seen, verdict: Verdict, words: &str) {
    let finding = judge(listener, seen);
    assert_eq!(finding.verdict, verdict, "{finding:?}");
    assert_eq!(finding.way_out.is_some(), verdict != Good, "{finding:?}");
    let all = format!("{} {}", finding.says, finding.way_out.as_deref().unwrap_or(""));
    assert!(all.contains(words), "{words:?} in {all:?}");
}
