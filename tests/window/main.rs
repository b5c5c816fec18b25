//! The real window on a virtual display, driven as a person would.
#![allow(missing_docs, reason = "the names of the tests are their documentation")]

mod access;
mod accounts;
mod around;
mod browser;
mod calls;
mod helens_words;
mod hostile;
mod inbox;
mod outside;
mod voicemail;

use ringdesk_tests::{
    desktop::{Desktop, Window},
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
