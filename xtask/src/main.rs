//! What is more than three lines of automation: `cargo xtask COMMAND`.
//!
//! Two commands are for everybody and do all set-up themselves: `demo` builds and runs, `test` runs every check there
//! is. The others are parts of these two. Start reading at [`suite`], which is the list of what `test` does.
//!
//! What this deliberately does not do: download toolchains or browsers of its own, or install anything when not root.

mod bench;
mod demo;
mod generate;
mod npm;
mod python;
mod run;
mod setup;
mod suite;
mod tidy;

use std::process::ExitCode;

use anyhow::bail;

const USAGE: &str = "Builds, runs and checks Offhook.

usage: cargo xtask COMMAND

  demo      build everything and start a demo server; prints two links to open
  test      every check and every test, browsers included
  bench     measure something (docs/performance.md says what, and how): bench SUBJECT [--quick] [--write]
  setup     install what the other commands need (they do it themselves)
  web       build the browser SDK and the pages that the server serves
  generate  write the TypeScript types and the OpenAPI document anew
  tidy      check the shape of the tree: dependencies, licences, files";

fn main() -> ExitCode {
    match dispatch() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nxtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (command, rest) = match arguments.split_first() {
        Some((command, rest)) => (command.as_str(), rest),
        None => ("help", [].as_slice()),
    };
    match (command, rest) {
        ("demo", options) => demo::run(options),
        ("bench", options) => bench::run(options),
        ("test", []) => suite::run(),
        ("setup", []) => setup::for_tests(),
        ("web", []) => setup::for_web().and_then(|()| npm::build_all()),
        ("generate", []) => generate::write(),
        ("tidy", []) => tidy::run(),
        ("help" | "--help" | "-h", _) => {
            println!("{USAGE}");
            Ok(())
        }
        _ => bail!("unknown command {:?}\n\n{USAGE}", arguments.join(" ")),
    }
}
