//! Each part of the window by keys alone: those that no other story presses.

use crate::{
    access::looks_accessible,
    calls::{always_rings, kept},
    does, finds, key, one, open, tabs_back_to, tabs_to,
    voicemail::{self, at_voicemail, leaves, rows},
    window,
};
use fantoccini::key::Key;
use ringdesk_tests::{
    desktop::{Desktop, Window},
    loudspeaker::Loudspeaker,
    owner::{LINE, Owner},
    voicemail::{HELEN, HELEN_DISPLAY, helen},
};
use serde_json::json;

pub(crate) const PRIYA: &str = "+14155550123";
pub(crate) const MARCUS: &str = "+14155550176";
/// As people write them.
pub(crate) const PRIYA_DISPLAY: &str = "(415) 555-0123";
const MARCUS_DISPLAY: &str = "(415) 555-0176";

/// The owner's window with a connected line.
async fn connected(owner: &Owner) -> (Desktop, Window) {
    ringdesk_tests::end_if_stuck();
    let desktop = Desktop::start_with("1280x800", &owner.environment()).await.expect("a desktop");
    let window = open(&desktop, owner).await;
    window.says(".placard", "Connected").await.expect("a line");
    (desktop, window)
}

/// Waits until this has the focus.
async fn is_in(window: &Window, css: &str) -> anyhow::Result<()> {
    window.until(&format!("return document.activeElement?.matches('{css}') === true")).await
}

/// Waits until nothing has the focus.
async fn is_nowhere(window: &Window) -> anyhow::Result<()> {
    window.until("return document.activeElement === document.body").await
}

/// Waits until the `n`th of these has the focus.
async fn is_at(window: &Window, css: &str, n: usize) -> anyhow::Result<()> {
    window.until(&format!("return document.activeElement === document.querySelectorAll('{css}')[{n}]")).await
}

/// Waits until there are so many of these.
async fn has(window: &Window, css: &str, count: usize) -> anyhow::Result<()> {
    window.until(&format!("return document.querySelectorAll('{css}').length === {count}")).await
}

/// Waits until what is written is of this kind, such as `Note about`, and holds these words.
pub(crate) async fn writes(window: &Window, kind: &str, words: &str) -> anyhow::Result<()> {
    let so = format!(
        "const field = document.activeElement;
         return field.getAttribute('aria-label')?.startsWith('{kind}') && field.value === '{words}'"
    );
    window.until(&so).await
}

#[tokio::test]
async fn the_inbox_by_arrows_its_searches_and_a_note_that_is_left() {
    let (desktop, _folder, window) = window().await;
    let story = async |window: &Window| {
        window.find("aside input").await?;
        for (who, words) in [(MARCUS, "Is the boiler fixed?"), (PRIYA, "Could you quote a boiler?")] {
            window.customer_texts(who, words).await?;
            window.says("[data-conversation]", words).await?;
        }
        for (arrow, who) in
            [(Key::Down, PRIYA_DISPLAY), (Key::Down, MARCUS_DISPLAY), (Key::Up, PRIYA_DISPLAY)]
        {
            key(window, arrow).await?;
            window.says("h2#open-title", who).await?;
        }
        // Put away, and out again.
        window.press("e").await?;
        window.says(".done", "is done").await?;
        window.says("h2#open-title", MARCUS_DISPLAY).await?;
        has(window, "[data-conversation]", 1).await?;
        finds(window, "quote", "Could you quote a boiler?").await?;
        window.says("section header button", "Reopen").await?;
        window.press("e").await?;
        window.says(".done", "is back in the inbox").await?;
        has(window, "[data-conversation]", 2).await?;

        searches(window).await?;

        // Escape leaves a note for later, and goes back to the text.
        window.keys(&[Key::Control, Key::Shift], "n").await?;
        writes(window, "Note about", "").await?;
        window.press("Gate code 4471").await?;
        key(window, Key::Escape).await?;
        writes(window, "Text to", "").await?;
        window.keys(&[Key::Control, Key::Shift], "n").await?;
        writes(window, "Note about", "Gate code 4471").await?;
        key(window, Key::Escape).await?;
        writes(window, "Text to", "").await?;
        key(window, Key::Escape).await?;
        is_nowhere(window).await?;

        window.keys(&[Key::Control], "5").await?;
        window.says("#section-title", "Your business").await?;
        is_in(window, "#settings").await?;
        key(window, Key::Escape).await?;
        window.says("h2#open-title", PRIYA_DISPLAY).await?;
        anyhow::Ok(())
    };
    desktop.tell(window, story).await;
}

