//! Chromium without a screen: the browser most people have, and the one that lets the system give the colours.

use crate::driver::{Driver, Window};
use anyhow::Context;
use serde_json::{Map, Value, json};
use std::{
    process::{Command, Stdio},
    time::{Duration, Instant},
};
use tempfile::TempDir;

const PROGRAM: &str = "/usr/bin/chromium";

/// Nothing it does by itself: it knows of no host but this one.
const ARGUMENTS: [&str; 13] = [
    "--headless=new",
    // For root, as whom tests may run.
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--window-size=1280,900",
];

/// A browser on a profile of its own, which ends with its value.
#[derive(Debug)]
pub struct Chromium {
    driver: Driver,
    profile: TempDir,
}

impl Chromium {
    /// Starts its driver.
    pub fn start() -> anyhow::Result<Self> {
        let profile = tempfile::tempdir()?;
        let home = profile.path().display().to_string();
        let environment =
            [("HOME".to_owned(), home), ("DBUS_SESSION_BUS_ADDRESS".to_owned(), "disabled:".to_owned())];
        Ok(Self { driver: Driver::start("chromedriver", &environment)?, profile })
    }

    /// Opens a page in it.
    pub async fn browse(&self, url: &str) -> anyhow::Result<Window> {
        let mut arguments: Vec<String> = ARGUMENTS.iter().map(|argument| (*argument).to_owned()).collect();
        arguments.push(format!("--user-data-dir={}", self.profile.path().display()));
        let mut capabilities = Map::new();
        capabilities.insert("goog:chromeOptions".into(), json!({ "binary": PROGRAM, "args": arguments }));
        capabilities.insert("goog:loggingPrefs".into(), json!({ "browser": "ALL" }));
        let window = self.driver.session(capabilities).await?;
        // As a window that somebody looks at.
        devtools(&window, "Emulation.setFocusEmulationEnabled", json!({ "enabled": true })).await?;
        window.goto(url).await?;
        Ok(window)
    }

    /// Tells a story in a window and closes it.
    pub async fn tell<T>(&self, window: Window, story: impl AsyncFnOnce(&Window) -> anyhow::Result<T>) -> T {
        self.driver.tell(window, story).await
    }
}

impl Drop for Chromium {
    /// After a story that failed: a browser outlives a driver that is killed.
    fn drop(&mut self) {
        let left = self.driver.below();
        if !left.is_empty() {
            let ids = left.iter().map(u32::to_string);
            // One that has ended meanwhile is what was wanted.
            let _ = Command::new("kill").arg("-KILL").args(ids).stderr(Stdio::null()).status();
        }
        // None writes any more to the profile, which goes next.
        let began = Instant::now();
        while left.iter().any(|id| runs(*id)) && began.elapsed() < Duration::from_secs(1) {
            std::thread::yield_now();
        }
    }
}

/// Whether a process still runs; one that only waits for whoever started it does not.
fn runs(id: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    // After the name, which may hold anything.
    stat.rsplit_once(") ").is_some_and(|(_, state)| !state.starts_with(['Z', 'X']))
}

/// The system gives the colours from now on: dark ones.
pub async fn force_colours(window: &Window) -> anyhow::Result<()> {
    let features = json!([
        { "name": "forced-colors", "value": "active" },
        { "name": "prefers-color-scheme", "value": "dark" },
    ]);
    devtools(window, "Emulation.setEmulatedMedia", json!({ "features": features })).await
}

/// What went wrong in the page since this was asked before, as the console tells it: errors, answers that are
/// none, and what the page may not load or run.
pub async fn complaints(window: &Window) -> anyhow::Result<Vec<String>> {
    let told = window.ask("se/log", json!({ "type": "browser" })).await?;
    let entries = told.as_array().context("a list")?;
    let wrong = entries.iter().filter(|entry| entry["level"] == "SEVERE");
    Ok(wrong.map(|entry| entry["message"].to_string()).collect())
}

async fn devtools(window: &Window, command: &str, parameters: Value) -> anyhow::Result<()> {
    window.ask("goog/cdp/execute", json!({ "cmd": command, "params": parameters })).await.map(|_| ())
}
