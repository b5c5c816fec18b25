//! `cargo xtask demo`: a customer's short story in the real window. With a display the window stays
//! open and the person joins in; without one it is driven on a virtual display and leaves pictures
//! and a one-page summary in `target/demo/`. `--looks`, as `cargo xtask pictures` has it: every view of
//! `docs/pictures`, under the names it has there, by day, by night, at 960 by 640 and with letters twice as
//! large, in `target/pictures/`.
#![allow(clippy::print_stdout, reason = "it talks to a person")]

mod demo_album;
mod demo_asides;
mod demo_day;
mod demo_setup;
mod demo_troubles;

use anyhow::Context;
use demo_album::{Album, DRAWN};
use fantoccini::key::Key;
use ringdesk_sandbox::{Config, Rang};
use ringdesk_tests::{
    desktop::{Desktop, Window},
    owner::{LINE, Owner},
    programs::program,
};
use serde_json::json;
use std::{env, time::Duration};
use tokio::process::Command;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let data = folder.path().to_str().context("a path")?.to_owned();
    let looks = env::args().any(|argument| argument == "--looks");
    let display = env::var_os("DISPLAY").is_some() || env::var_os("WAYLAND_DISPLAY").is_some();
    if display && !looks {
        println!("  The window is open: watch the story, then pick up the practice phone yourself.");
        let arguments = ["--practice", "--story", "--data-dir", &data];
        let status = Command::new(program("ringdesk")).args(arguments).status().await?;
        anyhow::ensure!(status.success(), "the program ended with {status}");
        return Ok(());
    }
    println!("  The story is played on a virtual display.");
    let desktop = Desktop::start_with("1280x800", &[DRAWN]).await?;
    let window = desktop.open(&program("ringdesk"), &["--data-dir", &data]).await?;
    let mut album = Album::new(looks)?;
    let told = match story(&window, &mut album).await {
        Ok(()) => closing(&desktop, &window, &mut album).await,
        Err(error) => Err(error),
    };
    let mut told = match told {
        Ok(()) => morning(&mut album).await,
        Err(error) => Err(error),
    };
    if looks {
        told = told.and(beside(&window, &mut album).await);
    }
    let summary = album.summary(&told)?;
    window.close().await?;
    println!("  Pictures and a summary: {}", summary.display());
    told
}

/// Views that take a story of their own, each whatever became of the others.
async fn beside(window: &Window, album: &mut Album) -> anyhow::Result<()> {
    let day = match demo_day::photo(window).await {
        Ok(photo) => demo_day::day(album, photo).await,
        Err(error) => Err(error.context("the picture of the story")),
    };
    let mut told = Ok(());
    let lines = demo_asides::lines(album).await;
    for part in [
        day,
        demo_setup::steps(album).await,
        demo_asides::token(album).await,
        lines,
        demo_troubles::start(album).await,
        demo_troubles::safe(album).await,
        demo_troubles::unsent(album).await,
    ] {
        if let Err(error) = &part {
            println!("  ✗ {error:#}");
        }
        told = told.and(part);
    }
    told
}

