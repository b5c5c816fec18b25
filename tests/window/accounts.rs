//! The owner's account: kept safe, found again, never mixed with practice.

use crate::{access::looks_accessible, connects, leaves_the_rest, text_arrives};
use ringdesk_sandbox::{Config, Sandbox};
use ringdesk_tests::{
    desktop::{Desktop, Window},
    programs::program,
};

#[tokio::test]
async fn the_owners_account_is_kept_in_the_password_safe() {
    ringdesk_tests::end_if_stuck();
    let mut desktop = Desktop::start("1280x800").await.expect("a desktop");
    desktop.safe(true).await.expect("a password safe");
    let folder = tempfile::tempdir().expect("a folder");
    let twilio = Sandbox::start(Config::practice()).await.expect("a pretend Twilio");
    let path = folder.path().to_str().expect("a path").to_owned();
    let arguments = ["--data-dir", &path, "--twilio-url", twilio.url(), "--listen", "127.0.0.1:0"];
    let (sid, token) = twilio.credentials();

    let window = desktop.open(&program("ringdesk"), &arguments).await.expect("a window");
    let story = async |window: &Window| {
        window.pick(".choice", "Connect my Twilio account").await?;
        window.write("#sid", sid).await?;
        window.write("#token", "not-the-token").await?;
        window.enter("#token").await?;
        window.says(".notice", "Twilio doesn't accept this account and token together").await?;
        window.run("document.querySelector('#token').select()").await?;
        window.write("#token", token).await?;
        window.enter("#token").await?;
        leaves_the_rest(window).await?;
        window.says(".placard", "Connected").await?;
        anyhow::Ok(())
    };
    desktop.tell(window, story).await;
    for file in std::fs::read_dir(folder.path()).expect("a folder") {
        let file = file.expect("a file").path();
        let bytes = std::fs::read(&file).unwrap_or_default();
        assert!(!String::from_utf8_lossy(&bytes).contains(token), "{} holds the token", file.display());
    }

    // From now on it opens by itself; and when the safe is locked or gone, the way out is said.
    let window = desktop.open(&program("ringdesk"), &arguments).await.expect("a window");
    let story = async |window: &Window| {
        window.says(".placard", "Connected").await?;
        anyhow::Ok(())
    };
    desktop.tell(window, story).await;

    desktop.no_safe().await.expect("no safe");
    let window = desktop.open(&program("ringdesk"), &arguments).await.expect("a window");
    let story = async |window: &Window| {
        window.says("h1", "No password safe answers").await?;
        window.pick("button", "Connect anew").await?;
        connects(window, (sid, token)).await?;
        window.says(".notice", "no password safe running").await?;
        window.pick(".link", "sealed by a passphrase").await?;
        window.write("#passphrase", "correct horse").await?;
        window.enter("#passphrase").await?;
        window.says(".placard", "Connected").await?;
        anyhow::Ok(())
    };
    desktop.tell(window, story).await;

    let window = desktop.open(&program("ringdesk"), &arguments).await.expect("a window");
    let story = async |window: &Window| {
        window.says("h1", "Type your passphrase").await?;
        window.write("#passphrase", "battery").await?;
        window.enter("#passphrase").await?;
        window.says(".notice", "That passphrase doesn't open it").await?;
        looks_accessible(window, "another passphrase").await?;
        window.run("document.querySelector('#passphrase').select()").await?;
        window.write("#passphrase", "correct horse").await?;
        window.enter("#passphrase").await?;
        window.says(".placard", "Connected").await?;
        anyhow::Ok(())
    };
    desktop.tell(window, story).await;
}

#[tokio::test]
async fn a_locked_or_emptied_password_safe_leads_out() {
    ringdesk_tests::end_if_stuck();
    let mut desktop = Desktop::start("1280x800").await.expect("a desktop");
    desktop.safe(true).await.expect("a password safe");
    let folder = tempfile::tempdir().expect("a folder");
    let twilio = Sandbox::start(Config::practice()).await.expect("a pretend Twilio");
    let path = folder.path().to_str().expect("a path").to_owned();
    let arguments = ["--data-dir", &path, "--twilio-url", twilio.url(), "--listen", "127.0.0.1:0"];
    let (sid, token) = twilio.credentials();
    let window = desktop.open(&program("ringdesk"), &arguments).await.expect("a window");
    let story = async |window: &Window| {
        window.pick(".choice", "Connect my Twilio account").await?;
        connects(window, (sid, token)).await?;
        leaves_the_rest(window).await?;
        window.says(".placard", "Connected").await?;
        anyhow::Ok(())
    };
    desktop.tell(window, story).await;

    desktop.safe(false).await.expect("a locked safe");
    let window = desktop.open(&program("ringdesk"), &arguments).await.expect("a window");
    window.says("h1", "Your password safe is locked").await.expect("the way out");
    looks_accessible(&window, "a locked password safe").await.expect("for everybody");
    desktop.safe(true).await.expect("an open safe");
    let story = async |window: &Window| {
        window.pick("button", "Try again").await?;
        window.says(".placard", "Connected").await?;
        anyhow::Ok(())
    };
    desktop.tell(window, story).await;

    desktop.empty_safe().await.expect("an empty safe");
    let window = desktop.open(&program("ringdesk"), &arguments).await.expect("a window");
    let story = async |window: &Window| {
        window.says("h1", "Your Twilio token is gone").await?;
        looks_accessible(window, "a token that is gone").await?;
        window.pick("button", "Connect anew").await?;
        connects(window, (sid, token)).await?;
        window.says(".placard", "Connected").await?;
        anyhow::Ok(())
    };
    desktop.tell(window, story).await;
}

