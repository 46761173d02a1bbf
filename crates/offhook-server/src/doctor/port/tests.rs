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
