//! Configuration: built-in values, then the TOML file, then `OFFHOOK_…`, then the command line.

pub mod admin;
pub mod outbound;
pub mod push;
pub mod rate_limits;
pub mod relay;
pub mod telemetry;
pub mod tls;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use config::{Environment, File, FileFormat, Source};
use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use self::admin::AdminConfig;
use self::outbound::OutboundConfig;
use self::push::PushConfig;
use self::rate_limits::RateLimitsConfig;
use self::relay::RelayConfig;
use self::telemetry::TelemetryConfig;
use self::tls::TlsConfig;

/// Everything that can be set. The documentation of each field is its manual (`offhook config print` shows the values).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where HTTP and the socket are served. Default `127.0.0.1:8080`: put a TLS proxy in front, or change it.
    pub listen: SocketAddr,
    /// Where `/metrics` is served. Default `127.0.0.1:9090`; keep it away from the Internet.
    pub admin_listen: SocketAddr,
    /// Where the store and `server.key` live. Default `offhook-data`. Back up both together.
    pub data_dir: PathBuf,
    /// Networks of proxies whose `X-Forwarded-For` counts, such as `["10.0.0.0/8"]`. Default none.
    pub trusted_proxies: Vec<IpNet>,
    /// What clients get as `iceServers`, such as `["stun:stun.example.org:3478"]`. Default none: only networks that
    /// reach each other directly then connect.
    pub stun_servers: Vec<String>,
    /// The name or address that clients are told for this server, in TURN URLs for example. Default the first of
    /// `tls.domains`, else none.
    pub public_host: Option<String>,
    /// Unauthenticated sockets that one address may hold open at once, 1 to 10000. Default 64.
    pub max_unauthenticated_sockets: u32,
    /// Sockets in all, 1 to 1000000. Default 100000; the file limit of the process must allow it.
    pub max_sockets: u32,
    /// `text` or `json`. Default `text`.
    pub log_format: LogFormat,
    /// What is logged, in the syntax of `tracing` filters. Default `info`.
    pub log: String,
    /// STUN and TURN.
    pub relay: RelayConfig,
    /// HTTPS and TURN over TLS.
    pub tls: TlsConfig,
    /// Requests that the server makes itself: webhooks and push.
    pub outbound: OutboundConfig,
    /// How devices without an open page are reached.
    pub push: PushConfig,
    /// The dashboard.
    pub admin: AdminConfig,
    /// Traces.
    pub telemetry: TelemetryConfig,
    /// How fast back ends may ask.
    pub rate_limits: RateLimitsConfig,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For collectors: an object a line.
    Json,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            admin_listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 9090)),
            data_dir: PathBuf::from("offhook-data"),
            trusted_proxies: Vec::new(),
            stun_servers: Vec::new(),
            public_host: None,
            max_unauthenticated_sockets: 64,
            max_sockets: 100_000,
            log_format: LogFormat::Text,
            log: "info".to_owned(),
            relay: RelayConfig::default(),
            tls: TlsConfig::default(),
            outbound: OutboundConfig::default(),
            push: PushConfig::default(),
            admin: AdminConfig::default(),
            telemetry: TelemetryConfig::default(),
            rate_limits: RateLimitsConfig::default(),
        }
    }
}

/// What the command line sets over file and environment.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Overrides {
    /// The TOML file to read.
    #[arg(long, value_name = "FILE", global = true, help_heading = "Options of the server")]
    pub config: Option<PathBuf>,
    /// Where the store and server.key live.
    #[arg(long, value_name = "DIR", global = true, help_heading = "Options of the server")]
    pub data_dir: Option<PathBuf>,
    /// Where HTTP and the socket are served, such as 127.0.0.1:8080.
    #[arg(long, value_name = "ADDRESS", global = true, help_heading = "Options of the server")]
    pub listen: Option<SocketAddr>,
    /// Where /metrics is served, such as 127.0.0.1:9090.
    #[arg(long, value_name = "ADDRESS", global = true, help_heading = "Options of the server")]
    pub admin_listen: Option<SocketAddr>,
}

/// A configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file that cannot be read, or a key that does not exist: the sentence names it.
    #[error("{0}")]
    Unreadable(config::ConfigError),
    /// A value of the wrong kind.
    #[error("`{key}` is {value}: {reason}")]
    WrongKind {
        /// The key.
        key: String,
        /// What it is.
        value: String,
        /// Why that cannot be.
        reason: String,
    },
    /// A value out of range.
    #[error("`{key}` is {value}, but must be {allowed}")]
    OutOfRange {
        /// The key.
        key: &'static str,
        /// What it is.
        value: String,
        /// What it may be.
        allowed: &'static str,
    },
}

impl Config {
    /// Reads file, environment and command line.
    ///
    /// # Errors
    /// Names the key, the value and what is allowed.
    pub fn load(overrides: &Overrides) -> Result<Self, ConfigError> {
        Self::read(overrides, Environment::with_prefix("OFFHOOK"))
    }

