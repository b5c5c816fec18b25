//! The real window on a virtual display, driven as a person would.
#![allow(missing_docs, reason = "the names of the tests are their documentation")]

mod access;
mod accounts;
mod around;
mod asleep;
mod assigning;
mod browser;
mod calls;
mod connecting;
mod health;
mod helens_words;
mod hostile;
mod inbox;
mod outside;
mod restoring;
mod voicemail;

use ringdesk_sandbox::Config;
use ringdesk_tests::{
    desktop::{Desktop, Window},
    owner::Owner,
    programs::program,
};
use tempfile::TempDir;

/// The practice line's window on a folder of its own.
async fn window() -> (Desktop, TempDir, Window) {
    ringdesk_tests::end_if_stuck();
    let desktop = Desktop::start("1280x800").await.expect("a desktop");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().to_str().expect("a path").to_owned();
    let arguments = ["--practice", "--data-dir", &path];
    let window = desktop.open(&program("ringdesk"), &arguments).await.expect("a window");
    (desktop, folder, window)
}

/// The practice phone texts, and the row is opened.
async fn text_arrives(window: &Window, words: &str) -> anyhow::Result<()> {
    window.write("aside input", words).await?;
    window.enter("aside input").await?;
    window.says("[data-conversation]", words).await?;
    window.click("[data-conversation]").await?;
    window.says(".text:not(.out) .bubble", words).await?;
    Ok(())
}

/// The account's SID and token are typed and sent off.
async fn connects(window: &Window, (sid, token): (&str, &str)) -> anyhow::Result<()> {
    window.write("#sid", sid).await?;
    window.write("#token", token).await?;
    window.enter("#token").await
}

/// Somebody who just got an account, at their desktop with an open password safe.
async fn newcomer(config: Config) -> (Desktop, Owner) {
    ringdesk_tests::end_if_stuck();
    let mut desktop = Desktop::start("1280x800").await.expect("a desktop");
    desktop.safe(true).await.expect("a password safe");
    let owner = Owner::newcomer(config).await.expect("an owner");
    (desktop, owner)
}

/// The owner's window on their folder.
async fn open(desktop: &Desktop, owner: &Owner) -> Window {
    let arguments = owner.arguments(&[]);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    desktop.open(&owner.program(), &arguments).await.expect("a window")
}

/// Whoever connects for the first time is led on; they leave that for later.
async fn leaves_the_rest(window: &Window) -> anyhow::Result<()> {
    window.says("h1", "Which numbers are your business lines?").await?;
    window.pick("footer button", "Finish later").await
}
