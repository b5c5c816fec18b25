//! The same page in Chromium, also where the system gives the colours.

use crate::{
    access::looks_accessible,
    browser::Hosted,
    elsewhere, finds, key,
    keys::{MARCUS, PRIYA, PRIYA_DISPLAY, searches, writes},
    tabs_to,
};
use anyhow::Context;
use fantoccini::key::Key;
use ringdesk_tests::{
    chromium::{Chromium, complaints, force_colours},
    desktop::Window,
};

/// The desk is opened with its token; then Marcus writes, and Priya.
async fn begins(window: &Window, hosted: &Hosted) -> anyhow::Result<()> {
    window.write("#token", &hosted.token).await?;
    window.enter("#token").await?;
    window.says(".empty", "Nobody is waiting on you").await?;
    for (who, words) in [(MARCUS, "Is the boiler fixed?"), (PRIYA, "Could you quote a boiler?")] {
        hosted.text(who, words, &[]).await?;
        window.says("[data-conversation]", words).await?;
    }
    Ok(())
}

/// Nothing failed that only the browser tells of.
async fn is_content(window: &Window) -> anyhow::Result<()> {
    let wrong = complaints(window).await?;
    anyhow::ensure!(wrong.is_empty(), "the console says {wrong:?}");
    Ok(())
}

#[tokio::test]
async fn chromium_opens_the_desk_and_goes_through_it_by_keys() {
    let hosted = Hosted::start().await;
    let chromium = Chromium::start().expect("a driver");
    let window = chromium.browse(&hosted.page).await.expect("a browser");
    let story = async |window: &Window| {
        begins(window, &hosted).await?;
        key(window, Key::Down).await?;
        window.says("h2#open-title", PRIYA_DISPLAY).await?;
        window.press("r").await?;
        writes(window, "Text to", "").await?;
        window.press("Yes, on Friday").await?;
        key(window, Key::Enter).await?;
        window.find(".out[data-status=delivered]").await?;
        // What comes meanwhile is there by itself.
        hosted.text(PRIYA, "See you then", &[]).await?;
        window.says(".text:not(.out) .bubble", "See you then").await?;
        key(window, Key::Escape).await?;
        searches(window).await?;
        // Ctrl Shift N opens a window of the browser's own: there a note is found.
        finds(window, "note", "Write a note").await?;
        writes(window, "Note about", "").await?;
        window.press("Gate code 4471").await?;
        key(window, Key::Enter).await?;
        window.says("li.note .body", "Gate code 4471").await?;
        elsewhere(window).await?;
        window.press("i").await?;
        window.find(".panel textarea").await?;
        is_content(window).await?;
        looks_accessible(window, "a conversation in Chromium").await
    };
    chromium.tell(window, story).await;
}

/// How things are drawn: a style, a colour the system gives, the ring and the edge around something.
const SEEN: &str = "const seen = (css, part) => {
        const one = document.querySelector(css);
        return one ? getComputedStyle(one, part) : {};
    };
    const given = (name) => {
        const one = document.createElement('i');
        one.style.color = name;
        document.body.append(one);
        const { color } = getComputedStyle(one);
        one.remove();
        return color;
    };
    const drawn = (style, width) => (style === 'none' ? style : `${width} ${style}`);
    const ring = (css) => drawn(seen(css).outlineStyle, seen(css).outlineWidth);
    const edge = (css) => drawn(seen(css).borderTopStyle, seen(css).borderTopWidth);";

/// Waits until each of these can be told apart by how it is drawn.
async fn tells(window: &Window, all: &[(&str, &str)]) -> anyhow::Result<()> {
    for (what, so) in all {
        let so = format!("{SEEN} return {so}");
        window.until(&so).await.with_context(|| format!("{what} cannot be seen"))?;
    }
    Ok(())
}

const CONVERSATION: [(&str, &str); 9] = [
    (
        "that the system gives the colours",
        "matchMedia('(forced-colors: active)').matches && given('Canvas') !== given('Highlight')",
    ),
    (
        "the row that is open",
        "ring('[data-conversation][aria-current]') === '2px solid'
            && seen('[data-conversation][aria-current]').outlineColor === given('Highlight')
            && ring('[data-conversation]:not([aria-current])') === 'none'",
    ),
    ("how many are unread", "edge('.row.unread .marks [role=img]') === '1px solid'"),
    (
        "the section that is shown",
        "ring('nav .section[aria-current]') === '2px solid'
            && ring('nav .section:not([aria-current])') === 'none'",
    ),
    (
        "the filter that is chosen",
        "ring('.chip[aria-pressed=true]') === '2px solid' && ring('.chip[aria-pressed=false]') === 'none'",
    ),
    (
        "who said what",
        "edge('.out .bubble') === '1px solid' && edge('.text:not(.out) .bubble') === '1px solid'",
    ),
    (
        "that it was delivered",
        "seen('.out .state svg').display === 'block'
            && seen('.out .state svg').stroke === given('CanvasText')",
    ),
    (
        "that there is nothing to send",
        "seen('section > form [type=submit][aria-disabled=true]').color === given('GrayText')",
    ),
    ("where notes are written", "edge('.panel textarea') === '1px solid'"),
];

