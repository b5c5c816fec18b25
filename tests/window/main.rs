//! The real window on a virtual display, driven as a person would.
#![allow(missing_docs, reason = "the names of the tests are their documentation")]

mod access;
mod accounts;
mod around;
mod asleep;
mod assigning;
mod browser;
mod calls;
mod catching_up;
mod chromium;
mod connecting;
mod fitting;
mod health;
mod helens_words;
mod hostile;
mod inbox;
mod keys;
mod leaving;
mod lines;
mod moving;
mod outside;
mod pictures;
mod restoring;
mod telling;
mod trouble;
mod voicemail;

use fantoccini::key::Key;
use ringdesk_sandbox::Config;
use ringdesk_tests::{
    desktop::{Desktop, Window},
    owner::Owner,
    programs::program,
};
use tempfile::TempDir;

/// Presses of Tab after which something is not reached by keys.
const FAR: usize = 200;

/// The practice line's window on a folder of its own.
async fn window() -> (Desktop, TempDir, Window) {
    window_on("1280x800").await
}

/// The same on a screen of another size.
async fn window_on(screen: &str) -> (Desktop, TempDir, Window) {
    ringdesk_tests::end_if_stuck();
    let desktop = Desktop::start(screen).await.expect("a desktop");
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

/// Waits until so many texts are shown; what is further up is asked for meanwhile.
async fn shows_texts(window: &Window, count: usize) -> anyhow::Result<()> {
    let shown = format!(
        "const shown = document.querySelectorAll('#timeline .bubble').length;
         if (shown < {count}) document.querySelector('#timeline .earlier button')?.click();
         return shown === {count}"
    );
    window.until(&shown).await
}

/// A key that has no letter, as it is typed.
fn one(key: Key) -> String {
    String::from(char::from(key))
}

/// Presses a key that has no letter, wherever the focus is.
async fn key(window: &Window, key: Key) -> anyhow::Result<()> {
    window.press(&one(key)).await
}

/// Leaves whatever has the focus.
async fn elsewhere(window: &Window) -> anyhow::Result<()> {
    window.run("document.activeElement.blur()").await.map(|_| ())
}

/// Goes on by Tab to what these words name.
async fn tabs_to(window: &Window, words: &str) -> anyhow::Result<()> {
    tabs(window, &one(Key::Tab), words).await
}

/// Goes back to it, by Shift and Tab.
async fn tabs_back_to(window: &Window, words: &str) -> anyhow::Result<()> {
    tabs(window, &format!("{}{}", one(Key::Shift), one(Key::Tab)), words).await
}

async fn tabs(window: &Window, tab: &str, words: &str) -> anyhow::Result<()> {
    let name = "const here = document.activeElement;
        if (!here?.matches('button, a, summary, input, textarea, select')) return '';
        return here.getAttribute('aria-label') ?? here.labels?.[0]?.textContent ?? here.textContent";
    for _ in 0..FAR {
        let here = window.run(name).await?;
        if here.as_str().is_some_and(|here| here.contains(words)) {
            return Ok(());
        }
        window.press(tab).await?;
    }
    anyhow::bail!("{words:?} is not reached by Tab; the page says: {}", window.page().await)
}

/// Presses the button these words name, by keys alone.
async fn does(window: &Window, words: &str) -> anyhow::Result<()> {
    tabs_to(window, words).await?;
    key(window, Key::Enter).await
}

/// Finds something to do by its words, and does it.
async fn finds(window: &Window, typed: &str, words: &str) -> anyhow::Result<()> {
    window.keys(&[Key::Control], "k").await?;
    window.write("dialog[open] [role=combobox]", typed).await?;
    window.says("dialog[open] [role=option][aria-selected=true]", words).await?;
    window.enter("dialog[open] [role=combobox]").await
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
