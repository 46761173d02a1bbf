//! Where a password comes from: drawn at random, a terminal that does not show it, or the first line of standard input.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use anyhow::{Context as _, bail};
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

use crate::secret;

/// A password, and whether its owner has yet to learn it.
pub struct Password {
    /// The password.
    pub hidden: String,
    is_new: bool,
}

impl Password {
    /// What is to be printed of it.
    pub fn to_print(&self) -> String {
        if self.is_new {
            format!(" The password, shown this once: {}", self.hidden)
        } else {
            String::new()
        }
    }
}

/// Gets a password.
///
/// # Errors
/// If nothing is typed, or not the same twice.
pub fn read(generate: bool) -> anyhow::Result<Password> {
    if generate {
        return Ok(Password {
            hidden: generated(),
            is_new: true,
        });
    }
    let hidden = if io::stdin().is_terminal() {
        let _silence = Silence::keep()?;
        let first = ask("Password: ")?;
        if ask("Again: ")? != first {
            bail!("the two are not the same");
        }
        first
    } else {
        line()?
    };
    Ok(Password { hidden, is_new: false })
}

/// A password that nobody guesses: 120 random bits.
pub fn generated() -> String {
    secret::encode(&secret::random::<15>())
}

fn ask(question: &str) -> anyhow::Result<String> {
    let mut terminal = io::stderr();
    write!(terminal, "{question}").context("asking for the password")?;
    let answer = line();
    writeln!(terminal).context("asking for the password")?;
    answer
}

fn line() -> anyhow::Result<String> {
    let mut line = String::new();
    let read = io::stdin().lock().read_line(&mut line);
    read.context("reading the password")?;
    let password = line.trim_end_matches(['\n', '\r']);
    if password.is_empty() {
        bail!("no password was given: type it, write it to standard input, or use --generate");
    }
    Ok(password.to_owned())
}

/// A terminal that does not show what is typed, for as long as this lives.
struct Silence(Termios);

impl Silence {
    fn keep() -> anyhow::Result<Self> {
        let before = tcgetattr(io::stdin()).context("asking the terminal how it is")?;
        let mut silent = before.clone();
        silent.local_modes -= LocalModes::ECHO;
        let set = tcsetattr(io::stdin(), OptionalActions::Flush, &silent);
        set.context("telling the terminal not to show what is typed")?;
        Ok(Self(before))
    }
}

impl Drop for Silence {
    fn drop(&mut self) {
        // A terminal that is gone shows nothing anyway.
        _ = tcsetattr(io::stdin(), OptionalActions::Now, &self.0);
    }
}
