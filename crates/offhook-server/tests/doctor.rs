//! `offhook doctor`, by running the program beside a server or without one.

mod running;
mod stopped;

use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// What the program found.
struct Found {
    code: Option<i32>,
    report: Value,
    words: String,
}

impl Found {
    /// The only check whose name starts so.
    fn check(&self, name: &str) -> &Value {
        let checks = self.report["checks"].as_array().unwrap();
        let named = |check: &&Value| check["check"].as_str().unwrap().starts_with(name);
        let mut found = checks.iter().filter(named);
        let first = found.next().unwrap_or_else(|| panic!("{name} in {:#}", self.report));
        assert!(found.next().is_none(), "{name} is not alone in {:#}", self.report);
        first
    }

    fn expect(&self, name: &str, verdict: &str, words: &str) {
        let check = self.check(name);
        assert_eq!(check["verdict"], verdict, "{check:#}");
        assert!(check.to_string().contains(words), "{words:?} in {check:#}");
        assert_eq!(check["way_out"].is_null(), verdict == "ok", "{check:#}");
    }

    /// The names of the checks that failed.
    fn failed(&self) -> Vec<&str> {
        let checks = self.report["checks"].as_array().unwrap();
        let failed = checks.iter().filter(|check| check["verdict"] == "failed");
        failed.map(|check| check["check"].as_str().unwrap()).collect()
    }
}

/// Runs it on a data folder; on free ports, but for what `settings` say.
async fn doctor(data_dir: &Path, settings: &[(&str, &str)]) -> Found {
    let (data_dir, settings) = (data_dir.to_owned(), settings.iter().map(own).collect::<Vec<_>>());
    let output = tokio::task::spawn_blocking(move || {
        program(&data_dir)
            .args(["doctor", "--json"])
            .envs(settings)
            .output()
            .unwrap()
    });
    let output = output.await.unwrap();
    let words = String::from_utf8(output.stderr).unwrap();
    Found {
        code: output.status.code(),
        report: serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{words}")),
        words,
    }
}

fn own((name, value): &(&str, &str)) -> (String, String) {
    ((*name).to_owned(), (*value).to_owned())
}

fn program(data_dir: &Path) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_offhook"));
    program
        .env("OFFHOOK_DATA_DIR", data_dir)
        .env("OFFHOOK_LISTEN", "127.0.0.1:0")
        .env("OFFHOOK_ADMIN_LISTEN", "127.0.0.1:0")
        .env("OFFHOOK_RELAY__LISTEN", "127.0.0.1:0");
    program
}
