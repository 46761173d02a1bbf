//! What an operator's server needs, checked: `offhook doctor`, and the key that opens the page `/doctor`.
//!
//! Every check is a judgement over facts that were observed: the judgement is pure and tested by tables, the observing
//! is thin. It changes nothing: it makes no folder, no key and no store, and it holds a port only for the moment in
//! which it sees that it can.
//!
//! Start reading at [`examine`], then one file a subject. [`key`] is what `http/doctor.rs` checks.

mod certificate;
mod clock;
mod configuration;
mod finding;
mod folder;
mod holder;
mod http;
pub mod key;
mod limits;
mod page;
mod port;
mod push;
mod relay;
pub mod running;
mod store;
mod stun;
mod tls;

pub use self::finding::{Finding, Verdict};

use crate::config::Config;
use crate::doctor::running::Running;

/// What was found.
#[derive(Debug)]
pub struct Report {
    /// Whether the server runs, as a sentence.
    pub server: String,
    /// Every check, in the order in which a start needs them.
    pub findings: Vec<Finding>,
    /// The page that tests the relay from a browser, if a server runs that serves it. It opens for a while only.
    pub page: Option<String>,
}

impl Report {
    /// A report of a configuration that cannot be used: nothing else can be checked.
    pub fn of_no_configuration(reason: String) -> Self {
        Self {
            server: "Nothing else could be checked.".to_owned(),
            findings: vec![configuration::unusable(reason)],
            page: None,
        }
    }

    /// How many checks came to this verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.findings
            .iter()
            .filter(|finding| finding.verdict == verdict)
            .count()
    }
}

/// Checks all there is to check of a server with this configuration.
pub async fn examine(config: &Config) -> Report {
    let running = Running::look(&config.data_dir);
    let key = key::Doorkeeper::of(config);
    let mut findings = configuration::judge(config, &configuration::Machine::observe());
    findings.push(push::check(config));
    findings.extend(folder::check(config));
    findings.extend(store::check(config).await);
    let answering = port::check(config, &running, key.as_ref(), &mut findings).await;
    findings.extend(relay::check(config, &running, &answering).await);
    findings.extend(certificate::check(config, &running).await);
    findings.extend(clock::check(config).await);
    findings.extend(limits::check(config, &running));
    let page = page::link(config, &running, &answering, key.as_ref());
    Report {
        server: running.sentence(),
        findings,
        page,
    }
}
