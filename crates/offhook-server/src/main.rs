//! The program `offhook`: reads the command line and runs the library.

use std::process::ExitCode;

use clap::Parser as _;
use offhook_server::cli::{self, Cli};

#[tokio::main]
async fn main() -> ExitCode {
    match cli::run(Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => cli::fail(&error),
    }
}