async fn story(window: &Window, album: &mut Album) -> anyhow::Result<()> {
    window.find(".choice").await?;
    album.take(window, "welcome", "The first start: try it, or connect an account").await?;
    window.pick(".choice", "Connect my Twilio account").await?;
    window.find("#sid").await?;
    album
        .take(window, "account", "Connecting an account: two lines to copy, kept in the password safe")
        .await?;
    window.pick("button", "Back").await?;
    window.pick(".choice", "Try it with a practice line").await?;
    window.find("aside input").await?;
    album.take(window, "empty", "The inbox is empty and says how to begin").await?;
    demo_asides::nothing_yet(window, album).await?;
    customer_says(window, "Hi, it’s Marcus. The kitchen tap drips again. Could you come by this week?")
        .await?;
    window.says("[data-conversation]", "Marcus").await?;
    album.pass(window, "text", "A text came in: a row, unread, with who waits").await?;
    window.click("[data-conversation]").await?;
    window.pick(".quick button", "Photo").await?;
    window.find("img[data-attachment]").await?;
    album.take(window, "picture", "A picture came in and is shown").await?;
    window.write("form textarea", "Thanks for the picture. Sam is about 15 minutes out.").await?;
    window.enter("form textarea").await?;
    window.says(".state", "Sending in").await?;
    album.take(window, "undo", "The reply waits five seconds and can be taken back").await?;
    window.find(".out[data-status=queued], .out[data-status=sent], .out[data-status=delivered]").await?;
    window.find(".out[data-status=delivered]").await?;
    window.says("[data-phone=got]", "15 minutes out").await?;
    album.pass(window, "delivered", "The practice phone has the reply; the ticks say delivered").await?;
    demo_asides::phone(window, album).await?;

    window.find("select option[value='+14155530003']").await?.click().await?;
    customer_says(window, "Joel here, please call me back").await?;
    window.pick("[data-conversation]", "Joel here").await?;
    window.says(".text .bubble", "Joel here").await?;
    window.write("form textarea", "Hi Joel, we just tried you.").await?;
    window.enter("form textarea").await?;
    window.find(".out[data-status=undelivered]").await?;
    album.take(window, "failure", "A phone that is off: what happened, what it cost, what to do").await?;

    window.find("select option[value='+14155550123']").await?.click().await?;
    window.pick(".quick button", "STOP").await?;
    window.pick("[data-conversation]", "Opted out").await?;
    window.says(".closed", "has opted out").await?;
    album.take(window, "opted-out", "STOP closes the composer and says why").await?;

    customer_says(window, "YES").await?;
    window.says(".note", "They want texts again").await?;
    album.pass(window, "yes", "A YES after a STOP is left to the owner").await?;
    demo_asides::consent(window, album).await?;

    window.pick("[data-conversation] .preview", "15 minutes out").await?;
    window.click("[aria-label='About this customer']").await?;
    window.pick(".panel button", "Add a name").await?;
    window.write(".panel input[name=name]", "Marcus Webb").await?;
    window.enter(".panel input[name=name]").await?;
    window.says("h2", "Marcus Webb").await?;
    window.click(".panel [aria-label='Add a tag']").await?;
    window.write(".panel input[name=typed]", "Regular").await?;
    window.enter(".panel input[name=typed]").await?;
    window.says(".panel .tag", "Regular").await?;
    window.write(".panel textarea", "88 Linden Court. Prefers mornings.").await?;
    album.take(window, "contact", "Who they are, and what you noted").await?;
    window.theme(Some("dark")).await?;
    album.pass(window, "contact-dark", "The same by night").await?;
    window.theme(None).await?;
    window.click(".panel .assigned").await?;
    window.write("#assign-name", "Sam Ortiz").await?;
    window.says("dialog[open] [role=option]", "Sam Ortiz").await?;
    album.take(window, "assign", "Who sees to a conversation: a colleague, added on the way").await?;
    window.enter("#assign-name").await?;
    window.says("[data-conversation]", "Assigned to Sam Ortiz").await?;
    window.click(".done [aria-label=Dismiss]").await?;
    window.click("[aria-label='About this customer']").await?;

    demo_asides::nothing_found(window, album).await?;
    window.write("[role=search] input", "tap").await?;
    window.says("[data-found] mark", "tap").await?;
    demo_asides::searched(window, album, "search", "A word leads to who said it").await?;
    window.click("[data-found]").await?;
    window.says(".sought .bubble", "The kitchen tap").await?;
    window.click("[role=search] button").await?;
    window.write("form textarea", "Thanks for the picture. Sam is about 15 minutes out.").await?;
    window.enter("form textarea").await?;
    window.says("form .notice button", "Send anyway").await?;
    album.take(window, "question", "The same words again are asked about first").await?;
    window.pick("form .notice button", "Not now").await?;
    window.write("form textarea", &format!("{}a", char::from(Key::Control))).await?;
    window.write("form textarea", &char::from(Key::Delete).to_string()).await?;
    window.run("document.querySelector('form textarea').blur()").await?;
    window.pick("header button", "Done").await?;
    window.says(".done", "is done").await?;
    album.take(window, "put-away", "Done, with a way back").await?;
    window.pick(".done button", "Undo").await?;

    // Somebody calls in vain, is texted back, and leaves a message, which is written down.
    let back = json!({ "calls": { "text_back": { "on": true },
        "phones": [{ "name": "Nora", "number": "+14155550107" }] },
        "transcripts": { "engine": "twilio" },
        "texts": { "quiet_hours": { "from": "09:00", "to": "09:00" } } });
    window.desk("apply_settings", back).await?;
    window.find("select option[value='+14155550161']").await?.click().await?;
    window.pick(".quick button", "Call").await?;
    window.says("[data-conversation]", "(415) 555-0161").await?;
    window.pick("[data-conversation]", "(415) 555-0161").await?;
    window.says("[data-phone=got]", "Sorry we missed your call").await?;
    window.find(".out[data-status=delivered]").await?;
    album.take(window, "missed", "A missed call: a slip, and the text back that followed it").await?;
    window.pick(".quick button", "Leave a message").await?;
    window.says(".call", "voicemail").await?;
    window.says("[data-voicemail]", "The radiator in the hall").await?;
    window.find("[data-voicemail] .play[aria-disabled=false]").await?;
    album.take(window, "left", "A message in its conversation: to read, and to hear").await?;
    window.keys(&[Key::Control], "2").await?;
    window.says("[data-call]", "voicemail").await?;
    // The documents have it, and voicemail below, of a busy morning.
    album.pass(window, "calls", "The call log: what became of every caller").await?;
    window.press("j").await?;
    window.enter("[data-call] .main").await?;
    window.find("[id^=detail-]").await?;
    album.take(window, "call", "What a caller heard, and why").await?;
    window.press("c").await?;
    window.find("dialog[open]").await?;
    album.take(window, "call-back", "Calling back: your phone first, then theirs").await?;
    window.press(&char::from(Key::Escape).to_string()).await?;
    window.gone("dialog[open]").await?;
    window.keys(&[Key::Control], "3").await?;
    window.says("#voicemail [data-voicemail]", "The radiator in the hall").await?;
    window.press("j").await?;
    window.says(".transcript", "Please call me back").await?;
    window.find(".deck .play[aria-disabled=false]").await?;
    // As if some of it had been heard.
    window.press(&char::from(Key::Right).to_string()).await?;
    window.find(".deck [role=slider][aria-valuenow='5']").await?;
    album.pass(window, "voicemail", "Voicemail: read before it is heard, and answered from there").await?;

    // What is around the inbox, by keys alone.
    window.keys(&[Key::Control], ",").await?;
    window.says("#section-title", "Your business").await?;
    window.write("#business-name", "Bell & Daughter").await?;
    window.enter("#business-name").await?;
    window.says("nav .who", "Bell & Daughter").await?;
    album.take(window, "settings", "Settings: the business").await?;
    window.pick(".sections button", "Calls & hours").await?;
    window.says("aside h2", "What a caller hears").await?;
    album.take(window, "routing", "Settings: who rings when, and what a caller hears right now").await?;
    demo_asides::editors(window, album).await?;
    window.pick(".sections button", "Voicemail").await?;
    window.says("#section-title", "Voicemail").await?;
    album.take(window, "settings-voicemail", "Settings: who writes messages down, how they play").await?;
    demo_asides::letters(window, album).await?;
    window.pick(".sections button", "Texts").await?;
    window.pick("button", "Add a template").await?;
    window.write("form.template input", "On our way").await?;
    window.write("form.template textarea", "Hi {name}, we are on our way. About 15 minutes.").await?;
    window.pick("form.template button", "Save template").await?;
    window.find(".template textarea").await?;
    album.take(window, "settings-texts", "Settings: undo, templates, and when to ask").await?;
    window.pick(".sections button", "Notifications").await?;
    album.take(window, "settings-notifications", "Settings: what you are told, and when not").await?;
    window.pick(".sections button", "Look").await?;
    album.take(window, "settings-look", "Settings: how it looks and behaves").await?;
    window.pick(".sections button", "Keeping").await?;
    window.says("#section-title", "Keeping").await?;
    album.take(window, "settings-keeping", "Settings: how long things stay").await?;
    demo_asides::keeping(window, album).await?;
    window.pick(".sections button", "Lines").await?;
    window.find("#line-numbers").await?;
    album.take(window, "settings-lines", "Settings: the lines, and how calls and texts find them").await?;
    window.keys(&[Key::Control], "4").await?;
    window.find("li.check[data-check=webhooks][data-grade=pass]").await?;
    album.take(window, "check-up", "The line looked over, in plain words").await?;
    let check = ("check", "A check, opened: why it matters");
    demo_asides::row(window, album, check, "[data-check=webhooks]", ".more").await?;
    window.pick("#health .segments button", "What Twilio sent").await?;
    window.find("li.webhook").await?;
    album.take(window, "log", "What Twilio sent, and what became of it").await?;
    let entry = ("log-entry", "What Twilio sent, field by field");
    demo_asides::row(window, album, entry, "li.webhook", ".detail").await?;
    window.keys(&[Key::Control], "1").await?;
    window.keys(&[Key::Control], "k").await?;
    window.write("dialog[open] [role=combobox]", "mar").await?;
    window.says("[role=option]", "Marcus Webb").await?;
    album.take(window, "find", "Anything is a few letters away").await?;
    window.enter("dialog[open] [role=combobox]").await?;
    window.gone("dialog[open]").await?;
    window.says("h2", "Marcus Webb").await?;
    window.keys(&[Key::Control, Key::Shift], "n").await?;
    window.write("form textarea", "Key is with the neighbour, Mrs Odell.").await?;
    album.take(window, "note-writing", "A note is written in the same place").await?;
    window.enter("form textarea").await?;
    window.says("li.note .body", "Mrs Odell").await?;
    window.write("form textarea", "/").await?;
    window.says("[role=option]", "On our way").await?;
    album.take(window, "note-and-template", "A slash brings what is written often").await?;
    window.enter("form textarea").await?;
    window.until("return document.querySelector('form textarea').value.startsWith('Hi Marcus,')").await?;
    window.write("form textarea", &format!("{}a", char::from(Key::Control))).await?;
    window.write("form textarea", &char::from(Key::Delete).to_string()).await?;
    window.click("button.picture").await?;
    window.find("dialog[open] img").await?;
    album.take(window, "viewer", "A picture, large").await?;
    window.press(&char::from(Key::Escape).to_string()).await?;
    window.gone("dialog[open]").await?;
    demo_asides::attached(window, album).await?;
    demo_asides::dialogs(window, album).await?;
    window.run("document.activeElement.blur()").await?;
    window.press("n").await?;
    window.write("#new-to", "Mar").await?;
    window.says("dialog[open] li", "Marcus Webb").await?;
    album.take(window, "new-text", "A new text to somebody you know, or to a number").await?;
    window.press(&char::from(Key::Escape).to_string()).await?;
    window.gone("dialog[open]").await?;
    demo_asides::stranger(window, album).await?;

    if album.in_every_look() {
        return Ok(());
    }
    // The same looks by night, in a small window, and with large letters.
    window.find("select option[value='+14155550176']").await?.click().await?;
    window.pick("[data-conversation]", "15 minutes out").await?;
    window.says(".state", "Delivered").await?;
    album.pass(window, "light", "The inbox by day").await?;
    window.theme(Some("dark")).await?;
    album.pass(window, "dark", "The inbox by night").await?;
    window.theme(None).await?;
    window.size(960, 640).await?;
    album.pass(window, "small", "The inbox at 960 by 640").await?;
    window.size(1280, 800).await?;
    window.run("document.documentElement.style.setProperty('--text-scale', '2')").await?;
    album.pass(window, "large-letters", "The inbox with letters twice as large").await?;
    window.run("document.documentElement.style.removeProperty('--text-scale')").await?;
    Ok(())
}

