//! The certificate: the files, what is served, and the names that lead here.

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, SystemTime};

use rustls::pki_types::CertificateDer;
use tokio::net::TcpStream;
use x509_parser::extensions::GeneralName;

use super::Finding;
use super::http::{DEADLINE, reachable};
use super::running::Running;
use super::tls::shake_hands;
use crate::config::Config;
use crate::config::tls::Source;
use crate::tls::certificate::Certificate;

/// Whoever renews certificates does so about a month before the end: less than this, and it does not work.
const SOON: Duration = Duration::from_secs(14 * DAY_SECONDS);
const DAY_SECONDS: u64 = 24 * 60 * 60;

/// Looks at certificate and names, if TLS is on.
pub(super) async fn check(config: &Config, running: &Running) -> Vec<Finding> {
    let Some(source) = config.tls.source() else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    let mut in_files = None;
    if let Source::Files { certificate, key } = source {
        match Certificate::read(certificate, key) {
            Err(error) => {
                findings.push(Finding::failed(
                    FILES,
                    format!("{}.", with_causes(&error)),
                    "Put the right files there: the server reads them again by itself.",
                ));
            }
            Ok(read) => in_files = read.key.end_entity_cert().ok().map(|first| first.as_ref().to_vec()),
        }
    }
    let address = running.note().map_or(config.tls.address(), |note| note.https);
    let served = match address {
        Some(address) if running.is_running() => Some(served(address).await),
        _ => None,
    };
    findings.extend(judge(&Seen {
        in_files: in_files.as_deref().and_then(Described::of),
        served: served.map(|served| served.map(|first| Described::of(&first))),
        host: config.host_for_clients().map(str::to_owned),
        now: SystemTime::now(),
        is_acme: matches!(source, Source::Acme { .. }),
    }));
    for name in names_to_resolve(config) {
        let resolved = tokio::net::lookup_host((name.as_str(), 443)).await;
        let addresses: Vec<IpAddr> = resolved
            .map(|found| found.map(|found| found.ip()).collect())
            .unwrap_or_default();
        findings.push(judge_name(&name, &addresses, &own_addresses(config)));
    }
    findings
}

const FILES: &str = "certificate";
const SERVED: &str = "certificate served";

/// What is read of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Described {
    der: Vec<u8>,
    names: Vec<String>,
    expires_at: SystemTime,
    is_self_signed: bool,
}

impl Described {
    fn of(der: &[u8]) -> Option<Self> {
        let (_, certificate) = x509_parser::parse_x509_certificate(der).ok()?;
        let seconds = u64::try_from(certificate.validity().not_after.timestamp()).unwrap_or(0);
        let alternative = certificate.subject_alternative_name().ok().flatten();
        let names = alternative.map_or_else(Vec::new, |names| {
            names.value.general_names.iter().filter_map(name).collect()
        });
        Some(Self {
            der: der.to_vec(),
            names,
            expires_at: SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))?,
            is_self_signed: certificate.subject() == certificate.issuer(),
        })
    }

    /// Whether it is good for a host (RFC 9525 §6.3).
    fn names_host(&self, host: &str) -> bool {
        self.names.iter().any(|name| match name.strip_prefix("*.") {
            Some(parent) => host
                .split_once('.')
                .is_some_and(|(_, rest)| rest.eq_ignore_ascii_case(parent)),
            None => name.eq_ignore_ascii_case(host),
        })
    }
}

fn name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => match (<[u8; 4]>::try_from(*bytes), <[u8; 16]>::try_from(*bytes)) {
            (Ok(v4), _) => Some(IpAddr::from(v4).to_string()),
            (_, Ok(v6)) => Some(IpAddr::from(v6).to_string()),
            _ => None,
        },
        _ => None,
    }
}

struct Seen {
    in_files: Option<Described>,
    /// What a running server served, if it could be asked and read.
    served: Option<Result<Option<Described>, String>>,
    host: Option<String>,
    now: SystemTime,
    is_acme: bool,
}