/// The arrows go through what is found in the list and in the search for anything; Priya's is the newest.
pub(crate) async fn searches(window: &Window) -> anyhow::Result<()> {
    window.press("/").await?;
    is_in(window, "#inbox [role=search] input").await?;
    window.press("boiler").await?;
    has(window, "[data-found]", 2).await?;
    through(window, "found").await?;
    key(window, Key::Down).await?;
    key(window, Key::Enter).await?;
    window.says("h2#open-title", MARCUS_DISPLAY).await?;
    window.says(".sought .bubble", "Is the boiler fixed?").await?;
    key(window, Key::Escape).await?;
    window.gone("[data-found]").await?;
    key(window, Key::Escape).await?;
    is_nowhere(window).await?;

    window.keys(&[Key::Control], "k").await?;
    is_in(window, "dialog[open] [role=combobox]").await?;
    window.press("boiler").await?;
    has(window, "dialog[open] [role=option] mark", 2).await?;
    through(window, "find").await?;
    key(window, Key::Enter).await?;
    window.gone("dialog[open]").await?;
    window.says("h2#open-title", PRIYA_DISPLAY).await.map(|_| ())
}

/// Down to the second of what was found, and up to the first.
async fn through(window: &Window, id: &str) -> anyhow::Result<()> {
    window.find(&format!("#{id}-0[aria-selected=true]")).await?;
    for (arrow, n) in [(Key::Down, 1), (Key::Up, 0)] {
        key(window, arrow).await?;
        window.find(&format!("#{id}-{n}[aria-selected=true]")).await?;
    }
    Ok(())
}

#[tokio::test]
async fn what_is_done_and_what_was_missed_by_keys_alone() {
    let owner = Owner::new().await.expect("an owner");
    let (desktop, window) = connected(&owner).await;
    let story = async |window: &Window| {
        always_rings(&owner).await?;
        owner.text(PRIYA, "Could you quote a radiator?").await?;
        window.says("[data-conversation]", "Could you quote a radiator?").await?;
        window.press("j").await?;
        window.says("h2#open-title", PRIYA_DISPLAY).await?;
        window.press("e").await?;
        window.gone("[data-conversation]").await?;
        does(window, "Done").await?;
        window.says(".chip[aria-pressed=true]", "Done").await?;
        window.says("[data-conversation]", "Could you quote a radiator?").await?;
        looks_accessible(window, "what is done").await?;
        window.press("j").await?;
        window.says("h2#open-title", PRIYA_DISPLAY).await?;
        window.says("section header button", "Reopen").await?;
        window.press("e").await?;
        window.says(".done", "is back in the inbox").await?;
        window.gone("[data-conversation]").await?;

        owner.rings_in_vain(MARCUS).await;
        window.says(".chip", "Missed 1").await?;
        tabs_back_to(window, "Missed").await?;
        key(window, Key::Enter).await?;
        window.says(".chip[aria-pressed=true]", "Missed").await?;
        window.says("[data-conversation]", MARCUS_DISPLAY).await?;
        has(window, "[data-conversation]", 1).await?;
        looks_accessible(window, "who was missed").await?;
        window.press("j").await?;
        window.says("h2#open-title", MARCUS_DISPLAY).await?;
        window.find("#timeline [data-call].missed").await.map(|_| ())
    };
    desktop.tell(window, story).await;
}

/// Waits until the call of somebody has the focus.
async fn is_at_call(window: &Window, who: &str) -> anyhow::Result<()> {
    let row = "document.activeElement?.closest('[data-call]')";
    window.until(&format!("return {row}?.textContent.includes('{who}') === true")).await
}

