//! `ringdesk`: the office with a window. Wires; never decides.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod account;
mod assets;
mod bridge;
mod choice;
mod computer;
mod copies;
mod front;
mod graphics;
mod herald;
mod kept;
mod mail;
mod media;
mod office;
#[cfg(target_os = "linux")]
mod revival;
mod rotation;
mod sound;
mod tray;
mod window;
mod words;

use clap::Parser;
use front::{Front, Start};
use ringdesk_domain::ConversationId;
use ringdesk_machine::Notifications;
use sound::Sound;
use std::{
    io::Write,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
};
use tauri::{AppHandle, DragDropEvent, Manager, RunEvent, WindowEvent, Wry, plugin::TauriPlugin};
use tauri_plugin_single_instance as single;
use tauri_plugin_window_state::StateFlags;
use window::{Call, Page};

#[derive(Parser, Clone)]
#[command(name = "ringdesk", version, about = "The front desk of a small business on its own computer.")]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
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
    /// Draw without the graphics device, where the window stays blank.
    #[arg(long)]
    safe_graphics: bool,
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
    graphics::choose(arguments.safe_graphics);
    let (notifications, clicked) = Notifications::new(tauri::async_runtime::handle().inner().clone());
    let builder = tauri::Builder::default()
        // A second start may ask for the window before there is one.
        .manage(Page::new(notifications))
        .manage(Sound::default())
        .manage(tray::Wanted::default())
        .plugin(one_at_a_time(&arguments))
        .plugin(
            // Whether it was visible is not for the next start to repeat.
            tauri_plugin_window_state::Builder::new()
                .with_state_flags(StateFlags::SIZE | StateFlags::POSITION | StateFlags::MAXIMIZED)
                .build(),
        )
        .plugin(with_the_computer(&arguments))
        .invoke_handler(bridge::handler())
        .register_asynchronous_uri_scheme_protocol("ringdesk-media", media::answer);
    let app = builder.setup(move |app| {
        let data_dir = match &arguments.data_dir {
            Some(dir) => dir.clone(),
            None => app.path().app_data_dir()?,
        };
        let Arguments { practice, story, twilio_url, listen, hidden, conversation, .. } = arguments;
        let app = app.handle();
        let tray = data_dir.join("tray");
        let sound = app.state::<Sound>().inner().clone();
        app.manage(Front::new(app.clone(), Start { data_dir, practice, twilio_url, listen }, sound));
        // The office opens beside the window, which takes longer.
        tauri::async_runtime::spawn(begin(app.clone(), story));
        if !hidden || conversation.is_some() || app.state::<Page>().wanted() {
            window::show(app, conversation.map(|id| Call::Conversation { id }));
        }
        tauri::async_runtime::spawn(tray::put(app.clone(), tray));
        tauri::async_runtime::spawn(herald::run(app.clone()));
        tauri::async_runtime::spawn(herald::answer_clicks(app.clone(), clicked));
        tauri::async_runtime::spawn(told_to_end(app.clone()));
        Ok(())
    });
    match app.build(tauri::generate_context!(assets = assets::Carried)) {
        Ok(app) => {
            app.run(|app, event| match event {
                RunEvent::WindowEvent { event: WindowEvent::CloseRequested { api, .. }, .. }
                    if window::stays(app) =>
                {
                    api.prevent_close();
                }
                RunEvent::WindowEvent {
                    event: WindowEvent::DragDrop(DragDropEvent::Drop { paths, .. }),
                    ..
                } => app.state::<Page>().drop_files(paths),
                RunEvent::Exit => {
                    // Whoever starts it now gets a window of their own, once the folder is free.
                    single::destroy(app);
                    tauri::async_runtime::block_on(async {
                        app.state::<Front>().end().await;
                        herald::withdraw_all(app).await;
                    });
                }
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
        let second = Arguments::try_parse_from(arguments).ok();
        if second.as_ref().is_some_and(|second| second.hidden) {
            return;
        }
        let call = second.and_then(|second| second.conversation).map(|id| Call::Conversation { id });
        if app.try_state::<Front>().is_some() {
            window::show(app, call);
        } else {
            app.state::<Page>().later(call);
        }
    });
    if let Some(folder) = &arguments.data_dir {
        builder = builder.dbus_id(format!("app.ringdesk.desktop.{}", named_after(folder)));
    }
    builder.build()
}

/// A word for a folder, the same however it was written and in every release.
fn named_after(folder: &Path) -> String {
    // Not there yet has one name only.
    let folder = folder.canonicalize().or_else(|_| std::path::absolute(folder));
    let folder = folder.unwrap_or_default();
    // FNV-1a, 64 bits.
    let hash = folder.as_os_str().as_encoded_bytes().iter().fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3)
    });
    format!("f{hash:016x}")
}

/// How it starts with the computer.
fn with_the_computer(arguments: &Arguments) -> TauriPlugin<Wry> {
    let builder = tauri_plugin_autostart::Builder::new().args(once_more(arguments));
    let named = arguments.data_dir.as_ref().map(|folder| format!("Ringdesk {}", named_after(folder)));
    match named {
        Some(name) => builder.app_name(name).build(),
        None => builder.build(),
    }
}

/// What it is started with with the computer: as it was started now, without a window.
fn once_more(arguments: &Arguments) -> Vec<String> {
    let mut all = vec!["--hidden".to_owned()];
    if let Some(folder) = &arguments.data_dir {
        let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.clone()).display().to_string();
        // The system's list takes one line, save on a Mac.
        let folder = if cfg!(target_os = "macos") { folder } else { format!("\"{folder}\"") };
        all.extend(["--data-dir".to_owned(), folder]);
    }
    let more = [("--practice", arguments.practice), ("--safe-graphics", arguments.safe_graphics)];
    all.extend(more.into_iter().filter(|(_, given)| *given).map(|(name, _)| name.to_owned()));
    all
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_starts_with_the_computer_as_it_was_started() {
        let started = |arguments: &[&str]| {
            let all = std::iter::once("ringdesk").chain(arguments.iter().copied());
            once_more(&Arguments::try_parse_from(all).expect("arguments"))
        };
        assert_eq!(started(&[]), ["--hidden"]);
        assert_eq!(started(&["--hidden", "--safe-graphics"]), ["--hidden", "--safe-graphics"]);
        let all = started(&["--safe-graphics", "--practice", "--data-dir", "/tmp/two words"]);
        assert_eq!((all.len(), all[1].as_str()), (5, "--data-dir"));
        assert!(all[2].contains("two words"), "{all:?}");
        assert_eq!(all[3..], ["--practice", "--safe-graphics"]);
    }
}