/// In the search for anything, with something found.
const FINDING: [(&str, &str); 3] = [
    ("the search for anything", "edge('dialog[open]') === '1px solid'"),
    ("that it is typed into", "ring('dialog[open] .field') === '2px solid'"),
    (
        "what Enter does",
        "ring('dialog[open] [role=option][aria-selected=true]') === '2px solid'
            && ring('dialog[open] [role=option][aria-selected=false]') === 'none'",
    ),
];

const LOOK: [(&str, &str); 4] = [
    (
        "the settings that are shown",
        "ring('.sections [aria-current]') === '2px solid'
            && ring('.sections button:not([aria-current])') === 'none'",
    ),
    (
        "which theme is chosen",
        "ring('.segments [aria-pressed=true]') === '2px solid'
            && ring('.segments [aria-pressed=false]') === 'none'",
    ),
    ("that sizes can be chosen", "seen('#size').appearance === 'auto'"),
    (
        "that a switch is on",
        "seen('[role=switch]:checked + span').backgroundColor === given('Highlight')
            && edge('[role=switch]:checked + span') === '1px solid'",
    ),
];

#[tokio::test]
async fn what_colours_tell_is_told_where_the_system_gives_them() {
    let hosted = Hosted::start().await;
    let chromium = Chromium::start().expect("a driver");
    let window = chromium.browse(&hosted.page).await.expect("a browser");
    let story = async |window: &Window| {
        begins(window, &hosted).await?;
        window.pick("[data-conversation]", "Could you quote a boiler?").await?;
        window.write("form textarea", "Yes, on Friday").await?;
        window.enter("form textarea").await?;
        window.find(".out[data-status=delivered]").await?;
        elsewhere(window).await?;
        window.press("i").await?;
        window.find(".panel textarea").await?;
        force_colours(window).await?;
        tells(window, &CONVERSATION).await?;

        // Where the keys are, also on what is chosen.
        window.press("r").await?;
        tells(window, &[("the text that is written", "ring('form textarea:focus') === '2px solid'")]).await?;
        key(window, Key::Escape).await?;
        window.press("/").await?;
        tells(window, &[("the search", "ring('[role=search]:focus-within') === '2px solid'")]).await?;
        tabs_to(window, "All").await?;
        tells(window, &[("Tab on the chosen filter", "ring('.chip:focus') === '6px double'")]).await?;
        tabs_to(window, "Unread").await?;
        tells(window, &[("Tab on another filter", "ring('.chip:focus') === '2px solid'")]).await?;
        elsewhere(window).await?;

        window.press("/").await?;
        window.press("boiler").await?;
        window.find("#found-1").await?;
        let first = "ring('#found-0') === '3px solid' && ring('#found-1') === 'none'";
        tells(window, &[("what Enter opens", first)]).await?;
        key(window, Key::Escape).await?;
        window.gone("[data-found]").await?;
        window.keys(&[Key::Control], "k").await?;
        window.write("dialog[open] [role=combobox]", "boiler").await?;
        window.find("#find-1 mark").await?;
        tells(window, &FINDING).await?;
        key(window, Key::Escape).await?;
        window.gone("dialog[open]").await?;

        window.keys(&[Key::Control], "5").await?;
        window.pick(".sections button", "Look").await?;
        window.find("[role=switch]").await?;
        tells(window, &LOOK).await?;
        window.click("[aria-label='Single-letter keys']").await?;
        let off = "seen('[role=switch]:not(:checked) + span').backgroundColor !== given('Highlight')
            && seen('[role=switch]:not(:checked) + span', '::after').backgroundColor === given('CanvasText')
            && edge('[role=switch]:not(:checked) + span') === '1px solid'";
        tells(window, &[("that a switch is off", off)]).await?;
        is_content(window).await
    };
    chromium.tell(window, story).await;
}
