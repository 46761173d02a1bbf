use super::*;

#[test]
fn a_link_names_an_address_that_a_browser_can_open() {
    let outward = ["10.0.0.5".parse().unwrap()];
    for (http, expected) in [
        ("127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("0.0.0.0:8080", "http://10.0.0.5:8080"),
        ("[::]:8080", "http://[::1]:8080"),
        ("198.51.100.1:80", "http://198.51.100.1:80"),
    ] {
        assert_eq!(http_url(http.parse().unwrap(), &outward), expected);
    }
}

#[test]
fn https_has_the_name_of_the_certificate_and_no_port_where_it_is_the_usual_one() {
    assert_eq!(https_url("calls.example.org", 443), "https://calls.example.org");
    assert_eq!(https_url("calls.example.org", 8443), "https://calls.example.org:8443");
    assert_eq!(https_url("2001:db8::1", 443), "https://[2001:db8::1]");
}
