//! Makes sure the window's files exist, which `ringdeskd` carries for browsers and the program for its window.

use std::{path::Path, process::Command};

/// Builds them when there are none, so that a plain `cargo build` works. `RINGDESK_UI_BUILT=1` leaves
/// that to whoever calls.
fn main() {
    println!("cargo::rerun-if-env-changed=RINGDESK_UI_BUILT");
    for watched in ["src", "index.html", "package-lock.json", "dist"] {
        println!("cargo::rerun-if-changed=../../ui/{watched}");
    }
    if std::env::var_os("RINGDESK_UI_BUILT").is_some() || Path::new("../../ui/dist/index.html").exists() {
        return;
    }
    for step in [&["ci", "--no-audit", "--no-fund"][..], &["run", "build"]] {
        let done = Command::new("npm").args(step).current_dir("../../ui").status();
        assert!(done.is_ok_and(|status| status.success()), "npm {} failed in ui/", step.join(" "));
    }
}
