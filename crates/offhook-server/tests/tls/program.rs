//! The program itself, where what it logs or how it takes a signal is the point.

use std::io::{BufRead as _, BufReader, Lines};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};

use serde_json::Value;

/// A server that is killed with the test.
pub struct Program {
    child: Child,
    log: Lines<BufReader<ChildStderr>>,
    pub ready: Value,
}

impl Program {
    /// Runs `serve` on free ports, with these settings beside.
    pub fn serve(folder: &Path, settings: &[(&str, &str)]) -> Self {
        let ready = folder.join("ready.json");
        let mut child = command(folder)
            .args(["serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"])
            .arg("--ready-file")
            .arg(&ready)
            .envs(settings.iter().copied())
            .env("OFFHOOK_RELAY__LISTEN", "127.0.0.1:0")
            .env("OFFHOOK_LOG_FORMAT", "json")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = BufReader::new(child.stderr.take().unwrap()).lines();
        // The first line is printed after the ready file is there.
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap())
            .read_line(&mut line)
            .unwrap();
        assert!(line.starts_with("Offhook serves on"), "{line}");
        let ready = serde_json::from_slice(&std::fs::read(ready).unwrap()).unwrap();
        Self { child, log, ready }
    }

    /// Sends SIGHUP.
    pub fn hang_up(&self) {
        let sent = Command::new("kill")
            .arg("-HUP")
            .arg(self.child.id().to_string())
            .status();
        assert!(sent.unwrap().success());
    }

    /// Reads the log up to the line with this message; gives the lines of this message or of a warning up to there.
    pub fn log_until(&mut self, message: &str) -> Vec<Value> {
        let mut seen = Vec::new();
        for line in self.log.by_ref() {
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
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// The program, with a data folder in `folder`.
pub fn command(folder: &Path) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_offhook"));
    program.env("OFFHOOK_DATA_DIR", folder.join("data")).current_dir(folder);
    program
}
