//! Declares the bridge's commands, so that the capability file can name each one, and makes sure the
//! window's files exist.

use std::{path::Path, process::Command};

/// The bridge's commands; `src/bridge.rs` has the same list.
const COMMANDS: &[&str] = &[
    "about",
    "desk",
    "subscribe",
    "practice_phone",
    "practice_text",
    "practise",
    "connect",
    "reopen",
    "unseal",
    "leave",
    "open_link",
];

fn main() {
    built_ui();
    let manifest = tauri_build::AppManifest::new().commands(COMMANDS);
    tauri_build::try_build(tauri_build::Attributes::new().app_manifest(manifest))
        .expect("tauri.conf.json and the capability file are valid");
}

/// Builds the window's files when there are none, so that a plain `cargo build` works.
/// `RINGDESK_UI_BUILT=1` leaves that to whoever calls.
fn built_ui() {
    println!("cargo::rerun-if-env-changed=RINGDESK_UI_BUILT");
    for watched in ["src", "index.html", "package-lock.json", "dist"] {
        println!("cargo::rerun-if-changed=../ui/{watched}");
    }
    if std::env::var_os("RINGDESK_UI_BUILT").is_some() || Path::new("../ui/dist/index.html").exists() {
        return;
    }
    for step in [&["ci", "--no-audit", "--no-fund"][..], &["run", "build"]] {
        let done = Command::new("npm").args(step).current_dir("../ui").status();
        assert!(done.is_ok_and(|status| status.success()), "npm {} failed in ui/", step.join(" "));
    }
}
