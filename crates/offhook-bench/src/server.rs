//! A whole server under measurement, in a folder of its own.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde_json::Value;

use crate::process;

/// How long the server may take to start.
const START_DEADLINE: Duration = Duration::from_secs(60);

/// An application of it.
pub struct Application {
    /// Its id.
    pub id: String,
    /// What opens it.
    pub api_token: String,
}

impl Application {
    /// Makes one, before a server runs, whose users need no token.
    pub fn create(offhook: &Path, folder: &Path) -> anyhow::Result<Self> {
        let output = Command::new(offhook)
            .args([
                "app",
                "create",
                "measured",
                "--permission",
                "read-write",
                "--json",
                "--data-dir",
            ])
            .arg(folder)
            .output()
            .with_context(|| format!("running {} app create", offhook.display()))?;
        anyhow::ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let told: Value = serde_json::from_slice(&output.stdout).context("reading what it said")?;
        let word = |name: &str| told.get(name).and_then(Value::as_str).map(str::to_owned);
        Ok(Self {
            id: word("app_id").context("no application id")?,
            api_token: word("api_token").context("no API token")?,
        })
    }
}

/// A server that is ended when this is dropped.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// Where it listens over TLS.
    pub https: Option<SocketAddr>,
}

impl Server {
    /// Starts one on a free port, without a relay, and waits until it serves.
    pub fn start(offhook: &Path, folder: &Path, settings: &[(&str, &str)]) -> anyhow::Result<Self> {
        Self::start_at(([127, 0, 0, 1], 0).into(), offhook, folder, settings)
    }

    /// The same, at an address.
    pub fn start_at(
        listen: SocketAddr,
        offhook: &Path,
        folder: &Path,
        settings: &[(&str, &str)],
    ) -> anyhow::Result<Self> {
        Self::launch(Command::new(offhook), listen, folder, settings)
    }

    /// The same, on the servers' core alone.
    pub fn start_on_core(offhook: &Path, folder: &Path) -> anyhow::Result<Self> {
        Self::launch(
            process::on_server_core(offhook),
            ([127, 0, 0, 1], 0).into(),
            folder,
            &[],
        )
    }

    fn launch(
        mut command: Command,
        listen: SocketAddr,
        folder: &Path,
        settings: &[(&str, &str)],
    ) -> anyhow::Result<Self> {
        let ready: PathBuf = folder.join("ready.json");
        // What an earlier one has left would be read as this one's.
        _ = std::fs::remove_file(&ready);
        let child = command
            .args(["serve", "--admin-listen", "127.0.0.1:0", "--listen"])
            .arg(listen.to_string())
            .arg("--data-dir")
            .arg(folder)
            .arg("--ready-file")
            .arg(&ready)
            .env("OFFHOOK_RELAY__LISTEN", "")
            .envs(settings.iter().copied())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("starting offhook serve")?;
        let mut server = Self {
            child,
            address: ([127, 0, 0, 1], 0).into(),
            https: None,
        };
        let begun = Instant::now();
        while begun.elapsed() < START_DEADLINE {
            let told = std::fs::read(&ready).unwrap_or_default();
            if let Ok(told) = serde_json::from_slice::<Value>(&told) {
                let address = |name: &str| told.get(name).and_then(Value::as_str);
                server.address = address("http").context("no address")?.parse()?;
                server.https = address("https").map(str::parse).transpose()?;
                return Ok(server);
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        anyhow::bail!("the server does not start")
    }

    /// Asks it to stop, and waits until it has.
    pub fn stop(mut self) -> anyhow::Result<()> {
        let process = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(process, rustix::process::Signal::TERM)?;
        self.child.wait().context("waiting for its end")?;
        Ok(())
    }

    /// The time that it has spent on a core.
    pub fn cpu(&self) -> anyhow::Result<Duration> {
        process::cpu(self.child.id())
    }

    /// Its id.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// The memory it holds, in bytes.
    pub fn resident_bytes(&self) -> anyhow::Result<u64> {
        process::resident_bytes(self.child.id())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
