//! The repository's own commands. Needs nothing but cargo and Node, and installs what is missing.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command line talks")]

mod machine;
mod steps;

use anyhow::bail;
use std::process::ExitCode;

const HELP: &str = "\
cargo xtask demo       try it: a practice line, the real window, a customer's short story
cargo xtask run        open the program (add --practice for a practice line)
cargo xtask test       everything that must hold
cargo xtask check      the quick part of it: formatting, lints, architecture, types
cargo xtask types      write the window's types from the counter's table
cargo xtask pictures   every view in every look, for docs/pictures
cargo xtask bench      measure (door, window, voice or asleep)";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let rest = arguments.get(1..).unwrap_or_default();
    let outcome = match arguments.first().map(String::as_str) {
        Some("demo") => steps::demo(),
        Some("run") => steps::run(rest),
        Some("test") => steps::test(),
        Some("check") => steps::check_only(),
        Some("types") => steps::types(),
        Some("pictures") => steps::pictures(),
        Some("bench") => steps::bench(rest),
        Some("help" | "--help" | "-h") | None => {
            println!("{HELP}");
            Ok(())
        }
        Some(other) => (|| bail!("there is no command {other}\n\n{HELP}"))(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\n✗ {error:#}");
            ExitCode::FAILURE
        }
    }
}