#[tokio::test]
async fn practice_and_the_owners_line_never_mix() {
    ringdesk_tests::end_if_stuck();
    let mut desktop = Desktop::start("1280x800").await.expect("a desktop");
    desktop.safe(true).await.expect("a password safe");
    let folder = tempfile::tempdir().expect("a folder");
    let twilio = Sandbox::start(Config::practice()).await.expect("a pretend Twilio");
    let path = folder.path().to_str().expect("a path").to_owned();
    let arguments = ["--data-dir", &path, "--twilio-url", twilio.url(), "--listen", "127.0.0.1:0"];
    let (sid, token) = twilio.credentials();
    let window = desktop.open(&program("ringdesk"), &arguments).await.expect("a window");
    let story = async |window: &Window| {
        window.pick(".choice", "Try it with a practice line").await?;
        text_arrives(window, "Only pretending").await?;
        window.pick(".placard button", "Connect your line").await?;
        window.pick(".choice", "Connect my Twilio account").await?;
        connects(window, (sid, token)).await?;
        leaves_the_rest(window).await?;
        window.says(".placard", "Connected").await?;
        window.says(".empty", "Nobody is waiting on you").await?;
        window.gone("[data-conversation]").await?;
        // To and fro, without typing the token again.
        window.pick(".placard button", "Switch line").await?;
        window.pick(".choice", "Try it with a practice line").await?;
        window.says("[data-conversation]", "Only pretending").await?;
        window.pick(".placard button", "Connect your line").await?;
        window.pick(".choice", "Open my line").await?;
        window.says(".placard", "Connected").await?;
        window.gone("[data-conversation]").await?;
        anyhow::Ok(())
    };
    desktop.tell(window, story).await;

    // What the folder has belongs to one account for good.
    let another = Config { account_sid: format!("AC{}", "7".repeat(32)), ..Config::practice() };
    let another = Sandbox::start(another).await.expect("another account");
    desktop.no_safe().await.expect("no safe");
    let arguments = ["--data-dir", &path, "--twilio-url", another.url(), "--listen", "127.0.0.1:0"];
    let window = desktop.open(&program("ringdesk"), &arguments).await.expect("a window");
    let story = async |window: &Window| {
        window.pick("button", "Connect anew").await?;
        connects(window, another.credentials()).await?;
        window.says(".notice", "belong to another Twilio account").await?;
        anyhow::Ok(())
    };
    desktop.tell(window, story).await;
}

#[tokio::test]
async fn a_password_safe_that_is_unlocked_late_opens_the_line() {
    ringdesk_tests::end_if_stuck();
    let mut desktop = Desktop::start("1280x800").await.expect("a desktop");
    desktop.safe(true).await.expect("a password safe");
    let folder = tempfile::tempdir().expect("a folder");
    let twilio = Sandbox::start(Config::practice()).await.expect("a pretend Twilio");
    let path = folder.path().to_str().expect("a path").to_owned();
    let arguments = ["--data-dir", &path, "--twilio-url", twilio.url(), "--listen", "127.0.0.1:0"];
    let window = desktop.open(&program("ringdesk"), &arguments).await.expect("a window");
    let story = async |window: &Window| {
        window.pick(".choice", "Connect my Twilio account").await?;
        connects(window, twilio.credentials()).await?;
        leaves_the_rest(window).await?;
        window.says(".placard", "Connected").await?;
        anyhow::Ok(())
    };
    desktop.tell(window, story).await;

    desktop.hold_safe(true).await.expect("a safe that waits for its owner");
    let window = desktop.open(&program("ringdesk"), &arguments).await.expect("a window");
    window.says("h1", "Your password safe is locked").await.expect("what it waits for");
    desktop.hold_safe(false).await.expect("an open safe");
    let story = async |window: &Window| {
        window.says(".placard", "Connected").await?;
        anyhow::Ok(())
    };
    desktop.tell(window, story).await;
}

#[tokio::test]
async fn connecting_while_the_password_safe_is_locked_leads_to_a_sealed_file() {
    ringdesk_tests::end_if_stuck();
    let mut desktop = Desktop::start("1280x800").await.expect("a desktop");
    desktop.safe(true).await.expect("a password safe");
    desktop.safe(false).await.expect("a locked safe");
    let folder = tempfile::tempdir().expect("a folder");
    let twilio = Sandbox::start(Config::practice()).await.expect("a pretend Twilio");
    let path = folder.path().to_str().expect("a path").to_owned();
    let arguments = ["--data-dir", &path, "--twilio-url", twilio.url(), "--listen", "127.0.0.1:0"];
    let window = desktop.open(&program("ringdesk"), &arguments).await.expect("a window");
    let story = async |window: &Window| {
        window.pick(".choice", "Connect my Twilio account").await?;
        connects(window, twilio.credentials()).await?;
        window.says(".notice", "Unlock it and try again").await?;
        window.pick(".link", "sealed by a passphrase").await?;
        window.write("#passphrase", "correct horse").await?;
        window.enter("#passphrase").await?;
        leaves_the_rest(window).await?;
        window.says(".placard", "Connected").await?;
        anyhow::Ok(())
    };
    desktop.tell(window, story).await;

    // The safe is not asked again.
    let window = desktop.open(&program("ringdesk"), &arguments).await.expect("a window");
    let story = async |window: &Window| {
        window.says("h1", "Type your passphrase").await?;
        window.write("#passphrase", "correct horse").await?;
        window.enter("#passphrase").await?;
        window.says(".placard", "Connected").await?;
        anyhow::Ok(())
    };
    desktop.tell(window, story).await;
}