    fn read(overrides: &Overrides, environment: Environment) -> Result<Self, ConfigError> {
        let mut builder = config::Config::builder();
        if let Some(path) = &overrides.config {
            builder = builder.add_source(File::from(path.as_path()).format(FileFormat::Toml).required(true));
        }
        let mut environment = environment
            .prefix_separator("_")
            .separator("__")
            .list_separator(",")
            .try_parsing(true);
        for key in lists() {
            environment = environment.with_list_parse_key(key);
        }
        let emptied = emptied(&environment).map_err(ConfigError::Unreadable)?;
        let mut builder = builder.add_source(environment);
        for key in emptied {
            let none = Vec::<String>::new();
            builder = builder.set_override(key, none).map_err(ConfigError::Unreadable)?;
        }
        let settings = builder.build().map_err(ConfigError::Unreadable)?;
        let mut config: Self = settings
            .clone()
            .try_deserialize()
            .map_err(|error| wrong_kind(error, &settings))?;
        config.override_with(overrides);
        config.check()?;
        Ok(config)
    }

    fn override_with(&mut self, overrides: &Overrides) {
        if let Some(data_dir) = &overrides.data_dir {
            self.data_dir.clone_from(data_dir);
        }
        if let Some(listen) = overrides.listen {
            self.listen = listen;
        }
        if let Some(admin_listen) = overrides.admin_listen {
            self.admin_listen = admin_listen;
        }
    }

    fn check(&self) -> Result<(), ConfigError> {
        let range = |key, value: u32, range: std::ops::RangeInclusive<u32>, allowed| {
            if range.contains(&value) {
                Ok(())
            } else {
                Err(ConfigError::OutOfRange {
                    key,
                    value: value.to_string(),
                    allowed,
                })
            }
        };
        range(
            "max_unauthenticated_sockets",
            self.max_unauthenticated_sockets,
            1..=10_000,
            "1 to 10000",
        )?;
        range("max_sockets", self.max_sockets, 1..=1_000_000, "1 to 1000000")?;
        for url in &self.stun_servers {
            if !url.starts_with("stun:") && !url.starts_with("stuns:") {
                return Err(ConfigError::OutOfRange {
                    key: "stun_servers",
                    value: format!("{url:?}"),
                    allowed: "a list of addresses like stun:HOST:3478",
                });
            }
        }
        if tracing_subscriber::EnvFilter::try_new(&self.log).is_err() {
            return Err(ConfigError::OutOfRange {
                key: "log",
                value: format!("{:?}", self.log),
                allowed: "a filter such as info or offhook_server=debug,info",
            });
        }
        self.check_public_host()?;
        self.relay.check()?;
        self.outbound.check()?;
        self.push.check()?;
        self.admin.check()?;
        self.telemetry.check()?;
        self.rate_limits.check()?;
        self.tls.check()
    }

    /// The SQLite file.
    pub fn database_path(&self) -> PathBuf {
        self.data_dir.join("offhook.db")
    }

    /// The key that seals what the store must be able to read back.
    pub fn key_path(&self) -> PathBuf {
        self.data_dir.join("server.key")
    }

    /// What a command that is printed to be copied says to find this store, after a space: nothing where it looks there by itself.
    pub fn said_to_commands(&self) -> String {
        if self.data_dir == Self::default().data_dir {
            return String::new();
        }
        let path = self.data_dir.display().to_string();
        let is_plain = |character: char| character.is_ascii_alphanumeric() || "/._-".contains(character);
        if path.chars().all(is_plain) {
            format!(" --data-dir {path}")
        } else {
            format!(" --data-dir '{}'", path.replace('\'', r"'\''"))
        }
    }

    /// A configuration for a server that lives in `data_dir` on free ports.
    pub fn ephemeral(data_dir: &Path) -> Self {
        let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self {
            listen: any_port,
            admin_listen: any_port,
            data_dir: data_dir.to_owned(),
            relay: RelayConfig::ephemeral(),
            ..Self::default()
        }
    }
}

/// The keys that hold lists, for the environment's sake.
fn lists() -> impl Iterator<Item = &'static str> {
    let own = ["trusted_proxies", "stun_servers"];
    own.into_iter()
        .chain(RelayConfig::LISTS)
        .chain(TlsConfig::LISTS)
        .chain(OutboundConfig::LISTS)
        .chain(PushConfig::LISTS)
        .chain(AdminConfig::LISTS)
}

/// The lists that the environment sets to nothing, which its reader takes for a list of one empty text.
fn emptied(environment: &Environment) -> Result<Vec<&'static str>, config::ConfigError> {
    let set = environment.collect()?;
    let is_empty = |key: &&str| {
        let list = set.get(*key).and_then(|value| value.clone().into_array().ok());
        list.is_some_and(|list| matches!(list.as_slice(), [only] if only.to_string().is_empty()))
    };
    Ok(lists().filter(is_empty).collect())
}

/// Adds the value, which the library's own sentence leaves out.
fn wrong_kind(error: config::ConfigError, settings: &config::Config) -> ConfigError {
    let (config::ConfigError::Type { key: Some(key), .. } | config::ConfigError::At { key: Some(key), .. }) = &error
    else {
        return ConfigError::Unreadable(error);
    };
    match settings.get::<config::Value>(key) {
        Ok(value) => ConfigError::WrongKind {
            key: key.clone(),
            value: if key == RelayConfig::SECRET {
                "not shown".to_owned()
            } else {
                format!("{:?}", value.to_string())
            },
            reason: error.to_string(),
        },
        Err(_) => ConfigError::Unreadable(error),
    }
}

#[cfg(test)]
mod tests;
