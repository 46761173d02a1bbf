//! The TypeScript side: packages from the lock, builds.

use std::path::Path;
use std::process::Command;

use anyhow::Context as _;

use crate::run::{quietly, root};

/// The lock that `node_modules` was installed from, kept inside it: gone when it is gone.
const STAMP: &str = "node_modules/.installed-from.json";

/// What the server carries, in the order of building: the pages use the SDK's types.
pub const SERVED: [&str; 6] = [
    "web/sdk",
    "web/element",
    "web/demo",
    "web/doctor",
    "web/dashboard",
    "web/api-docs",
];
/// What developers install, and the server does not carry.
pub const INSTALLED: [&str; 1] = ["web/react"];

/// Installs the packages of `folder` as its lock says, unless they are installed from this very lock.
pub fn install(folder: &str) -> anyhow::Result<()> {
    let path = root().join(folder);
    let lock = path.join("package-lock.json");
    let wanted = std::fs::read(&lock).with_context(|| format!("reading {}", lock.display()))?;
    if is_installed_from(&path, &wanted) {
        return Ok(());
    }
    let mut npm = npm(folder, &["ci", "--no-audit", "--no-fund"]);
    // The browsers are Debian's.
    npm.env("PUPPETEER_SKIP_DOWNLOAD", "1");
    quietly(&format!("npm ci in {folder}"), npm)?;
    let stamp = path.join(STAMP);
    std::fs::write(&stamp, wanted).with_context(|| format!("writing {}", stamp.display()))
}

/// Builds what the server carries: the SDK, the element, the pages.
pub fn build_served() -> anyhow::Result<()> {
    SERVED.iter().try_for_each(|folder| build(folder))
}

/// Builds all of the web: what the server carries, then what developers install.
pub fn build_all() -> anyhow::Result<()> {
    build_served()?;
    INSTALLED.iter().try_for_each(|folder| build(folder))
}

fn build(folder: &str) -> anyhow::Result<()> {
    quietly(&format!("building {folder}"), npm(folder, &["run", "build"]))
}

/// An npm command in `folder`.
pub fn npm(folder: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new("npm");
    command.args(arguments).current_dir(root().join(folder));
    command
}

fn is_installed_from(folder: &Path, wanted: &[u8]) -> bool {
    std::fs::read(folder.join(STAMP)).is_ok_and(|found| found == wanted)
}
