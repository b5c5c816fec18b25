//! Who may use whom, and what may be heavy where. Breaking the table fails the build.

use std::{collections::BTreeSet, fs, path::Path};

/// Room, what of ours it may use, and heavy crates that are allowed there and nowhere unlisted.
const TABLE: [(&str, &[&str], &[&str]); 12] = [
    ("domain", &[], &[]),
    ("twilio", &[], &["reqwest", "rustls-platform-verifier"]),
    ("machine", &[], &["keyring-core", "notify-rust", "reqwest", "zbus"]),
    ("mail", &[], &["lettre"]),
    ("sound", &[], &["rodio"]),
    ("store", &["domain"], &["sqlx", "rusqlite"]),
    ("inbox", &["domain", "mail", "sound", "store", "twilio"], &["age"]),
    ("webhooks", &["domain", "inbox", "twilio"], &["axum"]),
    ("desk", &["domain", "inbox"], &[]),
    ("server", &["desk", "domain", "inbox", "machine", "sandbox", "store", "twilio", "webhooks"], &["axum"]),
    ("sandbox", &["twilio"], &["axum", "reqwest"]),
    (
        "src-tauri",
        &["desk", "domain", "inbox", "machine", "sandbox", "server", "sound", "store", "twilio", "webhooks"],
        &["tauri", "webkit2gtk"],
    ),
];
const HEAVY: [&str; 13] = [
    "age",
    "sqlx",
    "rusqlite",
    "axum",
    "reqwest",
    "tauri",
    "keyring-core",
    "notify-rust",
    "rodio",
    "lettre",
    "rustls-platform-verifier",
    "webkit2gtk",
    "zbus",
];

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests lie in the repository")
}

fn folder(room: &str) -> std::path::PathBuf {
    if room == "src-tauri" { repository().join(room) } else { repository().join("crates").join(room) }
}

/// Names of what a room depends on, build and development included.
fn dependencies(room: &str) -> BTreeSet<String> {
    let manifest = fs::read_to_string(folder(room).join("Cargo.toml")).expect("a manifest");
    let mut inside = false;
    let mut names = BTreeSet::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            inside = line.ends_with("dependencies]");
        } else if inside && !line.trim().is_empty() {
            let name: String =
                line.chars().take_while(|c| c.is_alphanumeric() || "-_".contains(*c)).collect();
            names.insert(name);
        }
    }
    names
}

#[test]
fn rooms_use_only_the_rooms_the_table_allows() {
    for (room, allowed, heavy) in TABLE {
        for name in dependencies(room) {
            if let Some(ours) = name.strip_prefix("ringdesk-") {
                assert!(allowed.contains(&ours), "{room} may not use {ours}");
            }
            if HEAVY.contains(&name.as_str()) {
                assert!(heavy.contains(&name.as_str()), "{room} may not use {name}");
            }
        }
    }
}

#[test]
fn every_room_is_in_the_table() {
    let rooms: BTreeSet<String> = fs::read_dir(repository().join("crates"))
        .expect("rooms")
        .map(|entry| entry.expect("a room").file_name().to_string_lossy().into_owned())
        .collect();
    let listed: BTreeSet<String> =
        TABLE.iter().map(|(room, ..)| (*room).to_owned()).filter(|room| room != "src-tauri").collect();
    assert_eq!(rooms, listed);
}

/// Every Rust file of a room.
fn sources(room: &str) -> Vec<(std::path::PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![folder(room).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                let text = fs::read_to_string(&path).expect("text");
                found.push((path, text));
            }
        }
    }
    found
}

#[test]
fn sql_is_in_the_store_only() {
    for (room, ..) in TABLE.iter().filter(|(room, ..)| *room != "store") {
        for (path, text) in sources(room) {
            for line in text.lines().map(|line| line.trim_start_matches([' ', '"', '('])) {
                for word in ["INSERT INTO ", "SELECT ", "UPDATE ", "DELETE FROM ", "CREATE TABLE "] {
                    assert!(!line.starts_with(word), "{} speaks SQL", path.display());
                }
            }
        }
    }
}

#[test]
fn domain_has_no_clock_no_files_and_no_network() {
    for (path, text) in sources("domain") {
        for word in ["SystemTime", "Instant::now", "std::fs", "std::net", "tokio", "async fn", "std::env"] {
            assert!(!text.contains(word), "{} uses {word}", path.display());
        }
    }
}

#[test]
fn the_page_shows_message_bodies_as_text_only() {
    let mut folders = vec![repository().join("ui/src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let text = fs::read_to_string(&path).unwrap_or_default();
                for word in ["{@html", "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write"] {
                    assert!(!text.contains(word), "{} uses {word}", path.display());
                }
            }
        }
    }
}

#[test]
fn the_windows_types_are_fresh() {
    let file = repository().join("ui/src/backend/generated/desk.ts");
    let written = fs::read_to_string(&file).expect("the generated file");
    assert!(written == ringdesk_desk::typescript(), "run `cargo xtask types`");
}