/// The question what closing the window means.
async fn closing(desktop: &Desktop, window: &Window, album: &mut Album) -> anyhow::Result<()> {
    desktop.close_window()?;
    window.says("dialog[open] h2", "Keep receiving texts?").await?;
    album.take(window, "closing", "Closing the window asks what it means").await
}

/// The morning after, with an account: a practice line ends with its program, and nothing comes meanwhile.
async fn morning(album: &mut Album) -> anyhow::Result<()> {
    let owner = Owner::new().await?;
    let [sid, token] = owner.environment();
    let desktop = Desktop::start_with("1280x800", &[DRAWN, sid, token]).await?;
    let arguments = owner.arguments(&[]);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let window = desktop.open(&owner.program(), &arguments).await?;
    window.says(".stamp .to", "Complete up to").await?;
    let evening = (Config::practice().now)();
    owner.text("+14155550123", "Thanks for the quote. See you tomorrow.").await?;
    window.says("[data-conversation]", "See you tomorrow").await?;
    window.close().await?;

    // Twilio tells times to the second: in that in which the line was set up they would count as history.
    let clock = Config::practice().now;
    while clock().div_euclid(1_000) <= evening.div_euclid(1_000) {
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    let now = clock();
    owner.twilio.arrived("+14155550176", LINE, "The kitchen tap drips again. Are you free today?", now);
    owner.twilio.arrived("+14155550123", LINE, "Could you come an hour later?", now);
    owner.twilio.rang("+14155550199", LINE, now, Rang::HungUp);
    owner.twilio.rang("+14155550161", LINE, now, Rang::LeftMessage(9));
    let window = desktop.open(&owner.program(), &arguments).await?;
    window.says("section.away .came", "2 texts from 2 people · 1 missed call · 1 voicemail").await?;
    window.says("section.away .hint", "is here.").await?;
    window.pick("[data-conversation]", "kitchen tap").await?;
    window.find(".text [data-late=asleep]").await?;
    album.take(&window, "away", "What came while the computer was off: fetched, counted, and marked").await?;
    window.keys(&[Key::Control], ",").await?;
    window.pick(".sections button", "Your data").await?;
    window.pick("[data-backups] button", "Back up now").await?;
    window.says("[data-backups=good]", "Last backup").await?;
    window.find("[data-backup]").await?;
    album.take(&window, "data", "Settings: backups, the code that seals them, and an export").await?;
    demo_asides::recovery_code(&window, album).await?;
    if !album.in_every_look() {
        return window.close().await;
    }
    window.keys(&[Key::Control], "1").await?;
    window.pick("section.away button", "Got it").await?;
    window.gone("section.away").await?;
    window.close().await?;
    demo_asides::restoring(album, &owner.folder().join("backups")).await?;

    // Nobody answers any more where Twilio was.
    let place = owner.twilio.address();
    owner.twilio.stop().await;
    let window = desktop.open(&program("ringdesk"), &arguments).await?;
    window.says(".banner", "Not connected.").await?;
    window.pick("[data-conversation]", "kitchen tap").await?;
    window.says(".text .bubble", "kitchen tap").await?;
    album.take(&window, "offline", "Without a connection: what waits, and up to when all is here").await?;
    demo_troubles::refused(&window, album, place).await?;
    window.close().await
}

async fn customer_says(window: &Window, words: &str) -> anyhow::Result<()> {
    window.write("aside input", words).await?;
    window.enter("aside input").await
}
