use super::*;

#[test]
fn a_host_is_read_in_every_usual_form() {
    let table = [
        (
            "calls.example.com",
            "https://calls.example.com",
            "wss://calls.example.com",
        ),
        (
            "calls.example.com:8443/",
            "https://calls.example.com:8443",
            "wss://calls.example.com:8443",
        ),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080", "ws://127.0.0.1:8080"),
        ("ws://[::1]:8080/", "http://[::1]:8080", "ws://[::1]:8080"),
        (
            "wss://calls.example.com//",
            "https://calls.example.com",
            "wss://calls.example.com",
        ),
    ];
    for (text, api, socket) in table {
        let host: Host = text.parse().unwrap();
        assert_eq!(host.request("/client/v1/x"), format!("{api}/client/v1/x"), "{text}");
        assert_eq!(host.socket(), format!("{socket}/client/v1/socket"), "{text}");
    }
}

#[test]
fn what_is_no_host_is_refused() {
    for text in [
        "",
        "/",
        "ftp://host",
        "https://",
        "http://a b",
        "http://user@host",
        "host/path",
        "host?x",
    ] {
        assert!(text.parse::<Host>().is_err(), "{text:?}");
    }
}
