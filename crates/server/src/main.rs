//! `ringdeskd`: the office without a window.

use std::process::ExitCode;

fn main() -> ExitCode {
    ringdesk_server::cli::main()
}
