//! `ringdesk`: the office with a window. Wires; never decides.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod bridge;
mod front;
mod herald;
mod media;
mod office;
mod tray;
mod window;
mod words;

use clap::Parser;
use front::{Front, Start};
use ringdesk_domain::ConversationId;
use ringdesk_machine::Notifications;
use std::{
    hash::{DefaultHasher, Hash, Hasher},
    io::Write,
    net::SocketAddr,
    path::PathBuf,
    process::ExitCode,
};
use tauri::{AppHandle, Manager, RunEvent, WindowEvent, Wry, plugin::TauriPlugin};
use tauri_plugin_single_instance as single;
use tauri_plugin_window_state::StateFlags;
use window::{Call, Page};

#[derive(Parser, Clone)]
#[command(name = "ringdesk", version, about = "The front desk of a small business on its own computer.")]
struct Arguments {
    /// Where everything is kept; the usual place for applications when left out.
    #[arg(long)]
    data_dir: Option<PathBuf>,
    /// Try it with a practice line: no account, nothing leaves this computer.
    #[arg(long)]
    practice: bool,
    /// Start without a window; the tray, a notification or a second start opens it.
    #[arg(long)]
    hidden: bool,
    /// Open this conversation.
    #[arg(long, hide = true)]
    conversation: Option<ConversationId>,
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
        .plugin(one_at_a_time(&arguments))
        .plugin(
            // Whether it was visible is not for the next start to repeat.
            tauri_plugin_window_state::Builder::new()
                .with_state_flags(StateFlags::SIZE | StateFlags::POSITION | StateFlags::MAXIMIZED)
                .build(),
        )
        .plugin(tauri_plugin_autostart::Builder::new().args(["--hidden"]).build())
        .invoke_handler(bridge::handler())
        .register_asynchronous_uri_scheme_protocol("ringdesk-media", media::answer);
    let app = builder.setup(move |app| {
        let data_dir = match &arguments.data_dir {
            Some(dir) => dir.clone(),
            None => app.path().app_data_dir()?,
        };
        let Arguments { practice, story, twilio_url, listen, hidden, conversation, .. } = arguments;
        let runtime = tauri::async_runtime::handle().inner().clone();
        let (notifications, clicked) = Notifications::new(runtime);
        let app = app.handle();
        app.manage(Page::new(notifications));
        app.manage(Front::new(Start { data_dir, practice, twilio_url, listen }));
        tray::put(app)?;
        if !hidden || conversation.is_some() {
            window::show(app, conversation.map(|id| Call::Conversation { id }));
        }
        tauri::async_runtime::spawn(begin(app.clone(), story));
        tauri::async_runtime::spawn(herald::run(app.clone()));
        tauri::async_runtime::spawn(herald::answer_clicks(app.clone(), clicked));
        tauri::async_runtime::spawn(told_to_end(app.clone()));
        Ok(())
    });
    match app.build(tauri::generate_context!()) {
        Ok(app) => {
            app.run(|app, event| match event {
                RunEvent::WindowEvent { event: WindowEvent::CloseRequested { api, .. }, .. }
                    if window::stays(app) =>
                {
                    api.prevent_close();
                }
                RunEvent::Exit => tauri::async_runtime::block_on(async {
                    app.state::<Page>().notifications.withdraw_all().await;
                    app.state::<Front>().close().await;
                }),
                _ => {}
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

/// A second start on the same folder opens the first one's window.
fn one_at_a_time(arguments: &Arguments) -> TauriPlugin<Wry> {
    let mut builder = single::Builder::new().callback(|app, arguments, _| {
        let conversation = Arguments::try_parse_from(arguments).ok().and_then(|second| second.conversation);
        window::show(app, conversation.map(|id| Call::Conversation { id }));
    });
    if let Some(folder) = &arguments.data_dir {
        let mut name = DefaultHasher::new();
        std::path::absolute(folder).unwrap_or_else(|_| folder.clone()).hash(&mut name);
        builder = builder.dbus_id(format!("app.ringdesk.desktop.f{:x}", name.finish()));
    }
    builder.build()
}

/// The session ends, or somebody presses Ctrl+C: what is in hand is finished first.
async fn told_to_end(app: AppHandle) {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let (Ok(mut ended), Ok(mut hung_up)) =
            (signal(SignalKind::terminate()), signal(SignalKind::hangup()))
        else {
            return;
        };
        tokio::select! {
            _ = ended.recv() => {}
            _ = hung_up.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
    }
    #[cfg(not(unix))]
    if tokio::signal::ctrl_c().await.is_err() {
        return;
    }
    app.exit(0);
}

async fn begin(app: AppHandle, story: bool) {
    let front = app.state::<Front>();
    front.begin().await;
    if let Some(open) = front.open().filter(|_| story) {
        office::tell_story(&open).await;
    }
}