/// Goes to the calls and down to Priya's, which are the second of two.
async fn to_priyas_calls(window: &Window) -> anyhow::Result<()> {
    window.keys(&[Key::Control], "2").await?;
    has(window, "#calls [data-call]", 2).await?;
    for who in [MARCUS_DISPLAY, PRIYA_DISPLAY] {
        key(window, Key::Down).await?;
        is_at_call(window, who).await?;
    }
    Ok(())
}

#[tokio::test]
async fn the_calls_by_arrows_and_letters() {
    let owner = Owner::new().await.expect("an owner");
    let (desktop, window) = connected(&owner).await;
    let story = async |window: &Window| {
        always_rings(&owner).await?;
        for who in [PRIYA, PRIYA, MARCUS] {
            owner.rings_in_vain(who).await;
        }
        to_priyas_calls(window).await?;
        window.press("k").await?;
        is_at_call(window, MARCUS_DISPLAY).await?;
        key(window, Key::Down).await?;
        is_at_call(window, PRIYA_DISPLAY).await?;
        key(window, Key::Up).await?;
        is_at_call(window, MARCUS_DISPLAY).await?;
        key(window, Key::Down).await?;
        is_at_call(window, PRIYA_DISPLAY).await?;
        key(window, Key::Right).await?;
        has(window, "#calls [data-call]", 3).await?;
        looks_accessible(window, "each of several calls").await?;
        key(window, Key::Left).await?;
        has(window, "#calls [data-call]", 2).await?;
        is_at_call(window, PRIYA_DISPLAY).await?;
        for said in ["is blocked", "can call you again"] {
            window.press("b").await?;
            window.says(".done", said).await?;
        }
        for letter in ["r", "t"] {
            window.press(letter).await?;
            window.says("h2#open-title", PRIYA_DISPLAY).await?;
            is_in(window, "form textarea").await?;
            to_priyas_calls(window).await?;
        }
        window.press("/").await?;
        is_in(window, "#calls [role=search] input").await?;
        window.press("0176").await?;
        has(window, "#calls [data-call]", 1).await?;
        key(window, Key::Down).await?;
        is_at_call(window, MARCUS_DISPLAY).await?;
        window.press("/").await?;
        is_in(window, "#calls [role=search] input").await?;
        key(window, Key::Escape).await?;
        has(window, "#calls [data-call]", 2).await
    };
    desktop.tell(window, story).await;
}

#[tokio::test]
async fn the_voicemails_by_arrows_space_and_backspace() {
    let owner = Owner::new().await.expect("an owner");
    let speaker = Loudspeaker::start().await.expect("a loudspeaker");
    let desktop = voicemail::desktop(&owner, &speaker.environment()).await;
    let window = open(&desktop, &owner).await;
    let story = async |window: &Window| {
        at_voicemail(window).await?;
        for who in [HELEN, PRIYA] {
            leaves(&owner, who, helen()).await;
        }
        rows(window, 2).await?;
        let (shift, right, left) = (one(Key::Shift), one(Key::Right), one(Key::Left));
        for (pressed, who) in [
            (one(Key::Down), PRIYA_DISPLAY),
            (one(Key::Down), HELEN_DISPLAY),
            (one(Key::Up), PRIYA_DISPLAY),
            (format!("{shift}{right}"), HELEN_DISPLAY),
            (format!("{shift}{left}"), PRIYA_DISPLAY),
        ] {
            window.press(&pressed).await?;
            window.says("#voicemail-title", who).await?;
        }
        // So they do in the field of the search.
        window.press("/").await?;
        is_in(window, "#voicemail [role=search] input").await?;
        for (arrow, who) in [(Key::Down, HELEN_DISPLAY), (Key::Up, PRIYA_DISPLAY)] {
            key(window, arrow).await?;
            window.says("#voicemail-title", who).await?;
        }
        key(window, Key::Escape).await?;
        is_nowhere(window).await?;
        window.find(".deck .play[aria-disabled=false]").await?;
        for state in ["playing", "paused"] {
            window.press(" ").await?;
            window.find(&format!(".deck[data-state={state}]")).await?;
        }
        key(window, Key::Backspace).await?;
        window.says(".done", "Voicemail from (415) 555-0123 deleted.").await?;
        window.says("#voicemail-title", HELEN_DISPLAY).await?;
        rows(window, 1).await
    };
    desktop.tell(window, story).await;
}

