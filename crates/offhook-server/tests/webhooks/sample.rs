//! The receiver of `docs/webhooks.md`, run by Node.

use std::io::{BufRead as _, BufReader, Lines};
use std::process::{Child, ChildStdout, Command, Stdio};

/// It runs until the test ends.
pub struct Sample {
    pub port: u16,
    pub lines: Lines<BufReader<ChildStdout>>,
    child: Child,
    _folder: tempfile::TempDir,
}

impl Sample {
    pub fn start(key: &str) -> Self {
        let docs = include_str!("../../../../docs/webhooks.md");
        let code = docs.split_once("```js\n").unwrap().1.split_once("```").unwrap().0;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("receiver.mjs");
        std::fs::write(&file, code).unwrap();
        let mut child = Command::new("node")
            .arg(&file)
            .env("PORT", "0")
            .env("WEBHOOK_KEY", key)
            .stdout(Stdio::piped())
            .spawn()
            .expect("Node is needed");
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = lines.next().expect("it says where it listens").unwrap();
        Self {
            port: line.rsplit(' ').next().unwrap().parse().unwrap(),
            lines,
            child,
            _folder: folder,
        }
    }
}

impl Drop for Sample {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}