fn judge(seen: &Seen) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(certificate) = &seen.in_files {
        findings.push(judge_one(FILES, certificate, seen));
    }
    match &seen.served {
        None if seen.is_acme => findings.push(Finding::ok(FILES, "The running server gets it by ACME.")),
        None => {}
        Some(Err(why)) => {
            let way_out = if seen.is_acme {
                "Look into the server's log for what the authority says: port 443 of each name in `tls.domains` must lead here."
            } else {
                "Look into the server's log."
            };
            findings.push(Finding::failed(SERVED, format!("There is none: {why}."), way_out));
        }
        Some(Ok(None)) => findings.push(Finding::failed(SERVED, "It cannot be read.", "Replace it.")),
        Some(Ok(Some(served))) => match &seen.in_files {
            Some(in_files) if in_files.der == served.der => {
                findings.push(Finding::ok(SERVED, "It is the one in the file."));
            }
            Some(_) => findings.push(Finding::failed(
                SERVED,
                "It is not the one in the file.",
                "The server takes a new file within a minute, or at once with SIGHUP; if it does not, its log says why.",
            )),
            None => findings.push(judge_one(SERVED, served, seen)),
        },
    }
    findings
}

fn judge_one(check: &str, certificate: &Described, seen: &Seen) -> Finding {
    let renew = if seen.is_acme {
        "The server renews it by itself: its log says what stands in the way."
    } else {
        "Renew it; the server reads the files again by itself."
    };
    let Ok(left) = certificate.expires_at.duration_since(seen.now) else {
        return Finding::failed(check, "It has expired: browsers refuse it.", renew);
    };
    let names = certificate.names.join(", ");
    if let Some(host) = &seen.host
        && !certificate.names_host(host)
    {
        return Finding::failed(
            check,
            format!("It is not good for {host}, but for {names}."),
            "Get one for that name, or set `public_host` to a name that it has.",
        );
    }
    let days = left.as_secs() / DAY_SECONDS;
    if left < SOON {
        return Finding::warning(check, format!("It ends in {days} days."), renew);
    }
    if certificate.is_self_signed {
        return Finding::warning(
            check,
            format!(
                "It is good for {names} for {days} days, but vouches for itself: browsers warn of it, and refuse TURN over TLS."
            ),
            "Get one from an authority, such as with `tls.domains`.",
        );
    }
    Finding::ok(check, format!("It is good for {names}, and for {days} days more."))
}

async fn served(address: SocketAddr) -> Result<Vec<u8>, String> {
    let asked = async {
        let stream = TcpStream::connect(reachable(address)).await?;
        let stream = shake_hands(stream, &[b"http/1.1"]).await?;
        let chain = stream.get_ref().1.peer_certificates();
        let first = chain.and_then(<[CertificateDer<'_>]>::first);
        first
            .map(|first| first.as_ref().to_vec())
            .ok_or_else(|| std::io::Error::other("no certificate came"))
    };
    match tokio::time::timeout(DEADLINE, asked).await {
        Ok(served) => served.map_err(|error| error.to_string()),
        Err(_) => Err("it did not answer".to_owned()),
    }
}

/// The names that are configured; an address needs no resolving.
fn names_to_resolve(config: &Config) -> Vec<String> {
    let mut names: Vec<String> = config.tls.domains.clone();
    names.extend(
        config
            .public_host
            .clone()
            .filter(|host| host.parse::<IpAddr>().is_err()),
    );
    names.sort();
    names.dedup();
    names
}

fn own_addresses(config: &Config) -> Vec<IpAddr> {
    let interfaces = if_addrs::get_if_addrs().unwrap_or_default();
    let own = interfaces.iter().map(if_addrs::Interface::ip);
    own.chain(config.relay.external_addresses.iter().copied()).collect()
}

fn judge_name(name: &str, addresses: &[IpAddr], own: &[IpAddr]) -> Finding {
    let check = format!("name {name}");
    let list = |addresses: &[IpAddr]| {
        let texts: Vec<String> = addresses.iter().map(IpAddr::to_string).collect();
        texts.join(", ")
    };
    if addresses.is_empty() {
        return Finding::failed(
            check,
            "It leads nowhere: DNS has no address for it that is seen from here.",
            format!("Give {name} an A or AAAA record with this machine's address."),
        );
    }
    if addresses.iter().any(|address| own.contains(address)) {
        return Finding::ok(
            check,
            format!("It leads to {}, which is this machine.", list(addresses)),
        );
    }
    Finding::warning(
        check,
        format!("It leads to {}, which is no address of this machine.", list(addresses)),
        "If that is the NAT or proxy in front, all is well: name it in `relay.external_addresses`. Else correct the DNS record.",
    )
}

fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let why = error.to_string();
        // Some say their cause themselves.
        if !text.contains(&why) {
            text = format!("{text}: {why}");
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests;
