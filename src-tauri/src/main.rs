//! `ringdesk`: the office with a window. Wires; never decides.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod bridge;
mod media;
mod office;
mod window;

use clap::Parser;
use std::{io::Write, path::PathBuf, process::ExitCode};
use tauri::{Manager, RunEvent};

#[derive(Parser, Clone)]
#[command(name = "ringdesk", version, about = "The front desk of a small business on its own computer.")]
struct Arguments {
    /// Where everything is kept; the usual place for applications when left out.
    #[arg(long)]
    data_dir: Option<PathBuf>,
    /// Try it with a practice line: no account, nothing leaves this computer.
    #[arg(long)]
    practice: bool,
    /// Play a customer's short story on the practice line.
    #[arg(long, hide = true)]
    story: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    ringdesk_server::cli::log_to_stderr();
    let builder = tauri::Builder::default()
        .invoke_handler(bridge::handler())
        .register_asynchronous_uri_scheme_protocol("ringdesk-media", media::answer);
    let app = builder.setup(move |app| {
        let data_dir = match &arguments.data_dir {
            Some(dir) => dir.clone(),
            None => app.path().app_data_dir()?,
        };
        let open = match office::open(data_dir, arguments.practice) {
            Ok(open) => open,
            Err(error) => {
                // Nothing to do when even this cannot be written.
                let _ = writeln!(std::io::stderr(), "ringdesk: {error:#}");
                std::process::exit(ringdesk_server::cli::exit_code(&error).into());
            }
        };
        app.manage(open);
        window::open(app.handle())?;
        if arguments.story {
            tauri::async_runtime::spawn(office::tell_story(app.handle().clone()));
        }
        Ok(())
    });
    match app.build(tauri::generate_context!()) {
        Ok(app) => {
            app.run(|app, event| {
                if matches!(event, RunEvent::Exit) {
                    office::close(app);
                }
            });
            ExitCode::SUCCESS
        }
        Err(error) => {
            // Nothing to do when even this cannot be written.
            let _ = writeln!(std::io::stderr(), "ringdesk: {error}");
            ExitCode::FAILURE
        }
    }
}
