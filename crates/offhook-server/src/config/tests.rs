use std::collections::HashMap;

use super::*;

pub(super) fn read(toml: &str, environment: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("offhook.toml");
    std::fs::write(&path, toml).unwrap();
    let variables: HashMap<String, String> = environment
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect();
    Config::read(
        &Overrides {
            config: Some(path),
            ..Overrides::default()
        },
        Environment::with_prefix("OFFHOOK").source(Some(variables)),
    )
}

#[test]
fn nothing_set_is_the_default() {
    assert_eq!(read("", &[]).unwrap(), Config::default());
}

#[test]
fn the_environment_goes_over_the_file() {
    let config = read(
        "listen = \"127.0.0.1:1000\"\nmax_sockets = 5\n",
        &[
            ("OFFHOOK_LISTEN", "127.0.0.1:2000"),
            ("OFFHOOK_TRUSTED_PROXIES", "10.0.0.0/8,192.168.0.0/16"),
        ],
    )
    .unwrap();
    assert_eq!(config.listen.port(), 2000);
    assert_eq!(config.max_sockets, 5);
    assert_eq!(config.trusted_proxies.len(), 2);
}

#[test]
fn rate_limits_are_off_unless_set_and_bounded() {
    let off = read("", &[]).unwrap().rate_limits;
    assert_eq!((off.reads_per_second, off.writes_per_second), (0, 0));
    let set = read(
        "[rate_limits]\nreads_per_second = 10\n",
        &[("OFFHOOK_RATE_LIMITS__WRITES_PER_SECOND", "5")],
    );
    let set = set.unwrap().rate_limits;
    assert_eq!((set.reads_per_second, set.writes_per_second), (10, 5));
    let error = read("[rate_limits]\nwrites_per_second = 100001\n", &[]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`rate_limits.writes_per_second` is 100001, but must be 0 to 100000"
    );
}

#[test]
fn a_list_that_the_environment_leaves_empty_is_empty() {
    let file = "trusted_proxies = [\"10.0.0.0/8\"]\nstun_servers = [\"stun:a\"]\n[relay]\nurls = [\"turn:a\"]\n";
    assert_eq!(read(file, &[]).unwrap().trusted_proxies.len(), 1);
    let config = read(
        file,
        &[
            ("OFFHOOK_TRUSTED_PROXIES", ""),
            ("OFFHOOK_STUN_SERVERS", ""),
            ("OFFHOOK_RELAY__LISTEN", ""),
            ("OFFHOOK_RELAY__URLS", ""),
            ("OFFHOOK_TLS__DOMAINS", ""),
        ],
    )
    .unwrap();
    assert_eq!((config.trusted_proxies.len(), config.stun_servers.len()), (0, 0));
    assert!(!config.relay.is_on());
    assert_eq!((config.relay.urls.len(), config.tls.domains.len()), (0, 0));
}

#[test]
fn the_command_line_goes_over_all() {
    let overrides = Overrides {
        listen: Some("127.0.0.1:3000".parse().unwrap()),
        ..Overrides::default()
    };
    let variables = HashMap::from([("OFFHOOK_LISTEN".to_owned(), "127.0.0.1:2000".to_owned())]);
    let environment = Environment::with_prefix("OFFHOOK").source(Some(variables));
    assert_eq!(Config::read(&overrides, environment).unwrap().listen.port(), 3000);
}

#[test]
fn an_error_names_the_key_and_the_value() {
    for (toml, words) in [
        ("max_sockets = 0", vec!["max_sockets", "0", "1 to 1000000"]),
        ("listen = \"nowhere\"", vec!["listen", "nowhere", "address"]),
        ("max_sockets = \"many\"", vec!["max_sockets", "many"]),
        ("lisen = \"127.0.0.1:1\"", vec!["lisen"]),
        (
            "stun_servers = [\"http://x\"]",
            vec!["stun_servers", "http://x", "stun:HOST"],
        ),
        ("log = \"a=b=c\"", vec!["log", "a=b=c"]),
    ] {
        let sentence = read(toml, &[]).unwrap_err().to_string();
        for word in words {
            assert!(sentence.contains(word), "{sentence}");
        }
    }
}

#[test]
fn a_host_that_may_be_private_has_a_port_and_nothing_more() {
    let list = |host: &str| read(&format!("[outbound]\nallowed_private_hosts = [{host:?}]\n"), &[]);
    for host in ["127.0.0.1:9000", "receiver.internal:1", "[::1]:443"] {
        assert!(list(host).is_ok(), "{host}");
    }
    for host in [
        "127.0.0.1",
        "a:0",
        "a:b",
        ":1",
        "::1:443",
        "https://a:1",
        "u@a:1",
        "a/b:1",
        "[::1:4",
        "",
    ] {
        let error = list(host).unwrap_err().to_string();
        assert!(error.contains("outbound.allowed_private_hosts"), "{error}");
    }
    let config = read("", &[("OFFHOOK_OUTBOUND__ALLOWED_PRIVATE_HOSTS", "a:1,b:2")]).unwrap();
    assert_eq!(config.outbound.allowed_private_hosts, ["a:1", "b:2"]);
}

#[test]
fn commands_are_told_where_the_store_is_unless_they_look_there_by_themselves() {
    for (folder, said) in [
        (None, ""),
        (Some("/var/lib/offhook"), " --data-dir /var/lib/offhook"),
        (
            Some("/srv/an administrator's"),
            r" --data-dir '/srv/an administrator'\''s'",
        ),
    ] {
        let mut config = Config::default();
        if let Some(folder) = folder {
            config.data_dir = folder.into();
        }
        assert_eq!(config.said_to_commands(), said);
    }
}
