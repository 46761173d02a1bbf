use super::super::tests::read;
use super::*;

/// A section that is good.
fn section(toml: &str) -> TlsConfig {
    read(&format!("[tls]\n{toml}"), &[]).unwrap().tls
}

#[test]
fn tls_is_off_by_default_and_on_443_once_there_is_a_certificate_or_a_domain() {
    assert_eq!(section("").address(), None);
    assert_eq!(section("").source(), None);
    let files = section("certificate = \"c.pem\"\nkey = \"k.pem\"");
    assert_eq!(files.address(), Some(LISTEN));
    let (certificate, key) = (Path::new("c.pem"), Path::new("k.pem"));
    assert_eq!(files.source(), Some(Source::Files { certificate, key }));
    let acme = section("domains = [\"calls.example.org\"]\nlisten = \"127.0.0.1:4443\"");
    assert_eq!(acme.address().map(|address| address.port()), Some(4443));
    assert!(matches!(acme.source(), Some(Source::Acme { domains, .. }) if domains == ["calls.example.org"]));
}

#[test]
fn the_environment_sets_it_too() {
    let environment = [
        ("OFFHOOK_TLS__DOMAINS", "a.example.org,b.example.org"),
        ("OFFHOOK_TLS__LISTEN", "127.0.0.1:4443"),
        ("OFFHOOK_TLS__ACME_CONTACT", "operator@example.org"),
        ("OFFHOOK_PUBLIC_HOST", "turn.example.org"),
    ];
    let config = read("", &environment).unwrap();
    assert_eq!(config.tls.domains, ["a.example.org", "b.example.org"]);
    assert_eq!(config.tls.listen, Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 4443))));
    assert_eq!(config.tls.acme_contact.as_deref(), Some("operator@example.org"));
    assert_eq!(config.public_host.as_deref(), Some("turn.example.org"));
}

#[test]
fn an_error_names_the_key_and_what_is_missing_or_too_much() {
    for (toml, words) in [
        ("certificate = \"c.pem\"", ["tls.key", "not set", "tls.certificate"]),
        ("key = \"k.pem\"", ["tls.certificate", "not set", "tls.key"]),
        (
            "certificate = \"c\"\nkey = \"k\"\ndomains = [\"calls.example.org\"]",
            ["tls.domains", "calls.example.org", "by ACME"],
        ),
        ("listen = \"0.0.0.0:443\"", ["tls.listen", "0.0.0.0:443", "tls.domains"]),
        ("listen = \"443\"", ["tls.listen", "443", "address"]),
        ("certificat = \"c\"", ["tls", "certificat", "acme_contact"]),
        (
            "domains = [\"calls.example.org\"]\nacme_contact = \"operator\"",
            ["tls.acme_contact", "operator", "e-mail"],
        ),
        (
            "domains = [\"calls.example.org\"]\nacme_directory = \"http://x\"",
            ["tls.acme_directory", "http://x", "https://"],
        ),
    ] {
        let sentence = read(&format!("[tls]\n{toml}"), &[]).unwrap_err().to_string();
        for word in words {
            assert!(sentence.contains(word), "{toml}: {sentence}");
        }
    }
}

#[test]
fn domains_are_names_of_hosts_and_nothing_else() {
    for good in [
        "example.org",
        "a.b.example.org",
        "xn--bcher-kva.example",
        "1.example.org",
        "a-b.example",
    ] {
        assert!(is_domain(good), "{good}");
        read(&format!("[tls]\ndomains = [\"{good}\"]"), &[]).unwrap();
    }
    let long = format!("{}.example", "a".repeat(64));
    for bad in [
        "",
        "localhost",
        "Example.org",
        "*.example.org",
        "https://example.org",
        "example.org:443",
        "example.org.",
        ".example.org",
        "a..example.org",
        "-a.example.org",
        "a-.example.org",
        "a_b.example.org",
        "bücher.example",
        "192.0.2.1",
        "2001:db8::1",
        "exam ple.org",
        &long,
    ] {
        assert!(!is_domain(bad), "{bad}");
        let sentence = read(&format!("[tls]\ndomains = [\"{bad}\"]"), &[]).unwrap_err();
        assert!(sentence.to_string().contains("tls.domains"), "{bad}: {sentence}");
    }
}

#[test]
fn clients_are_told_the_public_host_else_the_first_domain_else_nothing() {
    let https = SocketAddr::from((Ipv4Addr::LOCALHOST, 4443));
    for (toml, told) in [
        ("", None),
        ("[tls]\ncertificate = \"c\"\nkey = \"k\"", None),
        (
            "[tls]\ndomains = [\"a.example.org\", \"b.example.org\"]",
            Some("turns:a.example.org:4443?transport=tcp"),
        ),
        (
            "public_host = \"c.example.org\"\n[tls]\ndomains = [\"a.example.org\"]",
            Some("turns:c.example.org:4443?transport=tcp"),
        ),
        (
            "public_host = \"192.0.2.1\"",
            Some("turns:192.0.2.1:4443?transport=tcp"),
        ),
        (
            "public_host = \"2001:db8::1\"",
            Some("turns:[2001:db8::1]:4443?transport=tcp"),
        ),
    ] {
        assert_eq!(read(toml, &[]).unwrap().turns_url(https).as_deref(), told, "{toml}");
    }
}

#[test]
fn a_public_host_is_a_name_or_an_address() {
    for bad in ["https://example.org", "example.org:443", "", "a b"] {
        let sentence = read(&format!("public_host = {bad:?}"), &[]).unwrap_err().to_string();
        assert!(sentence.contains("public_host"), "{sentence}");
    }
}