#[tokio::test]
async fn the_check_up_and_the_log_by_arrows_and_letters() {
    let owner = Owner::new().await.expect("an owner");
    let (desktop, window) = connected(&owner).await;
    let story = async |window: &Window| {
        owner.call("set_up_lines", json!({})).await?;
        owner.text(PRIYA, "Could you quote a radiator?").await?;
        owner.text(MARCUS, "The tap drips").await?;
        window.keys(&[Key::Control], "4").await?;
        window.find("[data-check=webhooks][data-grade=pass]").await?;
        let (down, up) = (one(Key::Down), one(Key::Up));
        let (down, up) = (down.as_str(), up.as_str());
        for (pressed, n) in [(down, 0), (down, 1), ("k", 0), ("j", 1), (up, 0)] {
            window.press(pressed).await?;
            is_at(window, "[data-check] .main", n).await?;
        }
        // What is changed at Twilio meanwhile is found by looking again.
        let elsewhere = [("VoiceUrl", "https://pbx.example.com/calls")];
        anyhow::ensure!(owner.twilio.set_number(LINE, &elsewhere), "it is a number of the account");
        window.find(".found-list:not([aria-busy=true])").await?;
        window.press("l").await?;
        window.find("[data-check=webhooks][data-grade=fail]").await?;

        finds(window, "what twilio", "Show what Twilio sent").await?;
        window.find("[data-webhook]").await?;
        for (pressed, n) in [("j", 0), (down, 1), ("k", 0), ("j", 1), (up, 0)] {
            window.press(pressed).await?;
            is_at(window, "[data-webhook] .main", n).await?;
        }
        key(window, Key::Enter).await?;
        window.says(".detail td", "The tap drips").await?;
        key(window, Key::Escape).await?;
        window.gone(".detail").await?;
        is_at(window, "[data-webhook] .main", 0).await?;
        key(window, Key::Escape).await?;
        window.find("[data-check=webhooks]").await.map(|_| ())
    };
    desktop.tell(window, story).await;
}

#[tokio::test]
async fn opening_hours_and_a_day_off_by_keys_alone() {
    let owner = Owner::new().await.expect("an owner");
    let (desktop, window) = connected(&owner).await;
    let story = async |window: &Window| {
        finds(window, "settings: calls", "Settings: Calls & hours").await?;
        window.says("aside h2", "What a caller hears").await?;
        is_in(window, "#settings").await?;
        // An arrow moves a block by a quarter of an hour.
        tabs_to(window, "Monday, 9").await?;
        key(window, Key::Right).await?;
        kept(window, "monday", &json!([{ "from": "09:15", "to": "17:15" }])).await?;
        for _ in 0..2 {
            key(window, Key::Left).await?;
        }
        kept(window, "monday", &json!([{ "from": "08:45", "to": "16:45" }])).await?;
        is_in(window, ".block").await?;
        // Enter opens its times, to be typed.
        key(window, Key::Enter).await?;
        window.find("[aria-label=\"Hours of Monday\"]").await?;
        is_in(window, "[aria-label=\"Hours of Monday\"] input").await?;
        looks_accessible(window, "the hours of a day").await?;
        window.press("8").await?;
        key(window, Key::Enter).await?;
        kept(window, "monday", &json!([{ "from": "08:00", "to": "16:45" }])).await?;
        key(window, Key::Escape).await?;
        window.gone("[aria-label=\"Hours of Monday\"]").await?;
        is_in(window, ".block").await?;

        does(window, "Add a day").await?;
        is_in(window, "[aria-label=\"A day off\"] input").await?;
        looks_accessible(window, "a day off").await?;
        window.press("Summer party").await?;
        key(window, Key::Enter).await?;
        window.gone("[aria-label=\"A day off\"]").await?;
        window.says("#settings h4", "Summer party").await.map(|_| ())
    };
    desktop.tell(window, story).await;
}
