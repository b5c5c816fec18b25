//! `ringdesk`: the office with a window. Wires; never decides.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod bridge;
mod front;
mod media;
mod office;
mod window;

use clap::Parser;
use front::{Front, Start};
use std::{io::Write, net::SocketAddr, path::PathBuf, process::ExitCode};
use tauri::{AppHandle, Manager, RunEvent};

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
    /// Twilio, or a practice line that stands for it.
    #[arg(long, hide = true, default_value = "https://api.twilio.com")]
    twilio_url: String,
    /// Where Twilio's webhooks arrive.
    #[arg(long, hide = true, default_value = "127.0.0.1:8787")]
    listen: SocketAddr,
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
        let Arguments { practice, story, twilio_url, listen, .. } = arguments;
        app.manage(Front::new(Start { data_dir, practice, twilio_url, listen }));
        window::open(app.handle())?;
        tauri::async_runtime::spawn(begin(app.handle().clone(), story));
        Ok(())
    });
    match app.build(tauri::generate_context!()) {
        Ok(app) => {
            app.run(|app, event| {
                if matches!(event, RunEvent::Exit) {
                    tauri::async_runtime::block_on(app.state::<Front>().close());
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

async fn begin(app: AppHandle, story: bool) {
    let front = app.state::<Front>();
    front.begin().await;
    if let Some(open) = front.open().filter(|_| story) {
        office::tell_story(&open).await;
    }
}
