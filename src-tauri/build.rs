//! Declares the bridge's commands, so that the capability file can name each one.

/// The bridge's commands; `src/bridge.rs` has the same list.
const COMMANDS: &[&str] = &[
    "about",
    "desk",
    "subscribe",
    "practice_phone",
    "practice_text",
    "practice_call",
    "practise",
    "connect",
    "reopen",
    "unseal",
    "leave",
    "disconnect",
    "backups_found",
    "restore",
    "open_link",
    "listen",
    "in_view",
    "dropped",
    "closing_asked",
    "close_window",
    "in_tray",
    "starts_itself",
    "start_itself",
    "player_listen",
    "play",
    "player",
    "outputs",
    "record",
    "record_level",
    "save_copy",
    "save_file",
    "mail_password",
    "mail_password_known",
    "token",
    "rotate_token",
];

fn main() {
    let manifest = tauri_build::AppManifest::new().commands(COMMANDS);
    tauri_build::try_build(tauri_build::Attributes::new().app_manifest(manifest))
        .expect("tauri.conf.json and the capability file are valid");
}
