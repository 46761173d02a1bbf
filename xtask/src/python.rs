//! Programs of tests that are written in Python: in a folder of their own, in the versions that are written down.

use std::path::PathBuf;

use anyhow::Context as _;

use crate::run::{command, quietly, root};

/// Where they are installed.
const FOLDER: &str = "target/xtask/python";
/// What is installed, each in one version.
const REQUIREMENTS: &str = "xtask/python-requirements.txt";
/// The requirements that the folder was installed from, kept inside it.
const STAMP: &str = "installed-from.txt";

/// Installs what the requirements say, unless it is installed from these very ones.
pub fn install() -> anyhow::Result<()> {
    let wanted = std::fs::read(root().join(REQUIREMENTS)).with_context(|| format!("reading {REQUIREMENTS}"))?;
    let stamp = root().join(FOLDER).join(STAMP);
    if std::fs::read(&stamp).is_ok_and(|found| found == wanted) {
        return Ok(());
    }
    quietly(
        "a folder for Python's packages",
        command("python3", ["-m", "venv", "--clear", FOLDER]),
    )?;
    let mut pip = command(
        "target/xtask/python/bin/pip",
        [
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--requirement",
            REQUIREMENTS,
        ],
    );
    pip.env("PIP_NO_INPUT", "1");
    quietly("pip install", pip)?;
    std::fs::write(&stamp, wanted).with_context(|| format!("writing {}", stamp.display()))
}

/// Where an installed program is.
pub fn program(name: &str) -> PathBuf {
    root().join(FOLDER).join("bin").join(name)
}
