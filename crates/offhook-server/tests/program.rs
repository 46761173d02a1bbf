//! The program itself, where what it logs or how it takes a signal is the point.

use std::io::{BufRead as _, BufReader, Lines};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::server::PATIENCE;

/// A server that is killed with the test.
pub struct Program {
    child: Child,
    log: Option<Lines<BufReader<ChildStderr>>>,
    pub ready: Value,
}

impl Program {
    /// Runs `serve` on free ports, with these settings beside.
    pub fn serve(folder: &Path, settings: &[(&str, &str)]) -> Self {
        Self::run("serve", folder, settings)
    }

    /// Runs `relay` on free ports, with these settings beside.
    pub fn relay(folder: &Path, settings: &[(&str, &str)]) -> Self {
        Self::run("relay", folder, settings)
    }

    /// Runs `serve`, whose words and log go to pipes that nobody reads.
    pub fn serve_unheard(folder: &Path) -> Self {
        let (mut child, ready) = Self::spawn("serve", folder, &[]);
        drop((child.stdout.take(), child.stderr.take()));
        let deadline = Instant::now() + PATIENCE;
        let ready = loop {
            assert!(Instant::now() < deadline, "it does not serve");
            if let Ok(text) = std::fs::read(&ready) {
                break serde_json::from_slice(&text).unwrap();
            }
            std::thread::sleep(Duration::from_millis(20));
        };
        Self {
            child,
            log: None,
            ready,
        }
    }

    fn run(name: &str, folder: &Path, settings: &[(&str, &str)]) -> Self {
        let (mut child, ready) = Self::spawn(name, folder, settings);
        let log = BufReader::new(child.stderr.take().unwrap()).lines();
        // The first line is printed after the ready file is there.
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap())
            .read_line(&mut line)
            .unwrap();
        assert!(line.starts_with("Offhook "), "{line}");
        let ready = serde_json::from_slice(&std::fs::read(ready).unwrap()).unwrap();
        Self {
            child,
            log: Some(log),
            ready,
        }
    }

    fn spawn(name: &str, folder: &Path, settings: &[(&str, &str)]) -> (Child, PathBuf) {
        let ready = folder.join("ready.json");
        let child = command(folder)
            .args([name, "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"])
            .arg("--ready-file")
            .arg(&ready)
            .envs(settings.iter().copied())
            .env("OFFHOOK_LOG_FORMAT", "json")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        (child, ready)
    }

    /// Sends SIGHUP.
    pub fn hang_up(&self) {
        self.signal("-HUP");
    }

    /// Sends SIGTERM, and waits for a good end.
    pub fn stop(mut self) {
        self.signal("-TERM");
        assert!(self.child.wait().unwrap().success());
    }

    /// Sends SIGTERM, and reads the log from where it was read to up to its end.
    pub fn stop_and_read_log(mut self) -> Vec<String> {
        self.signal("-TERM");
        let lines = self.log.iter_mut().flatten().map(Result::unwrap).collect();
        assert!(self.child.wait().unwrap().success());
        lines
    }

    fn signal(&self, signal: &str) {
        let sent = Command::new("kill")
            .arg(signal)
            .arg(self.child.id().to_string())
            .status();
        assert!(sent.unwrap().success());
    }

    /// Reads the log up to the line with this message; gives the lines of this message or of a warning up to there.
    pub fn log_until(&mut self, message: &str) -> Vec<Value> {
        let mut seen = Vec::new();
        for line in self.log.iter_mut().flatten() {
            let line: Value = serde_json::from_str(&line.unwrap()).unwrap();
            let is_it = line["fields"]["message"] == message;
            if is_it || line["level"] == "WARN" || line["level"] == "ERROR" {
                seen.push(line);
            }
            if is_it {
                return seen;
            }
        }
        panic!("the log ends without {message:?}: {seen:?}");
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // One that has ended already is no failure.
        _ = self.child.kill();
        self.child.wait().unwrap();
    }
}

/// The program, with a data folder in `folder`.
pub fn command(folder: &Path) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_offhook"));
    program.env("OFFHOOK_DATA_DIR", folder.join("data")).current_dir(folder);
    // The usual port is anybody's.
    program.env("OFFHOOK_RELAY__LISTEN", "127.0.0.1:0");
    program
}
